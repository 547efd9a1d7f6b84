"""After a rollback the table has what a later release wrote: fields and kinds that this one never heard of."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.domain.budget import Kept, Level, Standing, Throttle, Wish
from shared.stores import clients
from shared.stores.budgets import BudgetStore
from shared.stores.table import Table
from shared.stores.typed import plain
from tests.conftest import TABLE
from tests.functions.api import Api
from tests.functions.prices.test_suggestions import made, suggest

LAMP = {"item_id": "lamp", "title": "Lamp", "price": {"amount": "9.50", "currency": "EUR"}}
VIEW = {"event": "Product Viewed", "userId": "ann", "anonymousId": "phone", "messageId": "m1"}
SAID = {"purpose": "personalisation", "granted": False, "version": "1", "source": "banner"}
RULE = {"name": "Lamps", "filter": "item_id = 'lamp'", "effect": {"kind": "boost", "factor": 2.0}}
SAID_OF_LAMP = {"source": "review", "text": "The fit is great.", "customer_id": "ann", "item_id": "lamp"}
NOW = datetime(2026, 11, 22, tzinfo=UTC)
STANDING = Standing(
    month="2026-11",
    budget=10.0,
    spent=12.0,
    level=Level.REDUCED,
    measured=NOW,
    kept=Kept(throttles={"": Throttle(100.0, 200)}),
)
LIMITS = {"minimum": LAMP["price"], "competitors": {"above": "0.1"}}
PARTS = {"competitors", "effect", "elasticity", "kept", "minimum", "price", "sentiment", "suggested"}
READS = [
    "/v1/items/lamp",
    "/v1/items",
    "/v1/customers/ann/events",
    "/v1/consent?anonymous_id=phone",
    "/v1/rules",
    "/v1/rules/lamps",
    "/v1/readiness",
    "/v1/feedback",
    "/v1/feedback/settings",
    "/v1/prices/lamp",
    "/v1/prices/lamp/history",
    "/v1/prices/limits/item:lamp",
    "/v1/prices/limits/item:lamp?holding=true",
    "/v1/prices/suggestions",
]


@pytest.fixture
def job(api: Api, table: Table) -> str:
    """One of everything in the table; the path of an export."""
    when = {"timestamp": datetime.now(UTC).isoformat(), "properties": {"product_id": "lamp"}}
    assert api.server.put("/v1/items/lamp", LAMP).status in {200, 201}
    assert api.server.post("/v1/items/patch", {"items": [LAMP | {"stock": 3}]}).status == 200
    assert api.server.post("/v1/track", VIEW | when).json()["accepted"] == 1
    assert api.server.post("/v1/consent", {"anonymous_id": "phone", "decisions": [SAID]}).status in {200, 201}
    assert api.server.put("/v1/rules/lamps", RULE).status in {200, 201}
    assert api.server.post("/v1/feedback", {"feedback": [SAID_OF_LAMP]}).status == 200
    assert api.server.put("/v1/feedback/settings", {"trade": "services"}).status == 200
    assert api.server.put("/v1/prices/limits/item:lamp", LIMITS).status == 200
    suggest(table, made(current="9.50", suggested="9.80"))
    BudgetStore(table).record(STANDING)
    BudgetStore(table).heed(Wish(budget=10.0))
    asked = api.server.post("/v1/exports", {"customer_id": "ann"}).json()
    return f"/v1/exports/{asked['export_id']}"


def rewrite(table: Table, change: Callable[[dict[str, Any]], dict[str, Any]]) -> int:
    """Every record with a document in it, as another release would have written that; how many there are."""
    items = [item for item in clients.dynamodb().scan(TableName=TABLE)["Items"] if _is_document(item)]
    for item in items:
        record = {name: plain(value) for name, value in item.items()}
        table.put(record | {"later": "1", "body": json.dumps(change(json.loads(record["body"])))})
    return len(items)


def _is_document(item: Mapping[str, Any]) -> bool:
    return str(item.get("body", {}).get("S", "")).startswith("{")


def later(document: dict[str, Any]) -> dict[str, Any]:
    """With a field more, here and in the parts that are models of their own."""
    parts = {name: later(part) for name, part in document.items() if name in PARTS}
    return document | parts | {"of_a_later_release": {"a": [1, "b"]}}


def answers(api: Api, job: str) -> dict[str, Any]:
    return {path: api.server.get(path).json() for path in [*READS, job]}


def test_fields_that_nobody_knows_change_no_answer(api: Api, table: Table, job: str) -> None:
    before = answers(api, job)
    assert rewrite(table, later) >= 8
    assert answers(Api(api.keys), job) == before
    assert BudgetStore(table).standing() == STANDING
    assert BudgetStore(table).wish() == Wish(budget=10.0)


def test_lists_go_on_and_the_item_is_shown(api: Api, table: Table, job: str) -> None:
    assert job
    rewrite(table, later)
    reply = Api(api.keys).server.post("/v1/recommendations", {"surface": "new"})
    assert (reply.status, [each["item"]["item_id"] for each in reply.json()["items"]]) == (200, ["lamp"])


def test_a_rule_of_a_kind_that_nobody_knows_is_left_out_and_the_others_hold(api: Api, table: Table, job: str) -> None:
    assert job
    assert api.server.put("/v1/rules/other", RULE | {"name": "Others"}).status in {200, 201}
    kind = {"kind": "of a later release"}
    rewrite(table, lambda body: body | {"effect": kind} if body.get("name") == "Lamps" else body)
    again = Api(api.keys)
    assert [each["rule_id"] for each in again.server.get("/v1/rules").json()["rules"]] == ["other"]
    assert again.server.get("/v1/rules/lamps").status == 400
    assert again.server.post("/v1/recommendations", {"surface": "new"}).status == 200

"""What functions do to the table is what the template grants them, partition by partition: no emulator checks that."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

import pytest

from shared.stores import clients
from shared.stores.suggestions import SuggestionStore
from shared.stores.table import Table
from tests.functions.api import TEMPLATE, Api
from tests.functions.offers.conftest import Shop
from tests.functions.prices.test_suggestions import made

Did = dict[str, set[tuple[str, str]]]
"""Of each function the actions, each with a partition that it was done to."""
READS = {"GetItem", "BatchGetItem", "Query"}
WRITES = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"}
Handler = Callable[[Any, Any], Any]


def grants(function: str) -> list[tuple[set[str], list[str]]]:
    """The actions on the table that the template grants, and the partitions that each is for."""
    (policy,) = TEMPLATE.functions()[function]["Policies"]
    found = []
    for statement in policy["Statement"]:
        named = statement["Action"]
        actions = {each.removeprefix("dynamodb:") for each in ([named] if isinstance(named, str) else named)}
        (condition,) = statement.get("Condition", {"": {}}).values()
        found.append((actions, condition.get("dynamodb:LeadingKeys", ["*"])))
    return found


def actions(operation: str, params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What IAM asks of a request to the table: the action and the partition."""
    if operation == "TransactWriteItems":
        for each in params["TransactItems"]:
            for kind, write in each.items():
                yield f"{kind}Item", write.get("Item", write.get("Key"))["pk"]["S"]
    elif operation == "BatchGetItem":
        for table in params["RequestItems"].values():
            yield from ((operation, key["pk"]["S"]) for key in table["Keys"])
    elif operation == "Query":
        values = params["ExpressionAttributeValues"]
        yield operation, values.get(":pk", values.get(":v"))["S"]
    else:
        yield operation, params.get("Item", params.get("Key"))["pk"]["S"]


@pytest.fixture
def did(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Did]:
    found: Did = defaultdict(set)
    running: list[str] = []

    def seen(params: Mapping[str, Any], model: Any, **_: Any) -> None:
        for name in running:
            found[name].update(actions(model.name, params))

    def watched(name: str, handler: Handler) -> Handler:
        def handle(event: Any, context: Any) -> Any:
            running.append(name)
            try:
                return handler(event, context)
            finally:
                running.remove(name)

        return handle

    events = clients.dynamodb().meta.events
    events.register("provide-client-params.dynamodb.*", seen)
    for name in ("prices", "quotes", "offers"):
        monkeypatch.setattr(shop.api.apps[name], "handler", watched(name, shop.api.apps[name].handler))
    shop.project = watched("project", shop.project)
    yield found
    events.unregister("provide-client-params.dynamodb.*", seen)


@pytest.fixture
def shop(api: Api, table: Table) -> Shop:
    return Shop(api, table)


def make_offers(shop: Shop) -> None:
    shop.put("back", budget={"amount": "100", "currency": "EUR"})
    shop.public()
    shop.worth("ann")
    code = shop.ask()["offer"]["code"]
    shop.buy("o1", coupon=code)
    shop.buy("o2", coupon="HELLO")
    shop.track("Order Refunded", order_id="o1", products=[{"product_id": "lamp"}])
    shop.flow()
    cart = [{"item_id": "lamp"}]
    assert shop.api.server.post("/v1/offers/verify", {"code": "HELLO", "cart": cart}).status == 200
    assert shop.api.server.post("/v1/offers/redeem", {"code": code, "order_id": "o1"}).status == 200
    assert shop.results("back")["redeemed"] == 1
    assert shop.api.server.call("DELETE", "/v1/offers/back").status == 200


def make_quotes(shop: Shop) -> None:
    lines = [{"item_id": "lamp"}]
    token = shop.api.server.post("/v1/quotes", {"lines": lines, "session_id": "s"}).json()["token"]
    assert shop.api.server.post("/v1/quotes/redeem", {"token": token, "order_id": "o"}).status == 200


def make_prices(shop: Shop) -> None:
    server, lamp = shop.api.server, {"amount": "50", "currency": "EUR"}
    assert server.put("/v1/prices/limits/all", {"maximum_weekly_step": "0.1"}).status == 200
    told = {"item_id": "lamp", "competitor": "x", "price": lamp}
    assert server.put("/v1/competitor-prices", {"prices": [told]}).status == 200
    now = datetime.now(UTC)
    times = {"created": now, "expires": now + timedelta(days=7)}
    two = [made(each, price, more, **times) for each, price, more in (("lamp", "50", "51"), ("vase", "20", "21"))]
    SuggestionStore(shop.table).replace(two, now)
    assert len(server.get("/v1/prices/suggestions").json()["suggestions"]) == 2
    assert server.post("/v1/prices/suggestions/lamp/approve", {}).status == 200
    assert server.post("/v1/prices/suggestions/vase/snooze", {}).status == 200
    assert server.get("/v1/prices/lamp").json()["price"]["amount"] == "51"
    assert server.get("/v1/prices/lamp/history").json()["valid"]
    assert server.call("DELETE", "/v1/prices/limits/all").status == 200


@pytest.mark.parametrize(
    ("function", "make", "writes"),
    [
        ("offers", make_offers, {"OFFERS", "OFFER#", "FIGURES#", "CODE#", "CUSTOMER#"}),
        ("project", make_offers, {"SOLD#", "COUNTED#", "CODE#", "CUSTOMER#", "FIGURES#", "OFFER#"}),
        ("quotes", make_quotes, {"QUOTE#", "SESSION#"}),
        ("prices", make_prices, {"PRICE_LIMITS", "COMPETITORS#", "SUGGESTION#", "ITEM#", "LEDGER#"}),
    ],
)
def test_a_function_does_what_it_may_and_writes_nowhere_else(
    shop: Shop, did: Did, function: str, make: Callable[[Shop], None], writes: set[str]
) -> None:
    make(shop)
    allowed = grants(function)
    refused = {
        (action, partition)
        for action, partition in did[function]
        if not any(action in some and fnmatchcase(partition, key) for some, keys in allowed for key in keys)
    }
    assert refused == set()
    written = {partition for action, partition in did[function] if action not in READS}
    assert writes <= {head + hash_ for head, hash_, _ in (each.partition("#") for each in written)}


def test_only_what_needs_it_may_write_everywhere() -> None:
    unbound = {
        name
        for name in ("prices", "quotes", "offers", "project")
        for some, keys in grants(name)
        if "*" in keys and not some.isdisjoint(WRITES)
    }
    assert unbound == set()

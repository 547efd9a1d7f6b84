"""Segment's other calls, the browser library's short routes, and links by identify and alias."""

import json
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from functions.ingest.segment import SHORT
from shared.domain.keys import sign_customer
from shared.stores import clients
from shared.stores.table import Table
from tests.functions.api import Api
from tests.functions.ingest.test_ingest import track
from tests.functions.ingest.test_wire import message_ids
from tests.shared.stores.faults import refusing

NOW = datetime.now(UTC)
CALLS: dict[str, tuple[dict[str, Any], str]] = {
    "track": ({"event": "Quiz Finished"}, "Quiz Finished"),
    "identify": ({"traits": {"plan": "gold"}}, "Customer Identified"),
    "page": ({"name": "Home", "properties": {"url": "https://shop.example"}}, "Page Viewed"),
    "screen": ({"name": "Home"}, "Screen Viewed"),
    "group": ({"groupId": "club"}, "Group Joined"),
    "alias": ({"previousId": "phone"}, "Customer Aliased"),
}
PATHS = [(kind, path) for kind, short in SHORT.items() for path in (kind, short)]


def call(kind: str, **changes: Any) -> dict[str, Any]:
    record = {"type": kind, "userId": "ann", "messageId": f"m-{kind}", "timestamp": NOW.isoformat()}
    return {
        name: value for name, value in (record | CALLS.get(kind, ({}, ""))[0] | changes).items() if value is not None
    }


def events(api: Api, customer: str = "ann") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.server.get(f"/v1/customers/{customer}/events").json()["events"]
    return found


@pytest.mark.parametrize(("kind", "path"), PATHS)
def test_every_call_is_an_event_under_either_of_its_routes(api: Api, kind: str, path: str) -> None:
    sent = call(kind, type=None, writeKey=api.keys.publishable)
    assert api.browser.post(f"/v1/{path}", sent).json() == {"accepted": 1, "rejected": []}
    assert [(each["message_id"], each["name"]) for each in events(api)] == [(f"m-{kind}", CALLS[kind][1])]


@pytest.mark.parametrize("path", ["batch", "b"])
def test_a_batch_takes_every_kind_of_call(api: Api, path: str) -> None:
    sent = [call(kind) for kind in CALLS]
    for _ in range(2):
        assert api.browser.post(f"/v1/{path}", {"batch": sent, "sentAt": "x"}).json()["accepted"] == len(CALLS)
    assert {each["name"] for each in events(api)} == {name for _, name in CALLS.values()}
    assert len(events(api)) == len(CALLS)


@pytest.mark.parametrize(
    ("kind", "changes", "field"),
    [
        ("walk", {}, "type"),
        ("alias", {"previousId": None}, "previousId"),
        ("alias", {"userId": None, "anonymousId": "phone"}, "userId"),
        ("group", {"groupId": None}, "groupId"),
        ("identify", {"userId": None}, "userId"),
        ("track", {"event": None}, "event"),
        ("page", {"properties": "none"}, "properties"),
    ],
)
def test_what_a_call_needs_is_named(api: Api, kind: str, changes: dict[str, Any], field: str) -> None:
    reply = api.server.post("/v1/batch", {"batch": [call(kind, **changes)]})
    assert (reply.status, [each["field"] for each in reply.json()["rejected"]]) == (400, [field])


def test_null_is_as_good_as_absent(api: Api) -> None:
    record = json.loads(json.dumps(track(event="Quiz Finished"))) | {"properties": None, "context": None}
    assert api.server.post("/v1/track", record).json()["accepted"] == 1


def test_traits_and_page_names_are_kept_with_the_event(api: Api, table: Table) -> None:
    api.server.post("/v1/batch", {"batch": [call("identify"), call("page")]})
    kept = [record["details"] for record in table.query("CUSTOMER#user:ann", "NOTE#", 10)]
    assert sorted(json.loads(each).get("name", "") for each in kept) == ["", "Home"]
    assert any('"plan":"gold"' in each for each in kept)


def test_ga4_names_are_kept_under_segments_with_what_was_sent(api: Api, table: Table) -> None:
    properties = {
        "transaction_id": "t1",
        "items": [{"item_id": "lamp", "quantity": 2}, {"item_id": "vase"}],
        "recommendation_id": "ab" * 16,
    }
    api.server.post("/v1/track", track(event="purchase", properties=properties))
    (event,) = events(api)
    assert (event["name"], event["items"], event["order_id"]) == ("Order Completed", ["lamp", "vase"], "t1")
    assert event["recommendation_id"] == "ab" * 16
    (record,) = table.query("CUSTOMER#user:ann", "ORDER#", 10)
    assert json.loads(record["details"]) == {"event": "purchase", "properties": properties}


def test_a_refund_must_name_its_order(api: Api) -> None:
    reply = api.server.post("/v1/track", track(event="Order Refunded"))
    assert [each["field"] for each in reply.json()["rejected"]] == ["properties.order_id"]


# --- links


def orders_of_arrival() -> list[tuple[dict[str, Any], ...]]:
    before = track(userId=None, anonymousId="phone", messageId="before")
    return list(permutations([before, call("identify", anonymousId="phone"), call("alias", messageId="alias")]))


@pytest.mark.parametrize("order", orders_of_arrival(), ids=lambda order: ", ".join(each["messageId"] for each in order))
def test_a_link_opens_the_same_history_whatever_came_first_and_how_often(
    api: Api, order: tuple[dict[str, Any], ...]
) -> None:
    for record in [*order, *order]:
        api.server.post("/v1/batch", {"batch": [record]})
    assert sorted(message_ids(api)) == ["alias", "before", "m-identify"]


@pytest.mark.parametrize("kind", ["identify", "alias"])
def test_the_first_owner_keeps_an_id_that_somebody_else_claims(api: Api, kind: str) -> None:
    api.server.post("/v1/track", track(userId=None, anonymousId="phone", messageId="before"))
    claim = call(kind, anonymousId="phone")
    assert api.server.post(f"/v1/{kind}", claim).json()["accepted"] == 1
    assert api.server.post(f"/v1/{kind}", claim | {"userId": "bob", "messageId": "late"}).json()["accepted"] == 1
    assert set(message_ids(api)) == {"before", f"m-{kind}"}
    assert message_ids(api, "bob") == ["late"]


def test_an_alias_never_opens_one_known_history_to_another(api: Api) -> None:
    """What it claims is an anonymous id, even where a known customer is called the same."""
    api.server.post("/v1/track", track(userId="bob", messageId="bob's"))
    api.server.post("/v1/alias", call("alias", previousId="bob"))
    assert message_ids(api) == ["m-alias"]
    assert message_ids(api, "bob") == ["bob's"]


def test_links_do_not_chain(api: Api) -> None:
    api.server.post("/v1/track", track(userId=None, anonymousId="phone", messageId="before"))
    api.server.post("/v1/alias", call("alias", userId="bob", previousId="phone"))
    api.server.post("/v1/alias", call("alias", userId="ann", previousId="bob"))
    assert message_ids(api) == ["m-alias"]


@pytest.mark.parametrize("kind", ["identify", "alias"])
@pytest.mark.parametrize(("token_for", "opened"), [(None, False), ("bob", False), ("ann", True)])
def test_from_a_browser_only_the_customers_token_opens_the_history(
    api: Api, table: Table, kind: str, token_for: str | None, opened: bool
) -> None:
    api.browser.post("/v1/track", track(userId=None, anonymousId="phone", messageId="before"))
    claim = call(kind, anonymousId="phone")
    if token_for:
        token = sign_customer(token_for, NOW + timedelta(hours=1), api.keys.token_secret)
        claim["context"] = {"customer_token": token}
    assert api.browser.post(f"/v1/{kind}", claim).json()["accepted"] == 1
    assert ("before" in message_ids(api)) == opened
    (event,) = table.query("CUSTOMER#user:ann", "NOTE#", 10)
    assert event["anonymous_id"] == "phone", "training joins the two in any case"
    assert (table.get("CUSTOMER#anonymous:phone", "OWNER") is not None) == opened


def test_a_link_that_was_not_made_is_made_by_the_repetition(api: Api) -> None:
    claim = call("identify", anonymousId="phone")
    api.server.post("/v1/track", track(userId=None, anonymousId="phone", messageId="before"))
    with refusing(clients.dynamodb(), "TransactWriteItems"):
        assert api.server.post("/v1/identify", claim).status == 503
    assert set(message_ids(api)) == {"m-identify"}
    assert api.server.post("/v1/identify", claim).status == 200
    assert set(message_ids(api)) == {"before", "m-identify"}

"""Ingest through its handler, on the template's own table."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain.keys import sign_customer
from shared.stores import clients
from shared.stores.table import Table
from tests.conftest import Keys, fresh
from tests.gateway import Gateway

NOW = datetime.now(UTC)


def track(**changes: Any) -> dict[str, Any]:
    record = {
        "type": "track",
        "event": "Product Viewed",
        "userId": "ann",
        "messageId": "m1",
        "timestamp": NOW.isoformat(),
        "properties": {"product_id": "lamp"},
    }
    return {name: value for name, value in (record | changes).items() if value is not None}


@pytest.fixture
def shop(keys: Keys) -> Gateway:
    return Gateway(fresh("functions.ingest.app").handler, keys.secret)


def history(gateway: Gateway, customer: str = "ann") -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = gateway.get(f"/v1/customers/{customer}/events").json()["events"]
    return events


def test_a_tracked_event_is_read_back(shop: Gateway) -> None:
    reply = shop.post("/v1/track", track())
    assert (reply.status, reply.json()) == (200, {"accepted": 1, "rejected": []})
    assert [(event["name"], event["items"]) for event in history(shop)] == [("Product Viewed", ["lamp"])]


def test_ten_deliveries_leave_one_event(shop: Gateway) -> None:
    for _ in range(10):
        assert (
            shop.post("/v1/batch", {"batch": [track(), track(), track(timestamp=None, messageId="m2")]}).status == 200
        )
    assert sorted(event["message_id"] for event in history(shop)) == ["m1", "m2"]


def test_a_bad_record_is_named_and_costs_the_good_ones_nothing(shop: Gateway) -> None:
    bad = track(messageId="m2", timestamp="yesterday")
    reply = shop.post("/v1/batch", {"batch": [track(), bad, track(messageId="m3")]})
    assert reply.status == 207
    report = reply.json()
    assert report["accepted"] == 2
    assert [(each["index"], each["message_id"], each["field"]) for each in report["rejected"]] == [
        (1, "m2", "timestamp")
    ]
    assert {event["message_id"] for event in history(shop)} == {"m1", "m3"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"userId": None}, "userId"),
        ({"event": None}, "event"),
        ({"properties": {}}, "properties.product_id"),
        ({"properties": {"products": [{"name": "no id"}]}}, "properties.products.0.product_id"),
        ({"timestamp": "2026-01-01T00:00:00"}, "timestamp"),
        ({"timestamp": (NOW + timedelta(hours=2)).isoformat()}, "timestamp"),
        ({"messageId": ""}, "messageId"),
        ({"userId": "x" * 257}, "userId"),
        ({"userId": "\ud800"}, "userId"),
        ({"properties": {"product_id": "lamp", "note": "x" * 40_000}}, ""),
    ],
)
def test_a_bad_field_is_named(shop: Gateway, changes: dict[str, Any], field: str) -> None:
    reply = shop.post("/v1/track", track(**changes))
    assert reply.status == 400
    assert reply.headers["content-type"] == "application/problem+json"
    assert [each["field"] for each in reply.json()["rejected"]] == [field]
    assert history(shop) == []


def test_an_order_keeps_all_its_items_for_the_archive_and_1_kb_for_serving(shop: Gateway, table: Table) -> None:
    products = [{"product_id": f"item-{n:04d}", "price": 1.5} for n in range(150)]
    shop.post("/v1/track", track(event="Order Completed", properties={"order_id": "o1", "products": products}))
    (event,) = history(shop)
    assert 50 < len(event["items"]) < 150
    (detail,) = table.query("CUSTOMER#user:ann", "DETAIL#", 10)
    assert json.loads(detail["items"]) == [product["product_id"] for product in products]
    assert '"price":1.5' in detail["details"]


def test_links_need_a_voucher(shop: Gateway, keys: Keys) -> None:
    browser = Gateway(fresh("functions.ingest.app").handler, keys.publishable)
    browser.post("/v1/track", track(userId=None, anonymousId="a1", messageId="before"))
    browser.post("/v1/track", track(anonymousId="a1", messageId="no token"))
    assert {event["message_id"] for event in history(shop)} == {"no token"}
    wrong = sign_customer("bob", NOW + timedelta(hours=1), keys.token_secret)
    browser.post("/v1/track", track(anonymousId="a1", messageId="wrong token", context={"customer_token": wrong}))
    assert {event["message_id"] for event in history(shop)} == {"no token", "wrong token"}
    right = sign_customer("ann", NOW + timedelta(hours=1), keys.token_secret)
    browser.post("/v1/track", track(anonymousId="a1", messageId="token", context={"customer_token": right}))
    assert {event["message_id"] for event in history(shop)} == {"before", "no token", "wrong token", "token"}


def test_the_first_owner_of_an_anonymous_id_keeps_it(shop: Gateway) -> None:
    shop.post("/v1/track", track(userId=None, anonymousId="a1", messageId="before"))
    shop.post("/v1/track", track(anonymousId="a1", messageId="ann's"))
    shop.post("/v1/track", track(userId="bob", anonymousId="a1", messageId="bob's"))
    assert {event["message_id"] for event in history(shop)} == {"before", "ann's"}
    assert {event["message_id"] for event in history(shop, "bob")} == {"bob's"}


def test_a_refused_write_is_our_failure_and_is_safe_to_repeat(shop: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**request: Any) -> dict[str, Any]:
        return {"UnprocessedItems": request["RequestItems"]}

    with monkeypatch.context() as patched:
        patched.setattr("shared.stores.table.sleep", lambda _: None)
        patched.setattr(clients.dynamodb(), "batch_write_item", refuse)
        reply = shop.post("/v1/track", track())
        assert (reply.status, reply.headers["retry-after"]) == (503, "2")
        assert history(shop) == []
    assert shop.post("/v1/track", track()).status == 200
    assert len(history(shop)) == 1

"""Shopify's orders, cancellations and refunds: the events that they are, whose, and what serving makes of them."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.webhooks import app as webhooks
from functions.webhooks import orders
from functions.webhooks.deliveries import RETRIES_END, news
from functions.webhooks.news import OrderNews
from functions.webhooks.senders import Delivery
from infra.cli.sources import Files
from shared.domain.consent import Decision, Purpose
from shared.domain.events import ANONYMOUS, KNOWN, CustomerRef
from shared.stores import clients
from shared.stores.consents import ConsentStore
from shared.stores.orders import OrderStore, led_to
from shared.stores.secrets import SecretStore
from shared.stores.table import Table
from shared.stores.tombstones import TombstoneStore
from tests.conftest import TABLE
from tests.functions.api import Api
from tests.functions.recommend.conftest import ITEMS, Shop, model
from tests.functions.webhooks.senders import Shopify, payload
from tests.infra.imports.test_layouts import FILES as IMPORTS
from tests.shared.stores.faults import DOWN, refusing

ANN = "7011223344"
ORDER_ID = "5310442897561"
PERSONAL = (
    "Weber",
    "weber",
    "Lindenstr",
    "5550123",
    r"203\.0\.113",
    "WELCOME-ANN",
    "Mozilla",
    r"(?<![\d.])4242(?!\d)",
    "Engraving",
    "ring at",
)
"""Patterns; the last numbers of the card stand alone, as a clock may have them within its own."""
NOW = datetime.now(UTC)


def order(**changes: Any) -> dict[str, Any]:
    return payload("shopify-order", **changes)


def guest(**changes: Any) -> dict[str, Any]:
    return order(customer=None, note_attributes=[]) | changes


def bought(*skus: str) -> list[dict[str, Any]]:
    return [{"sku": sku, "name": sku.title(), "title": sku.title(), "quantity": 1, "price": "1.00"} for sku in skus]


def returned(*skus: str, **changes: Any) -> dict[str, Any]:
    lines = [{"quantity": 1, "line_item": line} for line in bought(*skus)]
    return payload("shopify-refund", refund_line_items=lines) | changes


def history(api: Api, customer: str = ANN) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.server.get(f"/v1/customers/{customer}/events").json()["events"]
    return found


def names(api: Api, customer: str = ANN) -> list[str]:
    return sorted(each["name"] for each in history(api, customer))


def everything() -> str:
    """All that the table holds, as text."""
    return json.dumps(clients.dynamodb().scan(TableName=TABLE)["Items"], default=str)


@pytest.fixture
def modelled(api: Api, table: Table, monkeypatch: pytest.MonkeyPatch) -> Shop:
    shop = Shop(api, table, monkeypatch)
    shop.stock(*ITEMS)
    shop.publish(model())
    return shop


def test_an_order_is_a_purchase_of_the_customer_with_the_items_that_the_import_has(api: Api, shopify: Shopify) -> None:
    assert shopify.told("orders/create", order())["events"] == 1
    (event,) = history(api)
    assert event["name"] == "Order Completed"
    assert event["message_id"] == f"shopify-order-{ORDER_ID}"
    assert event["order_id"] == ORDER_ID
    assert event["items"] == ["SH-W-M", "Linen shirt - Navy / M"]
    assert datetime.fromisoformat(event["time"]) == datetime(2026, 11, 20, 9, 15, 1, tzinfo=UTC)
    imported = next(Files(IMPORTS / "shopify-orders.csv", None).events())
    assert tuple(event["items"]) == imported.items


def test_of_an_order_sums_and_quantities_are_kept_and_nothing_personal(shopify: Shopify, table: Table) -> None:
    sent = json.dumps([order(), payload("shopify-refund")])
    assert [word for word in PERSONAL if not re.search(word, sent, re.IGNORECASE)] == []
    shopify.told("orders/create", order())
    shopify.told("refunds/create", payload("shopify-refund"))
    (record, _) = table.query(f"CUSTOMER#user:{ANN}", "ORDER#", 10)
    assert json.loads(record["details"]) == {
        "source": "shopify",
        "channel": "web",
        "total": "119.90",
        "discount": "10.00",
        "currency": "EUR",
        "products": [
            {"product_id": "SH-W-M", "quantity": 2, "price": "49.00"},
            {"product_id": "Linen shirt - Navy / M", "quantity": 1, "price": "27.00"},
        ],
    }
    assert [word for word in PERSONAL if re.search(word, everything())] == []


def test_a_line_says_what_was_paid_for_one_and_a_code_of_ours_stays(api: Api, shopify: Shopify) -> None:
    shares = [{"amount": "10.00"}, {"amount": "5.00"}, {"amount": "a lot"}]
    (line,) = bought("lamp")
    line |= {"quantity": 2, "price": "40.00", "discount_allocations": shares}
    codes = [{"code": "7GHT2KMNPQR5"}, {"code": "WELCOME-ANN"}]
    bad = bought("vase")[0] | {"price": "-4", "quantity": -1}
    shopify.told("orders/create", order(line_items=[line, bad], discount_codes=codes, total_price="65.00"))
    refund = {"quantity": 1, "line_item": line}
    shopify.told("refunds/create", payload("shopify-refund", refund_line_items=[refund]))
    (placed,) = [each for each in history(api) if each["name"] == "Order Completed"]
    assert placed["lines"] == [{"item_id": "lamp", "quantity": 2, "price": "32.50"}]
    assert (placed["items"], placed["coupons"]) == (["lamp", "vase"], ["7GHT2KMNPQR5"])
    assert placed["paid"] == {"amount": "65.00", "currency": "EUR"}
    (back,) = [each for each in history(api) if each["name"] == "Order Refunded"]
    assert back["lines"] == [{"item_id": "lamp", "quantity": 1, "price": "32.50"}]


def test_recommend_sees_the_purchase_and_a_refund_takes_it_back(modelled: Shop, shopify: Shopify) -> None:
    placed = (NOW - timedelta(hours=2)).isoformat()
    shopify.told("orders/create", order(processed_at=placed, line_items=bought("tea", "lamp")))
    assert set(modelled.ids("buy-again", customer_id=ANN)) == {"tea", "lamp"}
    shopify.told("refunds/create", returned("lamp"))
    assert modelled.ids("buy-again", customer_id=ANN) == ["tea"]


def test_recommend_forgets_a_cancelled_order(modelled: Shop, shopify: Shopify) -> None:
    placed = (NOW - timedelta(hours=2)).isoformat()
    told = order(processed_at=placed, line_items=bought("lamp"))
    shopify.told("orders/create", order(id=1, processed_at=placed, line_items=bought("tea")))
    shopify.told("orders/create", told)
    assert set(modelled.ids("buy-again", customer_id=ANN)) == {"tea", "lamp"}
    shopify.told("orders/cancelled", told | {"cancelled_at": NOW.isoformat(), "cancel_reason": "customer"})
    assert modelled.ids("buy-again", customer_id=ANN) == ["tea"]


def test_a_refund_that_comes_before_its_order_waits_for_it(api: Api, shopify: Shopify, table: Table) -> None:
    told = shopify.told("refunds/create", payload("shopify-refund"))
    assert (told["events"], told["reason"]) == (0, "waits for its order")
    assert history(api) == []
    assert shopify.told("orders/create", order())["events"] == 2
    assert names(api) == ["Order Completed", "Order Refunded"]
    assert OrderStore(table).waiting("shopify", ORDER_ID) == {}


def test_a_refund_of_money_alone_takes_no_item_back(api: Api, shopify: Shopify) -> None:
    shopify.told("orders/create", order())
    told = shopify.told("refunds/create", payload("shopify-refund", refund_line_items=[]))
    assert (told["status"], told["reason"]) == ("ignored", "a refund of no items")
    assert names(api) == ["Order Completed"]


def test_a_cancellation_stays_with_whom_the_order_was_counted_for(api: Api, shopify: Shopify) -> None:
    """Shopify may give a guest's order to a customer later."""
    shopify.told("orders/create", order())
    other = order(customer={"id": 1}, cancelled_at="2026-11-20T12:00:00+01:00")
    shopify.told("orders/cancelled", other)
    assert names(api) == ["Order Cancelled", "Order Completed"]
    assert history(api, "1") == []


def test_the_devices_id_joins_what_was_done_on_it(api: Api, shopify: Shopify) -> None:
    view = {"event": "Product Viewed", "anonymousId": "device-77", "messageId": "v1", "properties": {"product_id": "a"}}
    api.browser.post("/v1/track", view)
    assert history(api) == []
    shopify.told("orders/create", order())
    assert names(api) == ["Order Completed", "Product Viewed"]


@pytest.mark.parametrize(
    ("changes", "who"),
    [
        ({}, "7d2f6bb19bfe4d0c"),
        ({"checkout_token": None}, "c1-4be1f0a9d2"),
        ({"checkout_token": None, "cart_token": None}, f"shopify-order-{ORDER_ID}"),
        ({"note_attributes": [{"name": "anonymous_id", "value": "device-77"}]}, "device-77"),
        ({"note_attributes": [{"name": "anonymous_id", "value": "x" * 300}]}, "7d2f6bb19bfe4d0c"),
        ({"customer": {"email": "ann@example.com"}}, "7d2f6bb19bfe4d0c"),
    ],
)
def test_a_guest_is_known_by_the_checkout_or_the_device(
    shopify: Shopify, table: Table, changes: dict[str, Any], who: str
) -> None:
    shopify.told("orders/create", guest(**changes))
    shopify.told("refunds/create", payload("shopify-refund"))
    assert len(table.query(f"CUSTOMER#anonymous:{who}", "ORDER#", 10)) == 2


@pytest.mark.parametrize(
    ("topic", "body", "reason"),
    [
        ("orders/create", order(test=True), "a test order"),
        ("orders/cancelled", order(test=True, cancelled_at="2026-11-20T12:00:00Z"), "a test order"),
        ("orders/create", order(line_items=[]), "an order of no items"),
        ("orders/paid", order(), "no topic of ours"),
        ("app/uninstalled", {}, "no topic of ours"),
        ("", order(), "no topic of ours"),
    ],
)
def test_what_says_nothing_is_ignored(api: Api, shopify: Shopify, topic: str, body: Any, reason: str) -> None:
    told = shopify.told(topic, body)
    assert (told["status"], told["reason"]) == ("ignored", reason)
    assert history(api) == []


def test_orders_never_go_stale(api: Api, shopify: Shopify) -> None:
    long_ago = (NOW - RETRIES_END - timedelta(days=300)).isoformat()
    told = shopify.told("orders/create", order(processed_at=long_ago), x_shopify_triggered_at=long_ago)
    assert (told["status"], told["events"]) == ("done", 1)
    assert names(api) == ["Order Completed"]


# --- consent and erasure


def test_without_consent_an_order_is_counted_without_identity(api: Api, shopify: Shopify, table: Table) -> None:
    no = Decision(purpose=Purpose.ANALYTICS, granted=False, version="1", time=NOW - timedelta(days=9), source="test")
    ConsentStore(table).decide(CustomerRef(kind=KNOWN, id=ANN), [no])
    told = shopify.told("orders/create", order())
    assert (told["status"], told["reason"], told["events"]) == ("done", "no_consent", 0)
    shopify.told("refunds/create", payload("shopify-refund"))
    assert history(api) == []
    assert OrderStore(table).owner("shopify", ORDER_ID) is None


def test_who_was_erased_does_not_come_back_by_a_late_delivery(api: Api, shopify: Shopify, table: Table) -> None:
    pepper = SecretStore(clients.ssm()).get("/regulars-test/key-pepper")
    TombstoneStore(table, lambda: pepper).write(CustomerRef(kind=KNOWN, id=ANN), NOW + timedelta(minutes=1))
    told = shopify.told("orders/create", order())
    assert (told["reason"], told["events"]) == ("erased", 0)
    assert history(api) == []
    assert ANN not in everything()


# --- failures half way


@pytest.mark.parametrize("operation", ["GetItem", "PutItem", "BatchWriteItem", "BatchGetItem", "Query"])
def test_a_store_that_fails_is_a_503_and_the_repeated_delivery_completes_it(
    api: Api, shopify: Shopify, operation: str
) -> None:
    view = {"event": "Product Viewed", "anonymousId": "device-77", "messageId": "v1", "properties": {"product_id": "a"}}
    api.browser.post("/v1/track", view)
    shopify.told("refunds/create", payload("shopify-refund"))
    for after in range(12):
        with refusing(clients.dynamodb(), operation, DOWN, after):
            reply = shopify.send("orders/create", order(), delivery="d1")
        if reply.status == 200:
            break
        assert (reply.status, int(reply.headers["retry-after"]) > 0) == (503, True)
    assert after > 0
    assert shopify.told("orders/create", order(), delivery="d1")["status"] == "duplicate"
    assert names(api) == ["Order Completed", "Order Refunded", "Product Viewed"]


@pytest.mark.usefixtures("shopify")
def test_two_deliveries_at_once_are_one_order(api: Api, table: Table) -> None:
    bodies = [("orders/create", order()), ("refunds/create", payload("shopify-refund"))] * 4
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda each: _carried_out(*each), bodies))
    assert names(api) == ["Order Completed", "Order Refunded"]
    assert OrderStore(table).waiting("shopify", ORDER_ID) == {}


class Crossing(OrderStore):
    """Where the order is taken in after its refund did not find it, and before the refund waits."""

    def wait(self, source: str, order_id: str, name: str, body: str, now: datetime) -> None:
        _carried_out("orders/create", order())
        super().wait(source, order_id, name, body, now)


@pytest.mark.usefixtures("shopify")
def test_an_order_and_its_refund_that_cross_meet(api: Api, table: Table) -> None:
    _carried_out("refunds/create", payload("shopify-refund"), Crossing(table))
    assert names(api) == ["Order Completed", "Order Refunded"]
    assert OrderStore(table).waiting("shopify", ORDER_ID) == {}


def _carried_out(topic: str, body: dict[str, Any], store: OrderStore | None = None) -> None:
    """Beside the handler, which serves one request at a time."""
    stores = webhooks.stores()
    told = news(Delivery("shopify", topic, "d", json.dumps(body)), webhooks.shop())
    assert isinstance(told, OrderNews)
    orders.carry_out("shopify", told, store or stores.orders, stores.intake, NOW)


def test_whose_an_order_is_can_be_found_from_the_customer(shopify: Shopify, table: Table) -> None:
    shopify.told("orders/create", guest())
    owner = CustomerRef(kind=ANONYMOUS, id="7d2f6bb19bfe4d0c")
    assert OrderStore(table).owner("shopify", ORDER_ID) == owner
    (record,) = table.query(f"CUSTOMER#{owner}", "PLACED#", 10)
    (key,) = led_to(record["sk"])
    assert (table.get(*key) or {})["owned_by"] == str(owner)
    assert led_to("ORDER#x") == []

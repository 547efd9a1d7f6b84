"""WooCommerce's orders and products. What is sent is the thing as it is at that moment, whatever set it off."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.stores import clients
from shared.stores.table import Table
from tests.conftest import TABLE
from tests.functions.api import Api
from tests.functions.recommend.conftest import ITEMS, Shop, model
from tests.functions.webhooks.senders import WooCommerce, payload

PERSONAL = ("Olsen", "olsen", "Havnegade", "86555012", "203.0.113", "Mozilla", "wc_order_", "ch_1")
NOW = datetime.now(UTC)


def order(**changes: Any) -> dict[str, Any]:
    return payload("woocommerce-order", **changes)


def product(**changes: Any) -> dict[str, Any]:
    return payload("woocommerce-product", **changes)


def history(api: Api, customer: str = "26") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.server.get(f"/v1/customers/{customer}/events").json()["events"]
    return found


def names(api: Api) -> list[str]:
    return sorted(each["name"] for each in history(api))


def ids(api: Api) -> set[str]:
    return {each["item_id"] for each in api.server.get("/v1/items").json()["items"]}


def item(api: Api, item_id: str) -> dict[str, Any]:
    found: dict[str, Any] = api.server.get(f"/v1/items/{item_id}").json()
    return {name: value for name, value in found.items() if value not in (None, [], {})}


def test_a_paid_order_is_a_purchase_and_nothing_personal_is_kept(
    api: Api, woocommerce: WooCommerce, table: Table
) -> None:
    assert woocommerce.told("order.created", order())["events"] == 1
    (event,) = history(api)
    assert (event["name"], event["items"], event["order_id"]) == ("Order Completed", ["91", "93"], "727")
    assert datetime.fromisoformat(event["time"]) == datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
    (record,) = table.query("CUSTOMER#user:26", "ORDER#", 10)
    assert json.loads(record["details"]) == {
        "source": "woocommerce",
        "channel": "checkout",
        "total": "65.00",
        "discount": "0.00",
        "currency": "EUR",
        "products": [
            {"product_id": "91", "quantity": 1, "total": "45.00", "price": "45.00"},
            {"product_id": "93", "quantity": 1, "total": "15.00", "price": "15.00"},
        ],
    }
    assert event["paid"] == {"amount": "65.00", "currency": "EUR"}
    assert event["lines"][0] == {"item_id": "91", "quantity": 1, "price": "45.00"}
    everything = json.dumps(clients.dynamodb().scan(TableName=TABLE)["Items"], default=str)
    assert [word for word in PERSONAL if word in everything] == []


@pytest.mark.parametrize(("taxed", "price"), [(True, "11.90"), (False, "10.00")])
def test_a_line_says_what_one_cost_with_tax_where_the_shops_prices_have_it(
    api: Api, woocommerce: WooCommerce, taxed: bool, price: str
) -> None:
    line = {"product_id": 93, "quantity": 3, "subtotal": "36.00", "total": "30.00", "total_tax": "5.70"}
    free = {"product_id": 94, "quantity": 1, "total": "0.00"}
    nonsense = {"product_id": 95, "quantity": 0, "total": "-3"}
    coupons = [{"code": "reg-abcdefgh"}, {"code": "welcome-ann"}]
    lines = {"line_items": [line, free, nonsense], "prices_include_tax": taxed, "coupon_lines": coupons}
    woocommerce.told("order.created", order(**lines))
    (event,) = history(api)
    assert event["lines"] == [
        {"item_id": "93", "quantity": 3, "price": price},
        {"item_id": "94", "quantity": 1, "price": "0.00"},
    ]
    assert (event["items"], event["coupons"]) == (["93", "94", "95"], ["reg-abcdefgh"])


@pytest.mark.parametrize("status", ["pending", "on-hold", "checkout-draft", "failed", "trash"])
def test_an_order_that_is_not_paid_is_none_yet(api: Api, woocommerce: WooCommerce, status: str) -> None:
    told = woocommerce.told("order.created", order(status=status, date_paid_gmt=None))
    assert told["status"] == "ignored"
    assert history(api) == []


def test_an_order_counts_once_however_often_it_is_updated(api: Api, woocommerce: WooCommerce) -> None:
    """The date of payment comes later where it is paid on delivery."""
    woocommerce.told("order.created", order(status="pending", date_paid_gmt=None))
    woocommerce.told("order.updated", order(status="processing", date_paid_gmt=None))
    woocommerce.told("order.updated", order(status="processing", date_modified_gmt="2026-11-20T18:00:00"))
    woocommerce.told("order.updated", order(status="completed", date_paid_gmt="2026-11-21T09:00:00"))
    assert names(api) == ["Order Completed"]


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({"status": "cancelled"}, ["Order Cancelled", "Order Completed"]),
        ({"status": "failed"}, ["Order Cancelled", "Order Completed"]),
        ({"status": "refunded"}, ["Order Completed", "Order Refunded"]),
        ({"refunds": [{"id": 1, "reason": "", "total": "-65.00"}]}, ["Order Completed", "Order Refunded"]),
        (
            {"refunds": [{"id": 1, "total": "-25.00"}, {"id": 2, "total": "-40.00"}]},
            ["Order Completed", "Order Refunded"],
        ),
        ({"refunds": [{"id": 1, "reason": "too late", "total": "-5.00"}]}, ["Order Completed"]),
        ({"refunds": [{"id": 1, "total": "NaN"}, {"id": 2, "total": "x"}, {"id": 3}]}, ["Order Completed"]),
        ({"total": "0.00", "refunds": []}, ["Order Completed"]),
    ],
)
def test_what_undoes_an_order_undoes_it_once(
    api: Api, woocommerce: WooCommerce, changes: dict[str, Any], kept: list[str]
) -> None:
    """Of a refund only the sum is told: a part of it is not known to be any item's."""
    woocommerce.told("order.created", order())
    for hour in range(3):
        modified = f"2026-11-2{hour + 1}T08:00:00"
        woocommerce.told("order.updated", order(**changes | {"date_modified_gmt": modified}))
    assert names(api) == kept


def test_an_order_first_heard_of_when_it_is_undone_is_a_purchase_undone(api: Api, woocommerce: WooCommerce) -> None:
    """WooCommerce does not repeat a delivery that failed."""
    woocommerce.told("order.updated", order(status="refunded"))
    assert names(api) == ["Order Completed", "Order Refunded"]


def test_what_was_never_counted_is_not_cancelled(api: Api, woocommerce: WooCommerce) -> None:
    """An unpaid order is cancelled after an hour, and would be taken off what is trending; it may still be paid."""
    unpaid = order(status="cancelled", date_paid_gmt=None)
    told = woocommerce.told("order.updated", unpaid)
    assert (told["events"], told["reason"]) == (0, "the order was never counted")
    assert history(api) == []
    woocommerce.told("order.updated", order())
    assert names(api) == ["Order Completed"]
    woocommerce.told("order.updated", unpaid | {"date_modified_gmt": "2026-11-22T08:00:00"})
    assert names(api) == ["Order Cancelled", "Order Completed"]


def test_recommend_sees_the_purchase_and_forgets_a_refunded_one(
    api: Api, woocommerce: WooCommerce, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop(api, table, monkeypatch)
    shop.stock(*ITEMS, "91", "93")
    shop.publish(model())
    placed = (NOW - timedelta(hours=2)).isoformat(timespec="seconds").removesuffix("+00:00")
    tea = [{"product_id": 93, "variation_id": 0, "quantity": 1, "total": "1.00"}]
    woocommerce.told("order.updated", order(id=1, date_created_gmt=placed, line_items=tea))
    woocommerce.told("order.updated", order(date_created_gmt=placed, line_items=order()["line_items"][:1]))
    assert set(shop.ids("buy-again", customer_id="26")) == {"91", "93"}
    woocommerce.told(
        "order.updated", order(date_created_gmt=placed, line_items=order()["line_items"][:1], status="refunded")
    )
    assert shop.ids("buy-again", customer_id="26") == ["93"]


@pytest.mark.parametrize(("meta", "who"), [([], "woocommerce-order-727"), (order()["meta_data"], "device-88")])
def test_a_guest_is_known_by_the_order_or_the_device(
    woocommerce: WooCommerce, table: Table, meta: list[Any], who: str
) -> None:
    """Not by `cart_hash`, which two carts of the same things have in common."""
    woocommerce.told("order.created", order(customer_id=0, meta_data=meta))
    assert len(table.query(f"CUSTOMER#anonymous:{who}", "ORDER#", 10)) == 1


def test_the_devices_id_joins_what_was_done_on_it(api: Api, woocommerce: WooCommerce) -> None:
    view = {
        "event": "Product Viewed",
        "anonymousId": "device-88",
        "messageId": "v1",
        "properties": {"product_id": "91"},
    }
    api.browser.post("/v1/track", view)
    woocommerce.told("order.created", order())
    assert names(api) == ["Order Completed", "Product Viewed"]


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("order.created", order(line_items=[])),
        ("order.deleted", {"id": 727}),
        ("customer.updated", {"id": 26}),
        ("action.woocommerce_add_to_cart", {"action": "woocommerce_add_to_cart", "arg": "x"}),
    ],
)
def test_what_says_nothing_is_ignored(api: Api, woocommerce: WooCommerce, topic: str, body: Any) -> None:
    assert woocommerce.told(topic, body)["status"] == "ignored"
    assert history(api) == []


AHEAD = f"{NOW + timedelta(days=400):%Y-%m-%dT%H:%M:%S}"
EXTREMES = ["0001-01-01T00:00:00+14:00", "1969-12-31T23:59:59", "9999-12-31T23:59:59-14:00", AHEAD]


@pytest.mark.parametrize("time", EXTREMES, ids=["first", "old", "last", "ahead"])
def test_a_clock_that_is_far_off_costs_no_order_and_fails_nothing(
    api: Api, woocommerce: WooCommerce, time: str
) -> None:
    """Ahead, the time of arrival counts, and once; long ago, the order has expired; what is no time is none."""
    before = datetime.now(UTC)
    told = [woocommerce.told("order.updated", order(date_created_gmt=time)) for _ in range(2)]
    assert {each["status"] for each in told} <= {"done", "unmapped"}
    found = history(api)
    assert len(found) == (time == AHEAD)
    assert all(before <= datetime.fromisoformat(each["time"]) <= datetime.now(UTC) for each in found)


@pytest.mark.parametrize("time", EXTREMES, ids=["first", "old", "last", "ahead"])
def test_a_product_from_the_future_does_not_stop_all_later_ones(api: Api, woocommerce: WooCommerce, time: str) -> None:
    woocommerce.told("product.updated", product(date_modified_gmt=time))
    later = (datetime.now(UTC) + timedelta(minutes=1)).replace(tzinfo=None).isoformat(timespec="seconds")
    woocommerce.told("product.updated", product(date_modified_gmt=later, price="11"))
    assert item(api, "93")["price"]["amount"] == "11"


# --- products


def test_a_product_is_an_item_known_by_its_number(api: Api, woocommerce: WooCommerce) -> None:
    assert woocommerce.told("product.created", product())["items"] == 1
    assert item(api, "93") == {
        "item_id": "93",
        "kind": "product",
        "title": "Beanie & cap",
        "price": {"amount": "15", "currency": "EUR"},
        "stock": 7,
        "category": "Hats & caps",
        "attributes": {"material": "Wool"},
        "image_url": "https://shop.example/beanie.jpg",
        "url": "https://shop.example/product/beanie/",
        "tags": ["Winter"],
        "group": "93",
        "version": 1,
        "text": "Warm & soft. Merino wool.",
    }


def test_a_variation_is_an_item_of_its_parents_group_and_is_what_orders_name(
    api: Api, woocommerce: WooCommerce
) -> None:
    woocommerce.told("product.updated", payload("woocommerce-variation"))
    woocommerce.told("order.created", order())
    (event,) = history(api)
    assert event["items"][0] == "91"
    variation = item(api, "91")
    assert (variation["group"], variation["attributes"], variation["stock"]) == ("90", {"color": "Blue"}, 0)


@pytest.mark.parametrize(
    ("changes", "stock"),
    [
        ({"stock_quantity": -2}, 0),
        ({"backorders_allowed": True}, None),
        ({"manage_stock": False, "stock_quantity": None}, None),
        ({"manage_stock": False, "stock_status": "outofstock"}, 0),
    ],
)
def test_stock_is_what_is_counted_or_said_to_be_out(
    api: Api, woocommerce: WooCommerce, changes: dict[str, Any], stock: int | None
) -> None:
    woocommerce.told("product.updated", product(**changes))
    assert api.server.get("/v1/items/93").json()["stock"] == stock


@pytest.mark.parametrize("changes", [{"status": "draft"}, {"status": "private"}, {"catalog_visibility": "hidden"}])
def test_what_is_not_shown_is_retired_and_comes_back(
    api: Api, woocommerce: WooCommerce, changes: dict[str, Any]
) -> None:
    woocommerce.told("product.created", product())
    woocommerce.told("product.updated", product(date_modified_gmt="2026-11-20T13:00:00", **changes))
    assert ids(api) == set()
    woocommerce.told("product.updated", product(date_modified_gmt="2026-11-20T14:00:00"))
    assert ids(api) == {"93"}


def test_a_deleted_product_comes_back_when_it_is_restored_and_by_nothing_older(
    api: Api, woocommerce: WooCommerce
) -> None:
    woocommerce.told("product.created", product())
    assert woocommerce.told("product.deleted", {"id": 93})["items"] == 1
    assert ids(api) == set()
    assert woocommerce.told("product.updated", product())["status"] == "stale"
    later = (datetime.now(UTC) + timedelta(seconds=5)).replace(tzinfo=None).isoformat(timespec="seconds")
    assert woocommerce.told("product.restored", product(date_modified_gmt=later))["items"] == 1
    assert ids(api) == {"93"}


def test_an_older_state_changes_nothing_and_the_same_second_does(api: Api, woocommerce: WooCommerce) -> None:
    """A sale changes the stock, and not the date."""
    woocommerce.told("product.updated", product())
    assert woocommerce.told("product.updated", product(stock_quantity=6))["status"] == "done"
    assert item(api, "93")["stock"] == 6
    older = product(date_modified_gmt="2026-11-20T11:59:59", stock_quantity=9)
    assert woocommerce.told("product.updated", older)["status"] == "stale"
    assert item(api, "93")["stock"] == 6


def test_what_the_shop_set_itself_stays(api: Api, woocommerce: WooCommerce) -> None:
    woocommerce.told("product.updated", product())
    api.server.call("PATCH", "/v1/items/93", {"cost": {"amount": "4.00", "currency": "EUR"}})
    woocommerce.told("product.updated", product(price="12", date_modified_gmt="2026-11-21T12:00:00"))
    changed = item(api, "93")
    assert (changed["price"]["amount"], changed["cost"]["amount"]) == ("12", "4.00")

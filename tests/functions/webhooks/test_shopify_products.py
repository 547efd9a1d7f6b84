"""Shopify's products: an item for each variant, patched and never put; out of order, at once, half way."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Event
from typing import Any

import pytest

from functions.webhooks import app as webhooks
from functions.webhooks import products
from functions.webhooks.deliveries import RETRIES_END, news
from functions.webhooks.news import ProductGone, ProductNews
from functions.webhooks.senders import Delivery
from infra.imports import layouts
from infra.imports.layouts import Options
from shared.domain.items import Item
from shared.stores import clients
from shared.stores.items import Beside, Edit, ItemStore
from shared.stores.lease import LeaseStore
from shared.stores.ledger import LedgerStore
from shared.stores.products import ProductStore
from shared.stores.table import Table
from tests.functions.api import Api
from tests.functions.webhooks.senders import Shopify, payload
from tests.infra.imports.test_layouts import FILES as IMPORTS
from tests.shared.stores.faults import DOWN, refusing

PRODUCT_ID = "8800112233"
SHIRTS = ("SH-W-M", "SH-W-L", "Linen shirt - Navy / M")
NOW = datetime.now(UTC)


def product(**changes: Any) -> dict[str, Any]:
    return payload("shopify-product", **changes)


def at(minute: int, **changes: Any) -> dict[str, Any]:
    """The product as it was at this minute."""
    return product(updated_at=f"2026-11-21T10:{minute:02}:00+01:00", **changes)


def variants(*which: int, **changes: Any) -> list[dict[str, Any]]:
    """Some of the variants, with changes to each."""
    return [each | changes for n, each in enumerate(product()["variants"]) if n in which]


def item(api: Api, item_id: str) -> dict[str, Any]:
    found: dict[str, Any] = api.server.post("/v1/items/get", {"item_ids": [item_id]}).json()
    return {name: value for name, value in found["items"][0].items() if value} if found["items"] else {}


def ids(api: Api) -> set[str]:
    return {each["item_id"] for each in api.server.get("/v1/items").json()["items"]}


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def test_each_variant_is_an_item(api: Api, shopify: Shopify) -> None:
    assert shopify.told("products/create", product())["items"] == 3
    assert ids(api) == set(SHIRTS)
    assert item(api, "SH-W-M") == {
        "item_id": "SH-W-M",
        "kind": "product",
        "title": "Linen shirt - White / M",
        "price": money("49.00"),
        "stock": 4,
        "category": "Shirts",
        "attributes": {"colour": "White", "size_eu": "M", "vendor": "Weaver"},
        "image_url": "https://cdn.shop.example/front.jpg",
        "url": "https://shop.example/products/linen-shirt",
        "tags": ["linen", "summer"],
        "group": PRODUCT_ID,
        "version": 1,
        "text": "Cool & light. 100% linen",
    }
    assert item(api, "Linen shirt - Navy / M")["image_url"] == "https://cdn.shop.example/navy.jpg"
    assert "stock" not in item(api, "SH-W-L")  # it is sold on at zero


def test_the_items_are_those_of_the_imported_export(api: Api, shopify: Shopify) -> None:
    """But for what only one of the two has: the group, and the time at which the stock was counted."""
    shopify.told("products/create", product())
    exported = layouts.items(IMPORTS / "shopify-products.csv", Options(currency="EUR"), lambda _: None)
    for each in exported:
        if each.item_id in SHIRTS:
            ours = item(api, each.item_id)
            assert ours["title"] == each.title
            assert ours["attributes"] == each.attributes
            assert (ours["text"], ours["category"]) == (each.text, each.category)


def test_what_the_shop_set_itself_stays_and_the_ledger_has_each_price(api: Api, shopify: Shopify, table: Table) -> None:
    shopify.told("products/create", product())
    own = {"cost": money("18.50"), "attributes": {"care": "30 degrees"}, "available_until": "2030-01-01T00:00:00Z"}
    api.server.call("PATCH", "/v1/items/SH-W-M", own)
    shopify.told("products/update", at(1, variants=variants(0, 1, 2, price="39.00"), tags="", product_type=None))
    changed = item(api, "SH-W-M")
    assert (changed["price"], changed["cost"]) == (money("39.00"), money("18.50"))
    assert changed["attributes"] == {"colour": "White", "size_eu": "M", "vendor": "Weaver", "care": "30 degrees"}
    assert "available_until" in changed
    assert not {"tags", "category"} & set(changed)
    entries = LedgerStore(table).read("SH-W-M")
    assert [entry.amount for entry in entries] == [Decimal("49.00"), Decimal("39.00")]


def test_what_a_subscription_leaves_out_is_left_as_it_is(api: Api, shopify: Shopify) -> None:
    shopify.told("products/create", product())
    before = item(api, "SH-W-M")
    bare = {name: at(1)[name] for name in ("id", "title", "updated_at", "options")}
    few = [{name: each[name] for name in ("id", "sku", "option1", "option2")} for each in variants(0, 1, 2)]
    assert shopify.told("products/update", bare | {"variants": few})["status"] == "done"
    assert item(api, "SH-W-M") | {"version": 1} == before


def test_an_update_that_changes_nothing_writes_no_item(api: Api, shopify: Shopify) -> None:
    shopify.told("products/create", product())
    shopify.told("products/update", at(1))
    assert item(api, "SH-W-M")["version"] == 1


def test_variants_that_are_gone_and_old_skus_have_no_item(api: Api, shopify: Shopify) -> None:
    shopify.told("products/create", product())
    shopify.told("products/update", at(1, variants=variants(0, sku="SHIRT-1"), variant_gids=[]))
    assert ids(api) == {"SHIRT-1"}


def test_variants_that_are_not_described_any_more_stay(api: Api, shopify: Shopify) -> None:
    """Of a product of over 100 variants, a delivery describes 100 and names the others."""
    shopify.told("products/create", product())
    shopify.told("products/update", at(1, variants=variants(0)))
    assert ids(api) == set(SHIRTS)
    shopify.told("products/update", at(2, variants=variants(0), variant_gids=product()["variant_gids"][:2]))
    assert ids(api) == {"SH-W-M", "SH-W-L"}


@pytest.mark.parametrize("changes", [{"status": "draft"}, {"status": "archived"}, {"published_at": None}])
def test_what_is_not_in_the_shop_is_retired_and_comes_back(api: Api, shopify: Shopify, changes: dict[str, Any]) -> None:
    shopify.told("products/create", product())
    shopify.told("products/update", at(1, **changes))
    assert ids(api) == set()
    shopify.told("products/update", at(2))
    assert ids(api) == set(SHIRTS)


def test_a_deleted_product_has_no_items_and_no_older_delivery_brings_it_back(
    api: Api, shopify: Shopify, table: Table
) -> None:
    shopify.told("products/create", product())
    assert shopify.told("products/delete", {"id": int(PRODUCT_ID)})["items"] == 3
    assert ids(api) == set()
    assert shopify.told("products/update", at(5))["status"] == "stale"
    assert ids(api) == set()
    assert [entry.amount for entry in LedgerStore(table).read("SH-W-M")][-1] is None


def test_deleting_what_was_never_known_does_nothing(api: Api, shopify: Shopify) -> None:
    assert shopify.told("products/delete", {"id": 1})["status"] == "done"
    assert shopify.told("products/update", at(1, id=1))["status"] == "stale"
    assert ids(api) == set()


# --- stock


@pytest.mark.parametrize(
    ("changes", "first", "stock"),
    [
        ({"inventory_quantity": 7}, 1, 7),
        ({"inventory_quantity": 0}, 1, 0),
        ({"inventory_quantity": -3}, 1, 0),
        ({"inventory_quantity": 0}, 0, None),
        ({"inventory_quantity": 0, "inventory_management": "shopify"}, 0, 0),
        ({"inventory_quantity": 5, "inventory_management": None}, 1, None),
        ({"inventory_quantity": 0, "inventory_policy": "continue"}, 1, None),
    ],
)
def test_stock_is_what_is_counted(
    shopify: Shopify, table: Table, changes: dict[str, Any], first: int, stock: int | None
) -> None:
    """Without `inventory_management`, as of 2024-07, a variant is counted once it was seen with something left."""
    shopify.told("products/create", product(variants=variants(0, inventory_quantity=first)))
    shopify.told("products/update", at(1, variants=variants(0, **changes)))
    assert ItemStore(table).get(["SH-W-M"])["SH-W-M"].stock == stock


# --- what does not fit


def test_what_is_too_long_is_cut_and_loses_no_item(api: Api, shopify: Shopify) -> None:
    tags = ",".join(["x" * 90, *map(str, range(50))])
    long = product(title="T" * 600, body_html="<p>" + "wörd " * 9_000, tags=tags, variants=variants(0, 1))
    assert shopify.told("products/create", long)["items"] == 2
    first = item(api, "SH-W-M")
    assert len(first["title"]) == 512
    assert len(first["text"]) <= 20_000
    assert len(first["tags"]) == 32


def test_an_item_that_cannot_be_kept_does_not_cost_the_others(api: Api, shopify: Shopify) -> None:
    both = [*variants(0, price="a lot"), *variants(1), *variants(2, sku="é" * 200)]
    told = shopify.told("products/create", product(variants=both))
    assert (told["status"], told["items"], told["reason"]) == ("done", 1, "2 of its items cannot be kept")
    assert ids(api) == {"SH-W-L"}


def test_an_item_that_cannot_be_kept_any_more_stays_as_it_was(api: Api, shopify: Shopify) -> None:
    shopify.told("products/create", product())
    shopify.told("products/update", at(1, variants=[*variants(0, price="-1"), *variants(1, 2)]))
    assert item(api, "SH-W-M")["price"] == money("49.00")


def test_a_product_with_too_many_long_names_is_unmapped_and_not_half_kept(api: Api, shopify: Shopify) -> None:
    many = [{"id": n, "sku": f"{n:0>250}"} for n in range(1_500)]
    told = shopify.told("products/update", product(variants=many))
    assert (told["status"], told["reason"]) == ("unmapped", "the product has too many variants")
    assert ids(api) == set()


# --- time


def test_an_older_update_changes_nothing(api: Api, shopify: Shopify) -> None:
    shopify.told("products/update", at(2, variants=variants(0, 1, 2, price="30.00")))
    told = shopify.told("products/update", at(1, variants=variants(0, price="20.00"), variant_gids=[]))
    assert told["status"] == "stale"
    assert item(api, "SH-W-M")["price"] == money("30.00")
    assert ids(api) == set(SHIRTS)


def test_times_are_compared_and_not_their_spelling(api: Api, shopify: Shopify) -> None:
    shopify.told("products/update", product(updated_at="2026-11-21T09:30:00Z", title="New"))
    assert shopify.told("products/update", product(updated_at="2026-11-21T10:00:00+01:00"))["status"] == "stale"
    assert item(api, "SH-W-M")["title"] == "New - White / M"


def test_a_product_triggered_longer_ago_than_shopify_repeats_is_stale(api: Api, shopify: Shopify) -> None:
    long_ago = (NOW - RETRIES_END - timedelta(hours=1)).isoformat()
    assert shopify.told("products/update", product(), x_shopify_triggered_at=long_ago)["status"] == "stale"
    assert ids(api) == set()
    recent = (NOW - RETRIES_END + timedelta(hours=1)).isoformat()
    assert shopify.told("products/update", product(), x_shopify_triggered_at=recent)["status"] == "done"


def read(body: dict[str, Any], topic: str = "products/update") -> ProductNews | ProductGone:
    told = news(Delivery("shopify", topic, "d", json.dumps(body)), webhooks.shop())
    assert isinstance(told, ProductNews | ProductGone)
    return told


class Slow(ItemStore):
    """Is overtaken between reading an item and writing it, if anybody can."""

    def __init__(self, table: Table) -> None:
        super().__init__(table)
        self.is_reading = Event()
        self.may_write = Event()

    def edit(self, edits: Mapping[str, Edit], now: datetime, beside: Beside = lambda _: ()) -> dict[str, Item | None]:
        def slow(edit: Edit) -> Edit:
            def slowly(current: Item | None) -> Item | None:
                self.is_reading.set()
                self.may_write.wait(1.5)
                return edit(current)

            return slowly

        return super().edit({item_id: slow(edit) for item_id, edit in edits.items()}, now, beside)


def test_an_older_delivery_that_is_overtaken_does_not_win(api: Api, table: Table) -> None:
    """The newest wants what is there already, so that it writes nothing that the older one could lose against."""
    catalogue, slow = webhooks.stores().catalogue, Slow(table)
    first, older, newest = (
        read(at(n, variants=variants(0, price=price))) for n, price in enumerate(["49.00", "45.00", "49.00"])
    )
    products.carry_out("shopify", first, catalogue, NOW)
    with ThreadPoolExecutor(2) as pool:
        begun = pool.submit(products.carry_out, "shopify", older, catalogue._replace(items=slow), NOW)
        slow.is_reading.wait(5)
        overtaking = pool.submit(products.carry_out, "shopify", newest, catalogue, NOW)
        overtaking.add_done_callback(lambda _: slow.may_write.set())
        assert not begun.result().is_stale
        assert not overtaking.result().is_stale
    assert item(api, "SH-W-M")["price"] == money("49.00")
    known = ProductStore(table).get("shopify", PRODUCT_ID)
    assert known.updated_at == datetime(2026, 11, 21, 9, 2, tzinfo=UTC)


def test_who_cannot_have_the_product_says_come_back(
    api: Api, shopify: Shopify, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(products, "PATIENCE_SECONDS", 0.1)
    with LeaseStore(table).hold(f"product:shopify:{PRODUCT_ID}", 1):
        reply = shopify.send("products/update", product(), delivery="d1")
    assert (reply.status, "retry-after" in reply.headers) == (503, True)
    assert ids(api) == set()
    assert shopify.told("products/update", product(), delivery="d1")["status"] == "done"


def test_the_lease_outlasts_the_function() -> None:
    """So that one who died with it cannot come back and write."""
    from infra.template import Template  # noqa: PLC0415

    assert Template.load().functions()["webhooks"]["Timeout"] < products.LEASE_SECONDS


@pytest.mark.parametrize("operation", ["GetItem", "PutItem", "BatchGetItem", "UpdateItem", "TransactWriteItems"])
def test_a_store_that_fails_half_way_leaves_nothing_behind_in_the_end(
    api: Api, shopify: Shopify, table: Table, operation: str
) -> None:
    """Each time at another step; what comes next is another product, without what the failed one began."""
    shopify.told("products/create", product())
    failed = 0
    for after in range(12):
        clients.dynamodb().delete_item(
            TableName=table.name, Key={"pk": {"S": f"LEASE#product:shopify:{PRODUCT_ID}"}, "sk": {"S": "LEASE"}}
        )  # as if it had run out
        begun = at(2 * after, variants=variants(0, 1, sku=f"NEW-{after}", price=f"{after + 50}.00"), variant_gids=[])
        with refusing(clients.dynamodb(), operation, DOWN, after):
            status = shopify.send("products/update", begun).status
        assert status in (200, 503)
        failed += status == 503
        clients.dynamodb().delete_item(
            TableName=table.name, Key={"pk": {"S": f"LEASE#product:shopify:{PRODUCT_ID}"}, "sk": {"S": "LEASE"}}
        )
        assert shopify.told("products/update", at(2 * after + 1))["status"] == "done"
        assert ids(api) == set(SHIRTS)
    assert failed > 0
    assert item(api, "SH-W-M")["price"] == money("49.00")

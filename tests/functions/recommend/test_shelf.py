"""The items that the warm function remembers: a change of one shows within a minute, and few are read twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from functions.recommend.patience import SLOW
from functions.recommend.selection import MOST_CANDIDATES
from functions.recommend.shelf import ENTRY_BYTES, FRESH_SECONDS, STALE_SECONDS, ItemShelf
from shared.stores import clients
from shared.stores.items import ItemStore
from shared.stores.table import Table
from tests.functions.recommend.artefact import artefact
from tests.functions.recommend.conftest import A_MINUTE, ITEMS, NOW, Shop
from tests.shared.stores.faults import refusing

SLOWEST_REQUEST = 10
"""The function's time-out in template.yaml: a request may show what it read at its beginning."""


@pytest.fixture
def warm(modelled: Shop) -> Shop:
    """A shop whose function has just shown every item, in a list that begins with shade and bulb."""
    modelled.track("Product Added", "lamp")
    assert modelled.ids("for-you", customer_id="ann", limit=2) == ["shade", "bulb"]
    assert set(modelled.ids("trending", limit=100)) == set(ITEMS)
    return modelled


@contextmanager
def reads() -> Iterator[list[dict[str, Any]]]:
    """What is asked of the table by BatchGetItem: a list that grows, of keys and whether the read was consistent."""
    asked: list[dict[str, Any]] = []
    events = clients.dynamodb().meta.events

    def note(params: dict[str, Any], **_: Any) -> None:
        (request,) = params["RequestItems"].values()
        asked.append({"ids": [key["pk"]["S"].removeprefix("ITEM#") for key in request["Keys"]], **request})

    name = "provide-client-params.dynamodb.BatchGetItem"
    events.register(name, note)
    yield asked
    events.unregister(name, note)


def test_the_promise_of_a_minute_has_room_for_a_slow_request() -> None:
    assert FRESH_SECONDS + SLOWEST_REQUEST < A_MINUTE


def test_what_is_sold_out_or_deleted_is_gone_within_a_minute(warm: Shop) -> None:
    ask = {"customer_id": "ann", "limit": 2}
    warm.api.server.put("/v1/items", {"items": [{"item_id": "shade", "title": "Shade", "stock": 0}]})
    warm.api.server.post("/v1/items/delete", {"item_ids": ["bulb"]})
    warm.seconds += A_MINUTE - SLOWEST_REQUEST
    assert warm.ids("for-you", **ask) == ["vase", "mug"]
    warm.stock("shade", stock=1)
    warm.seconds += A_MINUTE - SLOWEST_REQUEST
    assert warm.ids("for-you", **ask) == ["shade", "vase"]


def test_requests_in_between_do_not_make_an_item_last_longer(warm: Shop) -> None:
    warm.stock("shade", stock=0)
    shown = []
    for _ in range(A_MINUTE - SLOWEST_REQUEST):
        warm.seconds += 1
        shown.append("shade" in warm.ids("for-you", customer_id="ann", limit=2))
    assert shown == sorted(shown, reverse=True)
    assert not shown[-1]


def test_a_price_and_a_title_are_new_within_a_minute_also_in_a_reason(warm: Shop) -> None:
    warm.stock("shade", price={"amount": "9.90", "currency": "EUR"})
    warm.api.server.put("/v1/items", {"items": [{"item_id": "lamp", "title": "Reading lamp"}]})
    warm.seconds += A_MINUTE - SLOWEST_REQUEST
    (first,) = warm.ask("for-you", customer_id="ann", limit=1)["items"]
    assert first["item"]["price"]["amount"] == "9.90"
    assert first["reasons"][0]["text"] == "Because you added Reading lamp to your cart"


def test_an_item_that_was_not_there_is_found_within_a_minute(shop: Shop) -> None:
    new = "brand new"
    shop.publish(artefact([new, *ITEMS], {"lamp": {new: 127, "shade": 60}}))
    assert shop.ids("similar", item_id="lamp", limit=1) == ["shade"]
    shop.stock(new)
    shop.seconds += A_MINUTE - SLOWEST_REQUEST
    assert shop.ids("similar", item_id="lamp", limit=1) == [new]


def test_without_refreshing_a_sold_out_item_stays(warm: Shop) -> None:
    """What the clock is for: stopped, it leaves the list as it was."""
    warm.stock("shade", stock=0)
    for _ in range(3):
        assert warm.ids("for-you", customer_id="ann", limit=1) == ["shade"]
    warm.seconds += FRESH_SECONDS
    assert warm.ids("for-you", customer_id="ann", limit=1) == ["bulb"]


def test_the_end_of_an_items_window_needs_no_new_reading(shop: Shop, table: Table) -> None:
    shelf = ItemShelf(ItemStore(table), lambda: 0.0)
    shop.stock("mug", available_until=NOW)
    for _ in range(2):
        mug = shelf.get(["mug"])["mug"]
        assert mug.is_available(NOW - timedelta(seconds=1))
        assert not mug.is_available(NOW)


def test_what_is_remembered_is_not_read_again_not_even_what_is_not_there(warm: Shop) -> None:
    shelf = ItemShelf(warm.items, lambda: warm.seconds)
    with reads() as asked:
        assert set(shelf.get(["lamp", "gone"])) == {"lamp"}
        assert set(shelf.get(["gone", "lamp", "mug"])) == {"lamp", "mug"}
        assert set(shelf.get(["gone", "lamp", "mug"])) == {"lamp", "mug"}
    assert [each["ids"] for each in asked] == [["lamp", "gone"], ["mug"]]
    assert not any(each["ConsistentRead"] for each in asked)


def test_what_nothing_needs_is_not_remembered_and_the_rest_is_whole(shop: Shop, table: Table) -> None:
    cost = {"amount": "3.00", "currency": "EUR"}
    shop.stock("mug", cost=cost, text="x" * 20_000, price=cost, tags=["blue"], attributes={"size": "M"}, stock=3)
    shelf = ItemShelf(ItemStore(table), lambda: 0.0)
    first, again = shelf.get(["mug"])["mug"], shelf.get(["mug"])["mug"]
    assert again == first.model_copy(update={"text": None})
    assert shelf._kept.currsize < 1_000


def test_a_full_shelf_forgets_and_stays_right(shop: Shop, table: Table) -> None:
    many = [f"item-{n:03d}" for n in range(200)]
    shop.stock(*many)
    most = 20 * ENTRY_BYTES
    shelf = ItemShelf(ItemStore(table), lambda: 0.0, most)
    for _ in range(2):
        assert set(shelf.get([*many, "gone"])) == set(many)
        assert shelf._kept.currsize <= most
        assert 1 < len(shelf._kept) < 20


def test_a_list_reads_a_few_more_items_than_it_shows_and_their_reasons_in_one_call(shop: Shop) -> None:
    many = [f"item-{n:03d}" for n in range(150)]
    shop.publish(artefact(["lamp", *many], {"lamp": {each: 127 - n // 2 for n, each in enumerate(many)}}))
    shop.stock(*many)
    with reads() as asked:
        assert len(shop.ids("similar", item_id="lamp", limit=10)) == 10
    assert [len(each["ids"]) for each in asked] == [15]
    assert "lamp" in asked[0]["ids"]


def test_a_shop_that_is_sold_out_is_not_read_to_its_end(shop: Shop) -> None:
    many = [f"item-{n:03d}" for n in range(500)]
    near = {"lamp": {each: 127 - n // 4 for n, each in enumerate(many)}}
    shop.publish(artefact(["lamp", *many], near, popular=["mug", "tea"]))
    shop.stock(*many, stock=0)
    with reads() as asked:
        assert shop.ids("similar", item_id="lamp", limit=2) == ["mug", "tea"]
    read = [each for call in asked for each in call["ids"]]
    assert len(read) == len(set(read))
    assert len(set(read) & set(many)) == MOST_CANDIDATES


def test_while_the_table_is_down_what_was_read_within_the_hour_is_shown_and_said(warm: Shop) -> None:
    ask = {"surface": "similar", "item_id": "lamp", "limit": 1}
    warm.ids("similar", item_id="lamp", limit=1)
    with refusing(clients.dynamodb(), "BatchGetItem"):
        assert warm.api.server.post("/v1/recommendations", ask).json()["note"] is None
        warm.seconds += FRESH_SECONDS
        assert warm.api.server.post("/v1/recommendations", ask).json()["note"] == SLOW
        warm.seconds += STALE_SECONDS - FRESH_SECONDS
        assert warm.api.server.post("/v1/recommendations", ask).status == 503

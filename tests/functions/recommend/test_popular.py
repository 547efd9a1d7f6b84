"""The surface popular: what sells, by window and category, from the live counters."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.functions.recommend.conftest import ITEMS, Shop, ids

ORDER = "Order Completed"


def sell(shop: Shop, item: str, orders: int, days: int = 0) -> None:
    """So many orders of this item, of different customers."""
    at = datetime.now(UTC) - timedelta(days=days)
    for n in range(orders):
        shop.track(ORDER, item, userId=f"{item}-{n}-{days}", timestamp=at.isoformat())


def test_what_sells_most_comes_first_and_says_since_when(modelled: Shop) -> None:
    sell(modelled, "rug", 3)
    sell(modelled, "lamp", 2)
    modelled.project()
    reply = modelled.ask("popular", limit=2)
    assert (ids(reply), reply["served_by"], reply["model_id"]) == (["rug", "lamp"], "popularity", None)
    assert [(each["score"], each["reasons"][0]["text"]) for each in reply["items"]] == [
        (3, "Popular in the last 7 days"),
        (2, "Popular in the last 7 days"),
    ]
    assert not reply["personalised"]


def test_the_window_decides(modelled: Shop) -> None:
    sell(modelled, "tea", 1)
    sell(modelled, "lamp", 2, days=3)
    sell(modelled, "vase", 3, days=20)
    modelled.project()
    assert modelled.ids("popular", window_days=1, limit=1) == ["tea"]
    assert modelled.ids("popular", limit=1) == ["lamp"]
    assert modelled.ids("popular", window_days=30, limit=3) == ["vase", "lamp", "tea"]


def test_views_do_not_sell(modelled: Shop) -> None:
    sell(modelled, "rug", 1)
    for n in range(9):
        modelled.track("Product Viewed", "shade", userId=f"u{n}")
    modelled.project()
    assert modelled.ids("popular", limit=1) == ["rug"]


@pytest.mark.parametrize("shop_", ["shop", "modelled"])
def test_a_list_of_a_category_has_nothing_else_in_it(shop_: str, request: pytest.FixtureRequest) -> None:
    shop: Shop = request.getfixturevalue(shop_)
    shop.stock("lamp", "bulb", "shade", category="Lights")
    shop.stock("tea", category="Food")
    sell(shop, "lamp", 2)
    sell(shop, "bulb", 3)
    sell(shop, "tea", 9)
    shop.project()
    reply = shop.ask("popular", category="Lights")
    assert ids(reply)[:2] == ["bulb", "lamp"]
    assert sorted(ids(reply)) == ["bulb", "lamp", "shade"]
    assert shop.ids("popular", category="Nothing of ours") == []


def test_an_item_that_moved_is_not_shown_under_its_old_category(modelled: Shop) -> None:
    modelled.stock("lamp", category="Lights")
    sell(modelled, "lamp", 2)
    modelled.project()
    modelled.stock("lamp", category="Garden")
    assert modelled.ids("popular", category="Lights") == []


def test_a_refund_takes_the_sale_away(modelled: Shop) -> None:
    sell(modelled, "lamp", 1)
    sell(modelled, "rug", 2)
    modelled.track("Order Refunded", properties={"order_id": "o9", "items": [{"item_id": "rug"}]})
    modelled.track("Order Refunded", properties={"order_id": "o8", "items": [{"item_id": "rug"}]})
    modelled.project()
    assert modelled.ids("popular", limit=1) == ["lamp"]


def test_where_nothing_was_sold_the_list_is_filled_and_says_so(modelled: Shop) -> None:
    reply = modelled.ask("popular", limit=100)
    assert set(ids(reply)) == set(ITEMS)
    assert (reply["served_by"], reply["model_id"]) == ("popularity", "m1")
    assert reply["note"]


def test_without_the_counters_being_fed_it_does_not_change(modelled: Shop) -> None:
    sell(modelled, "rug", 1)
    modelled.project()
    before = modelled.ids("popular", limit=1)
    sell(modelled, "shade", 5)
    modelled.seconds += 3600
    assert modelled.ids("popular", limit=1) == before == ["rug"]
    modelled.project()
    assert modelled.ids("popular", limit=1) == ["shade"]


@pytest.mark.parametrize(
    "request_",
    [
        {"surface": "trending", "window_days": 7},
        {"surface": "for-you", "category": "Lights"},
        {"surface": "popular", "window_days": 2},
        {"surface": "popular", "category": ""},
        {"surface": "popular", "category": "x" * 257},
        {"surface": "popular", "item_id": "lamp"},
    ],
)
def test_a_bad_request_is_a_problem_that_names_the_field(shop: Shop, request_: dict[str, Any]) -> None:
    reply = shop.api.server.post("/v1/recommendations", request_)
    assert (reply.status, reply.headers["content-type"]) == (400, "application/problem+json")
    assert reply.json()["errors"]

"""The e-commerce names, GA4's names for them, and what the properties mention."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.vocabulary import ABOUT_ITEMS, ALIASES, UNDOING, EventName, canonical, mentions

SPEC = """
Products Searched, Product List Viewed, Product List Filtered, Promotion Viewed, Promotion Clicked, Product Clicked,
Product Viewed, Product Added, Product Removed, Cart Viewed, Checkout Started, Checkout Step Viewed,
Checkout Step Completed, Payment Info Entered, Order Updated, Order Completed, Order Refunded, Order Cancelled,
Coupon Entered, Coupon Applied, Coupon Denied, Coupon Removed, Product Added to Wishlist,
Product Removed from Wishlist, Wishlist Product Added to Cart, Product Shared, Cart Shared, Product Reviewed
"""
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-16"), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["item_id", "product_id"]), inner),
)
names = st.sampled_from(["product_id", "item_id", "products", "items", "order_id", "recommendation_id"])


def test_every_name_of_the_spec_is_there() -> None:
    assert {name.strip() for name in SPEC.split(",")} == set(EventName)


def test_every_alias_is_another_name_and_all_others_are_custom() -> None:
    assert set(ALIASES).isdisjoint(EventName)
    assert canonical("purchase") == "Order Completed"
    assert canonical("refund") == "Order Refunded"
    assert canonical("Quiz Finished") == "Quiz Finished"
    assert [canonical(name) for name in EventName] == list(EventName)


@pytest.mark.parametrize(
    ("properties", "items"),
    [
        ({"product_id": "a"}, ("a",)),
        ({"products": [{"product_id": "a"}, {"product_id": "b"}, {"product_id": "a"}]}, ("a", "b")),
        ({"items": [{"item_id": "a", "quantity": 2}, {"item_id": "b"}]}, ("a", "b")),
        ({"item_id": "a", "items": None}, ("a",)),
        ({"product_id": "b", "products": [{"item_id": "a"}]}, ("b", "a")),
        ({"products": [{"product_id": "a", "sku": "s"}, {"name": "Gift wrap"}, {"sku": "b"}]}, ("a", "b")),
        ({"product_id": "a", "sku": "s"}, ("a",)),
        ({"sku": "s", "product_id": None}, ("s",)),
        ({"product_id": 4711, "items": [{"item_id": 12}]}, ("4711", "12")),
    ],
)
@pytest.mark.parametrize("name", ["Order Completed", "Product List Viewed", "Quiz Finished"])
def test_items_are_found_where_segment_and_ga4_put_them(
    name: str, properties: dict[str, Any], items: tuple[str, ...]
) -> None:
    found = mentions(name, properties)
    assert (found.items, found.faults) == (items, ())


@pytest.mark.parametrize(
    ("name", "properties", "field"),
    [
        ("Order Completed", {}, ""),
        ("Order Completed", {"products": [{"name": "Gift wrap"}]}, "products.0.product_id"),
        ("Product Viewed", {"items": [7]}, "items.0.item_id"),
        ("Product Viewed", {"items": [{"item_id": 1.5}]}, "items.0.item_id"),
        ("Product Viewed", {"product_id": True}, "product_id"),
        ("Product Viewed", {"items": 7}, "items"),
        ("Product Added", {"product_id": "\ud800"}, "product_id"),
        ("Order Refunded", {"product_id": "a"}, "order_id"),
        ("Order Cancelled", {"order_id": ""}, "order_id"),
        ("Order Cancelled", {"order_id": True}, "order_id"),
        ("Order Cancelled", {"order_id": "o" * 101}, "order_id"),
    ],
)
def test_what_makes_an_event_useless_is_named(name: str, properties: dict[str, Any], field: str) -> None:
    assert [fault.field for fault in mentions(name, properties).faults] == [field]


@pytest.mark.parametrize(
    ("properties", "order_id"),
    [
        ({"order_id": "o1"}, "o1"),
        ({"order_id": 4711}, "4711"),
        ({"transaction_id": "t1"}, "t1"),
        ({"order_id": None, "transaction_id": "t1"}, "t1"),
    ],
)
def test_an_order_has_an_id_as_segment_or_ga4_names_it(properties: dict[str, Any], order_id: str) -> None:
    assert mentions("Order Refunded", properties).order_id == order_id
    assert mentions("Product Viewed", properties | {"product_id": "a"}).order_id is None


@pytest.mark.parametrize(
    ("sent", "kept"), [("ab" * 16, "ab" * 16), ("x" * 33, None), ("ü", None), ("", None), (7, None)]
)
def test_only_a_recommendation_of_ours_is_kept(sent: Any, kept: str | None) -> None:
    assert mentions("Product Clicked", {"recommendation_id": sent}).recommendation_id == kept


@given(st.text() | st.sampled_from(EventName), st.dictionaries(names, values))
def test_whatever_comes_is_read_and_only_promises_are_held_to(name: str, properties: dict[str, Any]) -> None:
    found = mentions(name, properties)
    assert len(set(found.items)) == len(found.items)
    if name not in ABOUT_ITEMS | UNDOING:
        assert found.faults == ()

"""The names of e-commerce events (Segment's "Ecommerce Events v2"), GA4's other names for them, and what they mention.

Any other name is a custom event, and is kept as it is.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from shared.domain.errors import FieldError
from shared.domain.events import MOST_ORDER_ID_BYTES, MOST_RECOMMENDATION_ID_BYTES, Id


class EventName(StrEnum):
    """The e-commerce events. Only some have a weight for the engine; all are kept."""

    PRODUCTS_SEARCHED = "Products Searched"
    PRODUCT_LIST_VIEWED = "Product List Viewed"
    PRODUCT_LIST_FILTERED = "Product List Filtered"
    PROMOTION_VIEWED = "Promotion Viewed"
    PROMOTION_CLICKED = "Promotion Clicked"
    PRODUCT_CLICKED = "Product Clicked"
    PRODUCT_VIEWED = "Product Viewed"
    PRODUCT_ADDED = "Product Added"
    PRODUCT_REMOVED = "Product Removed"
    CART_VIEWED = "Cart Viewed"
    CHECKOUT_STARTED = "Checkout Started"
    CHECKOUT_STEP_VIEWED = "Checkout Step Viewed"
    CHECKOUT_STEP_COMPLETED = "Checkout Step Completed"
    PAYMENT_INFO_ENTERED = "Payment Info Entered"
    ORDER_UPDATED = "Order Updated"
    ORDER_COMPLETED = "Order Completed"
    ORDER_REFUNDED = "Order Refunded"
    ORDER_CANCELLED = "Order Cancelled"
    COUPON_ENTERED = "Coupon Entered"
    COUPON_APPLIED = "Coupon Applied"
    COUPON_DENIED = "Coupon Denied"
    COUPON_REMOVED = "Coupon Removed"
    PRODUCT_WISHED = "Product Added to Wishlist"
    PRODUCT_UNWISHED = "Product Removed from Wishlist"
    WISH_ADDED = "Wishlist Product Added to Cart"
    PRODUCT_SHARED = "Product Shared"
    CART_SHARED = "Cart Shared"
    PRODUCT_REVIEWED = "Product Reviewed"


ALIASES: Mapping[str, EventName] = {
    "search": EventName.PRODUCTS_SEARCHED,
    "view_search_results": EventName.PRODUCTS_SEARCHED,
    "view_item_list": EventName.PRODUCT_LIST_VIEWED,
    "view_promotion": EventName.PROMOTION_VIEWED,
    "select_promotion": EventName.PROMOTION_CLICKED,
    "select_item": EventName.PRODUCT_CLICKED,
    "view_item": EventName.PRODUCT_VIEWED,
    "add_to_cart": EventName.PRODUCT_ADDED,
    "remove_from_cart": EventName.PRODUCT_REMOVED,
    "view_cart": EventName.CART_VIEWED,
    "begin_checkout": EventName.CHECKOUT_STARTED,
    "add_shipping_info": EventName.CHECKOUT_STEP_COMPLETED,
    "add_payment_info": EventName.PAYMENT_INFO_ENTERED,
    "purchase": EventName.ORDER_COMPLETED,
    "refund": EventName.ORDER_REFUNDED,
    "add_to_wishlist": EventName.PRODUCT_WISHED,
    "share": EventName.PRODUCT_SHARED,
}
"""GA4's names of the same events."""

ABOUT_ITEMS = {EventName.PRODUCT_VIEWED, EventName.PRODUCT_ADDED, EventName.ORDER_COMPLETED}
"""Without an item these say nothing, so one that names none is a mistake of the sender's."""
UNDOING = {EventName.ORDER_REFUNDED, EventName.ORDER_CANCELLED}
"""These take back an order, so they must name it."""
ABOUT_ORDERS = {EventName.ORDER_COMPLETED, EventName.ORDER_UPDATED, *UNDOING}
NAMING_ORDERS = {*ABOUT_ORDERS, EventName.COUPON_APPLIED}
"""These may say which order they belong to, and by which coupons less was paid."""
IDENTIFYING = {"Customer Identified", "Customer Aliased"}
"""The names that identify and alias calls are kept under: they say who is who."""
CALLS = {*IDENTIFYING, "Page Viewed", "Screen Viewed", "Group Joined"}
"""The names that calls without one of their own are kept under."""

_LISTS = {"products": "product_id", "items": "item_id"}
_SKU = "sku"
_IDS = ("product_id", "item_id", _SKU)
_an_id = TypeAdapter(Id).validate_python


class Mentions(NamedTuple):
    """What an event's properties name: the distinct items in the order given, the order, the list it came from."""

    items: tuple[str, ...]
    order_id: str | None
    recommendation_id: str | None
    faults: tuple[FieldError, ...]


def canonical(name: str) -> str:
    """The name by which an event is kept."""
    return ALIASES.get(name, name)


def mentions(name: str, properties: Mapping[str, Any]) -> Mentions:
    """What the properties of the event `name` (canonical) mention.

    Segment's `product_id` and `products`, GA4's `item_id` and `items`; without either id the `sku`. `faults` says what
    makes the event useless: only where its name promises items and there is none, or an order. A line that names
    nothing, such as a gift wrap, costs the others nothing; a custom event has no faults, whatever is in it.
    """
    items: dict[str, None] = {}
    faults: list[FieldError] = []
    for field, value in _item_ids(properties):
        try:
            items[_an_id(_as_text(value))] = None
        except ValidationError as error:
            faults.append(FieldError(field, error.errors(include_url=False)[0]["msg"]))
    if not items and not faults:
        faults.append(FieldError("", f"an item is required for {name}"))
    order_id = _order_id(properties) if name in NAMING_ORDERS else None
    if name in UNDOING:
        faults = [] if order_id else [FieldError("order_id", f"is required for {name}")]
    elif items or name not in ABOUT_ITEMS:
        faults = []
    return Mentions(tuple(items), order_id, _recommendation_id(properties), tuple(faults))


def _item_ids(properties: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Where an item's id is or should be, and what stands there."""
    own = [name for name in _IDS if properties.get(name) is not None]
    for name in [name for name in own if name != _SKU] or own:
        yield name, properties[name]
    for name, usual in _LISTS.items():
        entries = properties.get(name)
        if isinstance(entries, list):
            for n, entry in enumerate(entries):
                found = [entry[each] for each in _IDS if entry.get(each) is not None] if isinstance(entry, dict) else []
                yield f"{name}.{n}.{usual}", next(iter(found), None)
        elif entries is not None:
            yield name, None


def lines_in(properties: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The items of an order with all that its lines say of them; of two spellings of the list only one counts."""
    entries = next((each for name in _LISTS if isinstance(each := properties.get(name), list) and each), [properties])
    for entry in entries:
        if isinstance(entry, dict):
            found = next((entry[name] for name in _IDS if entry.get(name) is not None), None)
            try:
                yield _an_id(_as_text(found)), entry
            except ValidationError:
                continue  # A gift wrap, or what `mentions` has found fault with.


def _order_id(properties: Mapping[str, Any]) -> str | None:
    """The order's id; GA4 calls it the transaction's."""
    for name in ("order_id", "transaction_id"):
        value = _as_text(properties.get(name))
        if isinstance(value, str) and 0 < len(value.encode(errors="replace")) <= MOST_ORDER_ID_BYTES:
            return value if value.isprintable() else None
    return None


def _as_text(value: Any) -> Any:
    """Many shops send their ids as numbers."""
    number = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18
    return str(value) if number else value


def _recommendation_id(properties: Mapping[str, Any]) -> str | None:
    value = properties.get("recommendation_id")
    ours = isinstance(value, str) and value.isascii() and 0 < len(value) <= MOST_RECOMMENDATION_ID_BYTES
    return value if ours else None

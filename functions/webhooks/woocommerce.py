"""WooCommerce's deliveries, read into news. A payload is the thing as it is when it is sent, whatever set it off.

An item is known by its number, the variation's or else the product's, which orders and products both have.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from functions.webhooks import fitting
from functions.webhooks.news import (
    ItemNews,
    News,
    Nothing,
    OrderAct,
    OrderNews,
    ProductGone,
    ProductNews,
    Shop,
    UnmappedError,
)
from functions.webhooks.payloads import Count, Flag, Ident, Moment, Payload, Text, Tolerated, Utc, is_id, read
from shared.domain.events import ANONYMOUS, KNOWN, CustomerRef
from shared.domain.sales import amount_of, each_of, ours
from shared.domain.text import plain
from shared.domain.vocabulary import EventName

SOURCE = "woocommerce"
DEVICE = "anonymous_id"
PAID = {"processing", "completed", "refunded"}
UNDONE = {"cancelled", "failed"}
NONE = "0"


class Meta(Payload):
    key: Text = ""
    value: Text = ""


class Line(Payload):
    product_id: Ident | None = None
    variation_id: Ident | None = None
    quantity: Count = 1
    total: Text = ""
    total_tax: Text = ""

    def told(self, taxed: bool) -> dict[str, Any]:
        """The line as it is kept; its price is that of one, after discounts, taxed if the shop's prices are."""
        tax = amount_of(self.total_tax) if taxed else None
        total = amount_of(self.total)
        price = each_of(total and total + (tax or 0), self.quantity)
        told = {"product_id": self.item, "quantity": self.quantity, "total": self.total}
        return told if price is None else told | {"price": format(price, "f")}

    @property
    def item(self) -> str:
        found = (each for each in (self.variation_id, self.product_id) if each and each != NONE)
        return next(found, "")


class Coupon(Payload):
    code: Text = ""


class Refund(Payload):
    total: Text = ""


class Order(Payload):
    id: Ident
    status: str
    line_items: Annotated[tuple[Line, ...], Tolerated]
    customer_id: Ident = NONE
    date_created_gmt: Moment
    date_paid_gmt: Utc = None
    currency: Text = ""
    total: Text = ""
    discount_total: Text = ""
    prices_include_tax: Flag = False
    coupon_lines: Annotated[tuple[Coupon, ...], Tolerated] = ()
    created_via: Text = ""
    meta_data: Annotated[tuple[Meta, ...], Tolerated] = ()
    refunds: Annotated[tuple[Refund, ...], Tolerated] = ()

    @property
    def items(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(line.item for line in self.line_items if line.item))

    @property
    def is_refunded(self) -> bool:
        """Whether all of it was paid back. Of a part only the sum is said, and not which items came back."""
        total = _amount(self.total)
        return self.status == "refunded" or 0 < total <= -sum(_amount(each.total) for each in self.refunds)

    def details(self) -> dict[str, Any]:
        """What is worth keeping of an order: sums and quantities, and nothing personal."""
        sums = {"total": self.total, "discount": self.discount_total, "currency": self.currency}
        told = sums | {"coupons": ours(each.code for each in self.coupon_lines)}
        lines = [each.told(self.prices_include_tax) for each in self.line_items if each.item]
        kept = {name: value for name, value in told.items() if value}
        return {"source": SOURCE, "channel": self.created_via, **kept, "products": lines}


def _names(value: Any) -> list[str]:
    names = [each.get("name") for each in value if isinstance(each, dict)] if isinstance(value, list) else []
    return [name for name in names if isinstance(name, str)]


def _choices(value: Any) -> dict[str, str]:
    """The attributes of which one value is chosen, as a variation's are (`option`), or only one is offered."""
    found: dict[str, str] = {}
    for each in value if isinstance(value, list) else []:
        if isinstance(each, dict) and isinstance(name := each.get("name"), str):
            offered = each.get("options")
            chosen = each.get("option") or (offered[0] if isinstance(offered, list) and len(offered) == 1 else None)
            found |= {name: chosen} if isinstance(chosen, str) else {}
    return found


def _first_src(value: Any) -> str:
    """The first image: a product has a list of them, a variation one."""
    first = value[0] if isinstance(value, list) and value else value
    src = first.get("src") if isinstance(first, dict) else ""
    return src if isinstance(src, str) else ""


Names = Annotated[tuple[str, ...], BeforeValidator(_names)]
Src = Annotated[str, BeforeValidator(_first_src)]


class Product(Payload):
    id: Ident
    name: str
    date_modified_gmt: Moment
    status: Text = "publish"
    catalog_visibility: Text = "visible"
    parent_id: Ident = NONE
    price: Text = ""
    manage_stock: Flag = False
    stock_quantity: Count = 0
    stock_status: Text = ""
    backorders_allowed: Flag = False
    description: Text = ""
    short_description: Text = ""
    permalink: Text = ""
    categories: Names = ()
    tags: Names = ()
    attributes: Annotated[dict[str, str], BeforeValidator(_choices)] = Field(default={})
    images: Src = ""
    image: Src = ""


class Deleted(Payload):
    id: Ident


def order(body: dict[str, Any], _: Shop) -> News:
    """What an order's status says. Before it is paid, or in processing, it is no purchase yet."""
    it = read(Order, body)
    if not it.items:
        return Nothing("an order of no items")
    was_paid = it.date_paid_gmt is not None
    if it.status not in PAID | UNDONE or (it.status == "failed" and not was_paid):
        return Nothing(f"an order that is {it.status[:32]!r}")
    device = next((each.value for each in it.meta_data if each.key == DEVICE and is_id(each.value)), None)
    acts = [_completed(it)] if was_paid or it.status in PAID else []
    acts += _undoing(it)
    if it.customer_id != NONE:
        return OrderNews(it.id, CustomerRef(kind=KNOWN, id=it.customer_id), device, tuple(acts))
    guest = CustomerRef(kind=ANONYMOUS, id=device or f"{SOURCE}-order-{it.id}")
    return OrderNews(it.id, guest, None, tuple(acts))


def _completed(it: Order) -> OrderAct:
    """Dated by when the order was placed: the date of payment may come later, and a time is part of an event's key."""
    return OrderAct(f"{SOURCE}-order-{it.id}", it.date_created_gmt, EventName.ORDER_COMPLETED, it.items, it.details())


def _undoing(it: Order) -> list[OrderAct]:
    """Undated: only the latest change of the order has a date, whatever it was."""
    details = {"source": SOURCE}
    if it.status in UNDONE:
        act = OrderAct(f"{SOURCE}-cancel-{it.id}", None, EventName.ORDER_CANCELLED, it.items, details, if_counted=True)
        return [act]
    if it.is_refunded:
        return [OrderAct(f"{SOURCE}-refund-{it.id}", None, EventName.ORDER_REFUNDED, it.items, details)]
    return []


def changed(body: dict[str, Any], shop: Shop) -> News:
    """A product, or a variation of one, as it is now. What is not published or is hidden has no item."""
    it = read(Product, body)
    if it.status != "publish" or it.catalog_visibility == "hidden":
        return ProductNews(it.id, it.date_modified_gmt, {})
    return ProductNews(it.id, it.date_modified_gmt, {it.id: _item(it, shop.currency)})


def deleted(body: dict[str, Any], _: Shop) -> News:
    """A product that is gone: the body is its number and nothing else."""
    if set(body) != {"id"}:
        raise UnmappedError("the body says more than which product is gone")
    return ProductGone(read(Deleted, body).id)


TOPICS: Mapping[str, Callable[[dict[str, Any], Shop], News]] = {
    "order.created": order,
    "order.updated": order,
    "order.restored": order,
    "product.created": changed,
    "product.updated": changed,
    "product.restored": changed,
    "product.deleted": deleted,
}
SAID_BY = {
    "stock": "stock_status",
    "category": "categories",
    "text": "description",
    "url": "permalink",
    "group": "id",
    "title": "name",
}
"""The payload's field that an item's comes from; one that did not come is left as it is."""


def _item(it: Product, currency: str) -> ItemNews:
    text = plain(it.description) or plain(it.short_description)
    fields = {
        "title": fitting.short(plain(it.name), fitting.MOST_TITLE),
        "price": fitting.money(it.price, currency),
        "stock": _stock(it),
        "category": fitting.short(plain(it.categories[0]) if it.categories else "", fitting.MOST_NAME),
        "attributes": fitting.attributes(it.attributes),
        "tags": fitting.tags(map(plain, it.tags)),
        "text": fitting.short(text, fitting.MOST_TEXT),
        "image_url": fitting.url(it.image or it.images),
        "url": fitting.url(it.permalink),
        "group": it.id if it.parent_id == NONE else it.parent_id,
    }
    said = it.model_fields_set | ({"image_url"} if it.model_fields_set & {"image", "images"} else set())
    return ItemNews(it.id, {name: value for name, value in fields.items() if SAID_BY.get(name, name) in said})


def _stock(it: Product) -> int | None:
    """What is left, where it is counted and selling stops at zero; 0 where it is said to be out of stock."""
    if it.manage_stock and not it.backorders_allowed:
        return max(0, it.stock_quantity)
    return 0 if it.stock_status == "outofstock" else None


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return Decimal(0)
    return amount if amount.is_finite() else Decimal(0)

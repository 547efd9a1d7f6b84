"""Shopify's deliveries, read into news. Each reader refuses a body of another topic: headers are not signed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

from functions.webhooks import fitting
from functions.webhooks.news import (
    DataRequest,
    ItemNews,
    News,
    Nothing,
    OrderAct,
    OrderNews,
    ProductGone,
    ProductNews,
    Redaction,
    ShopRedaction,
    UnmappedError,
)
from functions.webhooks.payloads import Count, Flag, Ident, Moment, Payload, Text, Tolerated, Utc, is_id, read
from shared.domain.events import ANONYMOUS, KNOWN, CustomerRef
from shared.domain.shopify import choices, item_id, item_name, variant_title
from shared.domain.text import plain
from shared.domain.vocabulary import EventName

SOURCE = "shopify"
DEVICE = "anonymous_id"
"""The order's attribute by which the shop's page says which device it is."""
NO_TIME = "the order says no time"


class Shop(NamedTuple):
    """What Shopify does not say of products."""

    currency: str
    url: str


class Line(Payload):
    sku: Text = ""
    name: Text = ""
    title: Text = ""
    variant_title: Text = ""
    quantity: Count = 1
    price: Text = ""

    @property
    def item(self) -> str:
        return item_id(self.sku, self.name or item_name(self.title, self.variant_title))


class Customer(Payload):
    id: Ident | None = None
    email: Text = ""

    def refs(self) -> tuple[CustomerRef, ...]:
        """By number, and by e-mail address as the import of orders has it."""
        ids = [self.id or "", self.email.strip().lower()]
        return tuple(CustomerRef(kind=KNOWN, id=each) for each in ids if is_id(each))


class Attribute(Payload):
    name: Text = ""
    value: Text = ""


class Order(Payload):
    id: Ident
    line_items: Annotated[tuple[Line, ...], Tolerated]
    created_at: Utc = None
    processed_at: Utc = None
    cancelled_at: Utc = None
    customer: Customer | None = None
    checkout_token: Text = ""
    cart_token: Text = ""
    note_attributes: Annotated[tuple[Attribute, ...], Tolerated] = ()
    currency: Text = ""
    total_price: Text = ""
    total_discounts: Text = ""
    source_name: Text = ""
    test: Flag = False

    def news(self, *acts: OrderAct) -> OrderNews:
        device = next((each.value for each in self.note_attributes if each.name == DEVICE and is_id(each.value)), None)
        if self.customer and self.customer.id:
            return OrderNews(self.id, CustomerRef(kind=KNOWN, id=self.customer.id), device, acts)
        guest = device or self.checkout_token or self.cart_token
        guest = guest if is_id(guest) else f"{SOURCE}-order-{self.id}"
        return OrderNews(self.id, CustomerRef(kind=ANONYMOUS, id=guest), None, acts)

    def details(self) -> dict[str, Any]:
        """What is worth keeping of an order: sums and quantities, and nothing personal."""
        sums = {"total": self.total_price, "discount": self.total_discounts, "currency": self.currency}
        return {
            "source": SOURCE,
            "channel": self.source_name,
            **{name: value for name, value in sums.items() if value},
            "products": _products(self.line_items),
        }


class RefundLine(Payload):
    line_item: Line
    quantity: Count = 1


class Refund(Payload):
    id: Ident
    order_id: Ident
    refund_line_items: Annotated[tuple[RefundLine, ...], Tolerated]
    created_at: Utc = None
    processed_at: Utc = None


class Image(Payload):
    id: Ident | None = None
    src: Text = ""


class Option(Payload):
    name: Text = ""


class Variant(Payload):
    id: Ident
    sku: Text = ""
    price: Text = ""
    option1: Text = ""
    option2: Text = ""
    option3: Text = ""
    image_id: Ident | None = None
    inventory_policy: Text = ""
    inventory_quantity: Count = 0
    inventory_management: Text | None = "unsaid"


class VariantGid(Payload):
    admin_graphql_api_id: Text = ""


class Product(Payload):
    id: Ident
    title: str
    updated_at: Moment
    variants: Annotated[tuple[Variant, ...], Tolerated]
    variant_gids: Annotated[tuple[VariantGid, ...], Tolerated] = ()
    status: Text = "active"
    body_html: Text = ""
    vendor: Text = ""
    product_type: Text = ""
    handle: Text = ""
    tags: Text = ""
    published_at: Text | None = "unsaid"
    options: Annotated[tuple[Option, ...], Tolerated] = ()
    image: Image | None = None
    images: Annotated[tuple[Image, ...], Tolerated] = ()


class Deleted(Payload):
    id: Ident


class Subject(Payload):
    customer: Customer
    orders_to_redact: tuple[Ident, ...] = ()
    orders_requested: tuple[Ident, ...] = ()


def created(body: dict[str, Any], _: Shop) -> News:
    """An order that was placed."""
    order = read(Order, body)
    if order.test:
        return Nothing("a test order")
    time = order.processed_at or order.created_at
    if time is None:
        raise UnmappedError(NO_TIME)
    items = _items(order.line_items)
    if not items:
        return Nothing("an order of no items")
    act = OrderAct(f"{SOURCE}-order-{order.id}", time, EventName.ORDER_COMPLETED, items, order.details())
    return order.news(act)


def cancelled(body: dict[str, Any], _: Shop) -> News:
    """An order that will not be."""
    order = read(Order, body)
    if order.test:
        return Nothing("a test order")
    if order.cancelled_at is None:
        raise UnmappedError("the order is not cancelled")
    items = _items(order.line_items)
    details = {"source": SOURCE}
    return order.news(
        OrderAct(f"{SOURCE}-cancel-{order.id}", order.cancelled_at, EventName.ORDER_CANCELLED, items, details)
    )


def refunded(body: dict[str, Any], _: Shop) -> News:
    """Items that come back. Of money alone (shipping, goodwill) nothing comes back."""
    refund = read(Refund, body)
    lines = [each.line_item.model_copy(update={"quantity": each.quantity}) for each in refund.refund_line_items]
    items = _items(lines)
    if not items:
        return Nothing("a refund of no items")
    time = refund.processed_at or refund.created_at
    if time is None:
        raise UnmappedError(NO_TIME)
    details = {"source": SOURCE, "products": _products(lines)}
    act = OrderAct(f"{SOURCE}-refund-{refund.id}", time, EventName.ORDER_REFUNDED, items, details)
    return OrderNews(refund.order_id, None, None, (act,))


def changed(body: dict[str, Any], shop: Shop) -> News:
    """A product as it is now: an item for each variant. What is a draft, archived or not published has none."""
    product = read(Product, body)
    if product.status != "active" or not product.published_at:
        return ProductNews(product.id, product.updated_at, {})
    items = {each.id: _item(product, each, shop) for each in product.variants}
    good = {id_: each for id_, each in items.items() if is_id(each.item_id)}
    told = {each.id for each in product.variants}
    gids = {each.admin_graphql_api_id.rpartition("/")[2] for each in product.variant_gids}
    return ProductNews(product.id, product.updated_at, good, frozenset(gids - told), bad=len(items) - len(good))


def deleted(body: dict[str, Any], _: Shop) -> News:
    """A product that is gone: the body is its number and nothing else."""
    if set(body) != {"id"}:
        raise UnmappedError("the body says more than which product is gone")
    return ProductGone(read(Deleted, body).id)


def redact(body: dict[str, Any], _: Shop) -> News:
    """A customer is to be erased. A request to see the data has a customer too, and must never be taken for it."""
    if "orders_to_redact" not in body or "data_request" in body:
        raise UnmappedError("the body is no redaction of a customer")
    subject = read(Subject, body)
    return Redaction(subject.customer.refs(), subject.orders_to_redact)


def data_request(body: dict[str, Any], _: Shop) -> News:
    """A customer asks for the data."""
    if "data_request" not in body:
        raise UnmappedError("the body is no request for data")
    subject = read(Subject, body)
    return DataRequest(subject.customer.refs(), subject.orders_requested)


def redact_shop(body: dict[str, Any], _: Shop) -> News:
    """All shoppers are to be erased: the body names the shop and nothing else."""
    if not {"shop_id", "shop_domain"} <= set(body) or "customer" in body:
        raise UnmappedError("the body is no redaction of a shop")
    return ShopRedaction()


TOPICS: Mapping[str, Callable[[dict[str, Any], Shop], News]] = {
    "orders/create": created,
    "orders/cancelled": cancelled,
    "refunds/create": refunded,
    "products/create": changed,
    "products/update": changed,
    "products/delete": deleted,
    "customers/redact": redact,
    "customers/data_request": data_request,
    "shop/redact": redact_shop,
}
SAID_BY = {
    "title": "title",
    "price": "price",
    "stock": "inventory_quantity",
    "category": "product_type",
    "attributes": "title",
    "tags": "tags",
    "text": "body_html",
    "image_url": "images",
    "url": "handle",
    "group": "id",
}
"""The payload's field that an item's comes from. A subscription may leave fields out; what is left out stays."""


def _items(lines: Sequence[Line]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.item for line in lines if is_id(line.item)))


def _products(lines: Sequence[Line]) -> list[dict[str, Any]]:
    return [
        {"product_id": line.item, "quantity": line.quantity, "price": line.price} for line in lines if is_id(line.item)
    ]


def _item(product: Product, variant: Variant, shop: Shop) -> ItemNews:
    values = (variant.option1, variant.option2, variant.option3)
    names = [each.name or f"option {n}" for n, each in enumerate(product.options, start=1)]
    chosen = choices(dict(zip(names, values, strict=False)))
    name = item_name(product.title, variant_title(chosen))
    said, stock = _stock(variant)
    fields = {
        "title": fitting.short(name, fitting.MOST_TITLE),
        "price": fitting.money(variant.price, shop.currency),
        "stock": stock,
        "category": fitting.short(product.product_type, fitting.MOST_NAME),
        "attributes": fitting.attributes(chosen | {"vendor": product.vendor}),
        "tags": fitting.tags(product.tags.split(",")),
        "text": fitting.short(plain(product.body_html), fitting.MOST_TEXT),
        "image_url": _image(product, variant),
        "url": fitting.url(f"{shop.url}/products/{product.handle}") if shop.url and product.handle else None,
        "group": product.id,
    }
    told = product.model_fields_set | variant.model_fields_set
    fields = {each: value for each, value in fields.items() if SAID_BY[each] in told}
    return ItemNews(item_id(variant.sku, name), fields, may_be_uncounted=not said)


def _stock(variant: Variant) -> tuple[bool, int | None]:
    """Whether it is said that the stock is counted, or that it does not matter; and what is left.

    Since its version 2024-07 the API does not say any more which variants it counts; those that it does not are at 0.
    """
    if variant.inventory_management in (None, "") or variant.inventory_policy == "continue":
        return True, None
    is_certain = variant.inventory_management != "unsaid" or variant.inventory_quantity > 0
    return is_certain, max(0, variant.inventory_quantity)


def _image(product: Product, variant: Variant) -> str | None:
    own = next((each.src for each in product.images if variant.image_id and each.id == variant.image_id), "")
    main = product.image.src if product.image else next((each.src for each in product.images), "")
    return fitting.url(own or main)

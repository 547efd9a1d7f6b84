"""Shopify's deliveries, read into news. Each reader refuses a body of another topic: headers are not signed."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any

from functions.webhooks import shopify_products
from functions.webhooks.news import (
    DataRequest,
    News,
    Nothing,
    OrderAct,
    OrderNews,
    Redaction,
    Shop,
    ShopRedaction,
    UnmappedError,
)
from functions.webhooks.payloads import Count, Flag, Ident, Idents, Payload, Text, Tolerated, Utc, is_id, read
from shared.domain.events import ANONYMOUS, KNOWN, CustomerRef
from shared.domain.sales import amount_of, each_of, ours
from shared.domain.shopify import item_id, item_name
from shared.domain.vocabulary import EventName

SOURCE = "shopify"
DEVICE = "anonymous_id"
"""The order's attribute by which the shop's page says which device it is."""
NO_TIME = "the order says no time"


class Discount(Payload):
    """A line's share of a discount, or a code by which there was one."""

    amount: Text = ""
    code: Text = ""


class Line(Payload):
    sku: Text = ""
    name: Text = ""
    title: Text = ""
    variant_title: Text = ""
    quantity: Count = 1
    price: Text = ""
    discount_allocations: Annotated[tuple[Discount, ...], Tolerated] = ()

    @property
    def item(self) -> str:
        return item_id(self.sku, self.name or item_name(self.title, self.variant_title))

    @property
    def paid_each(self) -> str:
        """What was paid for one, after this line's shares of all discounts."""
        price, shares = amount_of(self.price), [amount_of(each.amount) for each in self.discount_allocations]
        off = each_of(sum((share for share in shares if share), Decimal(0)), self.quantity)
        return self.price if price is None or not off else format(max(price - off, Decimal(0)), "f")


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
    discount_codes: Annotated[tuple[Discount, ...], Tolerated] = ()
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
        told = sums | {"coupons": ours(each.code for each in self.discount_codes)}
        return {
            "source": SOURCE,
            "channel": self.source_name,
            **{name: value for name, value in told.items() if value},
            "products": _products(self.line_items),
        }


class RefundLine(Payload):
    line_item: Line
    quantity: Count = 1

    def as_line(self) -> Line:
        """So many of the line, each at the price that was paid for all of them."""
        given_back = {"quantity": self.quantity, "price": self.line_item.paid_each, "discount_allocations": ()}
        return self.line_item.model_copy(update=given_back)


class Refund(Payload):
    id: Ident
    order_id: Ident
    refund_line_items: Annotated[tuple[RefundLine, ...], Tolerated]
    created_at: Utc = None
    processed_at: Utc = None


class Subject(Payload):
    customer: Customer
    orders_to_redact: Idents = ()
    orders_requested: Idents = ()


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
    lines = [each.as_line() for each in refund.refund_line_items]
    items = _items(lines)
    if not items:
        return Nothing("a refund of no items")
    time = refund.processed_at or refund.created_at
    if time is None:
        raise UnmappedError(NO_TIME)
    details = {"source": SOURCE, "products": _products(lines)}
    act = OrderAct(f"{SOURCE}-refund-{refund.id}", time, EventName.ORDER_REFUNDED, items, details)
    return OrderNews(refund.order_id, None, None, (act,))


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
    "products/create": shopify_products.changed,
    "products/update": shopify_products.changed,
    "products/delete": shopify_products.deleted,
    "customers/redact": redact,
    "customers/data_request": data_request,
    "shop/redact": redact_shop,
}


def _items(lines: Sequence[Line]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.item for line in lines if is_id(line.item)))


def _products(lines: Sequence[Line]) -> list[dict[str, Any]]:
    return [
        {"product_id": line.item, "quantity": line.quantity, "price": line.paid_each}
        for line in lines
        if is_id(line.item)
    ]

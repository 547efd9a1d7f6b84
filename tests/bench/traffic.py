"""What a shop sends: events of every kind as Segment's browser library spells them, each with ids of its own."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

Sent = dict[str, Any]

_number = count()
_turn = count()
_context = {
    "page": {
        "path": "/products/reading-lamp",
        "referrer": "https://search.example/",
        "search": "",
        "title": "Reading lamp - The shop",
        "url": "https://shop.example/products/reading-lamp",
    },
    "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0",
    "locale": "en-IE",
    "library": {"name": "analytics.js", "version": "npm:next-1.81.0"},
}


def _call(**fields: Any) -> Sent:
    n = next(_number)
    return {
        "messageId": f"ajs-next-{n:032d}",
        "timestamp": (datetime.now(UTC) - timedelta(seconds=5)).isoformat(),
        "anonymousId": f"visitor-{n % 500:032d}",
        "context": _context,
    } | fields


def _line(n: int) -> Sent:
    return {
        "product_id": f"sku-{n:06d}",
        "name": f"Thing number {n}",
        "price": 9.9,
        "quantity": 1,
        "category": "Things",
    }


def page() -> Sent:
    return _call(type="page", name="Home", properties=_context["page"])


def view() -> Sent:
    return _call(type="track", event="Product Viewed", properties=_line(next(_number) % 5000))


def order(lines: int) -> Sent:
    n = next(_number)
    products = [_line((n + each) % 5000) for each in range(lines)]
    properties = {"order_id": f"order-{n}", "total": 9.9 * lines, "currency": "EUR", "products": products}
    return _call(type="track", event="Order Completed", properties=properties)


def signed_in(event: Sent, customer: str | None = None) -> Sent:
    """The same by a known customer, a new one unless named, with the anonymous id that it had before."""
    who = customer or f"customer-{next(_number)}"
    return event | {"userId": who, "anonymousId": f"device of {who}"}


def bare(event: Sent) -> Sent:
    """Without what a library adds to know it again: a message id and a time."""
    return {name: value for name, value in event.items() if name not in ("messageId", "timestamp")}


def large(event: Sent) -> Sent:
    """As large as is taken, but for some bytes."""
    return event | {"properties": event["properties"] | {"note": "x" * 31_500}}


def mixed(size: int) -> list[Sent]:
    """A batch as shops send them: half page views, three of ten views of products, the rest carts and orders."""
    makers: list[Callable[[], Sent]] = [page, view, page, view, page, cart, page, view, page, lambda: order(3)]
    return [makers[next(_turn) % 10]() for _ in range(size)]


def cart() -> Sent:
    return view() | {"event": "Product Added"}


def batch(events: Iterable[Sent]) -> Sent:
    return {"batch": list(events), "sentAt": datetime.now(UTC).isoformat()}

"""Columns: what training needs of an archive object's events, as arrays that are read without parsing a line.

They are derived from one object, which never changes, and are deleted with it; so they are right for as long as they
are there, and nothing is lost where they are not. Numbers are little-endian, as on every machine that runs this.
"""

import json
import zlib
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from math import nan
from typing import Any, NamedTuple

from shared.domain.events import Event
from shared.stores import sold

VERSION = 2
"""Of the format. It is part of the key, so that other versions are not found, and swept away as orphans."""
NONE = 0
"""Instead of the digest of an id that an event does not have."""
UNKNOWN = nan
"""Instead of a quantity or an amount that was not told; instead of a currency its text is empty."""


class Columns(NamedTuple):
    """Events in the order of their lines. `customers`, `names`, `items` and `currencies` are vocabularies that numbers
    point into.

    Per event: `customer`, `time` (seconds since 1970), `name`, how many distinct items (`size`), the digests of its
    message, anonymous id and order, what was `paid`, and the `currency` of its amounts. `item` has the items of all
    events, one event after the other, and beside each how many were bought (`quantity`) and for how much each (`price`,
    of several lines the mean).
    """

    customers: tuple[str, ...]
    names: tuple[str, ...]
    items: tuple[str, ...]
    currencies: tuple[str, ...]
    customer: array[int]
    time: array[float]
    name: array[int]
    size: array[int]
    message: array[int]
    anonymous: array[int]
    order: array[int]
    paid: array[float]
    currency: array[int]
    item: array[int]
    quantity: array[float]
    price: array[float]


TYPES = {"customer": "i", "time": "d", "name": "i", "size": "i", "message": "Q", "anonymous": "Q", "order": "Q"}
TYPES |= {"paid": "d", "currency": "i", "item": "i", "quantity": "f", "price": "d"}
WORDS = 4
"""So many of the fields are vocabularies."""


class _Told(NamedTuple):
    """What of an event is kept in columns."""

    customer: str
    message_id: str
    time: float
    name: str
    items: list[str] | tuple[str, ...]
    anonymous_id: str | None
    order_id: str | None
    lines: Sequence[Any] = ()
    paid: float = UNKNOWN
    currency: str = ""


class _Codes(dict[str, int]):
    """Numbers words in the order in which they are first asked for."""

    def __missing__(self, word: str) -> int:
        self[word] = code = len(self)
        return code


def of_lines(lines: Iterable[bytes]) -> Columns:
    """The columns of an object's lines."""
    return _gathered(map(_told, lines))


def of_events(events: Iterable[Event]) -> Columns:
    """The columns of events that are in memory."""
    return _gathered(
        _Told(
            str(each.customer),
            each.message_id,
            each.time.timestamp(),
            each.name,
            each.items,
            each.anonymous_id,
            each.order_id,
            *_sale(sold.written(each)),
        )
        for each in events
    )


def digest(text: str | None) -> int:
    """64 bits that stand for an id. Two ids of one customer with the same bits would count as one, and no more."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little") if text else NONE


def packed(columns: Columns) -> bytes:
    """Columns as the content of an object."""
    words = columns[:WORDS]
    arrays = [getattr(columns, name) for name in TYPES]
    head = json.dumps([*words, list(map(len, arrays))], ensure_ascii=False, separators=(",", ":")).encode()
    return zlib.compress(b"\n".join([head, b"".join(each.tobytes() for each in arrays)]), 6)


def unpacked(content: bytes) -> Columns:
    """The columns that `packed` wrote; raises `ValueError` on anything else."""
    try:
        head, _, body = zlib.decompress(content).partition(b"\n")
        customers, names, items, currencies, lengths = json.loads(head)
    except zlib.error as error:
        raise ValueError(f"these are no columns: {error}") from error
    words = tuple(customers), tuple(names), tuple(items), tuple(currencies)
    return Columns(*words, *_arrays(memoryview(body), lengths))


def _arrays(body: memoryview, lengths: list[int]) -> Iterator[array[Any]]:
    start = 0
    for kind, length in zip(TYPES.values(), lengths, strict=True):
        column: array[Any] = array(kind)
        column.frombytes(body[start : start + length * column.itemsize])
        start += length * column.itemsize
        yield column


def _told(line: bytes) -> _Told:
    fields = json.loads(line)
    return _Told(
        fields["customer"],
        fields["message_id"],
        datetime.fromisoformat(fields["time"]).timestamp(),
        fields["name"],
        fields["items"],
        fields["anonymous_id"],
        fields.get("order_id"),
        *_sale(fields),
    )


def _sale(fields: Mapping[str, Any]) -> tuple[Sequence[Any], float, str]:
    """Of the fields of `sold` what a `_Told` ends with."""
    return fields.get("lines", ()), float(fields.get("paid", UNKNOWN)), fields.get("currency", "")


def _by_item(lines: Sequence[Any]) -> dict[str, tuple[float, float]]:
    """How many of each item there are in lines as `sold` writes them, and the mean of their prices by quantity."""
    many: dict[str, list[tuple[int, float]]] = {}
    for item, quantity, *price in lines:
        many.setdefault(item, []).append((quantity, float(price[0]) if price and price[0] is not None else UNKNOWN))
    found: dict[str, tuple[float, float]] = {}
    for item, some in many.items():
        priced = [(quantity, price) for quantity, price in some if price == price]  # noqa: PLR0124 - not NaN
        total = sum(quantity for quantity, _ in priced)
        mean = sum(quantity * price for quantity, price in priced) / total if total else UNKNOWN
        found[item] = float(sum(quantity for quantity, _ in some)), mean
    return found


def _gathered(events: Iterable[_Told]) -> Columns:
    customers, names, items, currencies = _Codes(), _Codes(), _Codes(), _Codes()
    column: dict[str, array[Any]] = {name: array(kind) for name, kind in TYPES.items()}
    add = {name: each.append for name, each in column.items()}
    customer, time, name, size, message, anonymous, order, paid, currency, item, quantity, price = add.values()
    for told in events:
        customer(customers[told.customer])
        time(told.time)
        name(names[told.name])
        message(digest(told.message_id))
        anonymous(digest(told.anonymous_id))
        order(digest(told.order_id))
        paid(told.paid)
        currency(currencies[told.currency])
        distinct = dict.fromkeys(told.items) if len(told.items) > 1 else told.items
        size(len(distinct))
        bought = _by_item(told.lines) if told.lines else {}
        for each in distinct:
            item(items[each])
            many, paid_each = bought.get(each, (UNKNOWN, UNKNOWN))
            quantity(many)
            price(paid_each)
    return Columns(tuple(customers), tuple(names), tuple(items), tuple(currencies), **column)

"""Columns: what training needs of an archive object's events, as arrays that are read without parsing a line.

They are derived from one object, which never changes, and are deleted with it; so they are right for as long as they
are there, and nothing is lost where they are not. Numbers are little-endian, as on every machine that runs this.
"""

import json
import zlib
from array import array
from collections.abc import Iterable, Iterator
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from shared.domain.events import Event

VERSION = 1
"""Of the format. It is part of the key, so that other versions are not found, and swept away as orphans."""
NONE = 0
"""Instead of the digest of an id that an event does not have."""


class Columns(NamedTuple):
    """Events in the order of their lines. `customers`, `names` and `items` are vocabularies that numbers point into.

    Per event: `customer`, `time` (seconds since 1970), `name`, how many distinct items (`size`), and the digests of its
    message, anonymous id and order. `item` has the items of all events, one event after the other.
    """

    customers: tuple[str, ...]
    names: tuple[str, ...]
    items: tuple[str, ...]
    customer: array[int]
    time: array[float]
    name: array[int]
    size: array[int]
    message: array[int]
    anonymous: array[int]
    order: array[int]
    item: array[int]


TYPES = {"customer": "i", "time": "d", "name": "i", "size": "i", "message": "Q", "anonymous": "Q", "order": "Q"}
TYPES["item"] = "i"


class _Told(NamedTuple):
    """What of an event is kept in columns."""

    customer: str
    message_id: str
    time: float
    name: str
    items: list[str] | tuple[str, ...]
    anonymous_id: str | None
    order_id: str | None


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
        )
        for each in events
    )


def digest(text: str | None) -> int:
    """64 bits that stand for an id. Two ids of one customer with the same bits would count as one, and no more."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little") if text else NONE


def packed(columns: Columns) -> bytes:
    """Columns as the content of an object."""
    words = columns[:3]
    arrays = [getattr(columns, name) for name in TYPES]
    head = json.dumps([*words, list(map(len, arrays))], ensure_ascii=False, separators=(",", ":")).encode()
    return zlib.compress(b"\n".join([head, b"".join(each.tobytes() for each in arrays)]), 6)


def unpacked(content: bytes) -> Columns:
    """The columns that `packed` wrote; raises `ValueError` on anything else."""
    try:
        head, _, body = zlib.decompress(content).partition(b"\n")
        customers, names, items, lengths = json.loads(head)
    except zlib.error as error:
        raise ValueError(f"these are no columns: {error}") from error
    return Columns(tuple(customers), tuple(names), tuple(items), *_arrays(memoryview(body), lengths))


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
    )


def _gathered(events: Iterable[_Told]) -> Columns:
    customers, names, items = _Codes(), _Codes(), _Codes()
    column: dict[str, array[Any]] = {name: array(kind) for name, kind in TYPES.items()}
    customer, time, name, size, message, anonymous, order, item = (each.append for each in column.values())
    for told in events:
        customer(customers[told.customer])
        time(told.time)
        name(names[told.name])
        message(digest(told.message_id))
        anonymous(digest(told.anonymous_id))
        order(digest(told.order_id))
        distinct = dict.fromkeys(told.items) if len(told.items) > 1 else told.items
        size(len(distinct))
        for each in distinct:
            item(items[each])
    return Columns(tuple(customers), tuple(names), tuple(items), **column)

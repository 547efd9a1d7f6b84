"""A customer's events in the table, under the customer's own partition.

`EVENT#time#message_id` holds what serving reads of an event, in at most 1 KB (one write unit). When the whole event
does not fit in that, `DETAIL#time#message_id` holds the whole, and it alone has the details and what was sold for how
much. Orders and what undoes them are `ORDER#time#message_id`,
so that an evening's browsing does not push them out of what serving reads; an event that names neither an item nor an
order, such as a page view, is `NOTE#time#message_id`, so that many of them push out nothing at all.
Nothing in these differs between deliveries, so that writing an event twice is writing it once.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from shared.domain.events import CustomerRef, Event
from shared.domain.retention import expires_at, is_expired
from shared.domain.vocabulary import ABOUT_ORDERS
from shared.stores import sold
from shared.stores.table import Record, Table

EVENT = "EVENT#"
ORDER = "ORDER#"
NOTE = "NOTE#"
DETAIL = "DETAIL#"
MESSAGE = "MESSAGE#"
SERVING_BYTES = 999
"""One write unit is 1,024 bytes; 16 are left for the time to live and 9 for the mark of an imported event."""
MOST_EVENTS = 80
"""80 events of at most 1 KB are at most 20 strongly consistent read units."""
MOST_BROWSED = 28
"""Of the 80; the others are orders."""
MOST_OF_OTHERS = 4
THREADS = 8
MARKER_DAYS = 30
OPTIONAL = ("anonymous_id", "order_id", "recommendation_id")


class EventStore:
    """Writes events, and reads back a customer's latest."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def put(self, events: Iterable[tuple[Event, Mapping[str, Any]]], *, archived: bool = False) -> None:
        """Write events with what else came with each (`details`, JSON). Idempotent; raises `StoreUnavailableError`.

        `archived` marks events whose archive objects exist already, so that the stream does not archive them again.
        """
        marker = {"archived": True} if archived else {}
        self._table.write_many(record | marker for event, details in events for record in records(event, details))

    def recent(self, customers: Sequence[CustomerRef], now: datetime) -> list[Event]:
        """The latest orders and other events about items of these customers, newest first, at most `MOST_EVENTS`.

        The first customer may have all that the others, at most `MOST_OF_OTHERS` of each kind, leave; of that at most
        `MOST_BROWSED` that are not orders. Read units are counted as they are charged: four events fill one, and every
        query is rounded up.
        """
        with ThreadPoolExecutor(THREADS) as pool:
            kinds = [(each, kind) for each in customers[1:] for kind in (EVENT, ORDER)]
            found = list(pool.map(lambda asked: self._latest(asked[0], asked[1], MOST_OF_OTHERS), kinds))
        left = MOST_EVENTS - sum(map(_charged, found))
        for customer in customers[:1]:
            browsed = self._latest(customer, EVENT, min(left - MOST_OF_OTHERS, MOST_BROWSED))
            ordered = self._latest(customer, ORDER, left - _charged(browsed))
            found += [browsed, ordered]
        return _newest_first((event for some in found for event in some), now)

    def notes(self, customers: Iterable[CustomerRef], now: datetime) -> list[Event]:
        """The latest events of these customers that name nothing, newest first, at most `MOST_EVENTS` of each."""
        return _newest_first((event for each in customers for event in self._latest(each, NOTE, MOST_EVENTS)), now)

    def _latest(self, customer: CustomerRef, kind: str, limit: int) -> list[Event]:
        return [parse(each) for each in self._table.query(partition(customer), kind, limit, newest_first=True)]

    def has(self, event: Event) -> bool:
        """Whether this event is there already, under its own customer; one strongly consistent read."""
        (first, *_) = records(event, {})
        return self._table.get(first["pk"], first["sk"]) is not None

    def arrival(self, customer: CustomerRef, message_id: str, now: datetime) -> datetime:
        """When this message first arrived: `now`, unless an earlier delivery left its marker."""
        pk, sk = partition(customer), MESSAGE + message_id
        expires = int(now.timestamp()) + MARKER_DAYS * 86_400
        record = {"pk": pk, "sk": sk, "time": _stamp(now), "expires_at": expires}
        if self._table.put_if(record, "attribute_not_exists(pk)"):
            return now
        earlier = self._table.get(pk, sk)
        return datetime.fromisoformat(earlier["time"]) if earlier else now


def partition(customer: CustomerRef) -> str:
    return f"CUSTOMER#{customer}"


def records(event: Event, details: Mapping[str, Any]) -> list[Record]:
    """The one or two records of an event: what serving reads, and the whole where that is larger."""
    kind = _kind(event)
    rest = _rest(event, details)
    whole = _record(kind, event, event.items) | rest
    expiry = {"expires_at": int(expires_at(event).timestamp())}
    if size(whole) <= SERVING_BYTES:
        return [whole | expiry]
    items = event.items
    while size(serving := _record(kind, event, items)) > SERVING_BYTES and items:
        items = items[: len(items) * 9 // 10]
    return [serving | expiry, _record(DETAIL, event, event.items) | rest | expiry]


def _kind(event: Event) -> str:
    if event.name in ABOUT_ORDERS:
        return ORDER
    return EVENT if event.items else NOTE


def _record(prefix: str, event: Event, items: Sequence[str]) -> Record:
    record: Record = {
        "pk": partition(event.customer),
        "sk": f"{prefix}{_stamp(event.time)}#{event.message_id}",
        "name": event.name,
        # As one text: a list of typed values takes the client longer to read than the answer takes to compute.
        "items": _json(items),
    }
    for name in OPTIONAL:
        if (value := getattr(event, name)) is not None:
            record[name] = value
    return record


def _rest(event: Event, details: Mapping[str, Any]) -> Record:
    """What serving has no need of."""
    found: Record = {}
    if sale := sold.written(event):
        found["sale"] = _json(sale)
    if details:
        # JSON may escape half a surrogate pair, which UTF-8 cannot hold.
        found["details"] = _json(details).encode(errors="replace").decode()
    return found


def parse(record: Mapping[str, Any]) -> Event:
    """The event of an `EVENT#`, `ORDER#`, `NOTE#` or `DETAIL#` record."""
    _, time, message_id = record["sk"].split("#", 2)
    return Event(
        customer=CustomerRef.parse(record["pk"].removeprefix("CUSTOMER#")),
        message_id=message_id,
        time=datetime.fromisoformat(time),
        name=record["name"],
        items=tuple(json.loads(record["items"])),
        **{name: record[name] for name in OPTIONAL if name in record},
        **(sold.read(json.loads(record["sale"])) if "sale" in record else {}),
    )


def _charged(found: Sequence[Event]) -> int:
    return -(-len(found) // 4) * 4


def _newest_first(events: Iterable[Event], now: datetime) -> list[Event]:
    """Without those that do not count any more: the table deletes them days late."""
    kept = (event for event in events if not is_expired(event, now))
    return sorted(kept, key=lambda event: (event.time, event.message_id), reverse=True)


def size(record: Mapping[str, str]) -> int:
    """DynamoDB's size of a record of texts in bytes: names and values in UTF-8."""
    return sum(len(name.encode()) + len(value.encode()) for name, value in record.items())


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def _stamp(time: datetime) -> str:
    """A time as sort keys have it: UTC, microseconds, so that the order of the text is the order of time."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

"""The catalogue in the table. Each item has its own partition; a sparse index of a few shelves lists them.

An item's record has the item's `version` and the end of its price ledger. One that was deleted leaves both behind, so
that versions go on rising and the chain of prices goes on if it comes back. Every write is conditional on the version
that was read, and carries the ledger's new entries in its own transaction: two writers cannot fork the chain.

`absent` in the record says when the item could not be had. It is written with the item, when that is written anyway.
"""

import base64
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from time import sleep
from typing import Any, NamedTuple

from shared.domain import ledger
from shared.domain.absences import Absence, absences
from shared.domain.errors import FieldError, InvalidInputError, StoreUnavailableError
from shared.domain.items import Item, content
from shared.stores.conditional import Write, write_all
from shared.stores.ledger import appended
from shared.stores.table import Put, Record, Table, pauses

PREFIX = "ITEM#"
SORT = "ITEM"
FIRST = 1
INDEX = "catalogue"
NEWEST = "newest"
SHELVES = 8
MOST_PAGE_BYTES = 1_500_000
"""A reply may have 6 MB, and what is not ASCII takes three times as much in it as in the table."""

Edit = Callable[[Item | None], Item | None]
"""From an item as it is to what it shall be, None for no item. May be called again when somebody else was faster."""
Beside = Callable[[str], Write]
"""From an item's id to what is written with it, in one transaction."""


class Stored(NamedTuple):
    """What the table has of an item. Version 0 means that there never was one.

    `created` is when it came into the catalogue; None for one from before that was kept.
    """

    item: Item | None = None
    version: int = 0
    end: ledger.Head | None = None
    created: datetime | None = None
    absent: tuple[Absence, ...] = ()
    condition: str = "attribute_not_exists(pk)"


NOTHING = Stored()


class Listed(NamedTuple):
    """An item of the catalogue, where its chain of prices ends, and when it could not be had."""

    item: Item
    end: ledger.Head | None
    absent: tuple[Absence, ...]


class ItemStore:
    """Edits, gets and lists items."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def edit(self, edits: Mapping[str, Edit], now: datetime, beside: Beside = lambda _: ()) -> dict[str, Item | None]:
        """Make each of these items what its edit says, whoever else is writing; the items as they are then.

        What is not changed is not written. `beside` tells what is written in one transaction with an item that changes;
        where a condition of that does not hold, the edit is asked again, and should find out why. Raises what an edit
        raises, and `StoreUnavailableError`.
        """
        done: dict[str, Item | None] = {}
        left = dict(edits)
        for pause in pauses():
            stored = self._read(left)
            writes: dict[str, Write] = {}
            for item_id, edit in left.items():
                before = stored.get(item_id, NOTHING)
                done[item_id], writes[item_id] = _planned(item_id, before, edit(before.item), now)
            lost = write_all(self._table, {i: (*write, *beside(i)) for i, write in writes.items() if write})
            if not lost:
                return done
            left = {item_id: edit for item_id, edit in left.items() if item_id in lost}
            sleep(pause)
        raise StoreUnavailableError("Others keep changing the same items.")

    def put(self, items: Iterable[Item]) -> None:
        """Write items, each over its earlier version. Idempotent; raises `StoreUnavailableError`."""
        self.edit({item.item_id: _always(item) for item in items}, datetime.now(UTC))

    def get(self, item_ids: Iterable[str], *, consistent: bool = True) -> dict[str, Item]:
        """Those of the items that exist, by id."""
        return {item_id: each.item for item_id, each in self._read(item_ids, consistent).items() if each.item}

    def delete(self, item_ids: Iterable[str]) -> None:
        """Delete items; one that does not exist is not an error. Their ledgers stay."""
        self.edit(dict.fromkeys(item_ids, lambda _: None), datetime.now(UTC))

    def with_end(self, item_id: str) -> tuple[Item | None, ledger.Head | None]:
        """The item, and where it, or what a deleted one left, says that its chain of prices ends."""
        stored = self._read([item_id]).get(item_id, NOTHING)
        return stored.item, stored.end

    def page(self, limit: int, cursor: str | None = None) -> tuple[list[Item], str | None]:
        """One page of the catalogue, shelf by shelf, and the cursor of the next; eventually consistent.

        It has fewer than `limit` items where they are large.
        """
        shelf, after = _read_cursor(cursor)
        items: list[Item] = []
        size = 0
        while shelf < SHELVES:
            found = self._table.query_index(INDEX, "shelf", str(shelf), "item_id", after, limit - len(items))
            for record in found:
                items.append(_item(record))
                size += len(record["body"].encode())
                after = record["item_id"]
                if len(items) == limit or size >= MOST_PAGE_BYTES:
                    return items, _write_cursor(shelf, after)
            if not found:
                shelf, after = shelf + 1, ""
        return items, None

    def newest(self, count: int, now: datetime) -> list[tuple[str, datetime]]:
        """The ids of the items that came last, the newest first, with when: `available_from`, else their creation.

        Nothing that is yet to come. Eventually consistent.
        """
        with ThreadPoolExecutor(SHELVES) as pool:
            shelves = pool.map(lambda shelf: self._newest_on(shelf, count, now), range(SHELVES))
        found = [each for shelf in shelves for each in shelf]
        return sorted(found, key=lambda each: (each[1], each[0]), reverse=True)[:count]

    def _newest_on(self, shelf: int, count: int, now: datetime) -> list[tuple[str, datetime]]:
        found = self._table.query_index_down(NEWEST, ("shelf", str(shelf)), ("since", _time(now)), count)
        return [(record["pk"].removeprefix(PREFIX), datetime.fromisoformat(record["since"])) for record in found]

    def count(self, most: int) -> int:
        """How many items there are, counted up to `most`."""
        counted = 0
        for shelf in range(SHELVES):
            if counted < most:
                counted += self._table.count_index(INDEX, "shelf", str(shelf), most - counted)
        return counted

    def all(self) -> Iterator[Item]:
        """The whole catalogue, shelf by shelf, in pages as large as DynamoDB gives them."""
        return (each.item for each in self.listed())

    def listed(self) -> Iterator[Listed]:
        """The same, each with what its record says beside it."""
        for shelf in range(SHELVES):
            for record in self._table.query_index_all(INDEX, "shelf", str(shelf)):
                yield Listed(_item(record), _end(record), _absent(record))

    def absences(self, item_ids: Iterable[str]) -> dict[str, tuple[Absence, ...]]:
        """When these items, deleted ones among them, could not be had; eventually consistent."""
        return {item_id: each.absent for item_id, each in self._read(item_ids, consistent=False).items()}

    def _read(self, item_ids: Iterable[str], consistent: bool = True) -> dict[str, Stored]:
        found = self._table.get_many(((_partition(item_id), SORT) for item_id in item_ids), consistent=consistent)
        return {record["pk"].removeprefix(PREFIX): _stored(record) for record in found}


def _always(item: Item) -> Edit:
    return lambda _: item


def _planned(item_id: str, before: Stored, after: Item | None, now: datetime) -> tuple[Item | None, Write]:
    """The item as it will be, and what to write for it: nothing where nothing changes.

    An item from before there was a ledger has no price in it yet: the next put of it writes one.
    """
    prior = before.item.price if before.item and before.end else None
    entries = ledger.changes(item_id, prior, after.price if after else None, now, before.end)
    if not entries and _same(before.item, after):
        return before.item, ()
    version = before.version + 1
    end = ledger.head(entries[-1]) if entries else before.end
    created = before.created if before.item else now
    record = _record(item_id, after, version, end, created) | _told(absences(before.absent, after, now))
    put = Put(record, before.condition, _expected(before))
    return after and after.model_copy(update={"version": version}), (put, *map(appended, entries))


def _same(before: Item | None, after: Item | None) -> bool:
    return (before and content(before)) == (after and content(after))


def _record(
    item_id: str, item: Item | None, version: int, end: ledger.Head | None, created: datetime | None = None
) -> Record:
    record: Record = {"pk": _partition(item_id), "sk": SORT, "version": version, "ledger": str(end) if end else None}
    if item is None:
        return record
    shelf = str(zlib.crc32(item_id.encode()) % SHELVES)
    since = item.available_from or created
    times = {"created": created and _time(created), "since": since and _time(since)}
    return record | {"item_id": item_id, "shelf": shelf, "body": content(item)} | times


def _stored(record: Record) -> Stored:
    item = _item(record) if "body" in record else None
    known = "version" in record
    condition = "version = :version" if known else "attribute_exists(pk) AND attribute_not_exists(version)"
    created = datetime.fromisoformat(record["created"]) if "created" in record else None
    return Stored(item, int(record["version"]) if known else FIRST, _end(record), created, _absent(record), condition)


def _told(absent: Iterable[Absence]) -> Record:
    """In minutes since 1970, from and until: the record is read and paid for by the kilobyte."""
    rows = [[_minutes(each.since), each.until and _minutes(each.until)] for each in absent]
    return {"absent": json.dumps(rows, separators=(",", ":"))} if rows else {}


def _absent(record: Record) -> tuple[Absence, ...]:
    rows = json.loads(record.get("absent", "[]"))
    return tuple(Absence(_minute(since), None if until is None else _minute(until)) for since, until in rows)


def _minutes(time: datetime) -> int:
    return int(time.timestamp() // 60)


def _minute(minutes: int) -> datetime:
    return datetime.fromtimestamp(minutes * 60, UTC)


def _end(record: Record) -> ledger.Head | None:
    return ledger.Head.parse(record["ledger"]) if "ledger" in record else None


def _expected(before: Stored) -> dict[str, Any]:
    return {":version": before.version} if ":version" in before.condition else {}


def _item(record: Record) -> Item:
    """The item of a record; one from before there were versions is its first."""
    item = Item.model_validate_json(record["body"], extra="ignore")
    return item.model_copy(update={"version": int(record.get("version", FIRST))})


def _time(time: datetime) -> str:
    """Whose order is the text's."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def _partition(item_id: str) -> str:
    return PREFIX + item_id


def _write_cursor(shelf: int, after: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([shelf, after]).encode()).decode()


def _read_cursor(cursor: str | None) -> tuple[int, str]:
    if cursor is None:
        return 0, ""
    try:
        value: Any = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no key
    except (ValueError, RecursionError):
        value = None
    match value:
        case [int(shelf), str(after)] if 0 <= shelf < SHELVES and after:
            return shelf, after
    raise InvalidInputError("The cursor is not one that this API gave.", [FieldError("cursor", "is not a cursor")])

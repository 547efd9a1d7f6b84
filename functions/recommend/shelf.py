"""The items that lists are made of, remembered for less than a minute by a warm function.

Popular items are in most lists, so most of what a list needs was read for those before. An item is remembered as JSON,
without what neither a list shows nor a rule goes by: in memory a quarter of the object, for some microseconds whenever
it is shown.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from threading import Lock
from typing import NamedTuple, Protocol

from cachetools import LRUCache

from functions.recommend.patience import Patience
from shared.domain.items import Item
from shared.stores.items import ItemStore

FRESH_SECONDS = 45.0
"""A change shows within 60 s: this, the delay of the table's replicas, and a request that had read just before."""
STALE_SECONDS = 3_600.0
"""What is older is not even shown while the table is down."""
MOST_BYTES = 64_000_000
ENTRY_BYTES = 420
"""What an entry takes in memory besides its content (measured): the key, the cache's own links, the object's head."""
ABSENT = b""
UNUSED = {"text"}
PAGE = 500

Entry = tuple[float, bytes]
"""When it was read, and the item."""


class _Page(NamedTuple):
    """How far the catalogue has been read, since when."""

    since: float
    item_ids: Sequence[str] = ()
    cursor: str | None = None
    ended: bool = False


class Shelf(Protocol):
    """Where lists take items from."""

    def get(self, item_ids: Iterable[str]) -> dict[str, Item]:
        """Those of the items that exist, by id."""

    def first(self, count: int) -> list[str]:
        """The ids of the catalogue's first items, which are in no order that means anything."""


class ItemShelf:
    """Items by id. What was read, or was not there, is read again after `FRESH_SECONDS`.

    `clock` is the wall clock, since a process's own may stand still while the function is frozen between requests.
    """

    def __init__(self, items: ItemStore, clock: Callable[[], float] = time.time, most_bytes: int = MOST_BYTES) -> None:
        self._items = items
        self._clock = clock
        self._kept: LRUCache[str, Entry] = LRUCache(most_bytes, _size)
        # A read that a request did not wait for may end while the next one is answered.
        self._lock = Lock()
        self._first = _Page(clock())
        self._newest: tuple[float, int, list[tuple[str, float]]] = (float("-inf"), 0, [])

    def get(self, item_ids: Iterable[str]) -> dict[str, Item]:
        """Those of the items that exist, by id. Raises `StoreUnavailableError`, whatever is remembered of them."""
        kept = self._younger(item_ids, FRESH_SECONDS)
        found = {item_id: Item.model_validate_json(content) for item_id, content in kept.items() if content}
        return found | self._read([item_id for item_id, content in kept.items() if content is None])

    def remembered(self, item_ids: Iterable[str]) -> dict[str, Item]:
        """Those of the items that were read within the last hour: for when the table does not answer."""
        kept = self._younger(item_ids, STALE_SECONDS)
        return {item_id: Item.model_validate_json(content) for item_id, content in kept.items() if content}

    def first(self, count: int) -> list[str]:
        """The ids of the catalogue's first items, which are in no order that means anything; they are kept, too."""
        page = self._first if self._is_fresh(self._first.since) else _Page(self._clock())
        while not page.ended and len(page.item_ids) < count:
            items, cursor = self._items.page(min(PAGE, count - len(page.item_ids)), page.cursor)
            for item in items:
                self._keep(item.item_id, item)
            page = _Page(page.since, [*page.item_ids, *(item.item_id for item in items)], cursor, cursor is None)
        self._first = page
        return list(page.item_ids[:count])

    def first_remembered(self, count: int) -> list[str]:
        """The same of what was read last."""
        return list(self._first.item_ids[:count]) or list(self._kept)[:count]

    def newest(self, count: int, now: datetime) -> list[tuple[str, float]]:
        """The ids of the items that came last, with the seconds since the epoch since when, the newest first."""
        read_at, asked, found = self._newest
        if not self._is_fresh(read_at) or asked < count:
            found = [(item_id, since.timestamp()) for item_id, since in self._items.newest(count, now)]
            self._newest = self._clock(), count, found
        return found[:count]

    def _younger(self, item_ids: Iterable[str], seconds: float) -> dict[str, bytes | None]:
        now = self._clock()
        with self._lock:
            kept = {item_id: self._kept.get(item_id) for item_id in item_ids}
        return {
            item_id: entry[1] if entry and 0 <= now - entry[0] < seconds else None for item_id, entry in kept.items()
        }

    def _is_fresh(self, since: float) -> bool:
        """Not what a clock that was set back has still before it."""
        return 0 <= self._clock() - since < FRESH_SECONDS

    def _read(self, item_ids: list[str]) -> dict[str, Item]:
        read = self._items.get(item_ids, consistent=False)
        for item_id in item_ids:
            self._keep(item_id, read.get(item_id))
        return read

    def _keep(self, item_id: str, item: Item | None) -> None:
        entry = self._clock(), _content(item)
        with self._lock:
            self._kept[item_id] = entry


class PatientShelf:
    """The shelf as one request sees it: what cannot be read in time is as it was remembered."""

    def __init__(self, shelf: ItemShelf, patience: Patience) -> None:
        self._shelf = shelf
        self._patience = patience

    def get(self, item_ids: Iterable[str]) -> dict[str, Item]:
        """Those of the items that exist, as far as is known."""
        wanted = list(item_ids)
        return self._patience.ask(lambda: self._shelf.get(wanted), lambda: self._shelf.remembered(wanted))

    def first(self, count: int) -> list[str]:
        """The ids of the catalogue's first items, as far as they are known."""
        return self._patience.ask(lambda: self._shelf.first(count), lambda: self._shelf.first_remembered(count))


def _content(item: Item | None) -> bytes:
    return item.model_dump_json(exclude_defaults=True, exclude=UNUSED).encode() if item else ABSENT


def _size(entry: Entry) -> int:
    return ENTRY_BYTES + len(entry[1])

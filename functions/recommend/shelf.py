"""The items that lists are made of, remembered for less than a minute by a warm function.

Popular items are in most lists, so most of what a list needs was read for those before. An item is remembered as JSON,
without what no list shows: in memory a quarter of the object, for some microseconds whenever it is shown.
"""

import time
from collections.abc import Callable, Iterable

from cachetools import TTLCache

from shared.domain.items import Item
from shared.stores.items import ItemStore

FRESH_SECONDS = 45.0
"""A change shows within 60 s: this, the delay of the table's replicas, and a request that had read just before."""
MOST_BYTES = 64_000_000
ENTRY_BYTES = 420
"""What an entry takes in memory besides its content (measured): the key, the cache's own links, the object's head."""
ABSENT = b""
UNSHOWN = {"cost", "text"}


class Shelf:
    """Items by id. What was read, or was not there, is read again after `FRESH_SECONDS`.

    `clock` is the wall clock, since a process's own may stand still while the function is frozen between requests.
    """

    def __init__(self, items: ItemStore, clock: Callable[[], float] = time.time, most_bytes: int = MOST_BYTES) -> None:
        self._items = items
        self._kept: TTLCache[str, bytes] = TTLCache(most_bytes, FRESH_SECONDS, clock, _size)

    def get(self, item_ids: Iterable[str]) -> dict[str, Item]:
        """Those of the items that exist, by id. Raises `StoreUnavailableError`, whatever is remembered of them."""
        kept = {item_id: self._kept.get(item_id) for item_id in item_ids}
        found = {item_id: Item.model_validate_json(content) for item_id, content in kept.items() if content}
        return found | self._read([item_id for item_id, content in kept.items() if content is None])

    def first(self, count: int) -> list[str]:
        """The ids of the catalogue's first items, which are in no order that means anything."""
        return [item.item_id for item in self._items.page(count)[0]]

    def _read(self, item_ids: list[str]) -> dict[str, Item]:
        read = self._items.get(item_ids, consistent=False)
        for item_id in item_ids:
            self._kept[item_id] = _content(read.get(item_id))
        return read


def _content(item: Item | None) -> bytes:
    return item.model_dump_json(exclude_defaults=True, exclude=UNSHOWN).encode() if item else ABSENT


def _size(content: bytes) -> int:
    return ENTRY_BYTES + len(content)

"""The categories of items, as the catalogue has them, remembered for a few minutes."""

from collections.abc import Collection, Mapping

from cachetools import TTLCache
from pydantic import ValidationError

from shared.stores.items import ItemStore
from shared.telemetry.log import logger

REMEMBERED_SECONDS = 300
MOST_REMEMBERED = 100_000
UNKNOWN = ""
"""No category is called this."""


class Categories:
    """Looks up categories; None for an item without one, or that is not in the catalogue."""

    def __init__(self, items: ItemStore) -> None:
        self._items = items
        self._known: TTLCache[str, str | None] = TTLCache(MOST_REMEMBERED, REMEMBERED_SECONDS)

    def of(self, item_ids: Collection[str]) -> Mapping[str, str | None]:
        """The category of each of these items. Raises `StoreUnavailableError`."""
        found = {item_id: self._known.get(item_id, UNKNOWN) for item_id in item_ids}
        read = self._read([item_id for item_id, category in found.items() if category == UNKNOWN])
        self._known.update(read)
        return found | read

    def _read(self, item_ids: list[str]) -> dict[str, str | None]:
        try:
            items = self._items.get(item_ids)
        except ValidationError:
            if len(item_ids) > 1:  # one that cannot be read must not stand for the others
                return {item_id: category for each in item_ids for item_id, category in self._read([each]).items()}
            logger.error("an item cannot be read")
            return {item_ids[0]: None}
        return {item_id: items[item_id].category if item_id in items else None for item_id in item_ids}

"""The catalogue in the table. Each item has its own partition; a sparse index of a few shelves lists them."""

import base64
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from shared.domain.errors import FieldError, InvalidInputError
from shared.domain.items import Item
from shared.stores.table import Record, Table

SORT = "ITEM"
INDEX = "catalogue"
SHELVES = 8


class ItemStore:
    """Puts, gets, lists and deletes items."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def put(self, items: Iterable[Item]) -> None:
        """Write items, each over its earlier version. Idempotent; raises `StoreUnavailableError`."""
        self._table.write_many(map(_record, items))

    def get(self, item_ids: Iterable[str]) -> dict[str, Item]:
        """Those of the items that exist, strongly consistent, by id."""
        found = self._table.get_many((_partition(item_id), SORT) for item_id in item_ids)
        return {item.item_id: item for item in map(_parse, found)}

    def delete(self, item_ids: Iterable[str]) -> None:
        """Delete items; one that does not exist is not an error."""
        self._table.write_many(deletes=((_partition(item_id), SORT) for item_id in item_ids))

    def page(self, limit: int, cursor: str | None = None) -> tuple[list[Item], str | None]:
        """One page of the catalogue, shelf by shelf, and the cursor of the next; eventually consistent."""
        shelf, after = _read_cursor(cursor)
        items: list[Item] = []
        while shelf < SHELVES:
            wanted = limit - len(items)
            found = self._shelf(shelf, after, wanted)
            items.extend(found)
            if len(found) == wanted:
                return items, _write_cursor(shelf, found[-1].item_id)
            if not found:
                shelf, after = shelf + 1, ""
            else:
                after = found[-1].item_id
        return items, None

    def all(self) -> Iterator[Item]:
        """The whole catalogue, shelf by shelf, in pages as large as DynamoDB gives them."""
        for shelf in range(SHELVES):
            yield from map(_parse, self._table.query_index_all(INDEX, "shelf", str(shelf)))

    def _shelf(self, shelf: int, after: str, limit: int) -> Sequence[Item]:
        return [_parse(each) for each in self._table.query_index(INDEX, "shelf", str(shelf), "item_id", after, limit)]


def _partition(item_id: str) -> str:
    return f"ITEM#{item_id}"


def _record(item: Item) -> Record:
    keys = {"pk": _partition(item.item_id), "sk": SORT, "item_id": item.item_id}
    shelf = str(zlib.crc32(item.item_id.encode()) % SHELVES)
    return keys | {"shelf": shelf, "body": item.model_dump_json(exclude_defaults=True)}


def _parse(record: Record) -> Item:
    return Item.model_validate_json(record["body"])


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

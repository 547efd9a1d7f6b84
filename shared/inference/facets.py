"""What filters read of every item, as columns beside a model: a filter finds what lies beyond the first candidates.

Each column names its distinct values once and gives each item their numbers, since most items of a shop share them.
"""

import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Any, NamedTuple, Self

from cachetools import LRUCache
from pydantic_core import from_json

from shared.domain.items import Item


def _money(name: str) -> Callable[[Item], tuple[str, str] | None]:
    get = attrgetter(name)
    return lambda item: (money := get(item)) and (str(money.amount), money.currency)


MONEY = ("price", "cost")
SINGLE: Mapping[str, Callable[[Item], Any]] = {
    **{name: attrgetter(name) for name in ("kind", "title", "category", "group", "stock")},
    **{name: _money(name) for name in MONEY},
}
"""Columns of at most one value."""
SEVERAL: Mapping[str, Callable[[Item], Iterable[Any]]] = {
    "tags": attrgetter("tags"),
    "attributes": lambda item: item.attributes.items(),
}
REMEMBERED = 64


class Amount(NamedTuple):
    """Money as a filter reads it."""

    amount: Decimal
    currency: str


def written(items: Iterable[Item]) -> bytes:
    """The columns of these items as JSON, in their order."""
    items = list(items)
    columns: dict[str, Any] = {"item_id": [item.item_id for item in items]}
    for name, get in SINGLE.items():
        numbers: dict[Any, int] = {None: -1}
        codes = [numbers.setdefault(get(item), len(numbers) - 1) for item in items]
        columns[name] = {"values": list(numbers)[1:], "codes": codes}
    for name, several in SEVERAL.items():
        numbers = {}
        lists = [[numbers.setdefault(value, len(numbers)) for value in several(item)] for item in items]
        columns[name] = {"values": list(numbers), "codes": lists}
    return json.dumps(columns, separators=(",", ":"), ensure_ascii=False).encode()


class Row:
    """One item as far as a filter reads it; the same object is moved from item to item."""

    __slots__ = ("_columns", "at", "item_id")

    def __init__(self, columns: Mapping[str, tuple[list[Any], list[Any]]]) -> None:
        self._columns = columns
        self.item_id = ""
        self.at = 0

    def __getattr__(self, name: str) -> Any:
        try:
            values, codes = self._columns[name]
        except KeyError:
            raise AttributeError(name) from None
        code = codes[self.at]
        return values[code] if code >= 0 else None

    @property
    def tags(self) -> tuple[str, ...]:
        values, codes = self._columns["tags"]
        return tuple(values[code] for code in codes[self.at])

    @property
    def attributes(self) -> dict[str, str]:
        values, codes = self._columns["attributes"]
        return dict(values[code] for code in codes[self.at])


class Facets:
    """The columns in memory, with what passed the latest tests. Not for several threads at once."""

    def __init__(self, item_ids: Sequence[str], columns: Mapping[str, tuple[list[Any], list[Any]]]) -> None:
        self._item_ids = item_ids
        self._columns = columns
        self._passing: LRUCache[Hashable, list[str]] = LRUCache(REMEMBERED)

    @classmethod
    def load(cls, content: bytes) -> Self:
        """The columns from their file. Raises `ValueError`, `KeyError` or `TypeError` where it is not one."""
        read = from_json(content, cache_strings="none")
        columns = {name: (read[name]["values"], read[name]["codes"]) for name in (*SINGLE, *SEVERAL)}
        for name in MONEY:
            values, codes = columns[name]
            columns[name] = [Amount(Decimal(amount), currency) for amount, currency in values], codes
        item_ids = read["item_id"]
        if any(len(codes) != len(item_ids) for _, codes in columns.values()):
            raise ValueError("the columns of the facets are not of one length")
        return cls(item_ids, columns)

    def passing(self, test: Callable[[Any], bool], key: Hashable) -> list[str]:
        """The items that pass a test, in the file's order; `key` says which test it is, for the next time."""
        if (found := self._passing.get(key)) is None:
            found = self._passing[key] = list(self._tested(test))
        return found

    def _tested(self, test: Callable[[Any], bool]) -> Iterator[str]:
        row = Row(self._columns)
        for row.at, row.item_id in enumerate(self._item_ids):
            if test(row):
                yield row.item_id

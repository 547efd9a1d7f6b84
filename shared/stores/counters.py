"""Live counters in the table, each for a series, a day, a bucket of items and a part of the stream.

They are exact whatever the stream does (`shared.stores.adding`).
An item's count may be kept under its category too. Both are one attribute, so that they cannot differ.
"""

import base64
import hashlib
import zlib
from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from shared.domain.counting import KEPT, Count, Series
from shared.stores.adding import Addition, include
from shared.stores.table import Key, Table

BUCKETS = {Series.TRENDING: 64, Series.SOLD: 16}
"""The fewest whose counters fit in a write unit in a busy shop; see `tests/bench/bench_counters.py`."""
ITEM = "i"


class Change(NamedTuple):
    """What is added, the stream record that it comes from, and the item's category where that is to be kept."""

    sequence: str
    added: Count
    category: str | None = None


class Counted(NamedTuple):
    """An item, with the key of the category that it was counted in (`category_key`)."""

    item: str
    category: str


class CounterStore:
    """Adds to counters, and reads days back."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def include(self, part: str, changes: Iterable[Change]) -> None:
        """Count these changes, in the stream's order, where they are not included yet.

        Raises `NotDoneError` when the table fails: what comes before the record that it names is included.
        """
        include(self._table, (_addition(change, part) for change in changes))

    def read(self, series: Series, day: date) -> Counter[Counted]:
        """The counts of a day: the sum over parts and buckets."""
        total: Counter[Counted] = Counter()
        for record in self._table.query_all(_partition(series, day)):
            total.update({_counted(name): int(n) for name, n in record.items() if ":" in name})
        return total


def category_key(category: str | None) -> str:
    """A category as counters have it: short, whatever it is called; "" for none."""
    if category is None:
        return ""
    return base64.urlsafe_b64encode(hashlib.blake2s(category.encode(), digest_size=6).digest()).decode()


def _addition(change: Change, part: str) -> Addition:
    added = change.added
    return Addition(change.sequence, _key(added, part), _attribute(change), added.by, _expiry(added))


def _key(count: Count, part: str) -> Key:
    return _partition(count.series, count.day), f"{zlib.crc32(count.item.encode()) % BUCKETS[count.series]:02d}#{part}"


def _partition(series: Series, day: date) -> str:
    return f"{series.upper()}#{day.isoformat()}"


def _attribute(change: Change) -> str:
    return f"{ITEM}{category_key(change.category)}:{change.added.item}"


def _counted(attribute: str) -> Counted:
    key, _, item = attribute.partition(":")
    return Counted(item, key.removeprefix(ITEM))


def _expiry(count: Count) -> int:
    return int((count.day + KEPT[count.series] - date(1970, 1, 1)).total_seconds())

"""Live counters in the table, each for a series, a day, a bucket of items and a part of the stream.

A part is one of the stream's shards, whose records come in order. A counter has the last sequence number that it
includes, and takes only what comes after: so it is exact however the records are cut into batches, whichever of these
come again, and wherever a delivery was broken off. A record that is redriven is a part of its own.

An item's count may be kept under its category too. Both are one attribute, so that they cannot differ.
"""

import base64
import hashlib
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from time import sleep
from typing import NamedTuple

from botocore.exceptions import ClientError

from shared.domain.counting import KEPT, Count, Series
from shared.domain.errors import NotDoneError, StoreUnavailableError
from shared.stores.table import Table, pauses
from shared.telemetry.log import logger

BUCKETS = {Series.TRENDING: 64, Series.SOLD: 16}
"""The fewest whose counters fit in a write unit in a busy shop; see `tests/bench/bench_counters.py`."""
MOST_ITEMS = 100
"""Of one update: what DynamoDB's update expressions have room for, with the one record that goes over it."""
ITEM = "i"
LAST = "last_sequence"
ADVANCE = "SET #last = :last, #expires = :expires"
NAMES = {"#last": LAST, "#expires": "expires_at"}
FULL = "Item size to update has exceeded the maximum allowed size"
Key = tuple[str, str]


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
        counters: dict[Key, list[Change]] = defaultdict(list)
        for change in changes:
            counters[_key(change.added, part)].append(change)
        # In the order of their first changes: all before the first change of the one that fails are done.
        for key, some in counters.items():
            try:
                self._include(key, some)
            except StoreUnavailableError as error:
                raise NotDoneError(some[0].sequence) from error

    def read(self, series: Series, day: date) -> Counter[Counted]:
        """The counts of a day: the sum over parts and buckets."""
        total: Counter[Counted] = Counter()
        for record in self._table.query_all(_partition(series, day)):
            total.update({_counted(name): int(n) for name, n in record.items() if ":" in name})
        return total

    def _include(self, key: Key, changes: Sequence[Change]) -> None:
        for some in _portions(changes):
            self._add_once(key, some)

    def _add_once(self, key: Key, changes: Sequence[Change]) -> None:
        """Nearly always one conditional write: only where some changes are included already, it reads which."""
        if self._add(key, changes, "attribute_not_exists(#last) OR #last < :seen", _padded(changes[0].sequence)):
            return
        for pause in pauses():
            seen = str((self._table.get(*key) or {}).get(LAST, ""))
            left = [change for change in changes if _padded(change.sequence) > seen]
            if not left or self._add(key, left, "#last = :seen" if seen else "attribute_not_exists(#last)", seen):
                return
            sleep(pause)
        raise StoreUnavailableError("Others keep changing the same counter.")

    def _add(self, key: Key, changes: Sequence[Change], condition: str, seen: str) -> bool:
        sums: Counter[str] = Counter()
        for change in changes:
            sums[_attribute(change)] += change.added.by
        values: dict[str, int | str] = {f":{n}": amount for n, amount in enumerate(sums.values())}
        add = f"ADD {', '.join(f'#{n} :{n}' for n in range(len(sums)))} "
        names = {f"#{n}": name for n, name in enumerate(sums)}
        rest = {":last": _padded(changes[-1].sequence), ":expires": _expiry(changes[0].added)}
        rest |= {":seen": seen} if ":seen" in condition else {}
        try:
            return self._table.update_if(key, add + ADVANCE, condition, NAMES | names, values | rest)
        except ClientError as error:
            if FULL not in str(error):
                raise
            # Only a flood of invented items makes one so large; that must not hold up the others.
            logger.error("a counter is full, its items are not counted", extra={"items": len(sums)})
            return self._table.update_if(key, ADVANCE, condition, NAMES, rest)


def category_key(category: str | None) -> str:
    """A category as counters have it: short, whatever it is called; "" for none."""
    if category is None:
        return ""
    return base64.urlsafe_b64encode(hashlib.blake2s(category.encode(), digest_size=6).digest()).decode()


def _portions(changes: Sequence[Change]) -> Iterator[list[Change]]:
    """As many of a counter's changes at once as an update takes; those of one record always together."""
    portion: list[Change] = []
    for change in changes:
        if len(portion) >= MOST_ITEMS and change.sequence != portion[-1].sequence:
            yield portion
            portion = []
        portion.append(change)
    yield portion


def _key(count: Count, part: str) -> Key:
    return _partition(count.series, count.day), f"{zlib.crc32(count.item.encode()) % BUCKETS[count.series]:02d}#{part}"


def _partition(series: Series, day: date) -> str:
    return f"{series.upper()}#{day.isoformat()}"


def _attribute(change: Change) -> str:
    return f"{ITEM}{category_key(change.category)}:{change.added.item}"


def _counted(attribute: str) -> Counted:
    key, _, item = attribute.partition(":")
    return Counted(item, key.removeprefix(ITEM))


def _padded(sequence: str) -> str:
    """Sequence numbers have at most 40 digits: padded, their order is the text's."""
    return sequence.zfill(40)


def _expiry(count: Count) -> int:
    return int((count.day + KEPT[count.series] - date(1970, 1, 1)).total_seconds())

"""Made-up archives of any size, with the skew of real ones: who, what and when follow power laws.

Items are popular by Zipf's law within their group, and groups among groups; a customer keeps to three groups, and one
event in three is about what usually follows the last item. Of the events 55% are views, 15% carts, 18% orders of one to
four lines, 12% pages without an item; of the orders 5% come back. A customer's first third is anonymous, and linked by
what comes after.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from shared.domain.events import CustomerRef
from shared.domain.vocabulary import EventName
from shared.stores.archive import ArchiveStore, shard_of
from training.sparse import blocks

NAMES = (EventName.PRODUCT_VIEWED, EventName.PRODUCT_ADDED, EventName.ORDER_COMPLETED, "Page Viewed")
SHARES = (0.55, 0.15, 0.18, 0.12)
ORDER, PAGE = 2, 3
RETURNED = 0.05
FOLLOWS = 1 / 3
DAYS = 365
LINES_AN_OBJECT = 200_000
FRESH_DAYS = 2
"""What came in the last days is not merged yet: an object for each minute and shard."""
SLICE = 500_000
SEED = 4

type Numbers = npt.NDArray[np.int64]


class Size(NamedTuple):
    """How large a shop is."""

    events: int
    customers: int
    items: int

    @classmethod
    def of(cls, events: int) -> "Size":
        """Nine events a customer; 86,000 items at a million events, fewer in proportion to its power of 0.7."""
        return cls(events, max(20, events // 9), min(200_000, round(86_000 * (events / 1e6) ** 0.7)))


class Log(NamedTuple):
    """Events in order of customer and time: numbers, and seconds before the end; `lines` items of an order."""

    customer: Numbers
    item: Numbers
    name: Numbers
    before: Numbers
    lines: Numbers


def draw(size: Size) -> Log:
    """A log of this size, the same each time."""
    chance = np.random.default_rng(SEED)
    groups = max(5, size.items // 43)
    customer = np.repeat(np.arange(size.customers), chance.multinomial(size.events, zipf(size.customers, 0.6)))
    group_of = np.sort(chance.integers(0, groups, size.items))
    starts = np.searchsorted(group_of, np.arange(groups + 1))
    likes = chance.choice(groups, (size.customers, 3), p=zipf(groups, 0.8))
    group = likes[customer, chance.integers(0, 3, size.events)]
    sizes = np.maximum(1, starts[group + 1] - starts[group])
    item = np.minimum(starts[group] + (sizes ** chance.random(size.events)).astype(np.int64) - 1, size.items - 1)
    width = np.maximum(1, starts[group_of + 1] - starts[group_of])
    successor = np.minimum(starts[group_of] + chance.permutation(size.items) % width, size.items - 1)
    follows = (chance.random(size.events) < FOLLOWS) & np.append(False, customer[1:] == customer[:-1])
    item[follows] = successor[item[np.flatnonzero(follows) - 1]]
    before = chance.integers(0, DAYS * 86_400, size.events)
    before = before[np.lexsort((-before, customer))]
    name = chance.choice(len(NAMES), size.events, p=SHARES)
    return Log(customer, item, name, before, chance.integers(1, 5, size.events))


def zipf(count: int, power: float) -> npt.NDArray[np.float64]:
    weights = np.arange(1, count + 1) ** -power
    return np.asarray(weights / weights.sum())


def write(bucket: Any, size: Size, end: datetime) -> None:
    """The archive as a nightly compaction leaves it: large objects, each of some time, and small ones of the last days.

    Columns are not laid yet.
    """
    archive = ArchiveStore(bucket, "bench")
    merged: dict[str, list[bytes]] = defaultdict(list)
    fresh: dict[str, list[bytes]] = defaultdict(list)
    log = draw(size)
    for shard, before, line in lines(Acts.of(log), int(log.item.max()), end):
        place = f"{shard}/day={end - timedelta(seconds=before):%Y-%m-%d}"
        if before < FRESH_DAYS * 86_400:
            fresh[f"{place}@{before // 60}"].append(line)
            continue
        merged[shard].append(line)
        if len(merged[shard]) == LINES_AN_OBJECT:
            archive.write(f"{shard}/merged", sorted(merged.pop(shard)))
    for shard, some in merged.items():
        archive.write(f"{shard}/merged", sorted(some))
    write_fresh(archive, fresh)


def write_fresh(archive: ArchiveStore, fresh: dict[str, list[bytes]]) -> None:
    """The lines of each minute and shard as an object."""
    for place, some in fresh.items():
        archive.write(place.partition("@")[0], some)


class Acts(NamedTuple):
    """What happens, in order of time: the log's columns, a number of each, what is anonymous, what comes back."""

    number: Numbers
    customer: Numbers
    item: Numbers
    name: Numbers
    before: Numbers
    lines: Numbers
    anonymous: npt.NDArray[np.bool_]
    returned: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, log: Log) -> "Acts":
        first = np.searchsorted(log.customer, log.customer)
        last = np.searchsorted(log.customer, log.customer, side="right")
        anonymous = np.arange(len(first)) - first < (last - first) // 3
        chance = np.random.default_rng(SEED + 1)
        returned = (log.name == ORDER) & (chance.random(len(first)) < RETURNED)
        order = np.argsort(-log.before, kind="stable")
        sorted_log = Log(*(each[order] for each in log))
        return cls(np.arange(len(first)), *sorted_log, anonymous[order], returned[order])

    def some(self, which: npt.NDArray[Any]) -> "Acts":
        return Acts(*(each[which] for each in self))


def lines(acts: Acts, highest: int, end: datetime) -> Iterator[tuple[str, int, bytes]]:
    """Each event's shard, its seconds before the end, and its line, in order of time; `highest` is the last item."""
    parts = blocks(len(acts.item), SLICE)
    rows = (row for part in parts for row in zip(*(each[part].tolist() for each in acts), strict=True))
    for n, customer, item, name, before, count, nameless, comes_back in rows:
        who = f"anonymous:device-{customer}" if nameless else f"user:c{customer}"
        shard = shard_of(CustomerRef.model_construct(kind=who.partition(":")[0], id=who.partition(":")[2]))
        device = "null" if nameless else f'"device-{customer}"'
        items = [] if name == PAGE else [item] if name != ORDER else [min(item + k, highest) for k in range(count)]
        order = f',"order_id":"o{n}"' if name == ORDER else ""
        happens = [(NAMES[name], before, items)]
        if comes_back:
            happens.append((EventName.ORDER_REFUNDED, before // 2, items[:1]))
        for act, seconds, some in happens:
            time = (end - timedelta(seconds=seconds, microseconds=n % 1_000_000)).isoformat()
            named = ",".join(f'"item-{each}"' for each in some)
            message = f"{(n * 0x9E3779B97F4A7C15 + seconds) % 2**64:016x}{n:016x}"
            text = (
                f'{{"customer":"{who}","message_id":"{message}","time":"{time}","name":"{act}","items":[{named}],'
                f'"anonymous_id":{device}{order}}}'
            )
            yield shard, seconds, text.encode()


class FolderBucket:
    """As much of S3 as reading and writing an archive takes, in a folder, so that its bytes are not in memory."""

    class exceptions:  # noqa: N801 - as boto3 has it
        class NoSuchKey(Exception):  # noqa: N818 - as boto3 has it
            pass

    def __init__(self, root: Path) -> None:
        self._root = root

    def put_object(self, **put: Any) -> None:
        path = self._root / put["Key"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(put["Body"])

    def get_object(self, **get: Any) -> Any:
        try:
            return {"Body": BytesIO((self._root / get["Key"]).read_bytes())}
        except FileNotFoundError:
            raise self.exceptions.NoSuchKey from None

    def delete_objects(self, **gone: Any) -> Any:
        for each in gone["Delete"]["Objects"]:
            (self._root / each["Key"]).unlink(missing_ok=True)
        return {}

    def get_paginator(self, _: str) -> Any:
        return self

    def paginate(self, **asked: Any) -> Iterator[Any]:
        found = sorted(path for path in (self._root / asked["Prefix"]).rglob("*") if path.is_file())
        modified = datetime(2020, 1, 1, tzinfo=UTC)
        yield {
            "Contents": [
                {"Key": str(path.relative_to(self._root)), "Size": path.stat().st_size, "LastModified": modified}
                for path in found
            ]
        }

"""The archives of `tests.bench.shoplog` with nothing but columns in their large objects: a fifth of the time to make.

Training reads the same of them, but for the digests of messages and orders, which are other numbers here.
"""

import zlib
from array import array
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from shared.domain.vocabulary import EventName
from shared.stores.archive import SHARDS, ArchiveStore, all_shards, columns_key
from shared.stores.columns import NONE, UNKNOWN, Columns, digest, packed
from tests.bench.shoplog import (
    FRESH_DAYS,
    LINES_AN_OBJECT,
    NAMES,
    ORDER,
    PAGE,
    Acts,
    Numbers,
    Size,
    draw,
    lines,
    write_fresh,
)
from training.sparse import blocks

FRESH_SECONDS = FRESH_DAYS * 86_400
REFUND = len(NAMES)
STIR = np.uint64(0x9E3779B97F4A7C15)


class Told(NamedTuple):
    """Events as columns: the act that each is of (a refund is of its order), its name, seconds before the end, size."""

    act: Numbers
    name: Numbers
    before: Numbers
    size: Numbers


class Who(NamedTuple):
    """Customers by number: first all that are known, then their devices. Each one's shard, and each device's digest."""

    names: list[str]
    shard: Numbers
    device: npt.NDArray[np.uint64]


def write(bucket: Any, size: Size, end: datetime) -> None:
    """The archive; a large object has one line that nobody can read, and its columns beside it."""
    archive, log = ArchiveStore(bucket, "bench"), draw(size)
    acts, highest = Acts.of(log), int(log.item.max())
    told, who = _told(acts), _who(size.customers)
    shard = who.shard[_customer(acts, size)[told.act]]
    for n, name in enumerate(all_shards()):
        mine = np.flatnonzero((shard == n) & (told.before >= FRESH_SECONDS))
        for number, part in enumerate(blocks(len(mine), LINES_AN_OBJECT)):
            some = Told(*(each[mine[part]] for each in told))
            key = archive.write(f"{name}/merged", [f"{n} {number}: read its columns".encode()])
            columns = _columns(some, acts, who, highest, end)
            bucket.put_object(Bucket="bench", Key=columns_key(key), Body=packed(columns))
    _write_fresh(archive, acts, highest, end)


def _write_fresh(archive: ArchiveStore, acts: Acts, highest: int, end: datetime) -> None:
    fresh: dict[str, list[bytes]] = defaultdict(list)
    recent = acts.some(np.flatnonzero(acts.before < 2 * FRESH_SECONDS + 2))  # A refund comes at half of that.
    for shard, before, line in lines(recent, highest, end):
        if before < FRESH_SECONDS:
            fresh[f"{shard}/day={end - timedelta(seconds=before):%Y-%m-%d}@{before // 60}"].append(line)
    write_fresh(archive, fresh)


def _told(acts: Acts) -> Told:
    sizes = np.where(acts.name == PAGE, 0, np.where(acts.name == ORDER, acts.lines, 1))
    back = np.flatnonzero(acts.returned)
    return Told(
        act=np.concatenate([acts.number, back]),
        name=np.concatenate([acts.name, np.full(len(back), REFUND)]),
        before=np.concatenate([acts.before, acts.before[back] // 2]),
        size=np.concatenate([sizes, np.ones(len(back), dtype=np.int64)]),
    )


def _who(customers: int) -> Who:
    names = [f"user:c{n}" for n in range(customers)] + [f"anonymous:device-{n}" for n in range(customers)]
    shard = np.array([zlib.crc32(each.encode()) % SHARDS for each in names])
    return Who(names, shard, np.array([digest(f"device-{n}") for n in range(customers)], dtype=np.uint64))


def _customer(acts: Acts, size: Size) -> Numbers:
    return acts.customer + np.where(acts.anonymous, size.customers, 0)


def _columns(told: Told, acts: Acts, who: Who, highest: int, end: datetime) -> Columns:
    """The columns of some events."""
    of, refund = acts.some(told.act), told.name == REFUND
    customers, customer = np.unique(of.customer + np.where(of.anonymous, len(who.device), 0), return_inverse=True)
    ends = np.cumsum(told.size)
    place = np.arange(ends[-1]) - np.repeat(ends - told.size, told.size)
    item = np.minimum(np.repeat(of.item, told.size) + place, highest)
    stirred = (of.number.astype(np.uint64) + np.uint64(1)) * STIR
    ordered = refund | (told.name == ORDER)
    items, item = np.unique(item, return_inverse=True)
    return Columns(
        customers=tuple(who.names[n] for n in customers.tolist()),
        names=(*NAMES, EventName.ORDER_REFUNDED),
        items=tuple(f"item-{n}" for n in items.tolist()),
        currencies=("",),
        customer=_array("i", customer),
        time=_array("d", end.timestamp() - told.before - of.number % 1_000_000 / 1e6),
        name=_array("i", told.name),
        size=_array("i", told.size),
        message=_array("Q", stirred ^ refund.astype(np.uint64)),
        anonymous=_array("Q", np.where(of.anonymous, np.uint64(NONE), who.device[of.customer])),
        order=_array("Q", np.where(ordered, stirred, np.uint64(NONE))),
        paid=_array("d", np.full(len(told.size), UNKNOWN)),
        currency=_array("i", np.zeros(len(told.size))),
        item=_array("i", item),
        quantity=_array("f", np.full(len(item), UNKNOWN)),
        price=_array("d", np.full(len(item), UNKNOWN)),
    )


def _array(kind: str, values: npt.NDArray[Any]) -> array[Any]:
    found: array[Any] = array(kind)
    found.frombytes(values.astype({"i": np.int32, "f": np.float32, "d": np.float64, "Q": np.uint64}[kind]).tobytes())
    return found

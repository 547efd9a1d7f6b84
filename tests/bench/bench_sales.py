"""What reading a shop's sales takes: `python -m tests.bench.bench_sales weekly 10000000` (or `purchases`), in a process
of its own, since its peak is that of the process.

The archive is drawn as columns when it is asked for an object, so that only what is read is in memory: three lines
an order, every twentieth event a refund of the order before it, 100,000 items, two years.
"""

import resource
import sys
import time
from array import array
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np

from shared.domain.vocabulary import EventName
from shared.stores.archive import SHARDS, all_shards
from shared.stores.columns import TYPES, Columns
from training import sales
from training.archived import Archived

LINES = 10_000_000
LINES_AN_ORDER, LINES_AN_OBJECT, LINES_A_CUSTOMER = 3, 200_000, 30
ITEMS, WEEKS, REFUND_EVERY = 100_000, 104, 20
NOW = datetime(2026, 11, 1, tzinfo=UTC)


class Made:
    """An archive that is drawn as it is read, the same every time."""

    def __init__(self, lines: int) -> None:
        self._lines = lines // SHARDS

    def columns(self, shard: str) -> Iterator[Columns]:
        draw = np.random.default_rng(all_shards().index(shard))
        for start in range(0, self._lines, LINES_AN_OBJECT):
            orders = min(LINES_AN_OBJECT, self._lines - start) // LINES_AN_ORDER
            yield _object(draw, shard, orders, self._lines // LINES_A_CUSTOMER)


def main(what: str = "weekly", lines: int = LINES) -> None:
    """Print CPU seconds and the peak of the process."""
    start = time.process_time()
    for shard in all_shards():
        for _ in Made(lines).columns(shard):
            pass
    made = time.process_time() - start
    start = time.process_time()
    found: Any = {"weekly": sales.weekly, "purchases": sales.purchases}[what](
        Archived(Made(lines), NOW, lambda _: None)
    )
    spent = time.process_time() - start - made
    rows, peak = len(found.week if what == "weekly" else found.time), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{what} of {lines:,} lines: {rows:,} rows, {spent:.1f} CPU-s, peak {peak * 1024 / 1e6:.0f} MB")


def _object(draw: np.random.Generator, shard: str, orders: int, customers: int) -> Columns:
    lines = orders * LINES_AN_ORDER
    who, customer = np.unique(draw.integers(0, max(1, customers), orders), return_inverse=True)
    what, item = np.unique((ITEMS * draw.random(lines) ** 3).astype(np.int64), return_inverse=True)
    refund = np.flatnonzero(np.arange(orders) % REFUND_EVERY == REFUND_EVERY - 1)
    order, name = draw.integers(1, 2**63, orders), np.zeros(orders, dtype=np.int64)
    order[refund], name[refund] = order[refund - 1], 1
    given = {
        "customer": customer,
        "time": NOW.timestamp() - draw.random(orders) * WEEKS * 7 * 86_400,
        "name": name,
        "size": np.full(orders, LINES_AN_ORDER),
        "message": draw.integers(1, 2**63, orders),
        "anonymous": np.zeros(orders),
        "order": order,
        "paid": draw.random(orders) * 50,
        "currency": np.zeros(orders),
        "item": item,
        "quantity": draw.integers(1, 4, lines),
        "price": draw.integers(1, 50, lines) + 0.99,
    }
    customers_of = tuple(f"user:{shard}-{each}" for each in who.tolist())
    names = (EventName.ORDER_COMPLETED, EventName.ORDER_REFUNDED)
    items = tuple(f"item-{each}" for each in what.tolist())
    return Columns(customers_of, names, items, ("EUR",), **{each: _array(each, given[each]) for each in TYPES})


def _array(name: str, values: Any) -> array[Any]:
    found: array[Any] = array(TYPES[name])
    found.frombytes(values.astype(TYPES[name]).tobytes())
    return found


if __name__ == "__main__":
    asked = sys.argv[1:]
    main(asked[0] if asked else "weekly", int(asked[1]) if len(asked) > 1 else LINES)

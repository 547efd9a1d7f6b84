"""What the live counters cost: a day of a shop through the store, its units computed from the records' sizes.

A table in memory takes the store's own updates and charges them as DynamoDB does: a write by the larger of the record
before and after, per started KB; a query by the sum of what it reads, per 8 KB (eventually consistent).
"""

import json
import math
import random
import time
from collections.abc import Iterator
from datetime import date
from itertools import batched
from typing import Any, NamedTuple
from unittest.mock import patch

import botocore.session
from botocore.parsers import create_parser
from rich.console import Console
from rich.table import Table as Printed

from shared.domain.counting import Count, Series
from shared.stores.counters import Change, CounterStore
from shared.stores.table import pack, unpack
from tests.bench.meter import READ_UNIT, WRITE_UNIT

DOLLARS_A_MILLION_WRITES = WRITE_UNIT * 1e6
DOLLARS_A_MILLION_READS = READ_UNIT * 1e6
SHARDS = 4
ROLLS = 6
"""A stream's shard takes records for about four hours, then another follows."""
LINES = 3
CATEGORIES = 200
DAY = date(2026, 5, 1)

console = Console(width=150)


class Shop(NamedTuple):
    """What happens in a day. Popularity of the items falls with their rank (Zipf)."""

    items: int
    views: int
    adds: int
    orders: int


SHOPS = (Shop(1_000, 5_000, 500, 200), Shop(100_000, 100_000, 10_000, 4_000))


class Charged:
    """A table in memory, as far as counters need it, that adds up what DynamoDB would charge."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], dict[str, Any]] = {}
        self.writes = 0

    def update_if(self, key: Any, expression: str, _condition: str, names: Any, values: Any) -> bool:
        before = self.records.get(key, {"pk": key[0], "sk": key[1]})
        adds = [pair.split() for pair in expression.removeprefix("ADD ").split(" SET ")[0].split(", ")]
        after = before | {names[name]: before.get(names[name], 0) + values[value] for name, value in adds}
        after |= {names["#last"]: values[":last"], names["#expires"]: values[":expires"]}
        self.records[key] = after
        self.writes += math.ceil(max(_size(before), _size(after)) / 1024)
        return True

    def query_all(self, pk: str) -> Iterator[dict[str, Any]]:
        return (record for (found, _), record in self.records.items() if found == pk)


def main() -> None:
    """Print the tables."""
    titles = ("buckets", "events a call", "units an event", "$ a million", "largest KB", "MB a day")
    for shop in SHOPS:
        printed = Printed("", *titles, "reading", title=f"{shop}")
        for series in Series:
            for buckets in (16, 64, 256):
                for size in (1, 100):
                    printed.add_row(*_row(shop, series, buckets, size))
        console.print(printed)


def _row(shop: Shop, series: Series, buckets: int, size: int) -> Iterator[str]:
    table = Charged()
    events = list(_events(shop, series))
    with patch("shared.stores.counters.BUCKETS", {series: buckets}):
        for some in batched(events, size, strict=False):
            _include(table, some, len(events))
    sizes = [_size(record) for record in table.records.values()]
    units = table.writes / len(events)
    read_units = sum(sizes) / 8192
    yield from (series.value, str(buckets), str(size), f"{units:.2f}", f"{units * DOLLARS_A_MILLION_WRITES:.2f}")
    yield from (f"{max(sizes) / 1024:.1f}", f"{sum(sizes) / 2**20:.2f}")
    if series is Series.TRENDING:
        # Today is read every ten seconds of a function that is always warm.
        yield f"today, every 10 s: ${read_units * 8640 / 1e6 * DOLLARS_A_MILLION_READS:.3f} a day"
    else:
        yield f"30 days: {30 * read_units:.0f} units, {30 * _seconds_to_read(table):.2f} s of CPU"


def _events(shop: Shop, series: Series) -> Iterator[list[Change]]:
    """A day's events as the changes that they make, in the order of the stream."""
    rng = random.Random(1)  # noqa: S311 - a simulation
    items = [f"item-{n:06d}" for n in range(shop.items)]
    weights = [1 / n for n in range(1, shop.items + 1)]
    kinds = [(1, 1)] * shop.views + [(3, 1)] * shop.adds if series is Series.TRENDING else []
    kinds += [(5 if series is Series.TRENDING else 1, LINES)] * shop.orders
    rng.shuffle(kinds)
    chosen = iter(rng.choices(items, weights, k=sum(lines for _, lines in kinds)))
    for n, (by, lines) in enumerate(kinds):
        sequence = f"{n:021d}"
        for_items = dict.fromkeys(next(chosen) for _ in range(lines))
        yield [_change(sequence, series, item, by) for item in for_items]


def _change(sequence: str, series: Series, item: str, by: int) -> Change:
    category = f"category {int(item[5:]) % CATEGORIES}" if series is Series.SOLD else None
    return Change(sequence, Count(series, DAY, item, by), category)


def _include(table: Any, events: tuple[list[Change], ...], of: int) -> None:
    """Into the part of the time of day, and of one of the shards."""
    position = int(events[0][0].sequence)
    roll = position * ROLLS // of
    part = f"shardId-{roll:020d}-{position // len(events) % SHARDS:08x}"
    CounterStore(table).include(part, [change for event in events for change in event])


def _seconds_to_read(table: Charged) -> float:
    """CPU time to make records of what DynamoDB answers, in the client and in our table: of one day."""
    query = botocore.session.get_session().get_service_model("dynamodb").operation_model("Query")
    assert query.output_shape
    parser = create_parser(query.metadata["protocol"])
    body = json.dumps({"Items": [pack(record) for record in table.records.values()]}).encode()
    start = time.process_time()
    reply = parser.parse({"body": body, "headers": {}, "status_code": 200}, query.output_shape)
    for record in reply["Items"]:
        unpack(record)
    return time.process_time() - start


def _size(record: dict[str, Any]) -> int:
    """DynamoDB's size of a record: names and texts in UTF-8; a number half a byte a digit and one or two more."""
    return sum(len(name.encode()) + _value_size(value) for name, value in record.items())


def _value_size(value: Any) -> int:
    return len(value.encode()) if isinstance(value, str) else (len(str(abs(value))) + 1) // 2 + 1


if __name__ == "__main__":
    main()

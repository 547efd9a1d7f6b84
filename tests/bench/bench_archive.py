"""A year of a shop's events in the archive: as the stream writes them, and with a compaction every night.

The bucket is in memory and counts its requests, whose latency is an assumption (below); what the functions compute is
run for real. Costs are AWS's list prices in us-east-1.
"""

import os
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from unittest.mock import patch

from moto import mock_aws
from rich.console import Console
from rich.table import Table as Printed

from functions.compact import compact as compaction
from shared.domain.events import KNOWN, CustomerRef, Event
from shared.domain.rights import Cut
from shared.stores import archive as archives
from shared.stores import clients
from shared.stores.archive import ArchiveStore, shard_of
from shared.stores.erased import without_erased
from shared.stores.lease import LeaseStore
from shared.stores.rewriting import ArchiveRewriter, of_customers
from shared.stores.table import Table
from shared.stores.tombstones import TombstoneStore
from tests import conftest
from tests.bench.meter import READ_UNIT, S3_GET, S3_PUT

EVENTS = 1_000_000
CUSTOMERS = 100_000
DAYS = 365
START = datetime(2025, 6, 1, tzinfo=UTC)
LATENCY_SECONDS = 0.02
"""Of a small object in S3, as is commonly seen within a region; not measured here."""
PRICE = {"put": S3_PUT, "list": S3_PUT, "get": S3_GET, "delete": 0.0}
READ_PRICE = READ_UNIT
"""Of a read request unit of the table."""

console = Console()


class Bucket:
    """S3 in memory: counts requests, and dates objects by the bench's clock."""

    class exceptions:  # noqa: N801 - as boto3 has it
        class NoSuchKey(Exception):  # noqa: N818 - as boto3 has it
            pass

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, datetime]] = {}
        self.requests: Counter[str] = Counter()
        self.now = START

    def put_object(self, **put: Any) -> None:
        self.requests["put"] += 1
        self.objects[put["Key"]] = put["Body"], self.now

    def get_object(self, **get: Any) -> Any:
        self.requests["get"] += 1
        body = self.objects[get["Key"]][0]
        return {"Body": type("Body", (), {"read": lambda _: body})()}

    def delete_objects(self, **gone: Any) -> Any:
        self.requests["delete"] += 1
        for each in gone["Delete"]["Objects"]:
            self.objects.pop(each["Key"], None)
        return {}

    def get_paginator(self, _: str) -> Any:
        return self

    def paginate(self, **asked: Any) -> Iterator[Any]:
        found = [
            {"Key": key, "Size": len(body), "LastModified": modified}
            for key, (body, modified) in sorted(self.objects.items())
            if key.startswith(asked["Prefix"])
        ]
        self.requests["list"] += max(1, -(-len(found) // 1000))
        yield {"Contents": found}


class Row(NamedTuple):
    """One way to keep the year, and what reading it takes."""

    what: str
    objects: int
    megabytes: float
    computed: float
    waited: float
    dollars: float


def main(events: int = EVENTS, customers: int = CUSTOMERS) -> None:
    """Print objects, time and cost of a reading, of the nights, and of an erasure."""
    rows: list[Row] = []
    for target in (None, compaction.TARGET_BYTES):
        for row in _year(events, customers, target):
            console.log(*row)
            rows.append(row)
    table = Printed("what", "objects", "MB", "computed s", "waited s (assumed)", "$", box=None, header_style="bold")
    for row in rows:
        table.add_row(row.what, f"{row.objects:,}", f"{row.megabytes:.1f}", *(f"{each:,.4g}" for each in row[3:]))
    console.print(f"{events:,} events of {customers:,} customers in {DAYS} days, {archives.SHARDS} shards")
    console.print(table)
    _tombstones(events, customers)


def _year(events: int, customers: int, target: int | None) -> Iterator[Row]:
    bucket: Any = Bucket()
    archive = ArchiveStore(bucket, "bench")
    name = f"target {target / 1e6:.0f} MB" if target else "as written"
    nowhere = patch.dict(os.environ, {"AWS_DEFAULT_REGION": "us-east-1"})
    with nowhere, mock_aws(), patch.object(compaction, "TARGET_BYTES", target or 1):
        rewriter = ArchiveRewriter(archive, _leases())
        smallest = (target or 1) // compaction.FAN_IN**3
        with patch.object(compaction, "SMALLEST_TIER_BYTES", smallest):
            yield from _nights(name, bucket, archive, rewriter if target else None, events, customers)
        yield _row(f"{name}: read whole", bucket, lambda: sum(1 for _ in archive.read()))
        shopper = CustomerRef(kind=KNOWN, id="c7")
        doomed = of_customers([shopper], Cut(bucket.now))
        yield _row(f"{name}: erase a shopper", bucket, lambda: rewriter.erase(shard_of(shopper), doomed))


def _nights(
    name: str, bucket: Any, archive: ArchiveStore, rewriter: ArchiveRewriter | None, events: int, customers: int
) -> Iterator[Row]:
    chance = random.Random(1)  # noqa: S311 - test data
    spent, nights = 0.0, Counter[str]()
    for day in range(DAYS):
        _write_day(archive, chance, START.date() + timedelta(days=day), events // DAYS, customers)
        bucket.now = START + timedelta(days=day + 1, hours=2)
        if rewriter is not None:
            before, start = Counter(bucket.requests), time.perf_counter()
            compaction.compact(rewriter, bucket.now, lambda: True)
            spent += time.perf_counter() - start
            nights += bucket.requests - before
    bucket.now += timedelta(days=3)
    if rewriter is not None:
        size = sum(len(body) for body, _ in bucket.objects.values())
        waited = _waited(nights)
        yield Row(f"{name}: all nights", len(bucket.objects), size / 1e6, spent, waited, _cost(nights))


def _write_day(archive: ArchiveStore, chance: random.Random, day: date, count: int, customers: int) -> None:
    """A minute's events of each shard are an object, as the function writes them."""
    minutes: dict[tuple[int, str], list[bytes]] = defaultdict(list)
    for _ in range(count):
        second = chance.randrange(86_400)
        customer = CustomerRef(kind=KNOWN, id=f"c{int(customers * chance.random() ** 2)}")
        event = Event(
            customer=customer,
            message_id=f"{chance.getrandbits(128):032x}",
            time=datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=second),
            name=chance.choice(["Product Viewed", "Product Added", "Order Completed"]),
            items=(f"item-{chance.randrange(5_000)}",),
        )
        minutes[second // 60, shard_of(customer)].append(archives._line(event))
    for (_, shard), lines in minutes.items():
        archive.write(f"{shard}/day={day}", lines)


def _row(what: str, bucket: Any, act: Any) -> Row:
    before, start = Counter(bucket.requests), time.perf_counter()
    act()
    computed = time.perf_counter() - start
    asked = bucket.requests - before
    size = sum(len(body) for body, _ in bucket.objects.values()) / 1e6
    return Row(what, len(bucket.objects), size, computed, _waited(asked), _cost(asked))


def _waited(requests: Counter[str]) -> float:
    one_by_one = requests["put"] + requests["list"] + requests["delete"]
    return LATENCY_SECONDS * (one_by_one + requests["get"] / archives.THREADS)


def _cost(requests: Counter[str]) -> float:
    return sum(count * PRICE[kind] for kind, count in requests.items())


def _leases() -> LeaseStore:
    clients.dynamodb.cache_clear()
    conftest.make_table(clients.dynamodb())
    return LeaseStore(Table(clients.dynamodb(), conftest.TABLE))


class _Empty:
    """A table without tombstones, which counts what is asked for."""

    asked = 0

    def get_many(self, keys: Any) -> list[Any]:
        self.asked += len(list(keys))
        return []


def _tombstones(events: int, customers: int) -> None:
    """What a training's look for tombstones takes: a keyed hash and a read unit for each customer."""
    refs = [CustomerRef(kind=KNOWN, id=f"c{n}") for n in range(customers)]
    some = [Event(customer=refs[n % customers], message_id=f"m{n}", time=START, name="v") for n in range(events)]
    table: Any = _Empty()
    start = time.perf_counter()
    kept = sum(1 for _ in without_erased(some, TombstoneStore(table, lambda: "pepper").erased))
    spent = time.perf_counter() - start
    assert kept == events
    calls = -(-table.asked // 100)
    console.print(
        f"tombstones of {customers:,} customers in {events:,} events: {spent:.2f} s computed, {calls:,} batch reads, "
        f"${table.asked * READ_PRICE:.4f}"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

"""Ingest: events a second and core, units, p50 and p99 of `/v1/batch`, cold start, memory, and what 1M events cost.

In process: the function's handler with the gateway's own events, in front of the local stack's table; the floor is the
same records written by bare boto3 batch writes in the same run, each right after the handler's. Through the local
stack: the deployed artefact behind the emulator's HTTP API, less what the emulator itself needs for a call that reads
nothing. Units are counted by AWS's rules (meter.py).
"""

import itertools
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import boto3
from rich import box
from rich.console import Console
from rich.table import Table as Printed

from shared.stores import clients
from shared.stores.table import WRITE_BATCH
from tests.bench import meter, traffic
from tests.bench.deployed import Through, through_the_stack
from tests.bench.inprocess import shop
from tests.functions.api import Api, Stream, app
from tests.gateway import Handler

SIZES = (1, 20, 100)
CALLS = 120
WARMED = 20
"""Calls before any is measured."""
GIGABYTES = 0.5
"""Memory of the function in template.yaml."""
ARCHIVE_OBJECTS_A_MINUTE = 8
"""At most: the archive's shards, each a minute."""
KINDS: dict[str, Callable[[], traffic.Sent]] = {
    "page view": traffic.page,
    "product view": traffic.view,
    "product view, signed in, the first of its device": lambda: traffic.signed_in(traffic.view()),
    "product view, signed in, of a device known already": lambda: traffic.signed_in(traffic.view(), "ann"),
    "product view without `messageId` and `timestamp`": lambda: traffic.bare(traffic.view()),
    "order of 1 line": lambda: traffic.order(1),
    "order of 10 lines": lambda: traffic.order(10),
    "order of 50 lines": lambda: traffic.order(50),
    "event of 32 KB": lambda: traffic.large(traffic.view()),
}

COSTED = 400
"""Events of each size of batch by which costs are told."""

console = Console(width=160)
THROUGH = ("through the local stack, events/s", "p50, p99 ms")
_sequence = itertools.count(10**18)


class Row(NamedTuple):
    """Calls with batches of one size: seconds of wall and of CPU of each, and of the floor's writes."""

    size: int
    wall: list[float]
    cpu: list[float]
    floor_wall: list[float]
    floor_cpu: list[float]


class Costs(NamedTuple):
    """Dollars of a million events."""

    writes: float
    reads: float
    function: float
    http_api: float
    live_counters: float


def main() -> None:
    """Print the tables: the README's two, and what the costs are made of."""
    with shop() as api:
        rows = [_in_process(api, size) for size in SIZES]
        kinds = _kinds(api)
        costs = [_dollars(api, row) for row in rows]
    seen = through_the_stack(SIZES)
    _print_speed(rows, costs, seen)
    console.print(kinds)
    _print_costs(costs)
    _print_notes(seen)


def _in_process(api: Api, size: int) -> Row:
    row = Row(size, [], [], [], [])
    bare = boto3.client("dynamodb")
    for n in range(CALLS + WARMED):
        body = traffic.batch(traffic.mixed(size))
        with _written() as requests:
            taken = _timed(partial(_sent, api, body))
        floor = _timed(partial(_bare, bare, requests))
        if n >= WARMED:
            for times, seconds in zip(row[1:], (*taken, *floor), strict=True):
                times.append(seconds)
    return row


def _sent(api: Api, body: traffic.Sent) -> None:
    reply = api.server.post("/v1/batch", body)
    assert reply.status == 200, reply.text


@contextmanager
def _written() -> Iterator[list[Any]]:
    """The write requests of the calls meanwhile."""
    requests: list[Any] = []
    events = clients.dynamodb().meta.events

    def note(params: dict[str, Any], **_: Any) -> None:
        for each in params["RequestItems"].values():
            requests.extend(each)

    name = "provide-client-params.dynamodb.BatchWriteItem"
    events.register(name, note, unique_id="bench written")
    yield requests
    events.unregister(name, unique_id="bench written")


def _bare(client: Any, requests: list[Any]) -> None:
    """What a script would do that knows the records beforehand."""
    table = os.environ["TABLE_NAME"]
    for start in range(0, len(requests), WRITE_BATCH):
        client.batch_write_item(RequestItems={table: requests[start : start + WRITE_BATCH]})


def _timed(act: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - wall, time.process_time() - cpu


def _print_speed(rows: list[Row], costs: list[Costs], seen: Through) -> None:
    head = ("batch of", "events/s/core", "p50, p99 ms", "of the floor", "its CPU", *THROUGH, "$ of 1M")
    table = _table(*head)
    for row, cost in zip(rows, costs, strict=True):
        table.add_row(
            str(row.size),
            f"{row.size / statistics.median(row.cpu):,.0f}",
            _middle_and_tail(row.wall),
            f"{statistics.median(row.wall) / statistics.median(row.floor_wall):.1f} x",
            f"{statistics.median(row.cpu) / statistics.median(row.floor_cpu):.1f} x",
            f"{row.size / (statistics.median(seen.warm[row.size]) - statistics.median(seen.own)):,.0f}",
            _middle_and_tail(seen.warm[row.size]),
            f"{sum(cost):.2f}",
        )
    console.print(table)


def _print_costs(costs: list[Costs]) -> None:
    table = _table("$ of 1M events, batch of", *Costs._fields)
    for size, cost in zip(SIZES, costs, strict=True):
        table.add_row(str(size), *(f"{each:.2f}" for each in cost))
    console.print(table)


def _kinds(api: Api) -> Printed:
    """Units of an event that comes alone, and of one among a hundred."""
    table = _table("kind of event", "bytes sent", "write units", "of 100, each", "read units", "$ of 1M")
    for name, make in KINDS.items():
        event = make()
        _sent(api, traffic.batch([make()]))
        alone, _ = _units(api, [event])
        # 100 of 32 KB are more than a batch may have.
        many = 10 if len(json.dumps(event)) > 5000 else 100
        writes, reads = _units(api, [make() for _ in range(many)])
        dollars = (writes * meter.WRITE_UNIT + reads * meter.READ_UNIT) * 1e6 / many
        figures = f"{alone:.0f}", f"{writes / many:.2f}", f"{reads / many:.2f}", f"{dollars:.2f}"
        table.add_row(name, f"{len(json.dumps(event)):,}", *figures)
    return table


def _units(api: Api, events: list[traffic.Sent]) -> tuple[float, float]:
    """Write and read units of one call with these events."""
    with meter.metered() as units:
        _sent(api, traffic.batch(events))
    return meter.writes(units), meter.reads(units)


def _dollars(api: Api, row: Row) -> Costs:
    """Of a million events: their writes, reads, Lambda and API calls, and what the live counters need after them."""
    stream, project = Stream("project"), app("project").handler
    calls = COSTED // row.size
    with meter.metered() as units, _written() as requests:
        for _ in range(calls):
            _sent(api, traffic.batch(traffic.mixed(row.size)))
    with meter.metered() as counters:
        batches = [stream.filtered(map(_record, some)) for some in itertools.batched(requests, row.size, strict=False)]
        events = [{"Records": records, "shardId": "shard-1"} for records in batches if records]
        counting = [_timed(partial(_counted, project, event))[0] for event in events]
    each = 1e6 / (calls * row.size)
    follows = meter.dollars(counters) + len(counting) * _lambda(statistics.median(counting))
    return Costs(
        writes=meter.writes(units) * meter.WRITE_UNIT * each,
        reads=meter.reads(units) * meter.READ_UNIT * each,
        function=calls * _lambda(statistics.median(row.wall)) * each,
        http_api=calls * meter.API_REQUEST * each,
        live_counters=follows * each,
    )


def _counted(project: Handler, event: dict[str, Any]) -> None:
    assert not project(event, None)["batchItemFailures"]


def _lambda(seconds: float) -> float:
    return meter.LAMBDA_REQUEST + seconds * GIGABYTES * meter.LAMBDA_GB_SECOND["arm64"]


def _record(request: Any) -> dict[str, Any]:
    """What the stream hands on of a put."""
    image = request["PutRequest"]["Item"]
    keys = {"pk": image["pk"], "sk": image["sk"]}
    number = str(next(_sequence))
    return {"eventName": "INSERT", "dynamodb": {"Keys": keys, "NewImage": image, "SequenceNumber": number}}


def _print_notes(seen: Through) -> None:
    month = ARCHIVE_OBJECTS_A_MINUTE * 60 * 24 * 30 * meter.S3_PUT
    own, cold = statistics.median(seen.own), statistics.median(seen.cold)
    console.print(
        f"Through the local stack, of each call {own * 1e3:.0f} ms are the emulator's own, and left out of events/s. "
        f"Cold {cold:.1f} s (process, imports, clients, secrets, keys, one event); at most {seen.megabytes:.0f} MB "
        f"resident.\nList prices of {meter.PRICED}; Lambda by this machine's medians, {GIGABYTES} GB, arm64. Live "
        "counters: project's writes and time, its batches no larger than the calls'. Reading the stream is free for "
        f"Lambda. Besides, the archive's PUTs: at most ${month:.2f} a month, however many events."
    )


def _table(*head: str) -> Printed:
    return Printed(*head, box=box.MARKDOWN)


def _middle_and_tail(seconds: list[float]) -> str:
    middle, tail = statistics.median(seconds), sorted(seconds)[int(len(seconds) * 0.99)]
    return f"{middle * 1e3:.1f}, {tail * 1e3:.1f}"


if __name__ == "__main__":
    main()

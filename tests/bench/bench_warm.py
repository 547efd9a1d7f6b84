"""The warm handler's time, split: `python -m tests.bench.bench_warm`, three minutes.

`POST /v1/recommendations`, for-you, lists of 10, as the server asks for a known customer, at 1,000, 10,000 and 100,000
items and 0, 20 and 50 events of history, with 20 rules of all kinds. The function runs in this process, in front of the
local stack's table; what a warm function remembers (keys, rules, counters, most items) it remembers here. CPU time is
that of all threads. `store` is the calls of the DynamoDB client, `wait` how long there was at least one, by the wall;
`inference` the graph and the ids and reasons made of its answer; `items` what is read from JSON; `rules` filters,
rules, twins and the order; `rest` HTTP, validation, the key, the history and the reply.
"""

import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import batched
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np
from rich.console import Console
from rich.table import Table as Printed

from functions.recommend.rulebook import Rulebook
from functions.recommend.selection import Selection
from functions.recommend.shelf import ItemShelf
from shared.domain.events import CustomerRef, Event
from shared.inference.scorer import Scorer
from shared.stores import clients
from shared.stores.events import EventStore
from shared.stores.items import ItemStore, _record
from shared.stores.models import ModelStore
from shared.stores.rules import RuleStore
from shared.stores.table import Table
from tests import conftest
from tests.bench import models
from tests.bench.bench_recommend import item
from tests.bench.bench_rules import rules
from tests.bench.inprocess import shop
from tests.bench.split import Split
from tests.functions.api import Api

SIZES = ((1_000, 100), (10_000, 100), (100_000, 42))
"""Items, and neighbours of each."""
HISTORIES = (0, 20, 50)
SKIPPED, MEASURED = 100, 150
SHOPPERS = 10
RULES = 20
PARTS = ("store", "inference", "items", "rules")

console = Console(width=140)


class Row(NamedTuple):
    """Seconds of each request, and calls of the store: lists of one length."""

    cpu: list[float]
    wall: list[float]
    wait: list[float]
    calls: list[int]
    parts: dict[str, list[float]]


def main() -> None:
    """Print the table."""
    table = Printed("items", "events", "CPU ms", *PARTS, "rest", "wall ms", "wait for the store", "reads", box=None)
    for items, width in SIZES:
        with shop() as api:
            model = models.made(items, width)
            _fill(Table(clients.dynamodb(), conftest.TABLE), model)
            for events in HISTORIES:
                table.add_row(f"{items:,}", str(events), *_told(_measured(api, events)))
    console.print(table, f"medians of {MEASURED}, of {SHOPPERS} customers")


def _fill(table: Table, model: models.Made) -> None:
    for some in batched(range(len(model.items)), 1000, strict=False):
        table.write_many(_record(model.items[n], item(n), 1, None) for n in some)
    store = ModelStore(table, clients.s3(), conftest.BUCKET)
    store.publish("m1", models.files(model), "")
    store.promote("m1", None)
    draw, now = np.random.default_rng(5), datetime.now(UTC)
    for rule in rules(RULES):
        RuleStore(table).put(rule, now)
    for events in HISTORIES:
        for n in range(SHOPPERS):
            drawn = draw.choice(len(model.items), events, p=model.shares)
            _shop(EventStore(table), f"c{events}-{n}", [model.items[row] for row in drawn], now)


def _shop(store: EventStore, customer: str, item_ids: Sequence[str], now: datetime) -> None:
    """Every other event is an order, the others are looks."""
    names = ("Order Completed", "Product Viewed")
    who = CustomerRef(kind="user", id=customer)
    store.put(
        (Event(customer=who, message_id=f"m{k}", time=now - timedelta(hours=k), name=names[k % 2], items=(each,)), {})
        for k, each in enumerate(item_ids)
    )


def _measured(api: Api, events: int) -> Row:
    """What is remembered stays fresh meanwhile; the customer's own records are read for every list."""
    app = api.apps["recommend"]
    table = Table(clients.dynamodb(), conftest.TABLE)
    shelf, book = ItemShelf(ItemStore(table), lambda: 0.0), Rulebook(RuleStore(table), lambda: 0.0)
    row = Row([], [], [], [], {part: [] for part in PARTS})
    with patch.object(app, "shelf", lambda: shelf), patch.object(app, "rulebook", lambda: book):
        for n in range(SKIPPED + MEASURED):
            asked = {"surface": "for-you", "customer_id": f"c{events}-{n % SHOPPERS}"}
            split = Split()
            places = (
                ("store", clients.dynamodb(), "_make_api_call"),
                ("inference", Scorer, "score"),
                ("items", ItemShelf, "get"),
                ("rules", Selection, "of"),
            )
            with split.of(*places):
                start = time.perf_counter(), time.process_time()
                _ask(api, asked)
                taken = time.perf_counter() - start[0], time.process_time() - start[1]
            if n >= SKIPPED:
                _note(row, split, taken)
    return row


def _ask(api: Api, asked: dict[str, Any]) -> None:
    reply = api.server.post("/v1/recommendations", asked)
    assert reply.status == 200, reply.text
    assert len(reply.json()["items"]) == 10


def _note(row: Row, split: Split, taken: tuple[float, float]) -> None:
    row.wall.append(taken[0])
    row.cpu.append(taken[1])
    row.wait.append(split.wall["store"])
    row.calls.append(split.calls["store"])
    for part in PARTS:
        row.parts[part].append(split.cpu[part])


def _told(row: Row) -> list[str]:
    milliseconds = partial(_median, scale=1e3)
    rest = [cpu - sum(row.parts[part][n] for part in PARTS) for n, cpu in enumerate(row.cpu)]
    figures = [row.cpu, *(row.parts[part] for part in PARTS), rest, row.wall, row.wait]
    return [*(f"{milliseconds(each):.2f}" for each in figures), f"{statistics.median(row.calls):.0f}"]


def _median(values: Sequence[float], scale: float) -> float:
    return statistics.median(values) * scale


if __name__ == "__main__":
    main()

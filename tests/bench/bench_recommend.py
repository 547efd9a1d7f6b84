"""100,000 items behind `POST /v1/recommendations`: what a request reads and costs, how long it takes, what is kept.

The function runs in this process, and the table is the local stack's, so times are not those of the cloud; read units
are counted by AWS's rules (meter.py). A made-up shop: items of about 600 bytes, one in twenty of 7 to 9 KB, one in
twelve sold out; shoppers and neighbours go by Zipf's law. The clock of the remembered items is set by the bench: so
many seconds from one request of a warm function to its next. The keys are known, as they are for a minute.
"""

import gc
import json
import resource
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import batched
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table as Printed

from functions.recommend import selection
from functions.recommend.ranking import Candidate, Rank
from functions.recommend.shelf import MOST_BYTES, ItemShelf
from shared.domain.events import CustomerRef, Event
from shared.domain.items import Item, content
from shared.stores import clients
from shared.stores.events import EventStore
from shared.stores.items import ItemStore, _record
from shared.stores.models import ModelStore
from shared.stores.table import Table
from tests import conftest
from tests.bench import meter
from tests.bench.inprocess import shop
from tests.functions.api import Api
from tests.functions.recommend.artefact import files_of
from training.matrix import LEVELS, ItemMatrix

ITEMS = 100_000
CUSTOMERS = 2_000
NEIGHBOURS = 20
REQUESTS = 1_000
SKIPPED = 1 / 3
"""Of the requests, while the memory fills."""
LONG = 1_000.0
GIGABYTES = 1.0
"""Memory of the function in template.yaml."""

console = Console(width=120)
chance = np.random.default_rng(1)


class Consistent(ItemStore):
    """As items were read before any were remembered."""

    def get(self, item_ids: Iterable[str], *, consistent: bool = True) -> dict[str, Item]:  # noqa: ARG002
        return super().get(item_ids)


class Way(NamedTuple):
    """One way to serve: how items are read, how many in the first round, and how often this function is asked."""

    name: str
    seconds_between: float
    store: type[ItemStore] = ItemStore
    hundreds: bool = False


WAYS = (
    Way("before: 100 read, strongly consistent", LONG, Consistent, hundreds=True),
    Way("a few more than shown, nothing remembered", LONG),
    Way("remembered, a request every 10 s", 10),
    Way("remembered, a request every second", 1),
    Way("remembered, 10 requests a second", 0.1),
)


class Row(NamedTuple):
    """Means of a request: read units for items and for all else; seconds of wall and of CPU, sorted."""

    way: Way
    item_units: float
    other_units: float
    seconds: list[float]
    cpu: list[float]


def main(items: int = ITEMS) -> None:
    """Print the tables."""
    ids = [f"item-{n:06d}" for n in range(items)]
    with shop() as api:
        table = Table(clients.dynamodb(), conftest.TABLE)
        _fill(table, ids)
        _publish(table, ids)
        requests = list(_requests(ids))
        _print([_served(api, table, way, requests) for way in WAYS])
        _memory(table, ids)


def item(n: int) -> Item:
    """An item as shops have them; every twentieth has a long description."""
    return Item.model_validate(
        {
            "item_id": f"item-{n:06d}",
            "title": f"Thing number {n} with a middling title",
            "price": {"amount": f"{n % 90 + 9}.90", "currency": "EUR"},
            "cost": {"amount": "3.20", "currency": "EUR"},
            "stock": 0 if n % 12 == 0 else n % 50 + 1,
            "category": f"Category {n % 300}",
            "attributes": {"colour": "red", "size": "M", "brand": f"Brand {n % 700}"},
            "image_url": f"https://shop.example/images/{n}.jpg",
            "url": f"https://shop.example/products/thing-number-{n}",
            "tags": ["new", "summer"],
            "text": "It is what it is. " * (400 + n % 100 if n % 20 == 7 else 8),
        }
    )


def _fill(table: Table, ids: list[str]) -> None:
    for some in batched(range(len(ids)), 1000, strict=False):
        table.write_many(_record(ids[n], item(n), 1, None) for n in some)
    now = datetime.now(UTC)
    events = EventStore(table)
    for n in range(CUSTOMERS):
        viewed = _popular(len(ids), int(chance.integers(1, 11)))
        names = chance.choice(["Product Viewed", "Product Added", "Order Completed"], len(viewed), p=[0.7, 0.2, 0.1])
        who = CustomerRef(kind="user", id=f"c{n}")
        events.put(
            (Event(customer=who, message_id=f"m{k}", time=now - timedelta(hours=k), name=name, items=(ids[row],)), {})
            for k, (row, name) in enumerate(zip(viewed, names, strict=True))
        )


@cache
def _weights(items: int) -> npt.NDArray[np.float64]:
    weights = 1 / np.arange(1, items + 1)
    return np.random.default_rng(2).permutation(weights / weights.sum())


def _popular(items: int, count: int) -> npt.NDArray[np.int64]:
    """Rows of items, drawn as shoppers come to them."""
    return chance.choice(items, count, p=_weights(items))


def _publish(table: Table, ids: list[str]) -> None:
    """A model: half of an item's neighbours are popular ones, the other half lie near it."""
    count, half = len(ids), NEIGHBOURS // 2
    near = (np.arange(2 * count)[:, None] % count + chance.integers(1, 300, (2 * count, half))) % count
    far = _popular(count, 2 * count * half).reshape(2 * count, half)
    neighbours = np.concatenate([near, far], axis=1).astype(np.int32)
    levels = chance.integers(1, LEVELS, neighbours.shape).astype(np.int8)
    scale = np.full(2 * count, 1 / LEVELS, dtype=np.float32)
    priors = (_weights(count) / _weights(count).max()).astype(np.float32)
    matrix = ItemMatrix(np.arange(count, dtype=np.int32), neighbours, levels, scale, np.stack([priors, priors]))
    best = [ids[row] for row in np.argsort(-priors)]
    models = ModelStore(table, clients.s3(), conftest.BUCKET)
    models.publish("m1", files_of(matrix, ids, best, priors.tolist()), "")
    models.promote("m1", None)


def _requests(ids: list[str]) -> Iterator[dict[str, Any]]:
    """Half beside an item, the other half for a customer."""
    for row in _popular(len(ids), REQUESTS):
        customer = f"c{chance.integers(CUSTOMERS)}"
        match int(chance.integers(10)):
            case 0:
                yield {"surface": "buy-again", "customer_id": customer}
            case 1 | 2 | 3 | 4:
                yield {"surface": "for-you", "customer_id": customer}
            case _:
                yield {"surface": "similar", "item_id": ids[row]}


def _hundreds(rank: Rank, _: int, __: int) -> Iterator[list[Candidate]]:
    for start in range(0, 400, 100):
        candidates = rank(start + 100)[start:]
        yield candidates
        if len(candidates) < 100:
            return


def _served(api: Api, table: Table, way: Way, requests: list[dict[str, Any]]) -> Row:
    clock = [0.0]
    shelf = ItemShelf(way.store(table), lambda: clock[0])
    rounds = _hundreds if way.hundreds else selection.rounds
    skipped = int(len(requests) * SKIPPED)
    seconds, cpu = [], []
    with patch.object(api.apps["recommend"], "shelf", lambda: shelf), patch.object(selection, "rounds", rounds):
        for request in requests[:skipped]:
            _asked(api, request, clock, way)
        with meter.metered() as units:
            for request in requests[skipped:]:
                start = time.perf_counter(), time.process_time()
                _asked(api, request, clock, way)
                seconds.append(time.perf_counter() - start[0])
                cpu.append(time.process_time() - start[1])
    count = len(requests) - skipped
    for_items = units["BatchGetItem", "ITEM"]
    return Row(way, for_items / count, (meter.reads(units) - for_items) / count, sorted(seconds), sorted(cpu))


def _asked(api: Api, request: dict[str, Any], clock: list[float], way: Way) -> None:
    clock[0] += way.seconds_between
    reply = api.server.post("/v1/recommendations", request)
    assert reply.status == 200, reply.text


def _print(rows: list[Row]) -> None:
    head = ("items are", "item units", "other units", "$ of 1M, items", "p50 ms", "p99 ms", "CPU ms", "of before")
    table = Printed(*head, box=None, header_style="bold")
    for row in rows:
        p50, p99 = (row.seconds[int(len(row.seconds) * share)] * 1e3 for share in (0.5, 0.99))
        table.add_row(
            row.way.name,
            f"{row.item_units:.1f}",
            f"{row.other_units:.1f}",
            f"{row.item_units * meter.READ_UNIT * 1e6:.2f}",
            f"{p50:.1f}",
            f"{p99:.1f}",
            f"{statistics.median(row.cpu) * 1e3:.1f}",
            f"{row.item_units / rows[0].item_units:.2f} x",
        )
    console.print(table)
    console.print(f"10 items a list; read units counted by rule, list prices of {meter.PRICED}.")
    rest = statistics.median(rows[-1].cpu) * GIGABYTES * meter.LAMBDA_GB_SECOND["x86_64"] * 1e6
    fixed = (meter.LAMBDA_REQUEST + meter.API_REQUEST) * 1e6
    console.print(f"1M requests besides: ${fixed:.2f} for the requests, ${rest:.2f} for this machine's CPU seconds.")


def _memory(table: Table, ids: list[str]) -> None:
    """What the shelf takes when it is full, and what the whole catalogue would."""
    shelf = ItemShelf(ItemStore(table))
    grown = _grown(lambda: [shelf.get(some) and None for some in batched(ids, 100, strict=False)])
    kept = shelf._kept
    console.print(
        f"full: {len(kept):,} items, {kept.currsize / 1e6:.0f} MB of {MOST_BYTES / 1e6:.0f} by its own count, "
        f"{grown / 1e6:.0f} MB of the process"
    )
    lines = [content(item(n)).encode() for n in range(len(ids))]
    snapshot = b"\n".join(lines)
    whole: dict[str, bytes] = {}
    start = time.process_time()
    grown = _grown(lambda: whole.update((json.loads(line)["item_id"], line) for line in snapshot.split(b"\n")))
    seconds = time.process_time() - start
    units = len(snapshot) / meter.READ_BYTES / 2
    console.print(
        f"the whole catalogue: {len(snapshot) / 1e6:.0f} MB of JSON; "
        f"{grown / 1e6:.0f} MB of the process and {seconds:.1f} s of CPU to load; by a query of the index {units:,.0f} "
        f"read units, ${units * meter.READ_UNIT:.4f}"
    )


def _grown(act: Callable[[], object]) -> int:
    before = _resident()
    act()
    return _resident() - before


def _resident() -> int:
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


if __name__ == "__main__":
    main()

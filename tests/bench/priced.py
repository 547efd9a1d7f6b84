"""A shop with prices to look at, in an empty table and bucket: what `bench_pricing_night` runs a night over.

Sales are those of `bench_demand.made_up`: promotions, seasons and elasticities of their own for every item, on 104
weeks. They go on for two weeks after `now`, which only a later night sees. Of each ten items one follows competitors
and one is on autopilot; margins are what elasticities of the shop ask for, give or take an eighth.
"""

import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import batched
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from shared.domain.competitors import CompetitorPrice
from shared.domain.items import Item
from shared.domain.money import Money
from shared.domain.price_limits import CompetitorRule, Limits
from shared.domain.vocabulary import EventName
from shared.stores import clients
from shared.stores.archive import SHARDS, ArchiveStore, all_shards, columns_key
from shared.stores.columns import TYPES, Columns, packed
from shared.stores.competitors import _put as competitors_put
from shared.stores.items import NOTHING, _planned, _stored
from shared.stores.price_limits import PriceLimitsStore
from shared.stores.table import Record, Table
from tests.bench.bench_demand import CATEGORIES, LONG, made_up
from tests.conftest import BUCKET
from training.demand.panel import Floats, Panel

WRITERS, BATCH = 8, 500
LINES_AN_ORDER, LINES_AN_OBJECT = 3, 200_000
AHEAD_WEEKS = 2
MARGIN, MARGIN_APART = 1 / 2.2, 0.12
RIVALS = 3
EVERY = 10
MOST_STOCK = 500


class Made(NamedTuple):
    """What was made: lines in the archive, records in the table, and the catalogue."""

    lines: int
    items: list[Item]


def make(table: Table, items: int, now: datetime, *, told: bool = True) -> Made:
    """The catalogue, its ledgers, limits, competitors and two years of orders, which may not tell prices."""
    chance = np.random.default_rng(items)
    panel, categories, _ = made_up(chance, items)
    catalogue = list(_catalogue(panel, categories, chance))
    _write(table, _records(catalogue, now))
    _limits(PriceLimitsStore(table))
    _write(table, _competitors(catalogue, chance, now))
    if not told:
        panel = replace(panel, price=np.full_like(panel.price, np.nan))
    return Made(_archive(panel, chance, now), catalogue)


def _catalogue(panel: Panel, categories: Sequence[str], chance: np.random.Generator) -> Iterator[Item]:
    """At the usual price, the highest there was."""
    usual = panel.price.reshape(-1, LONG).max(axis=1)
    share = np.clip(chance.normal(1 - MARGIN, MARGIN_APART, len(usual)), 0.2, 0.95)
    stock = chance.integers(1, MOST_STOCK, len(usual))
    for at, name in enumerate(panel.items):
        price = max(usual[at], 0.05)
        title = f"Item {name} of {categories[at]}"
        of = {"title": title, "category": categories[at], "stock": int(stock[at])}
        yield Item(item_id=name, price=_money(price), cost=_money(price * share[at]), **of)


def _money(amount: float) -> Money:
    return Money(amount=Decimal(f"{amount:.2f}"), currency="EUR")


def _records(catalogue: Iterable[Item], now: datetime) -> Iterator[Record]:
    """Each item as it was put a year ago; every tenth was a tenth dearer until the day before yesterday."""
    for at, item in enumerate(catalogue):
        started = item
        if at % EVERY == 0 and item.price:
            dearer = _money(float(item.price.amount) * 1.1)
            started = item.model_copy(update={"price": dearer})
        _, first = _planned(item.item_id, NOTHING, started, now - timedelta(days=365))
        writes = [put.record for put in first]
        if started is not item:
            writes = [*writes[1:], *_repriced(item, started, writes, now - timedelta(days=2))]
        yield from writes


def _repriced(item: Item, before: Item, writes: Sequence[Record], at: datetime) -> list[Record]:
    _, write = _planned(item.item_id, _stored(writes[0])._replace(item=before), item, at)
    return [put.record for put in write]


def _limits(store: PriceLimitsStore) -> None:
    store.put("all", Limits(endings=("9",)), None)
    for n in range(0, CATEGORIES, EVERY):
        store.put(f"category:category {n}", Limits(autopilot=True), None)
        rule = CompetitorRule(above=Decimal("0.05"))
        store.put(f"category:category {n + 1}", Limits(competitors=rule), None)


def _competitors(catalogue: Iterable[Item], chance: np.random.Generator, now: datetime) -> Iterator[Record]:
    for item in catalogue:
        if item.price and int((item.category or "").split()[-1]) % EVERY == 1:
            factors = chance.normal(1.02, 0.08, RIVALS)
            told = [
                CompetitorPrice(
                    item_id=item.item_id,
                    competitor=f"Rival {n}",
                    price=_money(float(item.price.amount) * by),
                    seen=now - timedelta(days=1),
                )
                for n, by in enumerate(factors)
            ]
            yield dict(competitors_put(item.item_id, told, None).record)


def _write(table: Table, records: Iterable[Record]) -> None:
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(table.write_many, batched(records, BATCH, strict=False)))


def _archive(panel: Panel, chance: np.random.Generator, now: datetime) -> int:
    """A line for each item and week in which it was sold, in orders of three of one week; how many lines."""
    rows = np.flatnonzero(panel.units > 0)
    rows = rows[np.lexsort((chance.random(len(rows)), panel.week[rows]))]
    rows = rows[: len(rows) // LINES_AN_ORDER * LINES_AN_ORDER]
    time = _times(panel.week[rows[::LINES_AN_ORDER]], chance, now)
    shard = chance.integers(0, SHARDS, len(time))
    archive = ArchiveStore(clients.s3(), BUCKET)
    for n, name in enumerate(all_shards()):
        mine = np.flatnonzero(shard == n)
        for number, some in enumerate(np.array_split(mine, len(mine) * LINES_AN_ORDER // LINES_AN_OBJECT + 1)):
            lines = rows.reshape(-1, LINES_AN_ORDER)[some].ravel()
            key = archive.write(f"{name}/merged", [json.dumps([n, number]).encode()])
            body = packed(_columns(panel, lines, some, time[some]))
            clients.s3().put_object(Bucket=BUCKET, Key=columns_key(key), Body=body)
    return len(rows)


def _times(week: npt.NDArray[Any], chance: np.random.Generator, now: datetime) -> Floats:
    """The last week of the panel ends so many weeks after this one's Monday."""
    monday = (now - timedelta(days=now.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    first = monday - timedelta(weeks=LONG - AHEAD_WEEKS)
    return np.asarray(first.timestamp() + (week + chance.uniform(0, 1, len(week))) * 7 * 86_400)


def _columns(panel: Panel, lines: npt.NDArray[Any], orders: npt.NDArray[Any], time: Floats) -> Columns:
    items, item = np.unique(panel.item[lines], return_inverse=True)
    count = len(orders)
    given: dict[str, Any] = {
        "customer": np.arange(count) % 1_000,
        "time": time,
        "name": np.zeros(count),
        "size": np.full(count, LINES_AN_ORDER),
        "message": orders + 1,
        "anonymous": np.zeros(count),
        "order": orders + 1,
        "paid": np.full(count, np.nan),
        "currency": np.zeros(count),
        "item": item,
        "quantity": panel.units[lines],
        "price": np.round(panel.price[lines], 2),
    }
    customers = tuple(f"user:c{n}" for n in range(1_000))
    names = tuple(panel.items[each] for each in items.tolist())
    arrays = {name: _array(TYPES[name], values) for name, values in given.items()}
    return Columns(customers, (EventName.ORDER_COMPLETED,), names, ("EUR",), **arrays)


def _array(kind: str, values: npt.NDArray[Any]) -> array[Any]:
    found: array[Any] = array(kind)
    found.frombytes(values.astype(kind).tobytes())
    return found

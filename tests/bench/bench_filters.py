"""What a selective filter misses today, and what an exact one would cost: `python -m tests.bench.bench_filters`.

Two minutes. A filter is tried on 400 candidates of the model's ranking, then on simpler rankings; what it misses is the
share of the best ten of all items that pass which are not among those 400. The exact one would try it on every item
before ranking, on what a filter reads of it (no url, no image) as small objects in memory, and mask the others in the
scorer: the time to read them from a file of JSON, their memory, and CPU per list, the first time and with a mask that
is remembered.
"""

import gc
import json
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from functions.recommend.selection import MOST_CANDIDATES
from shared.domain.filters import parse
from shared.domain.money import Money
from shared.inference.card import FOR_YOU
from shared.inference.scorer import Scorer
from tests.bench import models
from tests.bench.bench_recommend import item

SIZES = ((10_000, 100), (100_000, 42))
FILTERS = {
    "half": "price <= 53",
    "1 in 25": " or ".join(f'category = "Category {n}"' for n in range(0, 120, 10)),
    "1 in 300": 'category = "Category 7"',
    "1 in 2,100": 'category = "Category 7" and attributes.brand = "Brand 7"',
}
LISTS, SHOWN, LENGTH = 100, 10, 20
READ = {"url", "image_url", "cost", "text"}

console = Console(width=140)


@dataclass(slots=True)
class Light:
    """An item as far as a filter reads it."""

    item_id: str
    title: str
    price: Money | None
    stock: int | None
    category: str | None
    attributes: dict[str, str]
    tags: tuple[str, ...]
    kind: str = "product"
    group: str | None = None


def main() -> None:
    """Print the table for each size."""
    for items, width in SIZES:
        model = models.made(items, width)
        scorer = Scorer.load(models.files(model))
        lines = [item(n).model_dump_json(exclude_defaults=True, exclude=READ) for n in range(items)]
        before, start = _resident(), time.process_time()
        lights = [_light(json.loads(line)) for line in lines]
        console.print(
            f"{items:,} items: {sum(map(len, lines)) / 1e6:.0f} MB of JSON, read in "
            f"{time.process_time() - start:.2f} s of CPU, {(_resident() - before) / 1e6:.0f} MB of memory"
        )
        _print(scorer, model, lights)


def _light(read: dict[str, Any]) -> Light:
    amount, currency = read["price"]["amount"], read["price"]["currency"]
    price = Money.model_construct(amount=Decimal(amount), currency=currency)
    return Light(**(read | {"price": price, "tags": tuple(read["tags"])}))


def _print(scorer: Scorer, model: models.Made, lights: list[Light]) -> None:
    table = Table(
        "filter: passes", "items", "missed of the best ten", "first ms", "remembered ms", "plain ms", box=None
    )
    draw = np.random.default_rng(6)
    histories = [draw.choice(len(lights), LENGTH, p=model.shares) for _ in range(LISTS)]
    queries = [[(model.items[row], 1 / LENGTH) for row in rows] for rows in histories]
    plain = _cpu(lambda: [scorer.score(each, (), SHOWN, FOR_YOU) for each in queries]) / LISTS
    for name, text in FILTERS.items():
        test: Any = parse(text)
        first = _cpu(partial(_tested, test, lights))
        fails = [each.item_id for each in lights if not test(each)]
        rows = np.array([scorer._row[each] for each in fails])
        masked = sum(_cpu(partial(_masked, scorer, each, rows)) for each in queries) / LISTS
        best = [_masked(scorer, query, rows) for query in queries]
        near = [{each.item_id for each in scorer.score(query, (), MOST_CANDIDATES, FOR_YOU)} for query in queries]
        missed = np.mean([len(set(all_) - some) / max(1, len(all_)) for all_, some in zip(best, near, strict=True)])
        passing = len(lights) - len(fails)
        table.add_row(name, f"{passing:,}", f"{missed:.0%}", f"{first + masked:.1f}", f"{masked:.2f}", f"{plain:.2f}")
    console.print(table)


def _tested(test: Callable[[Any], bool], lights: list[Light]) -> list[bool]:
    return [test(each) for each in lights]


def _masked(scorer: Scorer, query: list[tuple[str, float]], hidden: Any) -> list[str]:
    """The best of what is not hidden, by the graph, as a mask by rows would have it."""
    prior = scorer._tables[FOR_YOU].prior
    kept = prior[hidden].copy()
    prior[hidden] = -1e9
    try:
        return [each.item_id for each in scorer.score(query, (), SHOWN, FOR_YOU)]
    finally:
        prior[hidden] = kept


def _cpu(act: Callable[[], object]) -> float:
    start = time.process_time()
    act()
    return (time.process_time() - start) * 1e3


def _resident() -> int:
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


if __name__ == "__main__":
    main()

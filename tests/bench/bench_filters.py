"""What a selective filter finds with facets and without, and its cost: `python -m tests.bench.bench_filters`.

Without facets a filter is tried on 400 candidates of the model's ranking; what it misses is the share of
the best ten of all items that pass which are not among those. With them it is tried on all items, once, and the scorer
ranks those that passed: CPU of the first list and of those after it, beside a list without a filter.
"""

import gc
import resource
import time
from collections.abc import Callable
from functools import partial

import numpy as np
from rich.console import Console
from rich.table import Table

from functions.recommend.selection import MOST_CANDIDATES
from shared.domain.filters import parse
from shared.inference.card import FOR_YOU
from shared.inference.facets import Facets, written
from shared.inference.scorer import Scorer
from tests.bench import models
from tests.bench.bench_recommend import item

SIZES = ((1_000, 100), (10_000, 100), (100_000, 42))
FILTERS = {
    "half": "price <= 53",
    "1 in 25": " or ".join(f'category = "Category {n}"' for n in range(0, 120, 10)),
    "1 in 300": 'category = "Category 7"',
    "1 in 2,100": 'category = "Category 7" and attributes.brand = "Brand 7"',
}
LISTS, COMPARED, SHOWN, LENGTH = 100, 30, 10, 20
SECONDS_A_MS = 1e3

console = Console(width=140)
Query = list[tuple[str, float]]
Queries = list[Query]
Rankings = list[tuple[Query, list[str]]]


def main() -> None:
    """Print the table for each size."""
    for items, width in SIZES:
        model = models.made(items, width)
        scorer = Scorer.load(models.files(model))
        catalogue = [item(n) for n in range(items)]
        start = time.process_time()
        file = written(catalogue)
        made, before, start = time.process_time() - start, _resident(), time.process_time()
        facets = Facets.load(file)
        console.print(
            f"{items:,} items: {len(file) / 1e6:.1f} MB, written in {made:.2f} s of CPU, read in "
            f"{time.process_time() - start:.2f} s into {(_resident() - before) / 1e6:.0f} MB of memory"
        )
        console.print(_table(scorer, model, facets))


def _table(scorer: Scorer, model: models.Made, facets: Facets) -> Table:
    table = Table(
        "filter: passes", "items", "missed without", "missed with", "first ms", "then ms", "no filter ms", box=None
    )
    draw = np.random.default_rng(6)
    histories = [draw.choice(len(model.items), LENGTH, p=model.shares) for _ in range(LISTS)]
    queries = [[(model.items[row], 1 / LENGTH) for row in rows] for rows in histories]
    plain = _cpu(lambda: [scorer.score(each, (), SHOWN) for each in queries]) / LISTS
    rankings = [
        (query, [each.item_id for each in scorer.score(query, (), len(model.items))]) for query in queries[:COMPARED]
    ]
    for name, text in FILTERS.items():
        first = _cpu(partial(facets.passing, parse(text), name))
        passing = facets.passing(parse(text), name)
        then = _cpu(partial(_lists, scorer, queries, passing)) / LISTS
        without, with_them = _missed(scorer, rankings, passing)
        row = (f"{without:.0%}", f"{with_them:.0%}", f"{first + then:.1f}", f"{then:.2f}", f"{plain:.2f}")
        table.add_row(name, f"{len(passing):,}", *row)
    return table


def _missed(scorer: Scorer, rankings: Rankings, passing: list[str]) -> tuple[float, float]:
    """The shares of the best ten missed among the first candidates, and by the scorer over what passes.

    The best ten are those of the whole ranking, each item scored.
    """
    allowed, shares = set(passing), []
    for query, ranked in rankings:
        best = [each for each in ranked if each in allowed][:SHOWN]
        among = [scorer.score(query, (), SHOWN, FOR_YOU, passing), scorer.score(query, (), MOST_CANDIDATES)]
        with_them, without = ({each.item_id for each in found} for found in among)
        shares.append([len(set(best) - found) / max(1, len(best)) for found in (without, with_them)])
    missed = np.mean(shares, axis=0)
    return float(missed[0]), float(missed[1])


def _lists(scorer: Scorer, queries: Queries, passing: list[str]) -> None:
    for query in queries:
        scorer.score(query, (), SHOWN, FOR_YOU, passing)


def _cpu(act: Callable[[], object]) -> float:
    start = time.process_time()
    act()
    return (time.process_time() - start) * SECONDS_A_MS


def _resident() -> int:
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


if __name__ == "__main__":
    main()

"""int8 against fp32, and either against numpy and against ALS: `python -m tests.bench.bench_int8`, three minutes.

What int8 loses: a model of The Complete Journey, fitted on all but the last 30 days with the recipe's defaults, asked
for what each household bought for the first time in those days. How long a score takes: a made-up model of 86,000
items, and `implicit`'s ALS on made-up customers of as many, both asked with 20 items, on one thread, in CPU time, in
turns.
"""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from infra.datasets import completejourney
from shared.domain.events import Event
from shared.inference.card import FOR_YOU, Recipe
from shared.inference.history import newest_first
from shared.inference.query import query
from shared.inference.scorer import Scorer
from shared.inference.session import HIDDEN, Session
from tests.bench import models
from training.graph import build
from training.interactions import collect
from training.matrix import ItemMatrix, blended, fit_parts, quantised, width_of
from training.oracle import answer
from training.shop import read
from training.sparse import largest_per_row, row_of_each

DAYS = 30
SHOWN, TOP = 10, 20
ORACLES = 300
"""Households whose list numpy ranks, too: it takes a hundred times as long."""
TIE = 1e-5
"""Scores this close are one: float32 sums differ by their order."""
ITEMS, WIDTH, EVENTS, CUSTOMERS = 86_000, 48, 1_100_000, 60_000
LENGTH = 20
FACTORS = 64
RUNS = 1_000

console = Console(width=140)
Rows = npt.NDArray[np.int64]


class Case(NamedTuple):
    """What a household is asked with, what may be shown to it and what it bought then."""

    rows: Rows
    weights: npt.NDArray[np.float32]
    mask: npt.NDArray[np.float32]
    bought: set[int]


def main() -> None:
    """Print both tables."""
    quality()
    with threadpool_limits(1):
        speed()


def quality() -> None:
    """Lists from both graphs and from numpy, on The Complete Journey."""
    matrix, exact, cases = _journey()
    graphs = {"fp32": build(exact), "int8": build(matrix)}
    lists = {name: _lists(Session(graph), cases) for name, graph in graphs.items()}
    table = Table("", "MB", "NDCG@10", f"of fp32's top {TOP}", f"of numpy's top {TOP}, same matrix", box=None)
    for name, used in (("fp32", exact), ("int8", matrix)):
        shared = np.mean([len(set(a) & set(b)) / TOP for a, b in zip(lists[name], lists["fp32"], strict=True)])
        ndcg = np.mean([_ndcg(ids[:SHOWN], case.bought) for ids, case in zip(lists[name], cases, strict=True)])
        agrees = np.mean([_agreed(used, case, ids) for case, ids in zip(cases[:ORACLES], lists[name], strict=False)])
        table.add_row(name, f"{len(graphs[name]) / 1e6:.1f}", f"{ndcg:.5f}", f"{shared:.2%}", f"{agrees:.2%}")
    console.print(table, f"{len(cases)} households, {len(matrix.rows):,} items; numpy for {ORACLES} households")


def _journey() -> tuple[ItemMatrix, ItemMatrix, list[Case]]:
    """The model as it is exported, the same in float32, and the questions."""
    events, recipe = list(completejourney.events()), Recipe()
    cut = max(event.time for event in events) - timedelta(days=DAYS)
    shop = read(collect(each for each in events if each.time < cut), list(completejourney.items()), datetime.now(UTC))
    parts = fit_parts(shop.view, shop.end, recipe.matrix)
    width = width_of(recipe.matrix, len(parts.rows))
    tables = [largest_per_row(each, width) for each in (blended(parts, recipe.matrix.covisits), parts.together)]
    kept = sp.csr_matrix(sp.vstack(tables, format="csr"))
    matrix = ItemMatrix(parts.rows, *quantised(kept, width), parts.priors)
    rows = row_of_each(kept)
    weights = np.zeros(matrix.weights.shape, dtype=np.float32)
    weights[rows, np.arange(kept.nnz) - kept.indptr[rows]] = kept.data
    row = {shop.view.items[number]: place for place, number in enumerate(parts.rows)}
    return matrix, _in_floats(matrix, weights), list(_cases(events, cut, row, parts.priors[0], recipe))


def _in_floats(matrix: ItemMatrix, weights: npt.NDArray[np.float32]) -> ItemMatrix:
    """The same neighbours with weights that were never rounded; the graph takes what type it is given."""
    exact: Any = weights
    return replace(matrix, weights=exact, scale=np.ones_like(matrix.scale))


def _cases(
    events: list[Event], cut: datetime, row: dict[str, int], prior: npt.NDArray[np.float32], recipe: Recipe
) -> Iterator[Case]:
    past: dict[str, list[Event]] = {}
    after: dict[str, set[str]] = {}
    for event in events:
        if event.time < cut:
            past.setdefault(str(event.customer), []).append(event)
        else:
            after.setdefault(str(event.customer), set()).update(event.items)
    for who, history in past.items():
        had = {item for event in history for item in event.items}
        new = {row[item] for item in after.get(who, set()) - had if item in row}
        pairs = [pair for pair in query(newest_first(history), recipe.query, cut.timestamp()) if pair[0] in row]
        if new and pairs:
            mask = np.float32(recipe.query.prior) * prior
            mask[[row[item] for item in had if item in row]] = HIDDEN
            rows = np.array([row[item] for item, _ in pairs], dtype=np.int64)
            yield Case(rows, np.array([weight for _, weight in pairs], dtype=np.float32), mask, new)


def _lists(session: Session, cases: list[Case]) -> list[list[int]]:
    return [session.run(case.rows, case.weights, case.mask, TOP)[0].tolist() for case in cases]


def _ndcg(shown: list[int], bought: set[int]) -> float:
    gain = sum(1 / math.log2(place + 2) for place, item in enumerate(shown) if item in bought)
    return gain / sum(1 / math.log2(place + 2) for place in range(min(SHOWN, len(bought))))


def _agreed(matrix: ItemMatrix, case: Case, ids: list[int]) -> float:
    """The share of a list that numpy ranks among as many, ties with its last one included."""
    full = answer(matrix, case.rows, case.weights, case.mask, len(matrix.rows))
    score = dict(zip(full.ids.tolist(), full.scores.tolist(), strict=True))
    return sum(1 for item in ids if score[item] >= full.scores[TOP - 1] - TIE) / TOP


def speed() -> None:
    """CPU time of one score, and of one of ALS's."""
    model = models.made(ITEMS, WIDTH)
    matrix = models.quantised(model)
    graph, wide = build(matrix), build(_in_floats(matrix, model.weights))
    scorer, als = Scorer.load(models.files(model)), _als(model)
    sessions = {"int8, the graph": Session(graph), "fp32, the graph": Session(wide)}
    taken: dict[str, list[float]] = {name: [] for name in (*sessions, "int8, with ids and reasons", "ALS, folded in")}
    draw = np.random.default_rng(3)
    mask = np.float32(0.03) * models.prior(model)
    for turn in range(RUNS):
        rows = draw.choice(ITEMS, LENGTH, replace=False, p=model.shares)
        weights = np.full(LENGTH, 1 / LENGTH, dtype=np.float32)
        pairs = [(model.items[row], 1 / LENGTH) for row in rows]
        asked = sp.csr_matrix((np.ones(LENGTH, np.float32), ([0] * LENGTH, rows)), shape=(1, ITEMS))
        exclude = [item for item, _ in pairs]
        ways: list[Callable[[], object]] = [
            *(partial(session.run, rows, weights, mask, TOP) for session in sessions.values()),
            partial(scorer.score, pairs, exclude, TOP, FOR_YOU),
            partial(als.recommend, 0, asked, N=TOP, recalculate_user=True),
        ]
        named = list(zip(taken, ways, strict=True))
        for name, way in named[turn % 4 :] + named[: turn % 4]:  # whoever comes first finds the caches cold
            taken[name].append(_cpu(way))
    sizes = {"int8, the graph": len(graph), "fp32, the graph": len(wide), "ALS, folded in": als.item_factors.nbytes}
    _print(taken, sizes)


def _als(model: models.Made) -> Any:
    """Fitted briefly: how good it is does not change how long it takes."""
    from implicit.als import AlternatingLeastSquares  # noqa: PLC0415 - an optional extra

    draw = np.random.default_rng(4)
    who = draw.integers(0, CUSTOMERS, EVENTS)
    what = draw.choice(ITEMS, EVENTS, p=model.shares)
    taken = sp.csr_matrix((np.ones(EVENTS, np.float32), (who, what)), shape=(CUSTOMERS, ITEMS))
    als = AlternatingLeastSquares(factors=FACTORS, iterations=2, random_state=1, num_threads=2, use_gpu=False)
    als.fit(taken, show_progress=False)
    als.num_threads = 1
    return als


def _cpu(act: Callable[[], object]) -> float:
    """Milliseconds of all threads of the process."""
    start = time.process_time_ns()
    act()
    return (time.process_time_ns() - start) / 1e6


def _print(taken: dict[str, list[float]], sizes: dict[str, int]) -> None:
    table = Table("", "MB", "p50 ms", "p99 ms", "p50 of ALS", box=None)
    als = np.percentile(taken["ALS, folded in"], 50)
    for name, times in taken.items():
        p50, p99 = np.percentile(times, (50, 99))
        size = f"{sizes[name] / 1e6:.1f}" if name in sizes else ""
        table.add_row(name, size, f"{p50:.2f}", f"{p99:.2f}", f"{p50 / als:.3f} x")
    console.print(table, f"{ITEMS:,} items, {LENGTH} asked with, {TOP} shown, {FACTORS} factors; {RUNS:,} turns")


if __name__ == "__main__":
    main()

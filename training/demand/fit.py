"""Fits the demand model: sales of a shop in, every item's curve out.

Units of an item and week are Poisson, spread further as its sales are (negative binomial). Their mean's logarithm is
the item's level, which drifts, plus what its category does that week, plus elasticity times the logarithm of the price,
plus covariates. What all items share is learnt on a sample of them; then every item is fitted with it.
"""

from collections.abc import Sequence

import numpy as np

from shared.inference.demand import DemandModel
from training.blas import one_blas_thread
from training.demand.curves import Outcome, curves
from training.demand.dense import Weeks, dense
from training.demand.panel import Ints, Panel
from training.demand.passes import learnt
from training.demand.shared import Shared, State
from training.demand.simulated import judged
from training.demand.terms import Layout

SAMPLE = 4_000
"""Items from which the variances of all are learnt."""
ROUNDS, ROUNDS_OF_ALL = 8, 3
SEED = 7


def fit(sales: Panel, categories: Sequence[str | None]) -> DemandModel:
    """The model of these sales; `categories` has one entry per item of the panel, None where an item has none.

    Raises `ValueError` if there is nothing to fit, or an item has a week twice.
    """
    weeks, group = dense(sales), numbered(categories)
    layout = Layout.of(weeks)
    with one_blas_thread():
        shared, state = fitted(weeks, group, layout)
        check = judged(weeks, group, layout, shared, state)
    return curves(sales, weeks, group, layout, Outcome(shared, state, check))


def numbered(categories: Sequence[str | None]) -> Ints:
    """Each item's category as a number; the items without one are a category."""
    names = {name: number for number, name in enumerate(dict.fromkeys(categories))}
    return np.array([names[each] for each in categories], dtype=np.int32)


def fitted(weeks: Weeks, group: Ints, layout: Layout) -> tuple[Shared, State]:
    """What all share, learnt on a sample, then every item."""
    start = Shared.start(weeks, group, layout)
    items = len(group)
    if items <= SAMPLE:
        return learnt(weeks, group, layout, start, ROUNDS, vary=True)
    some = np.sort(np.random.default_rng(SEED).choice(items, SAMPLE, replace=False))
    shared, _ = learnt(weeks.of(some), group[some], layout, start, ROUNDS, vary=True)
    return learnt(weeks, group, layout, shared, ROUNDS_OF_ALL, vary=False)

"""Do intervals of elasticity hold as often as they say? Asked of sales made up on the shop's own weeks and prices."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from shared.inference.demand import FLATTEST, NORMAL, STEEPEST
from training.demand.dense import Weeks
from training.demand.panel import Floats, Ints
from training.demand.passes import learnt
from training.demand.shared import Shared, State
from training.demand.terms import Layout

ITEMS = 1_000
"""Of the shop, in one made-up history."""
ENOUGH, FEWEST_HISTORIES, MOST_HISTORIES = 600, 3, 6
"""Elasticities to judge by; few items need several histories, and one alone may have an odd spread."""
ROUNDS = 5
WIDEST = 2.0
MARGIN = 1.08
"""Real sales, and those of other simulators, keep to the model less than its own do: what that was seen to cost."""
SEED = 11


class Judged(NamedTuple):
    """What intervals must be multiplied by to hold 90% of the truths, and how many of them they then hold."""

    widening: float
    coverage80: float
    coverage90: float


def judged(weeks: Weeks, group: Ints, layout: Layout, shared: Shared, state: State) -> Judged:
    """Draw elasticities as the model believes them spread, draw sales from them, fit these, compare."""
    draw = np.random.default_rng(SEED)
    some = _whole_categories(group, draw)
    histories = int(np.clip(-(-ENOUGH // len(some)), FEWEST_HISTORIES, MOST_HISTORIES))
    part, of, known = weeks.of(some), group[some], State(*(each[some] for each in state))
    off = np.concatenate([_off(part, of, layout, shared, known, draw) for _ in range(histories)])
    widening = float(np.clip(np.quantile(off, 0.9) / NORMAL[0.9], 1.0, WIDEST)) * MARGIN
    held = {share: float((off <= NORMAL[share] * widening).mean()) for share in NORMAL}
    return Judged(widening, held[0.8], held[0.9])


def _whole_categories(group: Ints, draw: np.random.Generator) -> npt.NDArray[np.intp]:
    """Items of categories drawn whole: thinned out, these would tell less of their items than they do."""
    order = draw.permutation(int(group.max()) + 1)
    return np.sort(np.argsort(order.argsort()[group], kind="stable")[:ITEMS])


def _off(part: Weeks, of: Ints, layout: Layout, shared: Shared, state: State, draw: np.random.Generator) -> Floats:
    """Per item: how many standard deviations the estimate is from the truth."""
    truth = _drawn(of, layout, shared, state, draw)
    highest = np.maximum(np.log1p(part.units.max(axis=1, keepdims=True)) + 1.0, 11.0)
    logs = np.einsum("itp,ip->it", layout.design(part), truth) + shared.course.during[of]
    expected = np.exp(np.clip(logs, -14.0, highest))
    size = state.size[:, None]
    units = draw.poisson(expected * draw.gamma(size, 1 / size, expected.shape)) * part.counted
    made_up = replace(part, units=units.astype(np.float32))
    fresh = np.unique(of, return_inverse=True)[1].astype(np.int32)
    learnt_again, found = learnt(made_up, fresh, layout, Shared.start(made_up, fresh, layout), ROUNDS, vary=True)
    at = layout.elasticity
    sd = elasticity_sd(learnt_again, found, fresh, layout)
    return np.asarray(np.abs(found.terms[:, at] - truth[:, at]) / sd)


def _drawn(of: Ints, layout: Layout, shared: Shared, state: State, draw: np.random.Generator) -> Floats:
    """The fitted terms, but elasticities and drift anew: the fitted ones are shrunk, so less spread than the truth."""
    truth = state.terms.copy()
    prior = shared.priors[layout.elasticity]
    anew = prior.centre[of] + np.sqrt(prior.spread) * draw.standard_normal(len(of))
    truth[:, layout.elasticity] = np.clip(anew, STEEPEST, FLATTEST)
    truth[:, layout.drifts] = np.sqrt(shared.drift) * draw.standard_normal(truth[:, layout.drifts].shape)
    return truth


def elasticity_sd(shared: Shared, state: State, group: Ints, layout: Layout) -> Floats:
    """Of each item: its own and, as far as it relies on it, that of its category's centre."""
    prior, variance = shared.priors[layout.elasticity], state.variance[:, layout.elasticity]
    pull = np.clip(variance / prior.spread, 0.0, 1.0)
    return np.asarray(np.sqrt(variance + pull**2 * prior.error[group]))

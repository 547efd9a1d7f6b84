"""What all items share: priors, variances, and the weeks' course; and what a round of fits says of it."""

from typing import NamedTuple, Self

import numpy as np

from training.demand import season
from training.demand.dense import Weeks
from training.demand.panel import Floats, Ints
from training.demand.pooled import slopes
from training.demand.priors import Believed, Prior, said, updated
from training.demand.terms import LEVEL, Layout

AHEAD = 53
"""Weeks after the data for which the season is told."""
LARGEST_SHIFT = 2.0
"""The furthest that a category's week may seem from what was expected, as a logarithm."""
SPREAD = 0.5
"""The variance of elasticity between items that is believed before any sale is seen."""
BELIEVED = {"level": Believed(1.5, 2.0), "elasticity": Believed(SPREAD, 10.0), "extra": Believed(0.1, 5.0)}
DRIFTS = (1e-5, 0.5)
"""Of the variance of a step of drift, or of a year's trend: the least and the most."""


class Shared(NamedTuple):
    """A prior for each centred term, variances of a step of drift and of trend, overdispersion, the weeks' course."""

    priors: dict[int, Prior]
    drift: float
    trend: float
    dispersion: float
    course: season.Course
    of_all: Floats
    of_groups: Floats

    @classmethod
    def start(cls, weeks: Weeks, group: Ints, layout: Layout) -> Self:
        """Before any fit: the categories' mean levels, and what was believed of the rest."""
        groups, count = int(group.max()) + 1, weeks.shape[1]
        level = np.bincount(group, rates(weeks), groups) / np.maximum(np.bincount(group, minlength=groups), 1)
        prior = {LEVEL: Prior.start(level, 1.5)}
        for term, slope in enumerate(slopes(weeks), layout.elasticity):
            prior[term] = Prior.start(np.full(groups, slope), SPREAD if term == layout.elasticity else 0.25)
        nothing = season.Course(np.zeros((groups, count)), np.zeros((groups, AHEAD)))
        return cls(prior, 1e-4, 1e-2, 1 / 3, nothing, season.BEFORE, season.BEFORE)

    @property
    def logs(self) -> Floats:
        """[3, 1 or 2]: the logarithms of the course's variances, of all and, where there are several, of a category."""
        several = len(self.course.during) > 1
        return np.stack([self.of_all, self.of_groups] if several else [self.of_all], axis=1)

    def centres(self, layout: Layout, group: Ints) -> Floats:
        """[items, terms]."""
        centres = np.zeros((len(group), layout.terms))
        for term, prior in self.priors.items():
            centres[:, term] = prior.centre[group]
        return centres

    def spreads(self, layout: Layout) -> Floats:
        """[terms]: variances around the centres."""
        spreads = np.empty(layout.terms)
        spreads[layout.drifts], spreads[layout.trends] = self.drift, self.trend
        for term, prior in self.priors.items():
            spreads[term] = prior.spread
        return spreads


class State(NamedTuple):
    """Each item's terms, their variances, the covariance of level and elasticity, and the size of its spread."""

    terms: Floats
    variance: Floats
    joint: Floats
    size: Floats


def rates(weeks: Weeks) -> Floats:
    """Logarithms of the items' mean units a week."""
    sold = weeks.units.sum(axis=1, dtype=np.float64)
    return np.asarray(np.log((sold + 0.5) / (weeks.counted.sum(axis=1) + 0.5)))


class Seen(NamedTuple):
    """What a round of fits saw: of overdispersion, and per category and week how far off, and how sure, sales were."""

    excess: float
    room: float
    off: Floats
    sure: Floats


def heard(shared: Shared, state: State, seen: Seen, group: Ints, layout: Layout) -> Shared:
    """The priors and the overdispersion after a round."""
    kinds = {LEVEL: "level", layout.elasticity: "elasticity"}
    learnt = {
        term: updated(
            prior, said(state.terms[:, term], state.variance[:, term], prior, group), BELIEVED[kinds.get(term, "extra")]
        )
        for term, prior in shared.priors.items()
    }
    return shared._replace(priors=learnt, dispersion=max(seen.excess / max(seen.room, 1e-9), 0.01))


def drifted(shared: Shared, state: State, layout: Layout) -> Shared:
    """The variances of drift and trend after a round."""
    return shared._replace(
        drift=_variance(state, layout.drifts, shared.drift), trend=_variance(state, layout.trends, shared.trend)
    )


def _variance(state: State, terms: slice, before: float) -> float:
    """MacKay's rule: the squares over how many of the terms the data, not the prior, decided."""
    squares = float((state.terms[:, terms] ** 2).sum())
    decided = float((1 - state.variance[:, terms] / before).sum())
    return float(np.clip(squares / max(decided, 1.0), *DRIFTS))


def coursed(shared: Shared, seen: Seen, *, vary: bool) -> Shared:
    """The weeks' course after a round: of all items, then each category's beside it. `vary`: learn how they vary."""
    shift = np.clip(seen.off / np.maximum(seen.sure, 1e-6), -LARGEST_SHIFT, LARGEST_SHIFT)
    groups = np.clip(shared.course.during + shift, -LARGEST_SHIFT, LARGEST_SHIFT)
    sure = seen.sure.sum(axis=0, keepdims=True)
    everything = (seen.sure * groups).sum(axis=0, keepdims=True) / np.maximum(sure, 1e-6)
    of_all, of_groups = shared.of_all, shared.of_groups
    if vary:
        of_all = season.likeliest(everything, sure, of_all)
    common = season.course(everything, sure, AHEAD, of_all)
    if len(groups) == 1:
        return shared._replace(course=common, of_all=of_all)
    beside = groups - common.during
    if vary:
        of_groups = season.likeliest(beside, seen.sure, of_groups)
    own = season.course(beside, seen.sure, AHEAD, of_groups)
    both = season.Course(common.during + own.during, common.after + own.after)
    return shared._replace(course=both, of_all=of_all, of_groups=of_groups)

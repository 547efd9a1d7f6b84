"""From fitted terms to the curves that are served."""

from typing import NamedTuple

import numpy as np

from shared.inference.demand import FLATTEST, STEEPEST, DemandModel
from training.demand.dense import Weeks
from training.demand.panel import Floats, Ints, Panel
from training.demand.season import YEAR
from training.demand.shared import Shared, State
from training.demand.simulated import Judged, elasticity_sd
from training.demand.terms import LEVEL, WEEKS_A_KNOT, Layout


class Outcome(NamedTuple):
    """A fit and how its intervals did."""

    shared: Shared
    state: State
    judged: Judged


def curves(sales: Panel, weeks: Weeks, group: Ints, layout: Layout, outcome: Outcome) -> DemandModel:
    """The served model; its id is given when it is packed."""
    shared, state, check = outcome
    at, prior = layout.elasticity, shared.priors[layout.elasticity]
    sd = elasticity_sd(shared, state, group, layout)
    base_sd = np.sqrt(state.variance[:, LEVEL])
    extras = state.terms[:, at + 1 :] / weeks.scale
    return DemandModel(
        model_id="",
        items=sales.items,
        reference=weeks.reference,
        base=state.terms[:, LEVEL] - extras @ weeks.centre,
        base_sd=base_sd,
        elasticity=np.clip(state.terms[:, at], STEEPEST, FLATTEST),
        elasticity_sd=sd,
        correlation=np.clip(state.joint / np.maximum(base_sd * sd, 1e-12), -0.99, 0.99),
        prior=np.clip(prior.centre[group], STEEPEST, FLATTEST),
        prior_sd=np.sqrt(prior.spread + prior.error[group]),
        own_share=np.clip(1 - state.variance[:, at] / prior.spread, 0.0, 1.0),
        size=1 / (1 / state.size + _shock(shared)),
        last_price=weeks.last_price,
        weeks=_sold(weeks),
        prices=weeks.prices,
        group=group,
        season=shared.course.after,
        covariates=extras,
        trend=_trend(state, layout),
        drift=float(shared.drift / WEEKS_A_KNOT) if layout.drift.shape[1] else 0.0,
        names=sales.names,
        span=weeks.span,
        widening=check.widening,
        coverage80=check.coverage80,
        coverage90=check.coverage90,
    )


def _shock(shared: Shared) -> float:
    """The variance of a week that its category, or all, have by themselves: past ones are known, later ones are not."""
    return float(np.exp(shared.logs)[2].sum())


def _sold(weeks: Weeks) -> Ints:
    return np.asarray((weeks.units > 0).sum(axis=1), dtype=np.int32)


def _trend(state: State, layout: Layout) -> Floats:
    """A week's, per item."""
    from_years = state.terms[:, layout.trends].sum(axis=1)
    return np.asarray(from_years / YEAR)

"""What the demand model says of the items whose prices are looked at, in the terms of the safe rule."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from shared.inference.demand import DemandModel
from training.demand.panel import Panel
from training.pricing.arrays import Doubles, Whole
from training.pricing.belief import GRID, Known
from training.pricing.rule import LATELY, Lately

USUAL_WEEKS = 26
"""Half a year, in which a few weeks' trials do not count."""
SEASON_AHEAD = 4
LEAST_SPREAD = 0.05


@dataclass(frozen=True)
class Demanded:
    """By item: units expected next week at its price and their uncertainty (of the logarithm), how much its season will
    change in four weeks (of the logarithm), and what its elasticity rests on.
    """

    units: Doubles
    uncertain: Doubles
    season: Doubles
    weeks: Whole
    prices: Whole
    own_share: Doubles


def demanded(model: DemandModel, rows: Whole, price: Doubles) -> Demanded:
    """Of these rows of the model, at these prices."""
    now = np.zeros(len(rows), np.int32)
    season = model.season[model.group[rows]]
    ahead = season[:, min(SEASON_AHEAD, season.shape[1] - 1)] - season[:, 0]
    return Demanded(
        units=model.expected(rows.astype(np.int32), price, now),
        uncertain=np.sqrt(model.base_sd[rows] ** 2 + model.drift),
        season=ahead,
        weeks=model.weeks[rows].astype(np.int64),
        prices=model.prices[rows].astype(np.int64),
        own_share=model.own_share[rows],
    )


def known(model: DemandModel, rows: Whole, multiple: Doubles) -> Known:
    """The prior of each item's elasticity, and what its own sales add to it."""
    prior, spread = -model.prior[rows], model.prior_sd[rows] * model.widening
    return Known(
        likelihood=_own(model, rows),
        mean=np.log(np.maximum(prior, np.exp(GRID[0]))),
        spread=np.maximum(spread / np.maximum(prior, LEAST_SPREAD), LEAST_SPREAD),
        category=model.group[rows].astype(np.int64),
        multiple=multiple,
    )


def _own(model: DemandModel, rows: Whole) -> Doubles:
    """The model's estimate is its prior times this: the two normals divided. Flat where sales have added nothing."""
    value, prior = -model.elasticity[rows], -model.prior[rows]
    after, before = (
        (model.elasticity_sd[rows] * model.widening) ** -2.0,
        (model.prior_sd[rows] * model.widening) ** -2.0,
    )
    precision = np.maximum(after - before, 0.0)
    centre = np.where(precision > 0, (value * after - prior * before) / np.where(precision > 0, precision, 1), 0.0)
    logs = -0.5 * precision[:, None] * (np.exp(GRID) - centre[:, None]) ** 2
    scaled: Doubles = np.exp(logs - logs.max(axis=1, keepdims=True))
    return scaled


def weekly_prices(panel: Panel, items: Sequence[str]) -> Doubles:
    """The prices of these items, by week, in the last half year of the panel; NaN where none is known."""
    first = panel.weeks - USUAL_WEEKS
    place = {item: at for at, item in enumerate(items)}
    at = np.array([place.get(item, -1) for item in panel.items], np.int64)[panel.item]
    known_price = np.isfinite(panel.price) & (panel.price > 0)
    rows = known_price & (at >= 0) & (panel.week >= first)
    prices = np.full((len(items), USUAL_WEEKS), np.nan)
    prices[at[rows], panel.week[rows] - first] = panel.price[rows]
    return prices


def usual(prices: Doubles, current: Doubles) -> Doubles:
    """The median of the half year; the current one of an item without a past."""
    filled = np.where(np.isfinite(prices).any(axis=1)[:, None], prices, current[:, None])
    median: Doubles = np.nanmedian(filled, axis=1)
    return median


def lately(prices: Doubles, current: Doubles) -> Lately:
    """The span of the last weeks' prices; a week without sales had the current price for all that is known."""
    last = prices[:, -LATELY:]
    return Lately.of(np.where(np.isfinite(last), last, current[:, None]))

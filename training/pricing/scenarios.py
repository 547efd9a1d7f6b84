"""The shops that pricing policies are judged on: made by seed, fixed before any policy was written.

Nothing in this file is ever changed: a test pins a hash of what it makes. A new question gets a new scenario.
"""

from dataclasses import dataclass

import numpy as np

from training.pricing.arrays import Bits, Doubles
from training.pricing.simulator import Shop

ITEMS = 200
HISTORY = 91
DAYS = 60
SALES_A_DAY = 0.6
SEEDS = tuple(range(2001, 2021))
"""Each scenario is twenty shops: four thousand items, so that a policy's mean has an error worth naming."""
CATEGORY_ELASTICITIES = (1.8, 2.2, 2.6, 3.0, 3.6)
ITEM_SPREAD = 0.25
"""Standard deviation of an item's log elasticity around its category's."""
STEEPEST, FLATTEST = 6.0, 1.4
SHOCK = 0.15
"""Standard deviation of the log of what a week brings to one item for no reason that anybody sees."""
CROSS = 0.3
"""Of an item's own elasticity: how its sales follow a competitor's price."""
UNDERCUT = 0.15
STEEPER = 1.15
"""Beside a cheaper competitor, shoppers compare: the elasticity is this many times as steep."""
MARKUP = 1.6
"""Of a shop that puts the same on top of each cost: its margins say nothing of elasticities."""


@dataclass(frozen=True)
class Scenario:
    """How far from the best the shop's own prices are, how far the prior is from the truth, and what else happens."""

    name: str
    bias: float
    spread: float
    prior_factor: float = 1.0
    trend: float = 0.0
    competitor: bool = False
    stock_outs: bool = False
    markup: bool = False

    @property
    def well_specified(self) -> bool:
        """Whether the prior that policies are given is the one that the truth was drawn from."""
        return self.prior_factor == 1.0


SCENARIOS = (
    Scenario("well priced", bias=0.0, spread=0.10),
    Scenario("somewhat off", bias=-0.05, spread=0.15),
    Scenario("badly priced", bias=-0.12, spread=0.20),
    Scenario("prior too elastic", bias=-0.05, spread=0.15, prior_factor=1.5),
    Scenario("trend", bias=-0.05, spread=0.15, trend=-0.03),
    Scenario("competitor moves", bias=-0.05, spread=0.15, competitor=True),
    Scenario("stock-outs", bias=-0.05, spread=0.15, stock_outs=True),
    # Added after the safe rule was first run on those above, and before it was tuned: what it takes for granted.
    Scenario("prior too flat", bias=-0.05, spread=0.15, prior_factor=1 / 1.5),
    Scenario("one markup", bias=0.0, spread=0.02, markup=True),
    Scenario("one markup, too elastic", bias=0.0, spread=0.02, markup=True, prior_factor=1.5),
    Scenario("one markup, too flat", bias=0.0, spread=0.02, markup=True, prior_factor=1 / 1.5),
)


def shop(scenario: Scenario, seed: int) -> Shop:
    """One shop of a scenario. The draws come in a fixed order, and all are drawn in each scenario."""
    draw = np.random.default_rng([seed, 7])
    category = draw.integers(0, len(CATEGORY_ELASTICITIES), ITEMS)
    means = np.log(CATEGORY_ELASTICITIES)
    elasticity = np.clip(np.exp(means[category] + draw.normal(0, ITEM_SPREAD, ITEMS)), FLATTEST, STEEPEST)
    cost = np.exp(draw.normal(np.log(5), 0.7, ITEMS))
    right = cost * (MARKUP if scenario.markup else elasticity / (elasticity - 1))
    price = right * np.exp(draw.normal(scenario.bias, scenario.spread, ITEMS))
    price = np.maximum(price, cost * 1.05)
    rate = np.exp(draw.normal(0, 0.5, ITEMS))
    rate *= SALES_A_DAY / rate.mean()
    return Shop(
        category=category,
        cost=cost,
        price=price,
        elasticity=elasticity,
        rate=rate[:, None] * _levels(scenario, draw),
        history=_history(price, draw),
        in_stock=_in_stock(scenario, draw),
        competitor=(competitor := _competitor(scenario, price, draw)),
        cross=CROSS * elasticity,
        steeper=np.where(competitor < price[:, None] * 0.999, STEEPER, 1.0),
        prior_mean=means + np.log(scenario.prior_factor),
        prior_spread=ITEM_SPREAD,
        uniform=draw.random((ITEMS, HISTORY + DAYS)),
    )


def _levels(scenario: Scenario, draw: np.random.Generator) -> Doubles:
    """What each day brings to each item beside prices: a shock a week, and the trend from the first day on."""
    weeks = (HISTORY + DAYS + 6) // 7
    shocks = draw.normal(0, SHOCK, (ITEMS, weeks)) - SHOCK**2 / 2
    slopes = scenario.trend * (1 + draw.normal(0, 0.5, ITEMS))
    logs: Doubles = shocks + slopes[:, None] * np.maximum(np.arange(weeks) - HISTORY // 7, 0)
    return np.repeat(np.exp(logs), 7, axis=1)[:, : HISTORY + DAYS]


def _history(price: Doubles, draw: np.random.Generator) -> Doubles:
    """The prices of the thirteen weeks before: half the items had one other price for some weeks, up to 12% away."""
    weeks = HISTORY // 7
    moved = draw.random(ITEMS) < 0.5
    start, length = draw.integers(0, weeks - 2, ITEMS), draw.integers(2, 7, ITEMS)
    by = draw.uniform(-0.12, 0.12, ITEMS)
    week = np.arange(weeks)
    other = moved[:, None] & (week >= start[:, None]) & (week < (start + length)[:, None])
    return np.repeat(price[:, None] * np.where(other, np.exp(by)[:, None], 1.0), 7, axis=1)


def _in_stock(scenario: Scenario, draw: np.random.Generator) -> Bits:
    """Whether an item could be had: with stock-outs, one in three is missing for one to three weeks."""
    day = np.arange(HISTORY + DAYS)
    start = draw.integers(HISTORY - 21, HISTORY + DAYS - 7, ITEMS)
    end = start + draw.integers(7, 22, ITEMS)
    out = (draw.random(ITEMS) < 1 / 3)[:, None] & (day >= start[:, None]) & (day < end[:, None])
    return ~(out & scenario.stock_outs)


def _competitor(scenario: Scenario, price: Doubles, draw: np.random.Generator) -> Doubles:
    """A competitor's prices: the shop's own of today, and for half the items 15% less from some day on."""
    day = np.arange(HISTORY + DAYS)
    start = HISTORY + draw.integers(7, 40, ITEMS)
    cuts = (draw.random(ITEMS) < 0.5) & scenario.competitor
    return price[:, None] * np.where(cuts[:, None] & (day >= start[:, None]), 1 - UNDERCUT, 1.0)

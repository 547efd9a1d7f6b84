"""The safe rule: a price moves only if that pays even where demand answers less kindly than expected."""

from typing import NamedTuple, Self

import numpy as np

from training.pricing.arrays import Doubles
from training.pricing.belief import Belief

CAUTION = 0.2
"""The percentile of the gain in profit that must be positive."""
MOST_LOSS = 0.03
"""Of an item's profit, against the prices of `LATELY`, at the far ends of what is believed of its elasticity."""
FAR = 0.001
LATELY = 9
"""Weeks: many small steps must not add up to a large loss."""
STEP = 0.05
EACH_WAY = 10
"""Prices that are tried."""
LEAST_MULTIPLE = 1.001
"""Of its cost that a price of the past counts as: at its cost no loss has a share."""


def gain(price: Doubles, to: Doubles, cost: Doubles, elasticity: Doubles) -> Doubles:
    """The share by which the profit at another price is more than at this one; the level of demand cancels."""
    ratio: Doubles = (to / price) ** -elasticity * (to - cost) / (price - cost) - 1
    return ratio


def cautious_gain(belief: Belief, price: Doubles, to: Doubles, cost: Doubles) -> Doubles:
    """The 20th percentile of the gain: a rise pays the less the steeper demand is, a cut the less the flatter it is."""
    flat, steep = belief.quantile(CAUTION), belief.quantile(1 - CAUTION)
    return gain(price, to, cost, np.where(to > price, steep, flat))


class Lately(NamedTuple):
    """The lowest and the highest price of each item in the last weeks, but for one week that was out of line."""

    low: Doubles
    high: Doubles

    @classmethod
    def of(cls, price: Doubles) -> Self:
        """From the prices of `LATELY` weeks, by item and week; NaN where one is not known."""
        known = np.sort(price, axis=1)
        count = np.isfinite(known).sum(axis=1, keepdims=True)
        low, high = np.minimum(1, np.maximum(count - 1, 0)), np.maximum(count - 2, 0)
        return cls(*(np.take_along_axis(known, at, axis=1)[:, 0] for at in (low, high)))


def safe_price(belief: Belief, price: Doubles, lately: Lately, cost: Doubles, step: Doubles | float = STEP) -> Doubles:
    """The price of each item for the next week; where nothing is sure enough to pay, the one that it has.

    Every cost must be below its price. No move may lead to where the item could earn much less than it did lately.
    """
    flat, steep = belief.quantile(CAUTION), belief.quantile(1 - CAUTION)
    chosen, best = price.copy(), np.zeros(len(price))
    for way in np.linspace(-1, 1, 2 * EACH_WAY + 1):
        to = price * (1 + way * step)
        cautious = gain(price, to, cost, steep if way > 0 else flat)
        takes = (cautious > best) & (to > cost) & (worst_gain(belief, price, to, lately, cost) > -MOST_LOSS)
        chosen, best = np.where(takes, to, chosen), np.where(takes, cautious, best)
    return chosen


def worst_gain(belief: Belief, price: Doubles, to: Doubles, lately: Lately, cost: Doubles) -> Doubles:
    """The most that a price may lose against those of the last weeks: dearer with steep demand, cheaper with flat."""
    low = np.maximum(np.fmin(lately.low, price), cost * LEAST_MULTIPLE)
    high = np.fmax(lately.high, price)
    dearer = np.where(to > low, gain(low, to, cost, belief.quantile(1 - FAR)), 0)
    cheaper = np.where(to < high, gain(high, to, cost, belief.quantile(FAR)), 0)
    return np.minimum(dearer, cheaper)

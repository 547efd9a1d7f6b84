"""The safe rule: a price moves only if that pays even where demand answers less kindly than expected."""

import numpy as np

from training.pricing.belief import Belief
from training.pricing.simulator import Doubles

CAUTION = 0.2
"""The percentile of the gain in profit that must be positive."""
MOST_LOSS = 0.03
"""Of an item's profit against its usual price, at the far ends of what is believed of its elasticity."""
FAR = 0.001
STEP = 0.05
EACH_WAY = 10
"""Prices that are tried."""


def gain(price: Doubles, to: Doubles, cost: Doubles, elasticity: Doubles) -> Doubles:
    """The share by which the profit at another price is more than at this one; the level of demand cancels."""
    ratio: Doubles = (to / price) ** -elasticity * (to - cost) / (price - cost) - 1
    return ratio


def cautious_gain(belief: Belief, price: Doubles, to: Doubles, cost: Doubles) -> Doubles:
    """The 20th percentile of the gain: a rise pays the less the steeper demand is, a cut the less the flatter it is."""
    flat, steep = belief.quantile(CAUTION), belief.quantile(1 - CAUTION)
    return gain(price, to, cost, np.where(to > price, steep, flat))


def safe_price(belief: Belief, price: Doubles, usual: Doubles, cost: Doubles, step: Doubles | float = STEP) -> Doubles:
    """The price of each item for the next week; where nothing is sure enough to pay, the one that it has.

    Every cost must be below its price. No move may lead to where the item could lose much against its usual price.
    """
    flat, steep = belief.quantile(CAUTION), belief.quantile(1 - CAUTION)
    flattest, steepest = belief.quantile(FAR), belief.quantile(1 - FAR)
    chosen, best = price.copy(), np.zeros(len(price))
    for way in np.linspace(-1, 1, 2 * EACH_WAY + 1):
        to = price * (1 + way * step)
        cautious = gain(price, to, cost, steep if way > 0 else flat)
        worst = gain(usual, to, cost, np.where(to > usual, steepest, flattest))
        takes = (cautious > best) & (worst > -MOST_LOSS) & (to > cost)
        chosen, best = np.where(takes, to, chosen), np.where(takes, cautious, best)
    return chosen

"""What an item's own sales say of its elasticity: the likelihood, given how much was sold in all, of when it was sold.

To condition on the total removes the item's level. Weeks out of stock are left out; what moved the whole shop is taken
out; weeks beside a competitor at an unusual price do not count.
"""

import numpy as np

from training.pricing.arrays import Doubles
from training.pricing.belief import GRID
from training.pricing.simulator import WEEK, Seen

OVERDISPERSION, BY_UNIT = 1.2, 0.04
"""How much more weeks vary than by chance: of an item that hardly sells, and more by each unit that it sells a week."""
UNUSUAL = 0.03


def likelihood(seen: Seen) -> Doubles:
    """By item and point of the grid; the largest of each item is one."""
    price, units, days = by_week(seen)
    relative = np.log(price / seen.first_price[:, None])
    typical = np.exp(seen.prior_mean)[seen.category]
    level = _shop_level(units, days * np.exp(-typical[:, None] * relative))
    exposure = np.log(np.maximum(days * level, 1e-12))
    logs = np.empty((len(price), len(GRID)))
    sold = (units * relative).sum(axis=1)
    total = units.sum(axis=1)
    for at, elasticity in enumerate(np.exp(GRID)):
        shares = np.exp(exposure - elasticity * relative).sum(axis=1)
        logs[:, at] = -elasticity * sold - total * np.log(np.maximum(shares, 1e-300))
    weeks = np.maximum((days > 0).sum(axis=1), 1)
    logs /= (OVERDISPERSION + BY_UNIT * total / weeks)[:, None]
    scaled: Doubles = np.exp(logs - logs.max(axis=1, keepdims=True))
    return scaled


def by_week(seen: Seen) -> tuple[Doubles, Doubles, Doubles]:
    """Price, units, and days that count, by item and week."""
    usual = np.median(seen.competitor, axis=1, keepdims=True)
    counts = seen.in_stock & (np.abs(np.log(seen.competitor / usual)) < UNUSUAL)
    weeks = seen.price.shape[1] // WEEK
    by_week = (len(seen.price), weeks, WEEK)
    cut = slice(0, weeks * WEEK)
    price = seen.price[:, cut].reshape(by_week)[:, :, 0]
    units = np.where(counts, seen.units, 0)[:, cut].reshape(by_week).sum(axis=2).astype(np.float64)
    days = counts[:, cut].reshape(by_week).sum(axis=2).astype(np.float64)
    return price, units, days


def _shop_level(units: Doubles, expected: Doubles) -> Doubles:
    """What each week brought to the whole shop, against what its items' prices and days would."""
    level = np.ones(units.shape[1])
    for _ in range(5):
        rate = units.sum(axis=1) / np.maximum((expected * level).sum(axis=1), 1e-12)
        level = units.sum(axis=0) / np.maximum((expected * rate[:, None]).sum(axis=0), 1e-12)
    return np.maximum(level, 1e-6)

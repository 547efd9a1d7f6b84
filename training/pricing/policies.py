"""The policies that the safe rule is compared with, and the rule itself as one."""

from collections.abc import Mapping

import numpy as np

from training.pricing.arrays import Doubles
from training.pricing.belief import GRID, Known, believe
from training.pricing.evidence import by_week, likelihood
from training.pricing.rule import LATELY, STEP, Lately, gain, safe_price
from training.pricing.simulator import MOST, WEEK, Policy, Seen, fixed

STEEPEST, FLATTEST = 6.0, 1.1
"""What greedy pricing clips its estimates to: at an elasticity of one it would ask for the moon."""
RECENT_WEEKS = 26


def greedy(seen: Seen, draw: np.random.Generator) -> Doubles:
    """The best price by each item's own regression of log(units + .5) on log price; a nudge where it never moved."""
    price, units, days = by_week(seen)
    relative, counts = np.log(price), days >= WEEK
    logs = np.log(units + 0.5)
    seen_weeks = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    x = np.where(counts, relative - (relative * counts).sum(axis=1, keepdims=True) / seen_weeks, 0)
    y = np.where(counts, logs - (logs * counts).sum(axis=1, keepdims=True) / seen_weeks, 0)
    variation = (x**2).sum(axis=1)
    moved = variation > 1e-6
    slope = np.where(moved, (x * y).sum(axis=1) / np.where(moved, variation, 1), 0)
    elasticity = np.clip(-slope, FLATTEST, STEEPEST)
    nudge = seen.current * (1 + draw.uniform(-STEP, STEP, len(slope)))
    return np.where(moved, _inside(seen, seen.cost * elasticity / (elasticity - 1)), nudge)


def thompson(seen: Seen, draw: np.random.Generator) -> Doubles:
    """A draw of each elasticity from what its sales and its category say, and the best price for it in a step."""
    prior = np.exp(-0.5 * ((GRID - seen.prior_mean[seen.category][:, None]) / seen.prior_spread) ** 2)
    weights = prior * likelihood(seen)
    cumulated = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)
    at = (cumulated < draw.random(len(weights))[:, None]).sum(axis=1)
    elasticity = np.exp(GRID[np.minimum(at, len(GRID) - 1)])
    prices = seen.current[:, None] * (1 + np.linspace(-STEP, STEP, 21))
    prices = np.maximum(_inside(seen, prices.T).T, seen.cost[:, None] * 1.01)
    gains = gain(seen.current[:, None], prices, seen.cost[:, None], elasticity[:, None])
    best: Doubles = np.take_along_axis(prices, gains.argmax(axis=1)[:, None], 1)[:, 0]
    return best


def safe(seen: Seen, _draw: np.random.Generator) -> Doubles:
    """The safe rule, with all that a shop knows of itself."""
    usual = usual_price(seen)
    spread = np.full(len(usual), seen.prior_spread)
    known = Known(likelihood(seen), seen.prior_mean[seen.category], spread, seen.category, usual / seen.cost)
    lately = Lately.of(seen.price[:, -LATELY * WEEK :: WEEK])
    return safe_price(believe(known), seen.current, lately, seen.cost)


def usual_price(seen: Seen) -> Doubles:
    """The median of half a year, in which a few weeks' trials do not count."""
    median: Doubles = np.median(seen.price[:, -RECENT_WEEKS * WEEK :], axis=1)
    return median


def _inside(seen: Seen, price: Doubles) -> Doubles:
    clipped: Doubles = np.clip(price, seen.first_price * (1 - MOST), seen.first_price * (1 + MOST))
    return clipped


POLICIES: Mapping[str, Policy] = {"fixed": fixed, "greedy": greedy, "Thompson": thompson, "safe rule": safe}

"""What is believed of items' elasticities: what sales say, the category's prior, and the shop's own prices.

A price that an owner has kept says something too: it is the best where the elasticity is one over the margin. How much
it says, the shop's items tell together. Unknown for the whole shop, and averaged over by how well each explains all
items, are: how wrong the prior is; how far prices are from the best in one direction, and how much they scatter around
it; and whether prices follow elasticities at all, or are a markup on each category's costs and say nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from training.pricing.arrays import Doubles, Whole

GRID: Doubles = np.linspace(np.log(0.3), np.log(9.0), 43)
"""Of the log of elasticities (as positive numbers)."""
LEAST_WITH_A_BEST_PRICE = 1.05
"""At an elasticity of one or less there is no best price: the dearer the better."""
PRIOR_WRONG: Doubles = np.linspace(-0.6, 0.6, 13)
PRIOR_WRONG_SPREAD = 0.3
PRICES_WRONG: Doubles = np.linspace(-0.3, 0.3, 9)
PRICES_WRONG_SPREAD = 0.1
SCATTER: Doubles = np.array([0.05, 0.09, 0.15, 0.22, 0.34])
MARKUPS: Doubles = np.array([0.02, 0.04, 0.08, 0.12, 0.17, 0.24, 0.34])
MARKUPS_APART = 0.3
ODD, ODD_SPREAD = 0.05, 1.0
"""So many items have a price of which no rule knows why."""
TINY = 1e-300
CHUNK = 4_000
"""Items at once: 160 MB."""


@dataclass(frozen=True)
class Known:
    """Of each item: the likelihood of its sales at each point of `GRID`, the prior of its log elasticity, its category,
    and its usual price as a multiple of its cost (NaN where that is no evidence).
    """

    likelihood: Doubles
    mean: Doubles
    spread: Doubles
    category: Whole
    multiple: Doubles

    def chunks(self) -> Iterator[Self]:
        for start in range(0, len(self.mean), CHUNK):
            rows = slice(start, start + CHUNK)
            levels = self.likelihood[rows], self.mean[rows], self.spread[rows]
            yield type(self)(*levels, self.category[rows], self.multiple[rows])


@dataclass(frozen=True)
class Belief:
    """The probability of each elasticity of `GRID`, by item. `markup` is that of prices that say nothing."""

    weights: Doubles
    markup: float

    def quantile(self, share: float) -> Doubles:
        """The elasticity (positive) of each item that so much of its probability lies below."""
        cumulated = np.cumsum(self.weights, axis=1)
        at = np.minimum((cumulated < share).sum(axis=1), len(GRID) - 1)
        mass = np.take_along_axis(self.weights, at[:, None], 1)[:, 0]
        before = np.take_along_axis(cumulated, at[:, None], 1)[:, 0] - mass
        inside = np.clip((share - before) / np.maximum(mass, TINY), 0, 1)
        value: Doubles = np.exp(GRID[at] + (inside - 0.5) * (GRID[1] - GRID[0]))
        return value


class _Parts(NamedTuple):
    """By item: the prior [its error, grid], what prices say [grid, kind of shop], and the evidence of both together."""

    prior: Doubles
    prices: Doubles
    joint: Doubles


def believe(known: Known) -> Belief:
    """From sales, priors and prices of all the shop's items."""
    shop = np.log(_normal(PRIOR_WRONG, PRIOR_WRONG_SPREAD))[:, None] + _shops(known)
    for some in known.chunks():
        shop = shop + np.log(_parts(some).joint).sum(axis=0)
    shop = np.exp(shop - shop.max())
    shop /= shop.sum()
    weights = [_weights(some, shop) for some in known.chunks()]
    return Belief(np.concatenate(weights) if weights else np.empty((0, len(GRID))), float(shop[:, -1].sum()))


def _weights(known: Known, shop: Doubles) -> Doubles:
    parts = _parts(known)
    said = (shop / parts.joint) @ parts.prices.transpose(0, 2, 1)
    weights: Doubles = known.likelihood * (parts.prior * said).sum(axis=1)
    return weights / weights.sum(axis=1, keepdims=True)


def _parts(known: Known) -> _Parts:
    off = GRID[None, None] - PRIOR_WRONG[None, :, None] - known.mean[:, None, None]
    prior = _normal(off, known.spread[:, None, None]) + TINY
    prior /= prior.sum(axis=2, keepdims=True)
    prices = _prices(known.multiple)
    joint = (prior * known.likelihood[:, None, :]) @ prices
    return _Parts(prior, prices, np.maximum(joint, TINY))


def _prices(multiple: Doubles) -> Doubles:
    """How likely each item's price is at each elasticity, for each kind of shop; the last kind's says nothing."""
    elastic = np.maximum(np.exp(GRID), LEAST_WITH_A_BEST_PRICE)
    off = np.log(multiple)[:, None] - np.log(elastic / (elastic - 1))
    wrong, scatter = np.repeat(PRICES_WRONG, len(SCATTER)), np.tile(SCATTER, len(PRICES_WRONG))
    said = (1 - ODD) * _normal(off[:, :, None] - wrong, scatter) + ODD * _normal(off, ODD_SPREAD)[:, :, None]
    said = np.where(np.isfinite(said), said, 1.0)
    return np.concatenate([said, np.ones((*off.shape, 1))], axis=2)


def _shops(known: Known) -> Doubles:
    """The log of the prior of each kind of shop; of the last one with what its markups explain."""
    wrong = _normal(np.repeat(PRICES_WRONG, len(SCATTER)), PRICES_WRONG_SPREAD)
    told = np.isfinite(known.multiple)
    return np.append(np.log(wrong / wrong.sum()), _marked_up(np.log(known.multiple[told]), known.category[told]))


def _marked_up(multiples: Doubles, category: Whole) -> float:
    """The log evidence that prices are a markup of each category with some scatter, for comparison with the others."""
    if not len(multiples):
        return 0.0
    _, code = np.unique(category, return_inverse=True)
    usual = np.array([np.median(multiples[rows]) for rows in _groups(code)])
    count = np.bincount(code)
    apart = np.log(_normal(usual - np.median(multiples), MARKUPS_APART) * MARKUPS_APART).sum()
    logs = np.array([_markup(multiples - usual[code], count, scatter) for scatter in MARKUPS]) + apart
    return float(np.log(np.mean(np.exp(logs - logs.max()))) + logs.max())


def _markup(off: Doubles, count: Whole, scatter: float) -> float:
    """With the price (Occam's) of having taken each category's markup from the same items."""
    fit = np.log((1 - ODD) * _normal(off, scatter) + ODD * _normal(off, ODD_SPREAD)).sum()
    return float(fit - 0.5 * np.log1p(count * MARKUPS_APART**2 / scatter**2).sum())


def _groups(code: Whole) -> list[Whole]:
    order = np.argsort(code, kind="stable")
    return np.split(order, np.cumsum(np.bincount(code))[:-1])


def _normal(off: Doubles, spread: Doubles | float) -> Doubles:
    """Without its constant, which all have."""
    density: Doubles = np.exp(-0.5 * (off / spread) ** 2) / spread
    return density

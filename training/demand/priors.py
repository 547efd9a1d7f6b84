"""Empirical Bayes: what all items, then a category, say of an item before its own sales do.

A term of an item is drawn around its category's centre with `spread`, and a category's centre around that of all with
`wide`. All are estimated from what items' own sales say, each by how sure it is, so that an item with few sales gets
its category's value, a category of few items that of all.
"""

from typing import NamedTuple

import numpy as np

from training.demand.panel import Floats, Ints

ODD = 3.0
"""An item so many standard deviations from its category pulls no harder than that."""
ROUNDS = 4
DOUBT = 0.5
"""The variance of what is usual in shops, as a guess at what it is in this one."""


class Believed(NamedTuple):
    """What was thought before the data: a spread's variance, and as of how many items that counts."""

    variance: float
    items: float


class Prior(NamedTuple):
    """`centre` and its `error` (variance) per category; `spread` and `wide` are variances.

    `usual` is what was believed of `overall` to begin with: all that there is where no price ever moved.
    """

    centre: Floats
    error: Floats
    spread: float
    wide: float
    overall: float
    usual: float

    @classmethod
    def start(cls, centre: Floats, spread: float) -> "Prior":
        return cls(centre, np.zeros(len(centre)), spread, spread / 4, float(centre.mean()), float(centre.mean()))


class Said(NamedTuple):
    """What items' own sales say of a term: `value` with the variance `error`, the prior taken off again."""

    value: Floats
    error: Floats
    group: Ints


def said(terms: Floats, variance: Floats, prior: Prior, group: Ints) -> Said:
    """The likelihood's part of a posterior. An item that says nothing has a huge error."""
    error = 1 / np.maximum(1 / np.maximum(variance, 1e-12) - 1 / prior.spread, 1e-6)
    value = (terms / np.maximum(variance, 1e-12) - prior.centre[group] / prior.spread) * error
    return Said(value, error, group)


def updated(prior: Prior, items: Said, believed: Believed) -> Prior:
    """The prior under which what the items say is likeliest, with what was believed before."""
    for _ in range(ROUNDS):
        prior = _centred(prior, items)
        prior = prior._replace(spread=_spread(prior, items, believed))
    return prior


def _centred(prior: Prior, items: Said) -> Prior:
    total = prior.spread + items.error
    middle = prior.centre[items.group]
    limit = ODD * np.sqrt(total)
    value = middle + np.clip(items.value - middle, -limit, limit)
    groups = len(prior.centre)
    weight = np.maximum(np.bincount(items.group, 1 / total, groups), 1e-9)
    means = np.bincount(items.group, value / total, groups) / weight
    return _shrunk(prior, means, 1 / weight)


def _shrunk(prior: Prior, means: Floats, error: Floats) -> Prior:
    """Categories' means, drawn to that of all by how little each is sure."""
    wide = prior.wide
    for _ in range(20):
        trust = 1 / (wide + error)
        overall = float(((trust * means).sum() + prior.usual / DOUBT) / (trust.sum() + 1 / DOUBT))
        scatter = (trust**2 * ((means - overall) ** 2 - error)).sum() / (trust**2).sum()
        wide = max(float(scatter + 1 / trust.sum()), 1e-3)
    own = wide / (wide + error)
    certainty = wide * (1 - own) + (1 - own) ** 2 / (trust.sum() + 1 / DOUBT)
    return prior._replace(centre=overall + own * (means - overall), error=certainty, wide=wide, overall=overall)


def _spread(prior: Prior, items: Said, believed: Believed) -> float:
    """Of items around their category, by what lies beyond each one's own error."""
    spread, off = prior.spread, (items.value - prior.centre[items.group]) ** 2
    for _ in range(10):
        total = spread + items.error
        weight = 1 / total**2
        found = max(float((weight * (np.minimum(off, ODD**2 * total) - items.error)).sum() / weight.sum()), 0.0)
        # How well an item tells the spread, against one believed; by half, since errors are estimates themselves.
        heard = float(np.minimum((believed.variance / total) ** 2, 1.0).sum()) / 2
        spread = (believed.items * believed.variance + heard * found) / (believed.items + heard)
    return spread

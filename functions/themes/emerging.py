"""Whether a theme is named more often of late than it used to be: pure statistics over counts, without any text.

Counted are the negative mentions of a theme in the last seven days. What was to be expected comes from the weeks
before, by share of all feedback, so that a busy week is no issue. A theme with little past is drawn towards all
others (a gamma prior by empirical Bayes, so that its count is negative binomial), and the whole is as overdispersed as
the weeks before were. Of a day's many tests only those are told that Benjamini and Hochberg's rule lets through.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

type Numbers = NDArray[np.float64]

WINDOW_DAYS = 7
LEAST_MENTIONS = 3
"""By as many customers: two may be chance, or one shopper's friends."""
LEAST_RATIO = 1.5
"""Below, an issue in a large shop would be beyond chance and yet not worth a message."""
FALSE_DISCOVERIES = 0.003
"""The share of what is told that may be wrong on a day. The same week is looked at seven times, so it is far below the
usual .05; `tests/bench/bench_issues.py` has what comes of it in a year."""
HALF_LIFE_WEEKS = 8.0
"""After two months a week counts half, so that slow change becomes the new normal."""
PRIOR_DISPERSION = 0.1
"""Variance beyond Poisson's, as a share of the squared mean, where the weeks do not tell yet."""
PRIOR_WEIGHT = 20.0
"""So much squared expectation does it take to believe the weeks as much as the prior."""
LEAST_SHAPE, MOST_SHAPE = 0.3, 20.0
"""Of the prior over themes: from themes that have nothing in common to themes that are all the same."""


class Past(NamedTuple):
    """Earlier weeks, the last one last: mentions (tests, weeks), and the feedback that there was (tests or 1, weeks)."""

    mentions: Numbers
    exposure: Numbers


class Forecast(NamedTuple):
    """Mentions to be expected in the window: a negative binomial of this mean and size, for every test."""

    mean: Numbers
    size: Numbers


class Prior(NamedTuple):
    """What a theme's rate is before anything is known of it: gamma with this shape, and `mean` as its mean."""

    shape: float
    mean: float | Numbers


def forecast(past: Past, exposure: Numbers, prior: Prior | None = None) -> Forecast:
    """What the window would have if nothing had changed; `exposure` is how much feedback the window has."""
    weights = _weights(past.mentions.shape[1])
    seen, of = past.mentions @ weights, np.broadcast_to(past.exposure @ weights, past.mentions.shape[:1])
    prior = prior or prior_over(seen, of)
    shape = seen + prior.shape
    rate = shape / (of + prior.shape / prior.mean)
    mean = np.maximum(rate * exposure, 1e-9)
    return Forecast(mean, 1.0 / (1.0 / shape + dispersion(past)))


def prior_over(seen: Numbers, of: Numbers) -> Prior:
    """By moments: how far the themes' rates differ beyond what chance would make of equal ones."""
    if not len(seen):
        return Prior(1.0, 1e-3)
    rates = seen / np.maximum(of, 1.0)
    mean = max(float(rates.mean()), 0.5 / (len(seen) * max(float(of.max()), 1.0)))
    beyond = float(rates.var()) - mean / max(float(of.mean()), 1.0)
    shape = mean**2 / beyond if beyond > 0 else MOST_SHAPE
    return Prior(float(np.clip(shape, LEAST_SHAPE, MOST_SHAPE)), mean)


def dispersion(past: Past) -> float:
    """Variance of the weeks beyond Poisson's, as a share of the squared mean, pooled over all."""
    of = np.broadcast_to(past.exposure, past.mentions.shape)
    rates = past.mentions.sum(axis=1) / np.maximum(of.sum(axis=1), 1.0)
    fitted = rates[:, None] * of
    beyond = float(((past.mentions - fitted) ** 2 - fitted).sum())
    return max(0.0, beyond + PRIOR_DISPERSION * PRIOR_WEIGHT) / (float((fitted**2).sum()) + PRIOR_WEIGHT)


def tail(counts: Numbers, of: Forecast) -> Numbers:
    """The probability of as many mentions or more by chance alone."""
    none = counts <= 0
    above = betainc(np.where(none, 1.0, counts), of.size, of.mean / (of.mean + of.size))
    return np.where(none, 1.0, above)


def discoveries(p_values: Numbers, tests: int | None = None, share: float = FALSE_DISCOVERIES) -> NDArray[np.bool_]:
    """Which tests stand out, by Benjamini and Hochberg; `tests` may be more than there are p-values of."""
    if not len(p_values):
        return np.zeros(0, bool)
    order = np.argsort(p_values, kind="stable")
    line = share * np.arange(1, len(order) + 1) / max(tests or 0, len(order))
    below = np.flatnonzero(p_values[order] <= line)
    found = np.zeros(len(order), bool)
    found[order[: below[-1] + 1 if len(below) else 0]] = True
    return found


def emerging(counts: Numbers, of: Forecast, p_values: Numbers, tests: int | None = None) -> NDArray[np.bool_]:
    """Which themes to tell of: beyond chance, by enough customers, and by enough to matter."""
    enough = (counts >= LEAST_MENTIONS) & (counts >= LEAST_RATIO * of.mean)
    return discoveries(p_values, tests) & enough


def _weights(weeks: int) -> Numbers:
    age = np.arange(weeks, dtype=float)[::-1]
    return np.asarray(0.5 ** (age / HALF_LIFE_WEEKS))

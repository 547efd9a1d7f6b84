"""BG/NBD: how often a customer orders, and whether they have stopped to (Fader, Hardie and Lee, 2005).

A customer orders at a rate of their own, Gamma(r, alpha) over customers, and after each order stops for good with a
chance of their own, Beta(a, b) over customers. Of a customer it needs the number `x` of repeat orders, the
last of them `recency` weeks after the first order, which was `age` weeks ago.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import digamma, expit, gammaln, hyp2f1

from training.value.likelihood import ROUGHLY, Gradient, Prior, maximise

type Floats = npt.NDArray[np.float64]

BOUNDS = ((1e-3, 1e3), (1e-3, 1e5), (1e-4, 1e3), (1e-3, 1e4))
START = (0.5, 10.0, 1.0, 2.5)
POLE = 1e-6


@dataclass(frozen=True)
class Frequency:
    """What is known of the customers' orders, an entry each, in weeks."""

    x: Floats
    recency: Floats
    age: Floats

    def __getitem__(self, those: npt.NDArray[np.bool_] | npt.NDArray[np.int64] | slice) -> "Frequency":
        return Frequency(self.x[those], self.recency[those], self.age[those])


class Rates(NamedTuple):
    """The model's parameters."""

    r: float
    alpha: float
    a: float
    b: float


def fit(history: Frequency, prior: Prior | None = None) -> Rates:
    """The likeliest parameters, with a prior the likeliest after it."""
    every = -(-len(history.x) // ROUGHLY)
    some = [_slopes_of(history[::every])] if every > 2 else []
    return Rates(*maximise([*some, _slopes_of(history)], START, BOUNDS, prior))


def _slopes_of(history: Frequency) -> Gradient:
    of = _sorted(history)
    return lambda rates: _gradient(of, Rates(*rates))


def log_likelihood(history: Frequency, rates: Rates) -> float:
    """Of all customers together."""
    return _gradient(_sorted(history), rates)[0]


def alive(history: Frequency, rates: Rates) -> Floats:
    """The chance that each has not stopped. Who ordered once has it as 1 by the model: not to be ranked by."""
    r, alpha, a, b = rates
    x = history.x
    odds = (
        np.log(a)
        - np.log(np.maximum(b + x - 1, b))
        + (r + x) * np.log((alpha + history.age) / (alpha + history.recency))
    )
    return np.where(x > 0, expit(-odds), 1.0)


def expected(history: Frequency, weeks: float, rates: Rates) -> Floats:
    """How many orders each is expected to make within so many weeks from now.

    Pfaff's transformation of the paper's (10): its power and its hypergeometric function, one next to nothing and the
    other next to infinite for who ordered much, become one function that is between them.
    """
    r, alpha, a, b = rates
    if abs(a - 1) < POLE:
        a = 1 + POLE
    x = history.x
    bracket = 1 - hyp2f1(r + x, a - 1, a + b + x - 1, -weeks / (alpha + history.age))
    return np.maximum((a + b + x - 1) / (a - 1) * bracket, 0.0) * alive(history, rates)


class _Sorted(NamedTuple):
    """Who ordered again, a row each; who did not, together by age; and how many ordered how often."""

    x: Floats
    recency: Floats
    age: Floats
    once: Floats
    per_once: Floats
    kinds: Floats
    per_kind: Floats


def _sorted(history: Frequency) -> _Sorted:
    again = history[history.x > 0]
    once, per_once = np.unique(history.age[history.x <= 0], return_counts=True)
    kinds, per_kind = np.unique(history.x, return_counts=True)
    counts = per_once.astype(np.float64), per_kind.astype(np.float64)
    return _Sorted(again.x, again.recency, again.age, once, counts[0], kinds, counts[1])


def _gradient(of: _Sorted, rates: Rates) -> tuple[float, Floats]:
    """The log-likelihood and its slope in each parameter."""
    parts = _counts(of, rates), _singles(of, rates), _repeats(of, rates)
    return float(sum(value for value, _ in parts)), np.sum([slope for _, slope in parts], axis=0)


def _counts(of: _Sorted, rates: Rates) -> tuple[float, Floats]:
    """What depends on the number of orders alone."""
    r, alpha, a, b = rates
    k, many, n = of.kinds, of.per_kind, of.per_kind.sum()
    value = many @ (gammaln(r + k) + gammaln(b + k) - gammaln(a + b + k))
    value += n * (r * np.log(alpha) - gammaln(r) + gammaln(a + b) - gammaln(b))
    both = n * digamma(a + b) - many @ digamma(a + b + k)
    ordering = many @ digamma(r + k) + n * (np.log(alpha) - digamma(r))
    return float(value), np.array([ordering, n * r / alpha, both, both + many @ digamma(b + k) - n * digamma(b)])


def _singles(of: _Sorted, rates: Rates) -> tuple[float, Floats]:
    """Silence since the one order."""
    since = np.log(rates.alpha + of.once)
    slope = [-of.per_once @ since, -rates.r * (of.per_once / (rates.alpha + of.once)).sum(), 0.0, 0.0]
    return -rates.r * float(of.per_once @ since), np.array(slope)


def _repeats(of: _Sorted, rates: Rates) -> tuple[float, Floats]:
    """Silence since the last of several: not yet time for the next (on), or stopped (off)."""
    r, alpha, a, b = rates
    power, since, until = r + of.x, np.log(alpha + of.age), np.log(alpha + of.recency)
    odds = np.log(a) - np.log(b + of.x - 1) + power * (since - until)
    rest = np.exp(-np.abs(odds))
    off = np.where(odds > 0, 1.0, rest) / (1 + rest)
    on = 1 - off
    value = float((np.maximum(odds, 0) + np.log1p(rest) - power * since).sum())
    slope = [
        -(on @ since + off @ until),
        -(power @ (on / (alpha + of.age) + off / (alpha + of.recency))),
        off.sum() / a,
        -(off / (b + of.x - 1)).sum(),
    ]
    return value, np.array(slope)

"""Gamma-Gamma: what an order of a customer is worth (Fader and Hardie, 2013).

Amounts vary about a customer's own mean, which varies between customers: who ordered little is taken for an average
customer for the most part, who ordered much for what they paid.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import digamma, gammaln

from training.value.likelihood import ROUGHLY, Gradient, Prior, maximise

type Floats = npt.NDArray[np.float64]

BOUNDS = ((1e-2, 1e3), (1.05, 1e3), (1e-4, 1e8))
START = (3.0, 3.0)


@dataclass(frozen=True)
class Spending:
    """Of each customer, how many orders have an amount, and their mean amount (of none: any number)."""

    orders: Floats
    mean: Floats

    def __getitem__(self, those: slice) -> "Spending":
        return Spending(self.orders[those], self.mean[those])


class Amounts(NamedTuple):
    """The model's parameters."""

    p: float
    q: float
    v: float

    @property
    def average(self) -> float:
        """The mean amount over all customers."""
        return self.p * self.v / (self.q - 1)


def fit(spending: Spending, prior: Prior | None = None) -> Amounts:
    """The likeliest parameters, of those who have an amount. A prior's `v` is that of a shop whose mean amount is 1."""
    has = (spending.orders > 0) & (spending.mean > 0)
    n, total = spending.orders[has], (spending.orders * spending.mean)[has]
    scale = float(total.sum() / n.sum())
    start = (*START, START[1] - 1)
    p, q, v = maximise(_in_two(n, total / scale), start, BOUNDS, prior)
    return Amounts(p, q, v * scale)


def expected(spending: Spending, amounts: Amounts) -> Floats:
    """What an order of each will be worth on average."""
    p, q, v = amounts
    n = spending.orders
    return np.asarray(p * (v + n * np.where(n > 0, spending.mean, 0.0)) / (p * n + q - 1))


def _in_two(n: Floats, total: Floats) -> list[Gradient]:
    """Some first, where there are many."""
    every = -(-len(n) // ROUGHLY)
    some = [_slopes_of(n[::every], total[::every])] if every > 2 else []
    return [*some, _slopes_of(n, total)]


class _Sorted(NamedTuple):
    """A row for each who has an amount, and how many have how many."""

    n: Floats
    total: Floats
    logs: Floats
    kinds: Floats
    per_kind: Floats


def _slopes_of(n: Floats, total: Floats) -> Gradient:
    kinds, per_kind = np.unique(n, return_counts=True)
    of = _Sorted(n, total, np.log(total), kinds, per_kind.astype(np.float64))
    return lambda amounts: _gradient(of, Amounts(*amounts))


def _gradient(of: _Sorted, amounts: Amounts) -> tuple[float, Floats]:
    """The log-likelihood, but for what no parameter changes, and its slope in each."""
    p, q, v = amounts
    k, many, customers = of.kinds, of.per_kind, len(of.n)
    sums, shares = np.log(of.total + v), 1 / (of.total + v)
    weighed = float(of.n @ (of.logs - sums))
    value = many @ (gammaln(p * k + q) - gammaln(p * k)) + customers * (q * np.log(v) - gammaln(q))
    value += p * weighed - q * sums.sum()
    several = digamma(p * k + q)
    slope = [
        many @ (k * (several - digamma(p * k))) + weighed,
        many @ several + customers * (np.log(v) - digamma(q)) - sums.sum(),
        customers * q / v - p * float(of.n @ shares) - q * shares.sum(),
    ]
    return float(value), np.array(slope)

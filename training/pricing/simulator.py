"""A shop whose true demand is known, so that what a pricing policy earns can be told from luck.

A policy sees what a real shop would: its costs, prices, sales, stock and competitors' prices so far. It is judged by
the profit that the true demand expects at its prices, against that of the prices left as they are.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from hashlib import sha256

import numpy as np
from scipy.stats import poisson

from training.pricing.arrays import Bits, Doubles, Whole

MOST = 0.2
"""How far from the first price any policy, and the best possible, may go."""
WEEK = 7


@dataclass(frozen=True)
class Shop:
    """The truth. Arrays are by item, or by item and day; the days of `history` are over when the policy starts."""

    category: Whole
    cost: Doubles
    price: Doubles
    elasticity: Doubles
    rate: Doubles
    history: Doubles
    in_stock: Bits
    competitor: Doubles
    cross: Doubles
    steeper: Doubles
    prior_mean: Doubles
    prior_spread: float
    uniform: Doubles

    def units(self, price: Doubles, days: slice) -> Doubles:
        """What is expected to be sold on each of these days at a price per item, or per item and day."""
        relative = np.log(price.reshape(len(self.price), -1) / self.price[:, None])
        against = np.log(self.competitor[:, days] / self.price[:, None])
        follow = self.cross[:, None] * against
        logs = follow - self.elasticity[:, None] * self.steeper[:, days] * relative
        units: Doubles = self.rate[:, days] * np.exp(logs) * self.in_stock[:, days]
        return units

    def profit(self, price: Doubles, days: slice) -> Doubles:
        """The profit of each item that is expected on these days together."""
        by_day = price.reshape(len(self.price), -1)
        total: Doubles = (self.units(price, days) * (by_day - self.cost[:, None])).sum(axis=1)
        return total

    def sold(self, price: Doubles, days: slice) -> Whole:
        """What is sold. The same luck for every policy: who sets the same prices sells the same."""
        drawn: Whole = np.asarray(poisson.ppf(self.uniform[:, days], self.units(price, days)), np.int64)
        return drawn

    def fingerprint(self) -> str:
        """A hash of the truth: of sums in which each number weighs something else, to nine digits."""
        digest = sha256()
        for field in fields(self):
            value = np.asarray(getattr(self, field.name), np.float64).ravel()
            digest.update(f"{field.name} {value.size} {value @ np.cos(np.arange(value.size)):.9g};".encode())
        return digest.hexdigest()


@dataclass(frozen=True)
class Seen:
    """What a policy may look at: the past, by item and day, and a prior on the log of each category's elasticity."""

    category: Whole
    cost: Doubles
    first_price: Doubles
    prior_mean: Doubles
    prior_spread: float
    price: Doubles
    units: Whole
    in_stock: Bits
    competitor: Doubles

    @property
    def current(self) -> Doubles:
        """The price of each item that is in force."""
        last: Doubles = self.price[:, -1]
        return last


Policy = Callable[[Seen, np.random.Generator], Doubles]
"""The price of each item for the week to come."""


def fixed(seen: Seen, _draw: np.random.Generator) -> Doubles:
    """Leave every price as it is: what all others are compared with."""
    return seen.current


def simulate(shop: Shop, policy: Policy, seed: int) -> Doubles:
    """The expected profit of each item over the days to come, with a policy that sets prices once a week."""
    draw = np.random.default_rng([seed, 11])
    first, end = shop.history.shape[1], shop.uniform.shape[1]
    prices, units = shop.history, shop.sold(shop.history, slice(0, first))
    earned = np.zeros(len(shop.price))
    for start in range(first, end, WEEK):
        days = slice(start, min(start + WEEK, end))
        chosen = _inside(shop, policy(_seen(shop, prices, units), draw))
        earned += shop.profit(chosen, days)
        units = np.hstack([units, shop.sold(chosen, days)])
        prices = np.hstack([prices, np.repeat(chosen[:, None], days.stop - days.start, axis=1)])
    return earned


def best(shop: Shop) -> Doubles:
    """The expected profit of each item if all were known from the start, of prices of which no policy may leave."""
    first, end = shop.history.shape[1], shop.uniform.shape[1]
    grid = np.linspace(1 - MOST, 1 + MOST, 81)
    total = np.zeros(len(shop.price))
    for start in range(first, end, WEEK):
        days = slice(start, min(start + WEEK, end))
        total += np.max([shop.profit(shop.price * share, days) for share in grid], axis=0)
    return total


def _inside(shop: Shop, chosen: Doubles) -> Doubles:
    """The prices that a policy may really set."""
    if not np.isfinite(chosen).all():
        raise ValueError("a policy set a price that is none")
    return np.clip(chosen, shop.price * (1 - MOST), shop.price * (1 + MOST))


def _seen(shop: Shop, prices: Doubles, units: Whole) -> Seen:
    days = slice(0, prices.shape[1])
    return Seen(
        category=shop.category,
        cost=shop.cost,
        first_price=shop.price,
        prior_mean=shop.prior_mean,
        prior_spread=shop.prior_spread,
        price=prices,
        units=units,
        in_stock=shop.in_stock[:, days],
        competitor=shop.competitor[:, days],
    )

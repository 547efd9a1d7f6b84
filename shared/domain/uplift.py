"""What an offer brings: who got it against who was held out. Few observations say little, so they are shrunk.

The uplift is additive: of a hundred customers so many more order. Who would order anyway then costs the discount and
brings little, and who is about to leave is worth it; a factor on the rate would favour those who come in any case.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple, Self

FEWEST = 10
"""Of fewer people on either side nothing is said, as of every group that is so small."""
Z = 1.6449
"""Of a two-sided interval of 90%."""
PRIOR_DEVIATION = 0.03
"""How far an owner's guess may be off: an assumption, outweighed by some 200 customers a side."""
BETWEEN_OFFERS = 0.02
"""How far the uplifts of one shop's offers lie apart: an assumption."""
BASE_RATE, BASE_WEIGHT = 0.05, 20
"""Of customers of whom nothing is known, how many order within the time: an assumption with the weight of 20 people."""
RATE_WITH_CART = 0.3
"""At least so many who have something in the cart order anyway: an assumption on the careful side."""
HORIZON_DAYS = 90
"""Of `CustomerValue.expected_orders`."""


class Arm(NamedTuple):
    """Those who got an offer, or who were held out. Profit in the currency's smallest units; squares of each one's."""

    customers: int = 0
    converted: int = 0
    profit: int = 0
    squares: int = 0

    def plus(self, other: Self) -> "Arm":
        return Arm(*(a + b for a, b in zip(self, other, strict=True)))

    @property
    def rate(self) -> float:
        """Half an order is added to each outcome, so that none of none is not certainty."""
        return (self.converted + 0.5) / (self.customers + 1)


class Figures(NamedTuple):
    """An offer's counts under one set of terms."""

    offered: Arm = Arm()
    held: Arm = Arm()
    redeemed: int = 0
    cost: int = 0

    def plus(self, other: Self) -> "Figures":
        return Figures(
            self.offered.plus(other.offered),
            self.held.plus(other.held),
            self.redeemed + other.redeemed,
            self.cost + other.cost,
        )


class Belief(NamedTuple):
    """A normal belief."""

    mean: float
    deviation: float

    def updated(self, seen: "Belief | None") -> "Belief":
        """After an observation: each side counts by its precision."""
        if seen is None:
            return self
        mine, theirs = self.deviation**-2, seen.deviation**-2
        return Belief((self.mean * mine + seen.mean * theirs) / (mine + theirs), (mine + theirs) ** -0.5)

    @property
    def interval(self) -> tuple[float, float]:
        return self.mean - Z * self.deviation, self.mean + Z * self.deviation


def observed(figures: Figures) -> Belief | None:
    """The difference of the rates of ordering with its error; None where one side is empty."""
    a, b = figures.offered, figures.held
    if not a.customers or not b.customers:
        return None
    variance = sum(each.rate * (1 - each.rate) / each.customers for each in (a, b))
    return Belief(a.rate - b.rate, math.sqrt(variance))


def shrunken(guess: float, own: Figures, others: Iterable[Figures]) -> Belief:
    """The uplift of an offer: the owner's guess, moved by the shop's other offers, moved by its own customers."""
    pooled = Figures()
    for each in others:
        pooled = pooled.plus(each)
    shop = Belief(guess, PRIOR_DEVIATION).updated(observed(pooled))
    return Belief(shop.mean, math.hypot(shop.deviation, BETWEEN_OFFERS)).updated(observed(own))


def base_rate(held: Arm) -> float:
    """How many order without any offer, of those of whom nothing else is known."""
    return (held.converted + BASE_RATE * BASE_WEIGHT) / (held.customers + BASE_WEIGHT)


def rate_of(expected_orders: float, days: int) -> float:
    """The probability of at least one order within so many days, where `expected_orders` come in the horizon."""
    return 1 - math.exp(-max(0.0, expected_orders) * days / HORIZON_DAYS)


def expected_profit(base: float, uplift: float, earned: float, off: float) -> float:
    """What making the offer brings, against not making it, where an order earns `earned` without it."""
    return min(1.0, max(0.0, base + uplift)) * (earned - off) - base * earned


def incremental(figures: Figures) -> Belief | None:
    """The profit that the offer has brought so far, all discounts paid; None where too few are on one side."""
    a, b = figures.offered, figures.held
    if min(a.customers, b.customers) < FEWEST:
        return None
    variance = _variance(a) / a.customers + _variance(b) / b.customers
    return Belief(a.customers * (_mean(a) - _mean(b)), a.customers * math.sqrt(variance))


def _mean(arm: Arm) -> float:
    return arm.profit / arm.customers


def _variance(arm: Arm) -> float:
    """In whole numbers as far as possible: squares of large sums cancel."""
    return max(0, arm.squares * arm.customers - arm.profit**2) / (arm.customers * (arm.customers - 1))

"""What another price of one item changes in a week, with intervals: its elasticity and its level are both uncertain."""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from shared.domain.suggestions import Estimate, PricePoint
from training.pricing.arrays import Doubles
from training.pricing.belief import GRID

LEVELS = 9
LOW, MIDDLE, HIGH = 0.1, 0.5, 0.9
STANDARD = np.array([-1.593, -0.967, -0.589, -0.282, 0.0, 0.282, 0.589, 0.967, 1.593])
"""The middles of nine equal parts of a normal distribution."""


@dataclass(frozen=True)
class Forecast:
    """One item: the probability of each elasticity of `GRID`, and the units of a week at its current price."""

    weights: Doubles
    units: float
    uncertain: float
    price: float
    cost: float | None

    def units_at(self, price: float) -> Doubles:
        """[elasticities, levels]"""
        level = self.units * np.exp(self.uncertain * STANDARD)
        ratio = (price / self.price) ** -np.exp(GRID)
        units: Doubles = ratio[:, None] * level[None, :]
        return units

    def change_of_units(self, to: float) -> Estimate:
        return self._estimate(self.units_at(to) - self.units_at(self.price))

    def change_of_revenue(self, to: float) -> Estimate:
        return self._estimate(self.units_at(to) * to - self.units_at(self.price) * self.price)

    def change_of_profit(self, to: float) -> Estimate | None:
        if self.cost is None:
            return None
        now = self.units_at(self.price) * (self.price - self.cost)
        return self._estimate(self.units_at(to) * (to - self.cost) - now)

    def point(self, price: Decimal) -> PricePoint:
        """Of the curve: units and profit at a price."""
        units = self.units_at(float(price))
        profit = None if self.cost is None else self._estimate(units * (float(price) - self.cost))
        return PricePoint(price=price, units=self._estimate(units), profit=profit)

    def elasticity(self) -> Estimate:
        """As a negative number."""
        return _estimate(-np.exp(GRID), self.weights)

    def _estimate(self, values: Doubles) -> Estimate:
        return _estimate(values.ravel(), np.repeat(self.weights / LEVELS, LEVELS))


def _estimate(values: Doubles, mass: Doubles) -> Estimate:
    """The median, and the interval that holds the value with 80% probability.

    Each value stands for those around it: half of its probability lies below it.
    """
    order = np.argsort(values, kind="stable")
    below = np.cumsum(mass[order]) - mass[order] / 2
    low, value, high = (round(float(each), 4) for each in np.interp([LOW, MIDDLE, HIGH], below, values[order]))
    return Estimate(value=value, low=low, high=high)

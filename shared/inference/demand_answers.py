"""What a demand model answers: an item's elasticity, its curve over prices, and what another price changes."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Range(NamedTuple):
    """A value and the interval that holds it with the probability that was asked for."""

    value: float
    low: float
    high: float


class ElasticityOf(NamedTuple):
    """An item's elasticity, with intervals of 80% and 90%, and what it rests on.

    `own_share` is the part that the item's own sales decided; the rest is its category's and all items'. `prior` and
    `prior_sd` are what the item would have without sales of its own: with `sd`, they tell what its sales say alone.
    """

    value: float
    sd: float
    low80: float
    high80: float
    low90: float
    high90: float
    prior: float
    prior_sd: float
    own_share: float
    weeks: int
    prices: int
    at_clip: bool

    @property
    def moved(self) -> bool:
        """Whether the price was ever different: if not, the item's sales say nothing of its elasticity."""
        return self.prices > 1


class Curve(NamedTuple):
    """A week's units, revenue and profit over prices, each [prices, (value, low, high)]. Profit needs a cost."""

    prices: Floats
    units: Floats
    revenue: Floats
    profit: Floats | None


class Change(NamedTuple):
    """What another price changes in a week against the current one; `gain_draws` of profit, of revenue if no cost."""

    units: Range
    revenue: Range
    profit: Range | None
    gain_draws: Floats

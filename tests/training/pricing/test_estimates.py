"""Intervals that hold what they say they do, of elasticities, units, revenue and profit that are drawn."""

import numpy as np
import pytest

from shared.domain.suggestions import Estimate
from training.pricing.arrays import Doubles
from training.pricing.belief import GRID
from training.pricing.estimates import Forecast
from training.pricing.words import break_even

DRAWN = 100_000


def forecast(spread: float, uncertain: float, cost: float | None = 6.0) -> Forecast:
    """An elasticity of about 2.5, and about five a week at a price of 10."""
    weights = np.exp(-0.5 * ((GRID - np.log(2.5)) / spread) ** 2)
    return Forecast(weights / weights.sum(), 5.0, uncertain, 10.0, cost)


def held(told: Estimate | None, truth: Doubles) -> tuple[float, float]:
    """How often the interval holds the truth, and how often the truth is below the value."""
    assert told is not None
    return float(((truth >= told.low) & (truth <= told.high)).mean()), float((truth < told.value).mean())


@pytest.mark.parametrize(("spread", "uncertain"), [(0.12, 0.3), (0.3, 0.05), (0.25, 0.25)])
@pytest.mark.parametrize("to", [9.5, 10.5])
def test_intervals_hold_four_fifths(spread: float, uncertain: float, to: float) -> None:
    draw, told = np.random.default_rng(1), forecast(spread, uncertain)
    elasticity, level = 2.5 * np.exp(draw.normal(0, spread, DRAWN)), 5 * np.exp(draw.normal(0, uncertain, DRAWN))
    there = level * (to / 10) ** -elasticity
    for found, truth in [
        (told.elasticity(), -elasticity),
        (told.change_of_units(to), there - level),
        (told.change_of_revenue(to), there * to - level * 10),
        (told.change_of_profit(to), there * (to - 6) - level * 4),
    ]:
        inside, below = held(found, truth)
        assert inside == pytest.approx(0.8, abs=0.05)
        assert below == pytest.approx(0.5, abs=0.06)


def test_without_a_cost_no_profit_is_told() -> None:
    assert forecast(0.2, 0.2, None).change_of_profit(9.5) is None


@pytest.mark.parametrize(
    ("to", "cost", "even"), [(11.0, 6.0, 2.34), (9.0, 6.0, 2.73), (11.0, None, None), (11.0, 10.0, None)]
)
def test_both_prices_earn_the_same_where_it_breaks_even(to: float, cost: float | None, even: float | None) -> None:
    """By hand: 1.1^-e x 5 = 4, and 0.9^-e x 3 = 4."""
    found = break_even(forecast(0.2, 0.2, cost), to)
    assert found == (None if even is None else pytest.approx(even, abs=0.005))

"""What is to be expected of each customer: orders and money within a while, each with the interval that holds it."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from training.value import bgnbd, gamma_gamma
from training.value.bgnbd import Frequency, Rates
from training.value.gamma_gamma import Amounts, Spending
from training.value.histories import WEEK_DAYS
from training.value.model import ValueModel

type Floats = npt.NDArray[np.float64]

AHEAD_WEEKS = 90 / WEEK_DAYS
DRAWS = 400
AT_ONCE = 2_000
SEED = 1_612
LOW, HIGH = 0.1, 0.9
LEAST_CHANCE = 1e-12


class Range(NamedTuple):
    """Expected numbers and their 80% intervals, which are never narrower than to hold the expected number itself."""

    value: Floats
    low: Floats
    high: Floats


class Forecast(NamedTuple):
    """Of each customer. `money` is None where the shop's orders have no amounts."""

    orders: Range
    money: Range | None


def forecast(frequency: Frequency, spending: Spending, model: ValueModel, weeks: float) -> Forecast:
    """Expected numbers by formula, intervals by drawing what may come of each customer."""
    orders, money = expected(frequency, spending, model, weeks)
    parts = [
        _intervals(frequency[those], spending[those], model, weeks)
        for those in (slice(start, start + AT_ONCE) for start in range(0, len(orders), AT_ONCE))
    ]
    bounds = np.concatenate(parts, axis=1) if parts else np.zeros((4, 0))
    return Forecast(_range(orders, bounds[:2]), None if money is None else _range(money, bounds[2:]))


def expected(frequency: Frequency, spending: Spending, model: ValueModel, weeks: float) -> tuple[Floats, Floats | None]:
    """Orders and money, without their intervals."""
    orders = bgnbd.expected(frequency, weeks, model.rates)
    return orders, gamma_gamma.expected(spending, model.amounts) * orders if model.amounts else None


def _range(value: Floats, bounds: Floats) -> Range:
    return Range(value, np.minimum(value, bounds[0]), np.maximum(value, bounds[1]))


def _intervals(frequency: Frequency, spending: Spending, model: ValueModel, weeks: float) -> Floats:
    """Low and high of orders, then of money: rows; a column for each customer."""
    chance = np.random.default_rng(SEED)
    orders = _orders(frequency, model.rates, model.unsteady, weeks, chance)
    money = _money(orders, spending, model.amounts, chance) if model.amounts else np.zeros_like(orders)
    return np.concatenate([np.quantile(each, [LOW, HIGH], axis=0, method="inverted_cdf") for each in (orders, money)])


def _orders(frequency: Frequency, rates: Rates, unsteady: float, weeks: float, chance: np.random.Generator) -> Floats:
    """Draws of the number of orders: as many as the rate gives, but none after the one that was the last."""
    size = (DRAWS, len(frequency.x))
    pace = chance.standard_gamma(rates.r + frequency.x, size) / (rates.alpha + frequency.age)
    if unsteady:
        pace *= chance.gamma(1 / unsteady, unsteady, size)
    last = np.maximum(chance.beta(rates.a, rates.b + frequency.x, size), LEAST_CHANCE)
    made = np.minimum(chance.poisson(pace * weeks), chance.geometric(last))
    return np.where(chance.random(size) < bgnbd.alive(frequency, rates), made, 0).astype(np.float64)


def _money(orders: Floats, spending: Spending, amounts: Amounts, chance: np.random.Generator) -> Floats:
    """Draws of what so many orders come to, of customers whose own mean amount is drawn too."""
    p, q, v = amounts
    scale = v + spending.orders * spending.mean
    return chance.standard_gamma(p * orders) / chance.standard_gamma(q + p * spending.orders, orders.shape) * scale

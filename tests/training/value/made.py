"""Customers drawn from the model itself, so that what is true of them is known."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from training.value.bgnbd import Frequency, Rates
from training.value.gamma_gamma import Amounts, Spending

type Floats = npt.NDArray[np.float64]

RATES = Rates(0.5, 5.0, 0.8, 2.5)
AMOUNTS = Amounts(6.0, 3.7, 15.0)


class Made(NamedTuple):
    """What is seen of them, and how many orders each makes in the weeks after."""

    frequency: Frequency
    spending: Spending
    later: Floats


def customers(size: int, seed: int, rates: Rates = RATES, weeks: float = 13.0) -> Made:
    """So many, who first ordered on a day of the last two years."""
    chance = np.random.default_rng(seed)
    age = chance.integers(1, 730, size) / 7
    pace = chance.gamma(rates.r, 1 / rates.alpha, size)
    last = chance.geometric(np.maximum(chance.beta(rates.a, rates.b, size), 1e-9))
    x, recency, later = np.zeros(size), np.zeros(size), np.zeros(size)
    time, active = np.zeros(size), np.arange(size)
    while len(active):
        time[active] += chance.exponential(1 / np.maximum(pace[active], 1e-12))
        active = active[time[active] <= age[active] + weeks]
        seen = time[active] <= age[active]
        x[active[seen]] += 1
        recency[active[seen]] = time[active[seen]]
        later[active[~seen]] += 1
        active = active[x[active] + later[active] < last[active]]
    mean = chance.gamma(AMOUNTS.p, 1 / (chance.gamma(AMOUNTS.q, 1 / AMOUNTS.v, size)))
    n = np.maximum(x, 1)
    amounts = mean / AMOUNTS.p * chance.gamma(AMOUNTS.p * n) / n
    return Made(Frequency(x, recency, age), Spending(x, np.where(x > 0, amounts, 0.0)), later)

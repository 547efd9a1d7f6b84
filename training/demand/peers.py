"""What the demand model is compared with: no price, a regression per item, one slope for all items."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from training.demand.panel import Floats, Ints

STEPS = 30
HIGHEST = 20.0
"""The largest logarithm of a forecast: a slope from two prices can give anything."""


class Rows(NamedTuple):
    """Item by number, logarithm of the price, units; NaN nowhere."""

    item: Ints
    price: Floats
    units: Floats


class Forecast(NamedTuple):
    """Units expected of each row asked; `poisson` if they are means of Poisson distributions. `slope` per item."""

    units: Floats
    poisson: bool
    slope: Floats


def no_price(past: Rows, asked: Rows, items: int) -> Forecast:
    """Each item's mean."""
    mean = np.bincount(past.item, past.units, items) / np.maximum(np.bincount(past.item, minlength=items), 1)
    return Forecast(mean[asked.item], True, np.zeros(items))


def per_item(past: Rows, asked: Rows, items: int) -> Forecast:
    """log(units + .5) on log(price) by least squares, item by item; the mean where the price never moved."""
    return _least_squares(past, asked, items)


def per_item_in_range(past: Rows, asked: Rows, items: int) -> Forecast:
    """The same, asked only for prices between the lowest and the highest that the item has had."""
    low, high = np.full(items, np.inf), np.full(items, -np.inf)
    np.minimum.at(low, past.item, past.price)
    np.maximum.at(high, past.item, past.price)
    price = np.clip(asked.price, low[asked.item], high[asked.item])
    return _least_squares(past, asked._replace(price=price), items)


def _least_squares(past: Rows, asked: Rows, items: int) -> Forecast:
    count = np.maximum(np.bincount(past.item, minlength=items), 1)
    target = np.log(past.units + 0.5)
    price_mean = np.bincount(past.item, past.price, items) / count
    target_mean = np.bincount(past.item, target, items) / count
    away = past.price - price_mean[past.item]
    square = np.bincount(past.item, away**2, items)
    slope = np.bincount(past.item, away * target, items) / np.where(square > 1e-9, square, np.inf)
    logs = target_mean[asked.item] + slope[asked.item] * (asked.price - price_mean[asked.item])
    return Forecast(np.maximum(np.exp(np.minimum(logs, HIGHEST)) - 0.5, 0.0), False, slope)


def pooled(past: Rows, asked: Rows, items: int) -> Forecast:
    """Poisson with a level per item and one slope of all: Newton's method on the slope, levels being given by it."""
    sold = np.bincount(past.item, past.units, items)
    middle = np.bincount(past.item, past.price, items) / np.maximum(np.bincount(past.item, minlength=items), 1)
    away = past.price - middle[past.item]
    slope = 0.0
    for _ in range(STEPS):
        weight, mean, square = (_sums(past.item, away, slope, power, items) for power in (0, 1, 2))
        mean, square = mean / weight, square / weight
        rise = float((past.units * away).sum() - (sold * mean).sum())
        curve = float((sold * (square - mean**2)).sum())
        step = float(np.clip(rise / curve, -1.0, 1.0)) if curve > 1e-9 else 0.0
        slope = float(np.clip(slope + step, -20.0, 20.0))
        if abs(step) < 1e-8:
            break
    level = sold / _sums(past.item, away, slope, 0, items)
    units = level[asked.item] * np.exp(np.minimum(slope * (asked.price - middle[asked.item]), HIGHEST))
    return Forecast(units, True, np.full(items, slope))


def _sums(item: Ints, away: Floats, slope: float, power: int, items: int) -> Floats:
    total: npt.NDArray[np.float64] = np.bincount(item, np.exp(slope * away) * away**power, items)
    return np.where(np.bincount(item, minlength=items) > 0, total, 1.0)

"""What was sold of some items on each day: for experiments, whose blocks are days. Days are UTC's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
import numpy.typing as npt

from training.interactions import Floats
from training.sales import DAY, Orders


@dataclass(frozen=True)
class DailySales:
    """Of each item and day from `first` on: units, what was `paid` for them in `currency`, and those of unknown price.

    Without what came back or was given away.
    """

    items: tuple[str, ...]
    first: date
    units: Floats
    paid: Floats
    untold: Floats
    currency: str | None


def daily(orders: Orders, items: Sequence[str], first: date, days: int) -> DailySales:
    """The days that begin with `first`; items that were never sold have zeros."""
    place = {name: at for at, name in enumerate(items)}
    of_shop = np.array([place.get(name, -1) for name in orders.items], np.int64)
    start = datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp()
    day = np.floor((orders.time - start) / DAY).astype(np.int64)[orders.line]
    item = of_shop[orders.item] if len(of_shop) else np.zeros(0, np.int64)
    counts = orders.stands & (orders.price != 0) & (item >= 0) & (day >= 0) & (day < days)
    key, units, price = item[counts] * days + day[counts], orders.quantity[counts], orders.price[counts]
    units = np.nan_to_num(units.astype(np.float64), nan=1.0)
    told = np.isfinite(price)

    def summed(weights: npt.NDArray[np.float64]) -> Floats:
        return np.bincount(key, weights=weights, minlength=len(items) * days).reshape(len(items), days)

    paid = summed(np.where(told, units * price, 0.0))
    return DailySales(tuple(items), first, summed(units), paid, summed(np.where(told, 0.0, units)), orders.currency)

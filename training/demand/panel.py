"""Sales as the demand model reads them: one row per item and week in which the item was on sale, zeros among them."""

from dataclasses import dataclass, field
from datetime import date
from typing import Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]


def _nothing() -> Floats:
    return np.empty((0, 0))


@dataclass(frozen=True)
class Panel:
    """Rows in any order, at most one per item and week.

    `item` counts into `items`; `week` counts from 0, the first week of the data. Weeks without a row are weeks in which
    the item was not on sale: they say nothing. A week on sale in which nothing was sold is a row with 0 units, and
    without it demand looks higher than it is (see `on_sale`). `price` is the unit price; NaN, zero or less is an
    unknown one, and the row then tells of the level only. Rows that are not `in_stock` tell nothing. `covariates` has a
    column for each of `names`: promotions, displays. `first_monday` places the weeks in the year; None: unknown.
    """

    items: tuple[str, ...]
    item: Ints
    week: Ints
    price: Floats
    units: Floats
    in_stock: Bools | None = None
    covariates: Floats = field(default_factory=_nothing)
    names: tuple[str, ...] = ()
    first_monday: date | None = None

    @property
    def weeks(self) -> int:
        """How many weeks the data span."""
        return int(self.week.max()) + 1 if self.week.size else 0

    def where(self, rows: Bools) -> Self:
        """The panel of these rows only; items and weeks keep their numbers."""
        return type(self)(
            self.items,
            self.item[rows],
            self.week[rows],
            self.price[rows],
            self.units[rows],
            None if self.in_stock is None else self.in_stock[rows],
            self.covariates[rows] if self.names else self.covariates,
            self.names,
            self.first_monday,
        )


def on_sale(panel: Panel, last: int | None = None) -> Panel:
    """The panel with a row of 0 units for each week without one, from the item's first week to `last`.

    For sales that know only the weeks in which something was sold. The price of an added week is that of the last week
    before it; covariates are 0.
    """
    end = panel.weeks - 1 if last is None else last
    order = np.lexsort((panel.week, panel.item))
    item, week = panel.item[order], panel.week[order]
    following = np.append(item[1:], -1) == item
    until = np.where(following, np.append(week[1:], 0), end + 1)
    copies = np.maximum(until - week, 1)
    source = np.repeat(order, copies)
    offset = np.arange(len(source)) - np.repeat(np.cumsum(copies) - copies, copies)
    added = offset > 0
    price = _carried(panel.price[order], item)
    covariates = panel.covariates[source].copy() if panel.names else panel.covariates
    if panel.names:
        covariates[added] = 0.0
    return Panel(
        panel.items,
        panel.item[source],
        (panel.week[source] + offset).astype(np.int32),
        np.where(added, np.repeat(price, copies), panel.price[source]),
        np.where(added, 0.0, panel.units[source]),
        None if panel.in_stock is None else panel.in_stock[source] | added,
        covariates,
        panel.names,
        panel.first_monday,
    )


def _carried(price: Floats, item: Ints) -> Floats:
    """Prices, sorted by item and week, with the last known one of the item where one is unknown."""
    known = np.where(np.isfinite(price) & (price > 0), np.arange(len(price)), -1)
    first = np.flatnonzero(np.append(True, item[1:] != item[:-1])) if len(item) else np.empty(0, np.int64)
    starts = np.repeat(first, np.diff(np.append(first, len(item))))
    last = np.maximum.accumulate(known) if len(known) else known
    return np.where(last >= starts, price[last], np.nan) if len(price) else price

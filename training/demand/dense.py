"""The panel as arrays of items by weeks, cleaned: prices known in every week, covariates of one scale."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt

from training.demand.panel import Floats, Ints, Panel

Small = npt.NDArray[np.float32]

MOST_WEEKS = 156
"""Older weeks are left out: what was paid three years ago says little of today, and costs memory."""
LARGEST, ODDEST, FEW_VALUES = 1e15, 0.005, 200
"""Of a covariate: its largest value; the share of its different values drawn in at either end, if there are more."""
MISTYPED = float(np.log(8.0))
"""A price so many times the item's median (or its inverse) is taken for a mistake, and as unknown."""


@dataclass(frozen=True)
class Weeks:
    """[items, weeks] each: `units`, `counted` (1 where on sale and in stock), `price` (log, less `reference`).

    `extra` is [items, weeks, covariates], kept within `span`, less `centre` and divided by `scale`.
    """

    units: Small
    counted: Small
    price: Small
    extra: Small
    reference: Floats
    last_price: Floats
    prices: Ints
    centre: Floats
    scale: Floats
    span: Floats

    @property
    def shape(self) -> tuple[int, int]:
        items, weeks = self.units.shape
        return items, weeks

    def of(self, rows: npt.NDArray[np.intp] | slice) -> Self:
        """These items only."""
        per_item = ("units", "counted", "price", "extra", "reference", "last_price", "prices")
        return replace(self, **{name: getattr(self, name)[rows] for name in per_item})


def dense(panel: Panel) -> Weeks:
    """Raises `ValueError` if the panel has no row, or an item or week twice."""
    if not panel.units.size:
        raise ValueError("There are no sales to fit a demand model on.")
    items, weeks = len(panel.items), min(panel.weeks, MOST_WEEKS)
    kept = panel.where(panel.week >= panel.weeks - weeks) if panel.weeks > weeks else panel
    at = kept.item, kept.week - (panel.weeks - weeks)
    if np.bincount(at[0].astype(np.int64) * weeks + at[1]).max() > 1:
        raise ValueError("An item has a week more than once.")
    counted = np.zeros((items, weeks), np.float32)
    counted[at] = 1.0 if kept.in_stock is None else kept.in_stock
    units = np.zeros((items, weeks), np.float32)
    units[at] = kept.units
    price, known = _prices(kept, at, (items, weeks))
    reference = _reference(price, counted, known)
    centred = np.where(np.isfinite(reference)[:, None], price - reference[:, None], 0.0) * counted
    span = np.stack([_span(values) for values in kept.covariates.T], axis=1) if kept.names else np.empty((2, 0))
    extra, centre, scale = _extra(kept, at, (items, weeks), span)
    return Weeks(
        units * counted,
        counted,
        centred.astype(np.float32),
        extra,
        reference,
        np.where(known.any(axis=1), np.exp(price[:, -1]), np.nan),
        _different(price, counted * known),
        centre,
        scale,
        span,
    )


def _prices(panel: Panel, at: tuple[Ints, Ints], shape: tuple[int, int]) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """[items, weeks]: logarithms of prices, the last known one (or else the next) where one is not; which are known."""
    logs = np.full(shape, np.nan)
    good = np.isfinite(panel.price) & (panel.price > 0)
    logs[at[0][good], at[1][good]] = np.log(panel.price[good])
    logs[np.abs(logs - _medians(logs)[:, None]) > MISTYPED] = np.nan
    known = np.isfinite(logs)
    return filled(logs, known), known


def _medians(logs: Floats) -> Floats:
    """Of the known values of each row; NaN where there is none."""
    ordered = np.sort(logs, axis=1)
    count = np.isfinite(logs).sum(axis=1)
    rows = np.arange(len(logs))
    return np.asarray(
        (ordered[rows, np.maximum(count - 1, 0) // 2] + ordered[rows, np.minimum(count // 2, np.maximum(count - 1, 0))])
        / 2
    )


def _reference(price: Floats, counted: Small, known: npt.NDArray[np.bool_]) -> Floats:
    """Each item's mean log price in the weeks that count; NaN where no price was ever known."""
    weights = counted.sum(axis=1)
    mean = (price * counted).sum(axis=1) / np.maximum(weights, 1e-9)
    return np.asarray(np.where(known.any(axis=1), np.where(weights > 0, mean, price[:, -1]), np.nan))


def filled(values: Floats, known: npt.NDArray[np.bool_]) -> Floats:
    """Each row with its last known value where one is not, before the first with the first; 0 where none is known."""
    weeks = values.shape[1]
    before = np.maximum.accumulate(np.where(known, np.arange(weeks), -1), axis=1)
    after = np.minimum.accumulate(np.where(known, np.arange(weeks), weeks)[:, ::-1], axis=1)[:, ::-1]
    pick = np.where(before >= 0, before, np.minimum(after, weeks - 1))
    return np.asarray(np.nan_to_num(np.take_along_axis(values, pick, axis=1)))


def _different(price: Floats, counted: Small) -> Ints:
    """How many prices each item had, to the tenth of a percent: less is rounding of a mean price."""
    told = counted > 0
    ordered = np.sort(np.where(told, np.round(price * 1000), np.inf), axis=1)
    new = (ordered[:, 1:] > ordered[:, :-1]) & np.isfinite(ordered[:, 1:])
    return np.asarray(new.sum(axis=1) + told.any(axis=1), dtype=np.int32)


def _span(values: Floats) -> Floats:
    """A covariate's least and largest value, but for the oddest two hundredth of its values at either end."""
    told = np.unique(np.clip(values[np.isfinite(values)], -LARGEST, LARGEST))
    if not told.size:
        return np.zeros(2)
    low, high = np.quantile(told, ODDEST, method="higher"), np.quantile(told, 1 - ODDEST, method="lower")
    if told.size <= FEW_VALUES:
        low, high = told[0], told[-1]
    return np.array([low, high])


def _extra(panel: Panel, at: tuple[Ints, Ints], shape: tuple[int, int], span: Floats) -> tuple[Small, Floats, Floats]:
    """Covariates of one scale: those between 0 and 1 as they are, others centred, a spread being 1."""
    count = len(panel.names)
    extra = np.zeros((*shape, count), np.float32)
    centre, scale = np.zeros(count), np.ones(count)
    for column in range(count):
        values = np.clip(np.nan_to_num(panel.covariates[:, column]), *span[:, column])
        if values.size and (values.min() < 0 or values.max() > 1):
            centre[column], scale[column] = values.mean(), values.std() or 1.0
        extra[(*at, column)] = (values - centre[column]) / scale[column]
    return extra, centre, scale

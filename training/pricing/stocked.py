"""Weeks of the panel in which an item could not be had: left out, or taken for what a whole week would have sold."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from shared.domain.absences import Absence
from training.demand.panel import Floats, Panel

WEEK = timedelta(days=7)
LEAST = 0.5
"""Of a week: what sold in less tells too little of what would have sold in all of it."""
Row = tuple[int, float, float]
"""An item's place, and from when until when it was absent, in weeks of the panel."""


def stocked(panel: Panel, absent: Mapping[str, Sequence[Absence]], now: datetime) -> Panel:
    """The panel without the weeks of which an item was absent for the most, and with the units of a shorter absence
    raised by its share: somebody who found nothing bought nothing. Its rows are sorted by item and week.
    """
    share = _shares(panel, absent, now)
    counts = share >= LEAST
    return replace(panel, units=np.where(counts, panel.units / np.maximum(share, LEAST), 0.0), in_stock=counts)


def _shares(panel: Panel, absent: Mapping[str, Sequence[Absence]], now: datetime) -> Floats:
    """Of each row's week, how much the item could be had."""
    share = np.ones(len(panel.units))
    rows = _rows(panel, absent, now)
    if not rows:
        return share
    item, since, until = (np.array(each) for each in zip(*rows, strict=True))
    first = np.floor(since).astype(np.int64)
    copies = np.ceil(until).astype(np.int64) - first
    of = np.repeat(np.arange(len(copies)), copies)
    week = first[of] + np.arange(len(of)) - np.repeat(np.cumsum(copies) - copies, copies)
    away = np.minimum(until[of], week + 1) - np.maximum(since[of], week)
    at, found = _places(panel, item[of], week)
    return np.maximum(share - np.bincount(at[found], away[found], len(share)), 0.0)


def _rows(panel: Panel, absent: Mapping[str, Sequence[Absence]], now: datetime) -> list[Row]:
    """The absences that fall into the panel's weeks."""
    if panel.first_monday is None:
        return []
    start = datetime.combine(panel.first_monday, datetime.min.time(), UTC)
    weeks = float(panel.weeks)  # once: it is counted from all rows
    each = (
        (at, max((one.since - start) / WEEK, 0.0), min(((one.until or now) - start) / WEEK, weeks))
        for at, name in enumerate(panel.items)
        for one in absent.get(name, ())
    )
    return [row for row in each if row[1] < row[2]]


def _places(panel: Panel, item: np.ndarray, week: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where an item's week stands in the panel, and whether it does: it may be from before the first sale."""
    key = panel.item.astype(np.int64) * panel.weeks + panel.week
    wanted = item.astype(np.int64) * panel.weeks + week
    at = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
    return at, key[at] == wanted

"""What prices have done, from an experiment in which they were drawn for items and blocks of days.

A randomised block design: each item goes through a permutation of the arms in each cycle, so sales are compared within
an item's cycle, and what a calendar block brings to all items is taken out. Least squares with effects of item-cycles
and of calendar blocks, weighted by days; standard errors are clustered by item-cycle, for which the arms were drawn
(Abadie, Athey, Imbens and Wooldridge, QJE 2023; in the form of Cameron and Miller, JHR 2015), with Student's quantiles.
"""

from typing import NamedTuple

import numpy as np
from scipy.stats import t as student

from training.pricing.arrays import Bits, Doubles, Whole

LEVEL = 0.1
"""Intervals hold the truth with 90% probability, and so many experiments without any effect are told to have one."""
FEWEST = 10
"""Item-cycles, and units sold in all: of less nothing is said."""


class Cells(NamedTuple):
    """One row for each item and block that counts."""

    cycle: Whole
    """The number of the item's cycle; no two items have one in common."""
    block: Whole
    arm: Whole
    days: Doubles
    units: Doubles
    profit: Doubles
    """NaN where the cost is not known."""

    def where(self, mask: Bits) -> "Cells":
        """Some of them."""
        whole = self.cycle[mask], self.block[mask], self.arm[mask]
        return Cells(*whole, self.days[mask], self.units[mask], self.profit[mask])


class Gap(NamedTuple):
    """An arm's difference to the control, of one item on one day."""

    value: float
    low: float
    high: float
    seen: bool
    """Whether it is beyond chance, allowing for the number of arms that are compared."""


def means(cells: Cells, amounts: Doubles, arms: int) -> Doubles:
    """What an item brings on a day, on each arm; NaN on those that nothing counts of."""
    sums, days = (np.bincount(cells.arm, weights=each, minlength=arms) for each in (amounts, cells.days))
    with np.errstate(invalid="ignore"):
        found: Doubles = sums / days
    return found


def gaps(cells: Cells, amounts: Doubles, arms: int, control: int) -> list[Gap | None]:
    """For each arm its difference to the control; None for the control, and where there is too little to tell."""
    used = _compared(cells)
    cycle, arm, days = cells.cycle[used], cells.arm[used], cells.days[used]
    others = [each for each in range(arms) if each != control]
    clusters = len(np.unique(cycle))
    told: list[Gap | None] = [None] * arms
    if clusters < FEWEST or cells.units[used].sum() < FEWEST:
        return told
    wanted = (arm[:, None] == np.array(others)).astype(np.float64)
    blocks = cells.block[used]
    nuisance = (blocks[:, None] == np.unique(blocks)[1:]).astype(np.float64)
    columns = _within(np.column_stack([wanted, nuisance, amounts[used] / days]), cycle, days)
    theta, errors, free = _fitted(columns[:, : len(others)], columns[:, len(others) : -1], columns[:, -1], cycle, days)
    for at, each in enumerate(others):
        if np.isfinite(errors[at]):
            told[each] = _gap(theta[at], errors[at], free, len(others))
    return told


def _compared(cells: Cells) -> Bits:
    """The cells of cycles that have at least two: of one alone there is nothing to compare."""
    of_cycle = np.bincount(cells.cycle) if len(cells.cycle) else np.zeros(1, np.int64)
    return np.asarray(of_cycle[cells.cycle] > 1)


def _within(columns: Doubles, cycle: Whole, days: Doubles) -> Doubles:
    """Each column less its mean over the item's cycle."""
    _, group = np.unique(cycle, return_inverse=True)
    weights = np.bincount(group, weights=days)
    sums = np.column_stack([np.bincount(group, weights=days * each) for each in columns.T])
    found: Doubles = columns - (sums / weights[:, None])[group]
    return found


def _fitted(
    wanted: Doubles, nuisance: Doubles, outcome: Doubles, cycle: Whole, days: Doubles
) -> tuple[Doubles, Doubles, int]:
    """The effects wanted, their standard errors (NaN where the data cannot tell), and the degrees of freedom."""
    root = np.sqrt(days)[:, None]
    both = np.column_stack([wanted, outcome]) * root
    if nuisance.shape[1]:
        both -= (nuisance * root) @ np.linalg.lstsq(nuisance * root, both, rcond=None)[0]
    x, y = both[:, :-1], both[:, -1]
    bread = np.linalg.pinv(x.T @ x)
    theta: Doubles = bread @ (x.T @ y)
    scores = x * (y - x @ theta)[:, None]
    _, group = np.unique(cycle, return_inverse=True)
    sums = np.column_stack([np.bincount(group, weights=each) for each in scores.T])
    clusters, rest = len(sums), len(y) - len(sums)
    correction = clusters / (clusters - 1) * rest / max(rest - x.shape[1] - nuisance.shape[1], 1)
    errors = np.sqrt(np.diag(bread @ (sums.T @ sums) @ bread) * correction)
    unknown = (x * x).sum(axis=0) < 1e-9
    return theta, np.where(unknown | (errors == 0), np.nan, errors), clusters - 1


def _gap(value: float, error: float, free: int, compared: int) -> Gap:
    reach = error * float(student.ppf(1 - LEVEL / 2, free))
    beyond = error * float(student.ppf(1 - LEVEL / 2 / compared, free))
    return Gap(float(value), float(value - reach), float(value + reach), bool(abs(value) > beyond))

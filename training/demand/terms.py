"""The terms of an item's regression: level, drift, trend, elasticity, covariates; in this order."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from training.demand.dense import Weeks
from training.demand.panel import Floats
from training.demand.season import YEAR

WEEKS_A_KNOT = 8
LEAST_WEEKS_OF_TREND = 80
"""Less history cannot tell a trend from a year's course, and a trend drawn on wrongly costs more than it gains."""
LEVEL = 0


@dataclass(frozen=True)
class Layout:
    """Which column is what. Drift is in steps between knots: a step counts wholly before its first knot, not after."""

    drift: Floats
    """[weeks, steps]."""
    trend: Floats
    """[weeks, 0 or 1]: years before the last week, negative."""
    extras: int

    @classmethod
    def of(cls, weeks: Weeks) -> Self:
        """For these weeks and covariates."""
        count = weeks.shape[1]
        time = np.arange(count)[:, None]
        knots = np.linspace(0, count - 1, max(round((count - 1) / WEEKS_A_KNOT), 0) + 1)
        before, after = knots[:-1], knots[1:]
        steps = np.clip((after - time) / np.maximum(after - before, 1e-9), 0.0, 1.0)
        has_trend = count >= LEAST_WEEKS_OF_TREND
        return cls(steps, (time - count + 1) / YEAR if has_trend else np.empty((count, 0)), weeks.extra.shape[2])

    @property
    def drifts(self) -> slice:
        return slice(1, 1 + self.drift.shape[1])

    @property
    def trends(self) -> slice:
        return slice(self.drifts.stop, self.drifts.stop + self.trend.shape[1])

    @property
    def elasticity(self) -> int:
        return int(1 + self.drift.shape[1] + self.trend.shape[1])

    @property
    def terms(self) -> int:
        return self.elasticity + 1 + self.extras

    def design(self, weeks: Weeks) -> Floats:
        """[items, weeks, terms]."""
        items, count = weeks.shape
        design = np.empty((items, count, self.terms))
        design[:, :, LEVEL] = 1.0
        design[:, :, self.drifts] = self.drift
        design[:, :, self.trends] = self.trend
        design[:, :, self.elasticity] = weeks.price
        design[:, :, self.elasticity + 1 :] = weeks.extra
        return design

"""What all items of a category do together from week to week: the year's course, what drifts, and single weeks.

Each series is a Gaussian process: a random walk that is 0 in the last week, waves of a year and its parts, and shocks
of one week. Its variances are those under which the data are likeliest, so that a year of which little was seen is not
drawn on into the future.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize

from training.demand.panel import Floats

YEAR = 365.25 / 7
WAVES = (1, 2, 3)
LEAST_WEEKS = 40
"""Of data, before a yearly course is looked for."""
BEFORE = np.log([1e-4, 1e-2, 1e-3])
"""Logarithms of the variances before there are data: of a week's drift, of the first wave, of a week's shock."""
MOST_GROUPS = 24
"""The largest categories tell the variances of all."""


class Course(NamedTuple):
    """[groups, weeks] added to the logarithm, in the data's weeks and `after` them."""

    during: Floats
    after: Floats


def course(seen: Floats, sure: Floats, after: int, logs: Floats) -> Course:
    """From what each week seems to add, `seen`, and how sure that is, `sure` (inverse variances), [groups, weeks]."""
    weeks = seen.shape[1]
    signal, shock = _kernel(weeks, after, logs)
    noise = 1 / np.maximum(sure, 1e-6)
    cover = signal[:weeks, :weeks] + 1.0 + np.eye(weeks) * (shock + noise)[:, :, None]
    weights = np.linalg.solve(cover, seen[:, :, None])[:, :, 0]
    smooth = weights @ signal[:weeks]
    return Course(smooth[:, :weeks] + shock * weights, smooth[:, weeks:])


def likeliest(seen: Floats, sure: Floats, logs: Floats) -> Floats:
    """Logarithms of the variances under which these series are likeliest."""
    largest = np.argsort(-sure.sum(axis=1))[:MOST_GROUPS]
    series, noise = seen[largest], 1 / np.maximum(sure[largest], 1e-6)
    identity = np.eye(seen.shape[1])

    def surprise(logs: Floats) -> float:
        signal, shock = _kernel(seen.shape[1], 0, np.clip(logs, -16.0, 1.0))
        root = np.linalg.cholesky(signal + 1.0 + identity * (shock + noise)[:, :, None])
        half = np.linalg.solve(root, series[:, :, None])[:, :, 0]
        volume = np.log(np.diagonal(root, axis1=1, axis2=2)).sum()
        return float(0.5 * (half**2).sum() + volume + 0.05 * ((logs - BEFORE) ** 2).sum())

    found = minimize(surprise, logs, method="Nelder-Mead", options={"maxiter": 50, "xatol": 0.1, "fatol": 0.1})
    return np.clip(np.asarray(found.x, np.float64), -16.0, 1.0)


def _kernel(weeks: int, after: int, logs: Floats) -> tuple[Floats, float]:
    drift, wave, shock = np.exp(logs)
    walk, waves = _shapes(weeks, after)
    return drift * walk + wave * waves, float(shock)


@lru_cache(maxsize=8)
def _shapes(weeks: int, after: int) -> tuple[Floats, Floats]:
    """Covariances of weeks by drift and by the yearly course, of variance 1."""
    time = np.arange(weeks + after)
    back = np.maximum(weeks - 1 - time, 0).astype(np.float64)
    apart = 2 * np.pi * (time[:, None] - time[None]) / YEAR
    waves = np.zeros_like(apart)
    if weeks >= LEAST_WEEKS:
        for each in WAVES:
            waves += np.cos(each * apart) / each**2
    return np.minimum.outer(back, back), waves

"""All items' regressions at once: Newton's method for log-linear models of counts with normal priors."""

from typing import NamedTuple

import numpy as np

from training.demand.panel import Floats

SPIKE = 6.0
"""Weeks further from what was expected, in standard deviations, count less the further they are."""
LARGEST_STEP = 2.0
USUAL, ABOVE = 14.0, 4.0
"""The largest logarithm of expected units, or so far above the largest week of an item that sells by the million."""


class Posterior(NamedTuple):
    """[items, terms] the most probable values and [items, terms, terms] their covariance; [items, weeks] the rest.

    `expected` are units, `counts` how much each week counts: 1, less for a spike, 0 where it is not counted.
    """

    terms: Floats
    covariance: Floats
    expected: Floats
    counts: Floats


class Task(NamedTuple):
    """What is regressed: `design` [items, weeks, terms]; `prior` and `precision` [items, terms]; `size` [items]."""

    design: Floats
    units: Floats
    counted: Floats
    offset: Floats
    prior: Floats
    precision: Floats
    size: Floats


def solve(task: Task, start: Floats, steps: int) -> Posterior:
    """From `start`, so many steps of Newton's method with the expected information, which cannot lose its way far."""
    terms, diagonal = start, np.arange(start.shape[1])
    for _ in range(steps):
        expected, counts = _expected(task, terms)
        share = counts / (1 + expected / task.size[:, None])
        slope = np.einsum("itp,it->ip", task.design, (task.units - expected) * share)
        slope -= (terms - task.prior) * task.precision
        weighted = task.design * (expected * share)[:, :, None]
        information = np.matmul(task.design.transpose(0, 2, 1), weighted)
        information[:, diagonal, diagonal] += task.precision
        step = np.linalg.solve(information, slope[:, :, None])[:, :, 0]
        largest = np.maximum(np.abs(step).max(axis=1, keepdims=True), 1e-9)
        terms = terms + step * np.minimum(1.0, LARGEST_STEP / largest)
    return Posterior(terms, np.linalg.inv(information), *_expected(task, terms))


def _expected(task: Task, terms: Floats) -> tuple[Floats, Floats]:
    highest = np.maximum(np.log1p(task.units.max(axis=1, keepdims=True)) + ABOVE, USUAL)
    expected = np.exp(np.clip(np.einsum("itp,ip->it", task.design, terms) + task.offset, -14.0, highest))
    spread = np.sqrt(expected * (1 + expected / task.size[:, None])) + 1e-9
    far = np.abs(task.units - expected) / spread
    return expected, task.counted * np.minimum(1.0, SPIKE / np.maximum(far, SPIKE))

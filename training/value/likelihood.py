"""The likeliest parameters of a model whose parameters are all positive: searched by their logarithms."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

type Floats = npt.NDArray[np.float64]
type Gradient = Callable[[Floats], tuple[float, Floats]]
"""The log-likelihood of parameters, and its slope in each."""


ROUGHLY = 5_000
"""So many customers say where to begin."""
STEP = 1e-4
EDGE = 0.5


class NotFittedError(Exception):
    """The search came to no end."""


class Prior(NamedTuple):
    """What is believed beforehand: each parameter about `centre`, by a factor of exp(`spread`) up or down."""

    centre: Sequence[float]
    spread: Sequence[float]


def maximise(
    gradients: Sequence[Gradient], start: Sequence[float], bounds: Sequence[tuple[float, float]], prior: Prior | None
) -> Floats:
    """Where the likelihood, times the prior, is highest, by the last of the gradients. Raises `NotFittedError`.

    One before it, of some of the data, finds the place roughly and how the ground curves there, so that all of the data
    need be looked at a few times only.
    """
    logs = np.log(prior.centre if prior else start)
    limits = [(np.log(low), np.log(high)) for low, high in bounds]
    metric = np.eye(len(logs))
    for n, gradient in enumerate(gradients):
        cost = _cost(gradient, prior)
        logs = _descend(cost, logs, limits, metric)
        if n < len(gradients) - 1:
            metric = _metric(cost, logs, limits)
    return np.asarray(np.exp(logs), dtype=np.float64)


def _cost(gradient: Gradient, prior: Prior | None) -> Gradient:
    """What is to be least, of the logarithms."""

    def cost(logs: Floats) -> tuple[float, Floats]:
        values = np.exp(logs)
        likelihood, slope = gradient(values)
        believed, pull = _believed(logs, prior)
        return -(likelihood + believed), -(slope * values + pull)

    return cost


def _descend(cost: Gradient, first: Floats, limits: Sequence[tuple[float, float]], metric: Floats) -> Floats:
    """From there down to the ground, in steps measured by `metric`."""
    size = max(abs(cost(first)[0]), 1.0)

    def scaled(steps: Floats) -> tuple[float, Floats]:
        value, slope = cost(first + metric @ steps)
        return value / size, metric.T @ slope / size

    free = np.allclose(metric, np.diag(np.diag(metric)))
    steps = [
        ((low - at) / m, (high - at) / m) for (low, high), at, m in zip(limits, first, np.diag(metric), strict=True)
    ]
    found = minimize(
        scaled,
        np.zeros(len(first)),
        jac=True,
        method="L-BFGS-B",
        bounds=steps if free else None,
        options={"maxiter": 2_000, "ftol": 1e-14, "gtol": 1e-9},
    )
    # It may also end because the numbers allow no step that is better: then the slope says whether that is the top.
    if not np.isfinite(found.fun) or (
        not found.success and np.abs(np.asarray(found.jac, dtype=np.float64)).max() > 1e-5
    ):
        raise NotFittedError(str(found.message))
    return np.asarray(first + metric @ found.x)


def _metric(cost: Gradient, at: Floats, limits: Sequence[tuple[float, float]]) -> Floats:
    """By which the ground is round about here; that of the logarithms where it is not, or where a limit holds."""
    size = abs(cost(at)[0])
    curvature = np.array([cost(at + step)[1] - cost(at - step)[1] for step in np.eye(len(at)) * STEP]) / (2 * STEP)
    inside = all(low + EDGE < each < high - EDGE for (low, high), each in zip(limits, at, strict=True))
    if not inside or np.linalg.eigvalsh(curvature + curvature.T).min() <= 0:
        return np.eye(len(at))
    root = np.linalg.cholesky((curvature + curvature.T) / 2 / size)
    return np.asarray(np.linalg.inv(root).T)


def _believed(logs: Floats, prior: Prior | None) -> tuple[float, Floats]:
    if prior is None:
        return 0.0, np.zeros(len(logs))
    off = (logs - np.log(prior.centre)) / np.asarray(prior.spread)
    return float(-(off @ off) / 2), -off / np.asarray(prior.spread)

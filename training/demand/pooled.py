"""One slope of all items for price and each covariate: where the learning of what items share begins.

Prices and promotions move together, so that their slopes must be found together; the rounds that follow change one at a
time, and would be long about it.
"""

import numpy as np

from training.demand.dense import Weeks
from training.demand.panel import Floats

USUAL, TRUST = (-2.0, 0.0), (2.0, 10.0)
"""Of price and of a covariate: the slope without any data, and how much information that is worth."""
STEPS = 12
DISPERSION = 1 / 3
MOST_ITEMS = 2_000
HIGHEST = 8.0
"""A week of so many times an item's mean tells no more than this."""


def slopes(weeks: Weeks) -> Floats:
    """Price's, then the covariates': by Newton's method on Poisson sales; the slopes give each item's level."""
    part = weeks.of(slice(None, None, -(-weeks.shape[0] // MOST_ITEMS)))
    design = np.concatenate([part.price[:, :, None], part.extra], axis=2).astype(np.float64)
    units, weight = _counted(part)
    trust = np.full(design.shape[2], TRUST[1])
    usual = np.full(design.shape[2], USUAL[1])
    usual[0], trust[0] = USUAL[0], TRUST[0]
    slope = usual.copy()
    for _ in range(STEPS):
        effect = part.counted * np.exp(np.clip(design @ slope, -10.0, 10.0))
        share = effect / np.maximum(effect.sum(axis=1, keepdims=True), 1e-9)
        expected = share * units.sum(axis=1, keepdims=True)
        centred = design - np.einsum("itp,it->ip", design, share)[:, None, :]
        rise = np.einsum("itp,it->p", centred, weight * (units - expected)) - trust * (slope - usual)
        curve = np.einsum("itp,itq,it->pq", centred, centred, weight * expected, optimize=True) + np.diag(trust)
        slope = np.clip(slope + np.clip(np.linalg.solve(curve, rise), -1.0, 1.0), -20.0, 20.0)
    return slope


def _counted(part: Weeks) -> tuple[Floats, Floats]:
    """Units without spikes, and how much an item's count: the more it sells, the less a unit tells."""
    mean = part.units.sum(axis=1, dtype=np.float64) / np.maximum(part.counted.sum(axis=1), 1)
    units = np.minimum(part.units, HIGHEST * (mean + 1)[:, None])
    return units, (1 / (1 + DISPERSION * mean))[:, None]

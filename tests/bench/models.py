"""Made-up models of any size: half of an item's neighbours are popular ones, the others lie anywhere."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tests.functions.recommend.artefact import files_of
from training.matrix import LEVELS, ItemMatrix

Floats = npt.NDArray[np.float32]


class Made(NamedTuple):
    """Items, each with its share of what is bought, and for each row of both tables its neighbours and weights."""

    items: list[str]
    shares: npt.NDArray[np.float64]
    neighbours: npt.NDArray[np.int32]
    weights: Floats


def made(items: int, width: int, seed: int = 1) -> Made:
    """Popularity by Zipf's law; weights of either sign that fall off as those of fitted rows do, largest first."""
    chance = np.random.default_rng(seed)
    shares = 1 / np.arange(1, items + 1)
    shares = chance.permutation(shares / shares.sum())
    popular = np.searchsorted(np.cumsum(shares), chance.random((2 * items, width // 2))).clip(0, items - 1)
    others = chance.integers(0, items, (2 * items, width - width // 2))
    neighbours = chance.permuted(np.concatenate([popular, others], axis=1), axis=1).astype(np.int32)
    sizes = np.sort(chance.lognormal(-3.0, 1.0, neighbours.shape), axis=1)[:, ::-1]
    signs = np.where(chance.random(neighbours.shape) < 0.15, -1.0, 1.0)
    return Made([f"item-{n:06d}" for n in range(items)], shares, neighbours, (sizes * signs).astype(np.float32))


def quantised(model: Made) -> ItemMatrix:
    """As training exports it: one byte a weight, one scale a row."""
    scale = np.abs(model.weights).max(axis=1) / LEVELS
    levels = np.rint(model.weights / scale[:, None]).astype(np.int8)
    rows = np.arange(len(model.items), dtype=np.int32)
    return ItemMatrix(rows, model.neighbours, levels, scale.astype(np.float32), np.stack([prior(model)] * 2))


def prior(model: Made) -> Floats:
    return (model.shares / model.shares.max()).astype(np.float32)


def files(model: Made) -> dict[str, bytes]:
    """The artefact."""
    priors = prior(model)
    best = [model.items[row] for row in np.argsort(-priors)]
    return files_of(quantised(model), model.items, best, priors.tolist())

"""Which of today's groups is which of yesterday's themes, so that a theme keeps its id.

Today's sentences are dealt out to yesterday's centroids too. A group and a theme belong together by how many sentences
they share of those that either has, each to one at most, so that the sum is largest. Where a theme splits, its larger
part keeps the id; where two merge, the one that gave more does. A theme that is gone is remembered for a while.
"""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from functions.themes.cluster import NONE, Labels, Vectors

LEAST_SHARED = 0.2
"""Of the sentences that either has; below, they are two themes."""
NEAR = 0.8
"""Cosine of centroids from which on they are one theme even if no sentence is shared, as when it comes back."""


def matched(labels: Labels, centroids: Vectors, before: Labels, known: Vectors) -> dict[int, int]:
    """For each of today's groups that was known, which one of `known` it is; `before` are today's sentences there."""
    if not len(centroids) or not len(known):
        return {}
    worth = shared(labels, len(centroids), before, len(known))
    near = centroids @ known.T
    worth = np.where(worth >= LEAST_SHARED, 1 + worth, np.where(near >= NEAR, near, 0.0))
    rows, columns = linear_sum_assignment(-worth)
    return {int(row): int(column) for row, column in zip(rows, columns, strict=True) if worth[row, column] > 0}


def shared(labels: Labels, groups: int, before: Labels, themes: int) -> NDArray[np.float64]:
    """How many sentences each group shares with each theme, of those that either has."""
    both = (labels != NONE) & (before != NONE)
    table = np.zeros((groups, themes))
    np.add.at(table, (labels[both], before[both]), 1.0)
    here = np.bincount(labels[labels != NONE], minlength=groups)[:, None]
    there = np.bincount(before[before != NONE], minlength=themes)[None, :]
    return np.asarray(table / np.maximum(here + there - table, 1.0))


def named(groups: int, kept: Mapping[int, str], middles: Sequence[str], taken: frozenset[str]) -> list[str]:
    """Every group's id: the one that it keeps, or one made of its middle sentence, so that a repeat makes the same."""
    used = set(taken) | set(kept.values())
    names: list[str] = []
    for group in range(groups):
        name = kept.get(group) or _new(middles[group], used)
        used.add(name)
        names.append(name)
    return names


def _new(middle: str, used: set[str]) -> str:
    for attempt in range(len(used) + 1):
        name = "th_" + hashlib.blake2s(f"{middle} {attempt}".encode(), digest_size=6).hexdigest()
        if name not in used:
            return name
    raise AssertionError("one more name than there are must be free")

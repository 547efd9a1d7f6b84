"""Maximal marginal relevance: a list whose items are unlike each other, at the price of some score."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from shared.domain.items import PublicItem

CATEGORY = 2.0
"""How much the category says about likeness, a tag or an attribute being 1."""


def diverse(items: Sequence[PublicItem], scores: Sequence[float], amount: float, count: int) -> list[int]:
    """The places of `count` items in the order of MMR, each the best by
    `(1 - amount) x score / best score - amount x its likeness to the most alike before it`; all if there are fewer.
    """
    relevance = np.array(scores) / max(max(scores, default=1.0), 1e-12)
    likeness = _likeness(items)
    nearest = np.zeros(len(items))
    left = np.ones(len(items), dtype=bool)
    order: list[int] = []
    while len(order) < min(count, len(items)):
        worth = np.where(left, (1.0 - amount) * relevance - amount * nearest, -np.inf)
        best = int(worth.argmax())
        order.append(best)
        left[best] = False
        nearest = np.maximum(nearest, likeness[best])
    return order


def _likeness(items: Sequence[PublicItem]) -> npt.NDArray[np.float64]:
    """The cosine of each two items' features, [n, n]; 1 within a group."""
    columns: dict[tuple[str, str], int] = {}
    cells = [
        (row, columns.setdefault(name, len(columns)), weight)
        for row, item in enumerate(items)
        for name, weight in _features(item)
    ]
    features = np.zeros((len(items), len(columns)))
    for row, column, weight in cells:
        features[row, column] = weight
    features /= np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
    groups = np.array([item.group or f"\0{row}" for row, item in enumerate(items)])
    same: npt.NDArray[np.float64] = np.maximum(features @ features.T, groups[:, None] == groups)
    return same


def _features(item: PublicItem) -> Iterator[tuple[tuple[str, str], float]]:
    if item.category is not None:
        yield ("category", item.category), CATEGORY
    yield from ((("tag", tag), 1.0) for tag in item.tags)
    yield from (((f"attributes.{name}", value), 1.0) for name, value in item.attributes.items())

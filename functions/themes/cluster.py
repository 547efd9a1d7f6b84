"""Sentences by meaning: groups of those that say much the same, as centroids that any sentence can be compared with.

Average linkage on a sample finds the groups, without being told how many there are; what lies near none of them is
sampled once more, so that a new small group is found beside large ones; then every sentence goes to the nearest.
Meanings are centred first: in a shop for dresses every sentence lies near every other, since all are of dresses.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage

type Vectors = NDArray[np.float32]
type Labels = NDArray[np.int64]

MOST_SAMPLED = 4_000
"""Linkage takes the square of it in time and memory: 2 s and 130 MB."""
WIDEST = 0.55
"""Mean cosine distance within a group. By measurement: see infra/decisions.md."""
NEAREST = 0.5
"""Cosine to a group's centroid from which on a sentence belongs to it."""
ALIKE = 0.85
"""Centroids this near to each other are one group."""
LEAST_SENTENCES = 3
CROWDED = 0.5
MOST_WEIGHED = 1_000
"""So many are compared, and count as the same from this cosine on, to find the middle."""
DOUBTFUL, MOST_CENTRED = 20, 0.95
"""The middle of so few sentences says little, and where all say the same there must be something left to compare."""
MOST_GROUPS = 400
ROUNDS = 3
AT_ONCE = 20_000
NONE = -1


class Space(NamedTuple):
    """Where the middle of all meanings lies; comparisons are made from there."""

    middle: Vectors

    def centred(self, vectors: NDArray[np.int8] | Vectors) -> Vectors:
        """Unit vectors from the middle."""
        return _unit(vectors.astype(np.float32) / np.float32(127.0) - self.middle)


class Groups(NamedTuple):
    """Each sentence's group, or `NONE`; and the groups' centroids, centred."""

    labels: Labels
    centroids: Vectors


def space(vectors: NDArray[np.int8], order: Labels) -> Space:
    """The space of these meanings. Of the first in `order`, each weighs the less the more others say the same.

    Else what most customers speak of would be the middle itself, and fall to pieces.
    """
    if not len(vectors):
        return Space(np.zeros(vectors.shape[1], np.float32))
    some = _unit(vectors[order[:MOST_WEIGHED]].astype(np.float32))
    weights = 1.0 / (some @ some.T > CROWDED).sum(axis=1)
    sure = MOST_CENTRED * len(vectors) / (len(vectors) + DOUBTFUL)
    return Space((sure * (weights @ some) / weights.sum()).astype(np.float32))


def cluster(vectors: NDArray[np.int8], order: Labels, within: Space) -> Groups:
    """Groups of these; where there are more than can be compared, those that come first in `order` are."""
    if len(vectors) < LEAST_SENTENCES:
        return Groups(np.full(len(vectors), NONE, dtype=np.int64), np.zeros((0, vectors.shape[1]), np.float32))
    centroids = _linked(within.centred(vectors[order[:MOST_SAMPLED]]))
    left = order[assigned(vectors, centroids, within)[order] == NONE]
    again = _linked(within.centred(vectors[left[:MOST_SAMPLED]])) if len(left) >= LEAST_SENTENCES else centroids[:0]
    centroids = _apart(np.vstack([centroids, again]))
    for _ in range(ROUNDS):
        labels = assigned(vectors, centroids, within)
        centroids = _apart(_centroids(vectors, labels, len(centroids), within))
    labels = assigned(vectors, centroids, within)
    there, compact = np.unique(labels[labels != NONE], return_inverse=True)
    labels[labels != NONE] = compact
    return Groups(labels, centroids[there])


def assigned(vectors: NDArray[np.int8], centroids: Vectors, within: Space) -> Labels:
    """The nearest group of each, or `NONE` where none is near."""
    labels = np.full(len(vectors), NONE, dtype=np.int64)
    for start in range(0, len(vectors) if len(centroids) else 0, AT_ONCE):
        near = within.centred(vectors[start : start + AT_ONCE]) @ centroids.T
        best = near.argmax(axis=1)
        labels[start : start + AT_ONCE] = np.where(near[np.arange(len(best)), best] >= NEAREST, best, NONE)
    return labels


def _linked(sample: Vectors) -> Vectors:
    """Centroids of the groups that average linkage makes, the largest first."""
    tree = linkage(sample, "average", metric="cosine")
    labels = fcluster(np.maximum(tree, 0.0), WIDEST, "distance") - 1
    sizes = np.bincount(labels)
    large = np.argsort(-sizes, kind="stable")[:MOST_GROUPS]
    chosen = [group for group in large if sizes[group] >= LEAST_SENTENCES]
    middles = [sample[labels == group].mean(axis=0) for group in chosen]
    return _unit(np.array(middles, dtype=np.float32).reshape(-1, sample.shape[1]))


def _centroids(vectors: NDArray[np.int8], labels: Labels, count: int, within: Space) -> Vectors:
    """The mean meaning of each group, without those that are left with too few, the largest first."""
    sums = np.zeros((count, vectors.shape[1]), np.float64)
    for start in range(0, len(vectors), AT_ONCE):
        some = labels[start : start + AT_ONCE]
        np.add.at(sums, some[some != NONE], within.centred(vectors[start : start + AT_ONCE][some != NONE]))
    sizes = np.bincount(labels[labels != NONE], minlength=count)
    order = [group for group in np.argsort(-sizes, kind="stable") if sizes[group] >= LEAST_SENTENCES]
    return _unit(sums[order].astype(np.float32))


def _apart(centroids: Vectors) -> Vectors:
    """Without those that are much like one before them."""
    kept: list[int] = []
    for at in range(len(centroids)):
        if not kept or float((centroids[kept] @ centroids[at]).max()) < ALIKE:
            kept.append(at)
    return centroids[kept[:MOST_GROUPS]]


def _unit(vectors: NDArray[np.float32]) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1.0), dtype=np.float32)

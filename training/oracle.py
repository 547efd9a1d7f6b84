"""A second, plain implementation of scoring, and the check that an exported graph agrees with it."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from shared.inference.session import HIDDEN, Session
from training.errors import GraphMismatch
from training.matrix import ItemMatrix
from training.sparse import Scores

QUERIES, LENGTH, TOP = 32, 20, 20
TOLERANCE = 1e-5
SEED = 18


class Answer(NamedTuple):
    """`ids` [k], `scores` [k], `contributions` [h, k], as the graph gives them."""

    ids: npt.NDArray[np.int64]
    scores: Scores
    contributions: Scores


def answer(matrix: ItemMatrix, items: npt.NDArray[np.int64], weights: Scores, mask: Scores, k: int) -> Answer:
    """What the graph should answer, with dense sums in float64; ties go to the smaller id."""
    terms = np.zeros((len(items), len(matrix.rows)))
    for place, item in enumerate(items):
        values = matrix.weights[item].astype(np.float64) * float(matrix.scale[item]) * float(weights[place])
        np.add.at(terms[place], matrix.ids[item], values)
    scores = terms.sum(axis=0) + mask
    ids = np.argsort(-scores, kind="stable")[:k]
    return Answer(ids, scores[ids].astype(np.float32), terms[:, ids].astype(np.float32))


def verify(graph: bytes, matrix: ItemMatrix) -> None:
    """Ask the graph and the oracle the same seeded queries, a fifth of the items hidden.

    Raises `GraphMismatch` where the top 20 differ: in ids beyond ties, scores, or contributions.
    """
    session, draw = Session(graph), np.random.default_rng(SEED)
    count = len(matrix.rows)
    for number in range(QUERIES):
        items = draw.integers(0, len(matrix.ids), LENGTH)
        weights = draw.random(LENGTH, dtype=np.float32)
        mask = np.where(draw.random(count) < 0.2, HIDDEN, draw.random(count) * 0.05).astype(np.float32)
        k = min(TOP, count)
        _compare(number, Answer(*session.run(items, weights, mask, k)), answer(matrix, items, weights, mask, count), k)


def _compare(number: int, got: Answer, full: Answer, k: int) -> None:
    """`full` is the oracle's ranking of everything, so that an id swapped within a tie can be looked up."""
    place = np.empty(len(full.ids), dtype=np.int64)
    place[full.ids] = np.arange(len(place))
    at = place[got.ids]
    size = np.maximum(1.0, np.abs(full.scores))
    checks = {
        "scores": np.abs(got.scores - full.scores[:k]) <= TOLERANCE * size[:k],
        "ids": np.abs(full.scores[at] - full.scores[:k]) <= TOLERANCE * size[:k],
        "contributions": np.abs(got.contributions - full.contributions[:, at]) <= TOLERANCE,
    }
    for what, agrees in checks.items():
        if not np.all(agrees) or len(np.unique(at)) < k:
            raise GraphMismatch(f"the graph's top {k} differ from the oracle's in {what}, on query {number}")

"""Ranks the catalogue for many customers at once, with the same queries, matrix and prior that serving uses."""

from collections.abc import Iterable, Sequence

import numpy as np
import scipy.sparse as sp

from shared.inference.card import RepeatPolicy
from shared.inference.history import Past
from shared.inference.repeat import buy_again
from training.interactions import Floats, Ints, Mask
from training.matrix import TOGETHER, Weights
from training.metrics import RECALL_AT, Ranking
from training.sparse import Csr, Scores, blocks, csr

type Histories = Sequence[Sequence[Past[int]]]

BLOCK = 256


def beside(matrix: Weights, table: int, items: Ints, prior: float, seen: Csr, showable: Mask) -> Ranking:
    """The top of the catalogue for each single item as the query, without `seen` [items, vocabulary]."""
    asked = queries(matrix, ([(item, 1.0)] for item in items.tolist()), len(items))
    return rank(matrix, table, asked, prior, seen, showable)


def queries(matrix: Weights, asked: Iterable[Iterable[tuple[int, float]]], count: int) -> Csr:
    """The queries as weights [count, N]; items that the matrix does not know are left out."""
    row_of = {item: row for row, item in enumerate(matrix.rows.tolist())}
    known = [
        (number, row_of[item], weight) for number, pairs in enumerate(asked) for item, weight in pairs if item in row_of
    ]
    numbers, rows, weights = zip(*known, strict=True) if known else ((), (), ())
    return csr(weights, np.array(numbers, dtype=np.int32), np.array(rows, dtype=np.int32), (count, len(matrix.rows)))


def rank(matrix: Weights, table: int, asked: Csr, prior: float, seen: Csr, showable: Mask) -> Ranking:
    """The best 20 items (numbers of the vocabulary) by `asked @ table + prior`, not seen, showable and above 0."""
    # What is in one basket with something starts from the same popularity as all that goes together.
    weights, start = matrix.sparse(table), np.float32(prior) * matrix.priors[min(table, TOGETHER)]
    hidden, out = sp.csr_matrix(seen[:, matrix.rows]), ~showable[matrix.rows]
    found = []
    for part in blocks(asked.shape[0], BLOCK):
        scores = np.asarray((asked[part] @ weights).toarray()) + start
        found.append(top(scores, sp.csr_matrix(hidden[part]), out))
    best = np.concatenate(found) if found else np.zeros((0, RECALL_AT), dtype=np.int64)
    return np.where(best >= 0, matrix.rows[best], -1)


def top(scores: Scores, hidden: Csr, out: Mask) -> Ranking:
    """The columns of the 20 largest positive scores of each row, without hidden places and columns that are out."""
    scores[:, out] = -np.inf
    scores[np.repeat(np.arange(len(scores)), np.diff(hidden.indptr)), hidden.indices] = -np.inf
    width = min(RECALL_AT, scores.shape[1])
    best = np.argpartition(-scores, width - 1, axis=1)[:, :width]
    best.sort(axis=1)
    values = np.take_along_axis(scores, best, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    best = np.where(np.take_along_axis(values, order, axis=1) > 0, np.take_along_axis(best, order, axis=1), -1)
    return np.pad(best, ((0, 0), (0, RECALL_AT - width)), constant_values=-1)


def popular(counts: Floats, seen: Csr, showable: Mask) -> Ranking:
    """The most popular items that each row of `seen` [queries, items] does not hold, [queries, 20]."""
    order = np.argsort(-counts, kind="stable")
    order = order[showable[order] & (counts[order] > 0)]
    rankings = np.full((seen.shape[0], RECALL_AT), -1, dtype=np.int64)
    for row in range(seen.shape[0]):
        hidden = seen.indices[seen.indptr[row] : seen.indptr[row + 1]]
        head = order[: RECALL_AT + len(hidden)]
        fresh = head[~np.isin(head, hidden)][:RECALL_AT]
        rankings[row, : len(fresh)] = fresh
    return rankings


def again(histories: Histories, now: float, policy: RepeatPolicy, showable: Mask, staples: Floats) -> Ranking:
    """Buy again for each history, [histories, 20]; `staples` [items] as `training.popularity.staples` has them."""
    often = staples.tolist()
    return padded(
        [repeat.item for repeat in buy_again(history, now, policy, often.__getitem__) if showable[repeat.item]]
        for history in histories
    )


def own_by_popularity(histories: Histories, counts: Floats, showable: Mask) -> Ranking:
    """What each customer has had, most popular in the shop first, [histories, 20]."""
    own = ({item for past in history for item in past.items} for history in histories)
    return padded(sorted((i for i in items if showable[i]), key=lambda i: (-counts[i], i)) for items in own)


def padded(lists: Iterable[list[int]]) -> Ranking:
    """Lists of any length as a ranking."""
    return np.array([(one + [-1] * RECALL_AT)[:RECALL_AT] for one in lists], dtype=np.int64).reshape(-1, RECALL_AT)

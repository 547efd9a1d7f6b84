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
from training.sparse import Csr, Places, Scores, blocks, csr

type Histories = Sequence[Sequence[Past[int]]]

BLOCK = 256


def beside(matrix: Weights, table: int, items: Ints, prior: float, seen: Csr, showable: Mask) -> Ranking:
    """The top of the catalogue for each single item as the query, without `seen` [items, vocabulary]."""
    asked = queries(matrix, ([(item, 1.0)] for item in items.tolist()), len(items))
    return rank(matrix, table, asked, prior, seen, showable)


def queries(matrix: Weights, asked: Iterable[Iterable[tuple[int, float]]], count: int) -> Csr:
    """The queries as weights [count, N]; items that the matrix does not know are left out."""
    entries = [(number, item, weight) for number, pairs in enumerate(asked) for item, weight in pairs]
    numbers, items, weights = zip(*entries, strict=True) if entries else ((), (), ())
    number, item, weight = np.array(numbers, dtype=np.int32), np.array(items, dtype=np.int32), np.array(weights)
    row = np.minimum(np.searchsorted(matrix.rows, item), len(matrix.rows) - 1)
    known = matrix.rows[row] == item
    return csr(weight[known], number[known], row[known], (count, len(matrix.rows)))


def rank(matrix: Weights, table: int, asked: Csr, prior: float, seen: Csr, showable: Mask) -> Ranking:
    """The best 20 items (numbers of the vocabulary) by `asked @ table + prior`, not seen, showable and above 0."""
    # What is in one basket with something starts from the same popularity as all that goes together.
    weights, start = matrix.sparse(table), np.float32(prior) * matrix.priors[min(table, TOGETHER)]
    start = np.where(showable[matrix.rows], start, -np.inf).astype(np.float32)
    hidden = sp.csr_matrix(seen[:, matrix.rows])
    best = np.full((asked.shape[0], RECALL_AT), -1, dtype=np.int64)
    for part in blocks(asked.shape[0], BLOCK):
        best[part] = top(sp.csr_matrix(asked[part] @ weights), start, sp.csr_matrix(hidden[part]))
    return np.where(best >= 0, matrix.rows[best], -1)


def top(terms: Csr, start: Scores, hidden: Csr) -> Ranking:
    """The columns of the 20 largest positive `start + terms` of each row, without hidden places; ties by column.

    Of a large catalogue a query says something of few items. The others stand in the order of their start, which is
    sorted once, so that the cost goes by what is said and not by the size of the catalogue.
    """
    by_start = np.argsort(-start, kind="stable")
    by_start = by_start[start[by_start] > 0]
    free = np.ones(len(start), dtype=np.bool_)
    best = np.full((terms.shape[0], RECALL_AT), -1, dtype=np.int64)
    for row in range(terms.shape[0]):
        said = terms.indices[terms.indptr[row] : terms.indptr[row + 1]]
        away = hidden.indices[hidden.indptr[row] : hidden.indptr[row + 1]]
        free[said] = free[away] = False
        others = by_start[: RECALL_AT + len(said) + len(away)]
        others = others[free[others]][:RECALL_AT]
        free[said] = True
        free[away] = False
        shown = free[said]
        free[away] = True
        scores = (terms.data[terms.indptr[row] : terms.indptr[row + 1]] + start[said])[shown]
        columns = np.concatenate([said[shown], others])
        found = _largest(np.concatenate([scores, start[others]]), columns)
        best[row, : len(found)] = found
    return best


def _largest(scores: Scores, columns: Places) -> Places:
    """Of some columns, each once, the 20 with the largest positive scores."""
    if len(scores) > RECALL_AT:
        kept = scores >= np.partition(scores, -RECALL_AT)[-RECALL_AT]
        scores, columns = scores[kept], columns[kept]
    order = np.lexsort((columns, -scores))[:RECALL_AT]
    return columns[order[scores[order] > 0]]


def popular(counts: Floats, seen: Csr, showable: Mask) -> Ranking:
    """The most popular items that each row of `seen` [queries, items] does not hold, [queries, 20]."""
    order = np.argsort(-counts, kind="stable")
    order = order[showable[order] & (counts[order] > 0)]
    rankings, free = np.full((seen.shape[0], RECALL_AT), -1, dtype=np.int64), np.ones(len(counts), dtype=np.bool_)
    for row in range(seen.shape[0]):
        hidden = seen.indices[seen.indptr[row] : seen.indptr[row + 1]]
        head = order[: RECALL_AT + len(hidden)]
        free[hidden] = False
        fresh = head[free[head]][:RECALL_AT]
        free[hidden] = True
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

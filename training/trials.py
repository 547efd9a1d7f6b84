"""Scores many blends of the same parts on the questions of discovery, at the price of few.

A blend is linear, so what each part says of each item to each question is worked out once; a trial is a weighted sum.
Of the sum only the ranks of the wanted items are needed: a comparison for each, where a ranking would sort everything.
The figure is the one that `Bench.for_you` gives.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from shared.inference.card import QueryPolicy
from shared.inference.query import MAX_PAIRS
from training.evaluate import Bench
from training.interactions import Floats, Ints, Mask
from training.metrics import NDCG_AT
from training.ranking import BLOCK
from training.sparse import Csr, Places, Scores, blocks, csr

DISCOUNT = 1 / np.log2(np.arange(2, NDCG_AT + 2))


class Seen(NamedTuple):
    """The histories of the questions, a row for each item in an event [M]: whose it is, the item's number, its event's
    rank among the events that weigh something (the newest is 0), and that event's name.
    """

    question: Ints
    item: Ints
    rank: Ints
    name: Places
    names: tuple[str, ...]


class Trials:
    """The questions of a bench on discovery, over the items `rows` of a matrix."""

    def __init__(self, bench: Bench, rows: Ints) -> None:
        who = bench.tested(bench.split.new)
        self._count, self._rows = len(who), rows
        self._seen = seen(bench, who)
        self._hidden = sp.csr_matrix(bench.hidden[who][:, rows])
        self._out = ~bench.split.showable[rows]
        targets = np.diff(bench.split.new[who].indptr)
        self._ideal = np.cumsum(DISCOUNT)[np.minimum(targets, NDCG_AT) - 1]
        self._wanted = sp.csr_matrix(bench.split.new[who][:, rows])

    def asked(self, policy: QueryPolicy) -> Csr:
        """The questions as a policy makes them, [questions, N]."""
        number, item, weight = queries_of(self._seen, policy)
        column = np.full(int(max(item.max(initial=-1), self._rows.max(initial=-1))) + 1, -1)
        column[self._rows] = np.arange(len(self._rows))
        known = column[item] >= 0
        return csr(weight[known], number[known], column[item[known]], (self._count, len(self._rows)))

    def says(self, asked: Csr, part: Csr) -> Scores:
        """What a part says to each question of each item, [questions, N]; what may not be shown is -inf."""
        scores = np.empty((self._count, len(self._rows)), dtype=np.float32)
        for block in blocks(self._count, BLOCK):
            scores[block] = (asked[block] @ part).toarray()
        scores[:, self._out] = -np.inf
        scores[np.repeat(np.arange(self._count), np.diff(self._hidden.indptr)), self._hidden.indices] = -np.inf
        return scores

    def gains(
        self, parts: Mapping[str, Scores], weights: Mapping[str, float], start: Scores, lift: Scores | None = None
    ) -> Floats:
        """Each question's NDCG@10 by `start + lift x sum of weight x part`, where only what is above 0 is listed."""
        used = [(np.float32(weight), parts[name]) for name, weight in weights.items() if weight]
        found = np.zeros(self._count)
        for question in range(self._count):
            here = slice(self._wanted.indptr[question], self._wanted.indptr[question + 1])
            if here.stop > here.start:
                scores = np.zeros_like(start) if lift is not None else start.copy()
                for weight, part in used:
                    scores += weight * part[question]
                if lift is not None:
                    scores *= lift
                    scores += start
                found[question] = gain(scores, self._wanted.indices[here]) / self._ideal[question]
        return found


def gain(scores: Scores, wanted: Ints) -> float:
    """The discounted gain of the wanted columns in the ten best of the scores above 0; of equal ones the first wins."""
    total = 0.0
    for column in wanted[np.argsort(-scores[wanted], kind="stable")]:
        least = scores[column]
        if not least > 0:
            break
        rank = int((scores > least).sum()) + int((scores[:column] == least).sum())
        if rank >= NDCG_AT:
            break
        total += DISCOUNT[rank]
    return total


def seen(bench: Bench, who: Ints) -> Seen:
    """The histories of some customers."""
    names = tuple(bench.split.past.names)
    code = {name: number for number, name in enumerate(names)}
    entries = [
        (question, item, rank, code[past.name])
        for question, customer in enumerate(who.tolist())
        for rank, past in enumerate(past for past in bench.histories[customer] if past.items)
        for item in past.items
    ]
    question, item, rank, name = np.array(entries, dtype=np.int32).reshape(-1, 4).T
    return Seen(question, item, rank, name, names)


def queries_of(seen: Seen, policy: QueryPolicy) -> tuple[Places, Places, Floats]:
    """Every question's pairs (question, item, weight), as `shared.inference.query` has them outside of a session."""
    worth = np.array([policy.event_weights.get(name, 0.0) for name in seen.names])[seen.name]
    kept = worth > 0
    question, item, worth = seen.question[kept], seen.item[kept], worth[kept]
    weight = worth * policy.decay ** _ranks(question, seen.rank[kept])
    key = question.astype(np.int64) * (int(item.max(initial=0)) + 1) + item
    pairs, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    weight = np.bincount(inverse, weight, minlength=len(pairs)) if policy.accumulate else weight[first]
    question, item = question[first], item[first]
    order = np.lexsort((first, -weight, question))
    question, item, weight = question[order], item[order], weight[order]
    kept = np.arange(len(question)) - np.searchsorted(question, question) < MAX_PAIRS
    question, item, weight = question[kept], item[kept], weight[kept]
    total = np.bincount(question, weight, minlength=int(question.max(initial=0)) + 1)
    return question, item, weight / total[question]


def _ranks(question: Ints, rank: Ints) -> Floats:
    """The ranks of each question's events, 0, 1, 2 ..., where events without a weight have been left out."""
    new: Mask = np.ones(len(rank), dtype=np.bool_)
    new[1:] = (question[1:] != question[:-1]) | (rank[1:] != rank[:-1])
    number = np.cumsum(new) - 1
    starts = np.flatnonzero(np.append(True, question[1:] != question[:-1]))[: len(question)]
    of_question = np.repeat(number[starts], np.diff(np.append(starts, len(question))))
    return np.asarray(number - of_question, dtype=np.float64)

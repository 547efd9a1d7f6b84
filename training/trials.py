"""Scores many blends of the same parts on the questions of discovery, at the price of few.

A blend is linear, so what each part says to each question is worked out once; a trial is a weighted sum. Of the sum
only the ranks of the wanted items are needed: a comparison for each, where a ranking would sort everything. The figure
is the one that `Bench.for_you` gives.

In a large catalogue a part speaks of few items: all others are where their start alone puts them, and that order is the
same for all questions. Then the sums are sparse, and a trial costs by what is said.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp

from shared.inference.card import QueryPolicy
from shared.inference.query import MAX_PAIRS
from training.evaluate import Bench
from training.interactions import Floats, Ints, Mask
from training.metrics import NDCG_AT
from training.ranking import BLOCK
from training.sparse import Csr, Places, Scores, blocks, csr, in_order

LARGE = 30_000
"""Of a catalogue with more items the sums are sparse. In a smaller one most are spoken of, and arrays are faster."""
type Said = Csr | Scores
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
        who = bench.discovering
        self._count, self._rows = len(who), rows
        self._seen = seen(bench, who)
        self._never = sp.csr_matrix(bench.hidden(who)[:, rows])
        self._never.data[:] = -np.inf
        self._showable = bench.split.showable[rows]
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

    def says(self, asked: Csr, part: Csr) -> Said:
        """What a part says to each question, [questions, N]."""
        if len(self._rows) > LARGE:
            return in_order(asked @ part)
        scores = np.empty((self._count, len(self._rows)), dtype=np.float32)
        for block in blocks(self._count, BLOCK):
            scores[block] = (asked[block] @ part).toarray()
        return scores

    def gains(
        self,
        parts: Mapping[str, Said],
        weights: Mapping[str, float],
        start: Scores,
        without: Mask | None = None,
        lift: Scores | None = None,
    ) -> Floats:
        """Each question's NDCG@10 by `start + lift x sum of weight x part`, where only what is above 0 is listed.

        What may not be shown is in no list, nor are the items of the mask `without` [N]. `lift` [N] is 1 unless given.
        """
        used = [(np.float32(weight), parts[name]) for name, weight in weights.items() if weight]
        listed = self._showable if without is None else self._showable & ~without
        start = np.where(listed, start, -np.inf).astype(np.float32)
        of = self._of_few if len(self._rows) > LARGE else self._of_all
        found = of(used, start, lift)
        return np.asarray(found / self._ideal)

    def _of_few(self, used: list[tuple[np.float32, Said]], start: Scores, lift: Scores | None) -> Floats:
        said = sp.csr_matrix(self._never.shape, dtype=np.float32)
        for weight, part in used:
            said = sp.csr_matrix(said + weight * part)
        if lift is not None:
            said.data *= lift[said.indices]
        return gains(sp.csr_matrix(said + self._never), self._wanted, start)

    def _of_all(self, used: list[tuple[np.float32, Said]], start: Scores, lift: Scores | None) -> Floats:
        found = np.zeros(self._count)
        for question in range(self._count):
            columns, never = (_columns(each, question) for each in (self._wanted, self._never))
            if len(columns):
                scores = start.copy() if lift is None else np.zeros_like(start)
                for weight, part in used:
                    scores += np.asarray(weight * part[question])
                if lift is not None:
                    scores = scores * lift + start
                scores[never] = -np.inf
                found[question] = gain(scores, columns)
        return found


def _columns(matrix: Csr, row: int) -> Ints:
    return np.asarray(matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]])


def gain(scores: Scores, wanted: Ints) -> float:
    """The discounted gain of the wanted columns in the ten best of the scores above 0; of equal ones the first wins."""
    total = 0.0
    for column in wanted[np.argsort(-scores[wanted], kind="stable")]:
        least = scores[column]
        if not least > 0:
            break
        rank = _above(scores, least, column)
        if rank >= NDCG_AT:
            break
        total += DISCOUNT[rank]
    return total


def gains(said: Csr, wanted: Csr, start: Scores) -> Floats:
    """Each row's `gain` of the wanted places [questions, N] by `start + said`, where little is said."""
    scores, own = said.data + start[said.indices], start[said.indices]
    ahead = _Order(start)
    found = np.zeros(wanted.shape[0])
    for question in range(len(found)):
        columns = _columns(wanted, question)
        if not len(columns):
            continue
        here = slice(said.indptr[question], said.indptr[question + 1])
        spoken, score, unsaid = said.indices[here], scores[here], own[here]
        place = np.minimum(np.searchsorted(spoken, columns), max(0, len(spoken) - 1))
        known = spoken[place] == columns if len(spoken) else np.zeros(len(columns), dtype=np.bool_)
        reached = start[columns]
        reached[known] = score[place[known]]
        for n in np.argsort(-reached, kind="stable"):
            least, column = reached[n], columns[n]
            if not least > 0:
                break
            # All that start ahead of it, but for those of which more is said: they are where that puts them.
            before = np.searchsorted(spoken, column)
            rank = ahead.of(least, column) - _above(unsaid, least, before) + _above(score, least, before)
            if rank >= NDCG_AT:
                break
            found[question] += DISCOUNT[rank]
    return found


def _above(scores: Scores, least: np.float32, before: np.integer[Any]) -> int:
    """How many of some scores are larger, or as large and among the first `before`."""
    return int(np.count_nonzero(scores > least)) + int(np.count_nonzero(scores[:before] == least))


class _Order:
    """Tells how many of the starts stand before a score and a column."""

    def __init__(self, start: Scores) -> None:
        self._columns = np.argsort(-start, kind="stable")
        self._falling = -start[self._columns]

    def of(self, least: np.float32, column: np.int32) -> int:
        low, high = (int(np.searchsorted(self._falling, -least, side=side)) for side in ("left", "right"))
        return low + int(np.searchsorted(self._columns[low:high], column))


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

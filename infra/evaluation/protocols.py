"""Cuts a log into what a model may learn from and the questions that it is judged on, one function for each protocol.

A protocol cuts whatever it is given, so the same function that holds out the test, given the training part, holds out
the validation questions inside it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from infra.evaluation.numbering import only
from shared.domain.vocabulary import EventName
from training.interactions import Interactions, Ints, Mask
from training.sparse import Csr, csr, pairs
from training.split import minus

SECONDS_A_DAY = 86_400.0
MOST_CASES = 10_000
LEAST_ITEMS = 3
"""Of a customer under `last-item`: one to hold out, one more for validation, one to ask with."""
LEAST_HISTORY = 2
"""Items before the cut under `next-days`."""
TESTED_SESSIONS = 0.1
WITHHELD = 1_000
WITHHELD_AT_MOST = 0.2
"""Of a log with few customers no more than this share is withheld."""
TARGETS = 0.2
LEAST_STRONG = 5
"""Items of a customer under `strong`, so that a fifth of them is one."""


class Unanswerable(ValueError):  # noqa: N818 - named for the log
    """The log has nothing that the protocol could ask."""


@dataclass(frozen=True)
class Cases:
    """What may be learnt (`train`), and the questions: for each customer with a target, the `asked` events that a
    recommender is shown, and the `targets` [customers, items] it should name. `hidden` [customers, items] must not be
    named. All are over the same vocabularies, and it is `now` (seconds since 1970) when they are asked.

    `unseen` are the targets that `train` does not know, of everyone who could be asked, with `askers`' events.
    `live` says that the last thing asked with happened just now. `counts` is how the cut came about.
    """

    train: Interactions
    asked: Interactions
    targets: Csr
    hidden: Csr
    now: float
    counts: dict[str, int]
    askers: Interactions
    unseen: Csr
    live: bool = False
    repeat: bool = False

    @property
    def who(self) -> Ints:
        """The customers who are asked about, ascending."""
        return np.flatnonzero(np.diff(self.targets.indptr)).astype(np.int32)

    @property
    def known(self) -> Ints:
        """The items that `train` has, ascending: what there is to rank."""
        return np.unique(self.train.item)


class Question(NamedTuple):
    """How to draw from the cases that there are: at most so many, by this seed; and when a log ends.

    Under `last-item` a customer must have `least` items, and of a drawn `share` of those that do the last is held out.
    """

    end: float
    most: int
    seed: int
    least: int = LEAST_ITEMS
    share: float = 1.0


Cut = Callable[[Interactions, Question], Cases]


class Protocol(NamedTuple):
    """`cut` as above; `by_session`: the owner of an event is its session."""

    name: str
    cut: Cut
    by_session: bool = False


def parse(text: str, repeat: bool) -> Protocol:
    """The protocol of the command line; raises `ValueError` for anything else."""
    name, colon, days = text.partition(":")
    if repeat and name != "next-days":
        raise ValueError("--repeat goes with next-days:N only: elsewhere nothing is asked for twice")
    if name == "next-days" and re.fullmatch(r"\d+(\.\d+)?", days) and float(days) > 0:
        return Protocol(text, next_days(float(days), repeat))
    plain = {
        "last-item": Protocol(text, last_item),
        "sessions": Protocol(text, sessions, by_session=True),
        "strong": Protocol(text, strong),
    }
    if colon or name not in plain:
        raise ValueError(f"{text!r} is no protocol: last-item, next-days:N (N days), sessions or strong")
    return plain[name]


def last_item(view: Interactions, question: Question) -> Cases:
    """Of each customer with enough items the last one is held out, from training too. Only last occurrences count."""
    view = only(view, _last_of_each(view))
    items = np.bincount(view.customer, minlength=len(view.customers))
    asked = (items >= question.least) & (np.random.default_rng(question.seed).random(len(items)) < question.share)
    held = _last_of_owner(view, question.seed) & asked[view.customer]
    train = only(view, ~held)
    counts = {"customers": int((items > 0).sum()), "eligible": int(held.sum()), "tied_for_last": _tied(view, held)}
    return _cases(train, train, _ones(view, held), question, counts, now=question.end)


def next_days(days: float, repeat: bool) -> Cut:
    """Everything before the last `days` is known; asked for is what customers with a history took after.

    Targets are items that the training part has, and new to the customer unless `repeat`. Where the log has orders, to
    take is to order.
    """

    def cut(view: Interactions, question: Question) -> Cases:
        at = question.end - days * SECONDS_A_DAY
        train, future = view.between(-np.inf, at), view.between(at, np.inf)
        if EventName.ORDER_COMPLETED in view.names:
            future = future.named(EventName.ORDER_COMPLETED)
        taken, owned = pairs(future), pairs(train)
        known = np.diff(owned.indptr) >= LEAST_HISTORY
        warm = np.isin(np.arange(len(view.items)), train.item)
        wanted = where(taken, known, warm)
        targets = wanted if repeat else minus(wanted, owned)
        unseen = where(taken, known, ~warm)
        counts = {
            "customers": int((np.diff(owned.indptr) > 0).sum()),
            "in_window": len(np.unique(future.event_customer)),
            "with_history": int((np.diff(where(taken, known, np.ones_like(warm)).indptr) > 0).sum()),
            "eligible": int((np.diff(targets.indptr) > 0).sum()),
            "cold_targets_left_out": int(unseen.nnz),
        }
        cases = replace(_cases(train, train, targets, question, counts, now=at), unseen=unseen)
        return replace(cases, repeat=repeat, hidden=csr([], _no(), _no(), owned.shape)) if repeat else cases

    return cut


def sessions(view: Interactions, question: Question) -> Cases:
    """The sessions that began last are unknown but for all their items before the last; the last one is asked for."""
    starts = np.full(len(view.customers), np.inf)
    np.minimum.at(starts, view.event_customer, view.event_time)
    begun = np.flatnonzero(np.isfinite(starts))
    tested = begun[np.argsort(starts[begun], kind="stable")][len(begun) - round(TESTED_SESSIONS * len(begun)) :]
    late = np.isin(view.customer, tested)
    test = only(view, late)
    test = only(test, _last_of_each(test))
    items = np.bincount(test.customer, minlength=len(test.customers))
    held = _last_of_owner(test, question.seed) & (items >= 2)[test.customer]
    counts = {
        "sessions": len(begun),
        "tested_sessions": len(tested),
        "eligible": int(held.sum()),
        "tied_for_last": _tied(test, held),
    }
    now = float(starts[tested].min(initial=question.end))
    cases = _cases(only(view, ~late), only(test, ~held), _ones(test, held), question, counts, now=now)
    return replace(cases, live=True)


def strong(view: Interactions, question: Question) -> Cases:
    """Customers of whom training knows nothing: asked with four fifths of their items, drawn, for the others."""
    items = np.diff(pairs(view).indptr)
    eligible = np.flatnonzero(items >= LEAST_STRONG)
    draw = np.random.default_rng(question.seed)
    withheld = draw.choice(eligible, min(WITHHELD, int(WITHHELD_AT_MOST * len(eligible))), replace=False)
    late = np.isin(view.customer, withheld)
    held = _drawn(pairs(only(view, late)), draw)
    key = _keys(view)
    asked = only(view, late & ~np.isin(key, _entries(held)))
    counts = {"customers": int((items > 0).sum()), "eligible": len(eligible), "withheld": len(withheld)}
    return _cases(only(view, ~late), asked, held, question, counts, now=question.end)


def _cases(
    train: Interactions, asked: Interactions, targets: Csr, question: Question, counts: dict[str, int], *, now: float
) -> Cases:
    """The cases of at most `question.most` customers, drawn by the seed from those who have a target."""
    eligible = np.flatnonzero(np.diff(targets.indptr))
    if not len(eligible) or not len(train.item):
        raise Unanswerable(f"The log has nothing that this protocol could ask: {counts}.")
    count = min(question.most, len(eligible))
    who = np.zeros(targets.shape[0], dtype=np.bool_)
    who[np.random.default_rng(question.seed).choice(eligible, count, replace=False)] = True
    warm = np.isin(np.arange(targets.shape[1]), train.item)
    askers, unseen = asked, where(targets, np.ones_like(who), ~warm)
    targets = where(targets, who, np.ones_like(warm))
    asked = asked.where(who[asked.event_customer])
    cold = int((~np.isin(targets.indices, train.item)).sum())
    counts |= {"cases": count, "targets": int(targets.nnz), "cold_targets": cold}
    return Cases(train, asked, targets, pairs(asked), now, counts, askers, unseen)


def _keys(view: Interactions) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """The customer and item of each item in an event, as one number, [M]."""
    return view.customer.astype(np.int64) * len(view.items) + view.item


def _last_of_each(view: Interactions) -> Mask:
    """The last occurrence of each item of each customer, [M]."""
    _, from_the_end = np.unique(_keys(view)[::-1], return_index=True)
    last = np.zeros(len(view.item), dtype=np.bool_)
    last[len(view.item) - 1 - from_the_end] = True
    return last


def _last_of_owner(view: Interactions, seed: int) -> Mask:
    """The last item of each customer, [M]; of those at one moment one that is drawn for this customer.

    One order of the items for all customers would make each item always the answer, or never.
    """
    chance = np.random.default_rng(seed).random(len(view.item))
    order = np.lexsort((chance, view.time, view.customer))
    owner = view.customer[order]
    last = np.zeros(len(order), dtype=np.bool_)
    last[order[np.append(owner[1:] != owner[:-1], True)[: len(order)]]] = True
    return last


def _tied(view: Interactions, held: Mask) -> int:
    """How many of the held-out items share their moment with another of the same customer."""
    latest = np.full(len(view.customers), -np.inf)
    np.maximum.at(latest, view.customer, view.time)
    at_last = np.bincount(view.customer[view.time == latest[view.customer]], minlength=len(view.customers))
    return int((at_last[view.customer[held]] > 1).sum())


def _ones(view: Interactions, kept: Mask) -> Csr:
    shape = (len(view.customers), len(view.items))
    return csr(np.ones(int(kept.sum())), view.customer[kept], view.item[kept], shape)


def where(matrix: Csr, rows: Mask, columns: Mask) -> Csr:
    """Only the entries in the rows and columns that two masks keep."""
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    kept = rows[row] & columns[matrix.indices]
    return csr(matrix.data[kept], row[kept], matrix.indices[kept], matrix.shape)


def _drawn(taken: Csr, draw: np.random.Generator) -> Csr:
    """A fifth of the entries of each row, at least one, drawn at random."""
    row = np.repeat(np.arange(taken.shape[0]), np.diff(taken.indptr))
    by = np.lexsort((draw.random(taken.nnz), row))
    rank = np.arange(taken.nnz) - taken.indptr[row]
    count = np.maximum(1, (TARGETS * np.diff(taken.indptr)).astype(np.int64))
    kept = by[rank < count[row]]
    return csr(np.ones(len(kept)), row[kept], taken.indices[kept], taken.shape)


def _entries(matrix: Csr) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    row = np.repeat(np.arange(matrix.shape[0], dtype=np.int64), np.diff(matrix.indptr))
    return row * matrix.shape[1] + matrix.indices


def _no() -> Ints:
    return np.zeros(0, dtype=np.int32)

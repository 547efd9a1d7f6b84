"""Questions asked as things happen: given a customer's past and the session so far, what is taken next?

A session is what `shared.inference.query.session` calls one. From each that has something before an order or a cart,
one such moment is drawn; its targets are the items taken then that are neither in the session so far nor hidden by
serving. In a shop that has no orders, whatever comes next is taken.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import scipy.sparse as sp

from shared.domain.vocabulary import EventName
from shared.inference.card import QueryPolicy
from shared.inference.history import Past, readable
from shared.inference.query import SESSION_SECONDS, query, session
from training.interactions import Floats, Interactions, Ints, Mask
from training.matrix import TASTE, Weights
from training.metrics import Judged, judge
from training.ranking import popular, queries, rank
from training.sparse import Csr, csr

MOST, TRIED = 2_000, 10_000
"""Questions of one window, and sessions that are looked at for them: most may hold none."""
LOOKED_BACK = 1_000
"""Events of a customer: the few that have more are asked with these, so that a crawler costs no more than others."""
LEAST = 100
"""With fewer questions nothing is chosen by them."""
SEED = 2018
TAKING = (EventName.ORDER_COMPLETED, EventName.PRODUCT_ADDED)


@dataclass(frozen=True)
class Live:
    """Histories, newest first, as they are when the newest event happens; `hidden` and `targets` [questions, items]."""

    histories: list[list[Past[int]]]
    hidden: Csr
    targets: Csr
    customer: Ints
    showable: Mask

    def some(self, which: Ints) -> "Live":
        """Only these questions, by their numbers."""
        hidden, targets = sp.csr_matrix(self.hidden[which]), sp.csr_matrix(self.targets[which])
        return Live([self.histories[n] for n in which.tolist()], hidden, targets, self.customer[which], self.showable)

    def judge(self, matrix: Weights, policy: QueryPolicy, recommendable: int) -> Judged:
        """The model on these questions."""
        asked = (query(history, policy, history[0].time) for history in self.histories)
        found = queries(matrix, asked, len(self.histories))
        ranking = rank(matrix, TASTE, found, policy.prior, self.hidden, self.showable)
        return judge(ranking, self.targets, self.customer, recommendable)

    def popular(self, counts: Floats, recommendable: int) -> Judged:
        """Popularity on these questions."""
        return judge(popular(counts, self.hidden, self.showable), self.targets, self.customer, recommendable)


def live(view: Interactions, start: float, end: float, showable: Mask) -> Live:
    """At most `MOST` questions of the window from `start` to `end`; sessions are drawn by a seed."""
    found = []
    events = _Events(view)
    for moments in islice(_sessions(view, start, end), TRIED):
        asked = next(filter(None, (events.asked(event, showable) for event in moments)), None)
        if asked is not None:
            found.append(asked)
        if len(found) == MOST:
            break
    shape = (len(found), len(view.items))
    return Live(
        histories=[asked.history for asked in found],
        hidden=_places([asked.hidden for asked in found], shape),
        targets=_places([asked.targets for asked in found], shape),
        customer=np.array([asked.customer for asked in found], dtype=np.int32),
        showable=showable,
    )


@dataclass(frozen=True)
class _Asked:
    """One question."""

    history: list[Past[int]]
    hidden: set[int]
    targets: set[int]
    customer: int


class _Events:
    """A view's events by number, as pasts."""

    def __init__(self, view: Interactions) -> None:
        self._view = view
        self._starts = np.searchsorted(view.event, np.arange(len(view.event_time) + 1))
        self._first = np.searchsorted(view.event_customer, np.arange(len(view.customers)))

    def asked(self, event: int, showable: Mask) -> _Asked | None:
        """The question that this event answers; None where it takes nothing that could have been shown."""
        customer = int(self._view.event_customer[event])
        first = max(int(self._first[customer]), event - LOOKED_BACK)
        history = readable(self._past(at) for at in range(event - 1, first - 1, -1))
        so_far = history[: session(history, history[0].time)]
        hidden = {item for past in history if past.name in TAKING for item in past.items}
        seen = hidden.union(*(past.items for past in so_far))
        targets = {item for item in self._past(event).items if showable[item]} - seen
        return _Asked(history, hidden, targets, customer) if so_far and targets else None

    def _past(self, event: int) -> Past[int]:
        items = self._view.item[self._starts[event] : self._starts[event + 1]]
        name = self._view.names[self._view.event_name[event]]
        return Past(tuple(items.tolist()), float(self._view.event_time[event]), name)


def _sessions(view: Interactions, start: float, end: float) -> Iterator[list[int]]:
    """Of each session in the window, in an order drawn by a seed, the moments at which something may be taken."""
    code = {name: number for number, name in enumerate(view.names)}
    time, ordered = view.event_time, view.event_name == code.get(EventName.ORDER_COMPLETED, -1)
    taking = [code[name] for name in TAKING if name in code]
    takes = np.isin(view.event_name, taking) if ordered.any() else np.ones(len(time), dtype=np.bool_)
    follows = np.zeros(len(time), dtype=np.bool_)
    follows[1:] = (
        (view.event_customer[1:] == view.event_customer[:-1])
        & (time[1:] - time[:-1] <= SESSION_SECONDS)
        & ~ordered[:-1]
    )
    moments = np.flatnonzero(takes & follows & (time >= start) & (time < end))
    number = np.cumsum(~follows)[moments]
    draw = np.random.default_rng(SEED)
    moments, number = (each[order] for order in [draw.permutation(len(moments))] for each in (moments, number))
    of_session: dict[int, list[int]] = {}
    for session_, moment in zip(number.tolist(), moments.tolist(), strict=True):
        of_session.setdefault(session_, []).append(moment)
    yield from of_session.values()


def _places(rows: list[set[int]], shape: tuple[int, int]) -> Csr:
    where = [(number, item) for number, items in enumerate(rows) for item in sorted(items)]
    numbers, items = np.array(where, dtype=np.int64).reshape(-1, 2).T
    return csr(np.ones(len(where)), numbers, items, shape)

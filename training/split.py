"""Cuts a shop's history in time: what a model may see, and the window that it is judged on."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from shared.domain.vocabulary import EventName
from shared.inference.history import Past, readable
from training.interactions import Interactions, Mask
from training.sparse import Csr, csr, pairs

SECONDS_A_DAY = 86_400.0
WINDOW_DAYS = 30.0
SHARE_AT_MOST = 0.25
"""Of a short history, no more than this share is held out for each window."""
DAYS_AT_LEAST = 1.0


@dataclass(frozen=True)
class Windows:
    """Validation is [validate_from, test_from), test is [test_from, end), in seconds since 1970."""

    validate_from: float
    test_from: float
    end: float


def windows(view: Interactions) -> Windows | None:
    """The last `WINDOW_DAYS` for the test, those before for validation; None when the history is too short for both."""
    if not len(view.event_time):
        return None
    first, end = float(view.event_time.min()), float(view.event_time.max()) + 1.0
    length = min(WINDOW_DAYS * SECONDS_A_DAY, (end - first) * SHARE_AT_MOST)
    if length < DAYS_AT_LEAST * SECONDS_A_DAY:
        return None
    return Windows(end - 2 * length, end - length, end)


@dataclass(frozen=True)
class Split:
    """One cut: the events `past` and `future`, and customers x items matrices of 1s over the whole vocabulary.

    `owned`: taken before the cut. `new`: taken in the window and not before. `again`: taken in the window and before.
    `showable` [items]: what the catalogue lets be shown; targets are only such items. `asked`: the events that
    customers ask with, where these are not those of the past.
    """

    cut: float
    past: Interactions
    future: Interactions
    owned: Csr
    new: Csr
    again: Csr
    showable: Mask
    asked: Interactions | None = None

    @property
    def has_orders(self) -> bool:
        """Whether the shop has any, so that `future` is orders only."""
        return EventName.ORDER_COMPLETED in self.past.names

    def without_future(self) -> "Split":
        """The same with nothing in the window."""
        return replace(self, future=self.future.where(np.zeros(len(self.future.event_time), dtype=np.bool_)))

    def histories(self) -> "Histories":
        """Every customer's events before the cut, newest first, as many as serving would read."""
        return Histories(self.asked or self.past)


def split(view: Interactions, cut: float, end: float, showable: Mask) -> Split:
    """Cut a view at `cut`; the window ends at `end`. "Taken" is ordered, or any event in a shop without orders."""
    past, future = view.between(-np.inf, cut), view.between(cut, end)
    taken = EventName.ORDER_COMPLETED if EventName.ORDER_COMPLETED in view.names else None
    future = future if taken is None else future.named(taken)
    owned = pairs(past if taken is None else past.named(taken))
    target = only(pairs(future), showable)
    return Split(cut, past, future, owned, minus(target, owned), both(target, owned), showable)


def only(matrix: Csr, columns: Mask) -> Csr:
    """The matrix with every other column emptied."""
    kept = columns[matrix.indices]
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    return csr(matrix.data[kept], rows[kept], matrix.indices[kept], matrix.shape)


def both(left: Csr, right: Csr) -> Csr:
    """The places that both matrices of 1s have."""
    return sp.csr_matrix(left.multiply(right))


def minus(left: Csr, right: Csr) -> Csr:
    """The places of a matrix of 1s that the other does not have."""
    rest = sp.csr_matrix(left - both(left, right))
    rest.eliminate_zeros()
    return rest


class Histories:
    """Per customer number, as many of the newest events as serving reads, newest first, with items as numbers.

    All of them where `whole`: what a shop that keeps the history itself may send. Each is made when it is asked for,
    and kept: of a million customers few thousand are asked about.
    """

    def __init__(self, view: Interactions, *, whole: bool = False) -> None:
        self._view, self._whole = view, whole
        self._starts = np.searchsorted(view.event, np.arange(len(view.event_time) + 1))
        self._first = np.searchsorted(view.event_customer, np.arange(len(view.customers) + 1))
        self._made: dict[int, list[Past[int]]] = {}

    def __len__(self) -> int:
        return len(self._first) - 1

    def __iter__(self) -> Iterator[list[Past[int]]]:
        return (self[customer] for customer in range(len(self)))

    def __getitem__(self, customer: int) -> list[Past[int]]:
        if customer not in self._made:
            first, end = self._first[customer : customer + 2].tolist()
            newest_first = (self._past(event) for event in range(end - 1, first - 1, -1))
            self._made[customer] = list(newest_first) if self._whole else readable(newest_first)
        return self._made[customer]

    def _past(self, event: int) -> Past[int]:
        items = self._view.item[self._starts[event] : self._starts[event + 1]]
        name = self._view.names[self._view.event_name[event]]
        return Past(tuple(items.tolist()), float(self._view.event_time[event]), name)

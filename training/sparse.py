"""Sparse matrices from interactions, and the few operations on them that every fit needs."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from shared.inference.card import EVENT_WEIGHTS
from training.interactions import Floats, Interactions, Ints, Mask

type Csr = sp.csr_matrix[np.float32]
type Places = npt.NDArray[np.integer[Any]]
type Scores = npt.NDArray[np.float32]

BLOCK = 512
"""Rows worked on at a time: bounds the memory of a product whatever the size of the catalogue."""


def weights_of(view: Interactions) -> Floats:
    """What each event says about taste, [E]; 0 for events that say nothing."""
    by_name = np.array([EVENT_WEIGHTS.get(name, 0.0) for name in view.names], dtype=np.float64)  # type: ignore[call-overload]
    return by_name[view.event_name] if len(view.names) else np.zeros(0)


def recent_items(view: Interactions, history: int) -> Csr:
    """Customers x items: the heaviest event weight of a pair, over a customer's `history` most recent distinct items.

    The cap keeps the Gram matrix of a few very active customers from outgrowing memory.
    """
    order, starts = by_pair(view)
    heaviest = np.maximum.reduceat(weights_of(view)[view.event[order]], starts) if len(order) else np.zeros(0)
    rows = order[starts]
    customer, item = view.customer[rows], view.item[rows]
    kept = heaviest > 0
    many = np.flatnonzero(np.bincount(customer, minlength=len(view.customers)) > history)
    capped = np.flatnonzero(np.isin(customer, many))
    last = np.maximum.reduceat(view.event_time[view.event[order]], starts)[capped] if len(capped) else np.zeros(0)
    newest_first = capped[np.lexsort((item[capped], -last, customer[capped]))]
    rank = np.arange(len(newest_first)) - np.searchsorted(customer[newest_first], customer[newest_first])
    kept[newest_first[rank >= history]] = False
    return csr(heaviest[kept], customer[kept], item[kept], (len(view.customers), len(view.items)))


def by_pair(view: Interactions) -> tuple[Places, Places]:
    """The items in events in order of customer, item and time, and where in it each customer's item begins."""
    key = view.customer.astype(np.int64) * len(view.items) + view.item
    order = np.argsort(key, kind="stable")  # A customer's are in order of time.
    key = key[order]
    return order, np.flatnonzero(np.append(True, key[1:] != key[:-1])[: len(key)])


def by_event(view: Interactions) -> Csr:
    """Events x items with each event's weight, rows in the view's order."""
    return csr(weights_of(view)[view.event], view.event, view.item, (len(view.event_time), len(view.items)))


def pairs(view: Interactions) -> Csr:
    """Customers x items: 1 where the customer has any event with the item."""
    key = np.unique(view.customer.astype(np.int64) * len(view.items) + view.item)
    rows, columns = np.divmod(key, max(1, len(view.items)))
    return csr(np.ones(len(key)), rows, columns, (len(view.customers), len(view.items)))


def csr(values: npt.ArrayLike, rows: Places, columns: Places, shape: tuple[int, int]) -> Csr:
    """A float32 CSR matrix from coordinates; repeated ones add up."""
    return sp.csr_matrix((np.asarray(values, dtype=np.float32), (rows, columns)), shape=shape)


def row_of_each(matrix: Csr) -> Ints:
    """The row of every stored value."""
    return np.repeat(np.arange(matrix.shape[0], dtype=np.int32), np.diff(matrix.indptr))


def largest_per_row(matrix: Csr, count: int) -> Csr:
    """Only the `count` values of each row that are largest by size; negative ones carry as much as positive."""
    kept = np.ones(matrix.nnz, dtype=np.bool_)
    for row in np.flatnonzero(np.diff(matrix.indptr) > count):
        start, end = matrix.indptr[row], matrix.indptr[row + 1]
        small = np.argpartition(-np.abs(matrix.data[start:end]), count)[count:]
        kept[start + small] = False
    found = _only(matrix, kept)
    found.sort_indices()
    return found


def without_diagonal(matrix: Csr, first_row: int = 0) -> Csr:
    """The matrix, whose row 0 is row `first_row` of a square one, without that one's diagonal and without zeros."""
    matrix = in_order(matrix)
    return _only(matrix, (matrix.indices != row_of_each(matrix) + first_row) & (matrix.data != 0))


def in_order(matrix: Csr) -> Csr:
    """The same with each row in order of columns: there and back by column, which is faster than to sort long rows."""
    return sp.csr_matrix(sp.csc_matrix(matrix))


def _only(matrix: Csr, kept: Mask) -> Csr:
    """Only those of a matrix's stored values."""
    ends = np.append(0, np.cumsum(kept))[matrix.indptr]
    return sp.csr_matrix((matrix.data[kept], matrix.indices[kept], ends), shape=matrix.shape, dtype=np.float32)


def blocks(rows: int, size: int = BLOCK) -> list[slice]:
    """Slices that cover `rows` rows, `size` at a time."""
    return [slice(start, min(start + size, rows)) for start in range(0, rows, size)]


class Spread(Protocol):
    """Does the work on each part, in order of the parts."""

    def __call__[T](self, work: Callable[[slice], T], parts: list[slice]) -> Iterable[T]: ...


def in_threads[T](work: Callable[[slice], T], parts: list[slice]) -> Iterator[T]:
    """On all cores: scipy and LAPACK let go of the interpreter's lock."""
    with ThreadPoolExecutor(os.process_cpu_count()) as pool:
        yield from pool.map(work, parts)


def in_turn[T](work: Callable[[slice], T], parts: list[slice]) -> Iterator[T]:
    """On one core, for work of many short calls, which in threads would spend its time handing the lock around."""
    return map(work, parts)


_elsewhere: ContextVar[Spread | None] = ContextVar("elsewhere", default=None)


def spread[T](work: Callable[[slice], T], parts: list[slice], here: Spread = in_threads) -> Iterator[T]:
    """The work on each part, in order: by `spreading` where that is set, else `here`. The parts are the same, so the
    results are too.
    """
    yield from (_elsewhere.get() or here)(work, parts)


@contextmanager
def spreading(over: Spread) -> Iterator[None]:
    """Inside the block, the heavy parts of every fit are worked on by `over`: on other machines, for instance."""
    token = _elsewhere.set(over)
    try:
        yield
    finally:
        _elsewhere.reset(token)

"""The taste part of the matrix: a ridge regression per item on the items most like it.

EASE (Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", 2019) solves one dense system over all items. Here
each item is regressed on its nearest neighbours by cosine only, as in sparse variants of SLIM (Ning & Karypis, 2011):
the cost grows with the number of items instead of its cube. A small catalogue can have the closed form itself.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from training.blas import one_blas_thread
from training.interactions import Ints
from training.sparse import (
    Csr,
    Places,
    Scores,
    blocks,
    csr,
    in_turn,
    largest_per_row,
    row_of_each,
    spread,
    without_diagonal,
)

BATCH = 64
"""Items solved in one call to LAPACK."""
NOWHERE = np.iinfo(np.int16).max
HEAD = 5_000
"""So many items have all their products held, 100 MB. A shop with fewer has exact Gram matrices throughout."""


class Near(NamedTuple):
    """Of each item its nearest others by cosine: `ids` [N, K], N where there are fewer, which then come last;
    `products` [N, K] with the item itself; and the item's product with itself, `squares` [N].
    """

    ids: Ints
    products: Scores
    squares: Scores


class Head(NamedTuple):
    """All products among the items that most customers have: `products` [H + 1, H + 1], with an empty item last, and
    each item's place in it, H for the others and for a missing one, `place` [N + 1].
    """

    products: Scores
    place: Ints


@dataclass(frozen=True)
class Problem:
    """The regressions of all items, [N, N], from customers x items [C, N], for any penalty; row = item in the query.

    Column j is to hold the ridge solution `(G + penalty I)^-1 g` over j's `neighbours` nearest items, where G is their
    Gram matrix and g their products with j. Beyond the `HEAD` items that most customers have, G is read off the lists
    of neighbours: a product of two items of which neither is near to the other counts as 0.
    """

    taste: Csr
    neighbours: int

    @cached_property
    def near(self) -> Near:
        return near_items(self.taste, self.neighbours)

    @cached_property
    def head(self) -> Head:
        return head_of(self.taste)

    def solved(self, penalty: float) -> Csr:
        return solved(self.near, self.head, penalty)


def dense_weights(taste: Csr, penalty: float) -> Scores:
    """EASE's closed form, [N, N], rows and columns as in `ridge_weights`."""
    whole = (taste.T @ taste).toarray().astype(np.float64)
    whole[np.diag_indices(len(whole))] += penalty
    with one_blas_thread():  # for the same bits on any number of cores
        inverse = np.linalg.inv(whole)
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return np.asarray(weights, dtype=np.float32)


def head_of(taste: Csr, size: int = HEAD) -> Head:
    """The products among the `size` items that most customers have."""
    support = np.diff(sp.csc_matrix(taste).indptr)
    items = np.sort(np.argsort(-support, kind="stable")[:size])
    chosen = sp.csr_matrix(taste[:, items])
    products = np.zeros((len(items) + 1, len(items) + 1), dtype=np.float32)
    products[:-1, :-1] = (chosen.T @ chosen).toarray()
    place = np.full(taste.shape[1] + 1, len(items), dtype=np.int32)
    place[items] = np.arange(len(items))
    return Head(products, place)


def solved(near: Near, head: Head, penalty: float) -> Csr:
    """The ridge solution of every item over its neighbours, as the columns of a matrix [N, N]."""
    count = len(near.ids)
    widths = (near.ids < count).sum(axis=1)
    # In order of how many neighbours an item has, so that a batch is as wide as its items and no wider.
    by_width = np.argsort(widths, kind="stable")

    def of(part: slice) -> Scores:
        found = np.zeros((part.stop - part.start, near.ids.shape[1]), dtype=np.float32)
        with one_blas_thread():
            for batch in blocks(len(found), BATCH):
                items = by_width[part][batch]
                width = int(widths[items[-1]])
                local = _products(near, head, near.ids[items, :width])
                local[:, np.arange(width), np.arange(width)] += np.float32(penalty)
                found[batch, :width] = np.linalg.solve(local, near.products[items, :width, None])[:, :, 0]
        return found

    weights = np.zeros(near.ids.shape, dtype=np.float32)
    parts = blocks(count)
    for part, found in zip(parts, spread(of, parts, here=in_turn), strict=True):
        weights[by_width[part]] = found
    known = near.ids < count
    scored = np.repeat(np.arange(count, dtype=np.int32), near.ids.shape[1]).reshape(near.ids.shape)
    return csr(weights[known], near.ids[known], scored[known], (count, count))


def _products(near: Near, head: Head, ids: Ints) -> Scores:
    """The Gram matrices [B, K, K] among each row's items, those of missing ones 0."""
    if len(head.products) > len(near.ids):
        at = head.place[ids]
        return head.products[at[:, :, None], at[:, None, :]]
    local = np.zeros((*ids.shape, ids.shape[1]), dtype=np.float32)
    place = np.full(len(near.ids) + 1, NOWHERE, dtype=np.int16)
    for row, items in enumerate(ids):
        _fill(local[row], near, head, items[items < len(near.ids)], place)
    return local


def _fill(local: Scores, near: Near, head: Head, ids: Ints, place: Places) -> None:
    """Set the products among some items, in the corner of a Gram matrix [K, K] of zeros: those of the head from there,
    the others from the lists. A product may be in the list of either of its items.

    `place` [N + 1] is nowhere for all, and left so. One system at a time, so that it stays in the processor's cache.
    """
    last, width, flat = len(head.products) - 1, len(local), local.reshape(-1)
    at = head.place[ids]
    inside, outside = np.flatnonzero(at < last), np.flatnonzero(at == last)
    known = at[inside]
    local[inside[:, None], inside] = head.products[known[:, None], known]
    place[ids] = np.arange(len(ids), dtype=np.int16)
    column = place.take(near.ids[ids[outside]]).ravel()
    place[ids] = NOWHERE
    found = np.flatnonzero(column < NOWHERE)
    row, list_place = np.divmod(found, near.ids.shape[1])
    value = near.products[ids[outside[row]], list_place]
    row, column = outside[row], column[found].astype(np.intp)
    # Flat indices: numpy takes them several times as fast as pairs.
    flat[row * width + column] = value
    flat[column * width + row] = value
    flat[: len(ids) * (width + 1) : width + 1] = near.squares[ids]


def near_items(taste: Csr, count: int) -> Near:
    """The `count` items nearest to each by cosine over customers."""
    size = taste.shape[1]
    squares = np.asarray(taste.multiply(taste).sum(axis=0), dtype=np.float32).ravel()
    shrink = (1 / np.sqrt(np.maximum(squares, 1e-12))).astype(np.float32)
    unit = sp.csr_matrix(taste @ sp.diags(shrink))
    transposed = sp.csr_matrix(unit.T)

    def nearest(part: slice) -> Csr:
        return largest_per_row(without_diagonal(sp.csr_matrix(transposed[part] @ unit), part.start), count)

    ids = np.full((size, count), size, dtype=np.int32)
    products = np.zeros((size, count), dtype=np.float32)
    found = sp.csr_matrix(sp.vstack(list(spread(nearest, blocks(size))), format="csr"))
    rows = row_of_each(found)
    place = np.arange(found.nnz) - found.indptr[rows]
    ids[rows, place] = found.indices
    products[rows, place] = found.data / (shrink[rows] * shrink[found.indices])
    return Near(ids, products, squares)

"""The taste part of the matrix: a ridge regression per item on the items most like it.

EASE (Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", 2019) solves one dense system over all items. Here
each item is regressed on its nearest neighbours by cosine only, as in sparse variants of SLIM (Ning & Karypis, 2011):
the cost grows with the number of items instead of its cube.
"""

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from training.blas import one_blas_thread
from training.interactions import Ints
from training.sparse import Csr, blocks, csr, in_threads, largest_per_row, row_of_each, without_diagonal

BATCH = 64
"""Items solved in one call to LAPACK."""


def ridge_weights(taste: Csr, neighbours: int, penalty: float) -> Csr:
    """Weights [N, N], row = item in the query, column = item scored, from customers x items [C, N].

    Column j holds the ridge solution `(G + penalty I)^-1 g` over j's `neighbours` nearest items, where G is their Gram
    matrix and g their products with j.
    """
    near = cosine_neighbours(taste, neighbours)
    count = taste.shape[1]
    # One more, empty, column stands in for the neighbours that an item does not have: its weight comes out as 0.
    columns = sp.csc_matrix(sp.hstack([taste, sp.csc_matrix((taste.shape[0], 1), dtype=np.float32)], format="csc"))

    def solve(part: slice) -> npt.NDArray[np.float32]:
        gram = np.stack([_gram(columns, near[item], item) for item in range(part.start, part.stop)])
        inner = gram[:, :-1, :-1] + np.float32(penalty) * np.eye(near.shape[1], dtype=np.float32)
        return np.asarray(np.linalg.solve(inner, gram[:, :-1, -1:])[:, :, 0], dtype=np.float32)

    with one_blas_thread():
        # Not in threads: thousands of short calls would spend their time handing the interpreter's lock around.
        solved = np.concatenate([solve(part) for part in blocks(count, BATCH)])
    known = near < count
    scored = np.repeat(np.arange(count, dtype=np.int32), near.shape[1]).reshape(near.shape)
    return csr(solved[known], near[known], scored[known], (count, count))


def _gram(columns: "sp.csc_matrix[np.float32]", near: Ints, item: int) -> npt.NDArray[np.float32]:
    """Products among the neighbours and the item itself, which comes last, [K + 1, K + 1]."""
    chosen = columns[:, np.append(near, item)]
    return np.asarray((chosen.T @ chosen).toarray(), dtype=np.float32)


def cosine_neighbours(taste: Csr, count: int) -> Ints:
    """The `count` items nearest to each by cosine over customers, [N, count], by number; N where there are fewer."""
    size = taste.shape[1]
    lengths = np.sqrt(np.asarray(taste.multiply(taste).sum(axis=0)).ravel())
    unit = sp.csr_matrix(taste @ sp.diags((1 / np.maximum(lengths, 1e-12)).astype(np.float32)))
    transposed = sp.csr_matrix(unit.T)

    def nearest(part: slice) -> Csr:
        return largest_per_row(without_diagonal(sp.csr_matrix(transposed[part] @ unit), part.start), count)

    near = np.full((size, count), size, dtype=np.int32)
    found = sp.csr_matrix(sp.vstack(list(in_threads(nearest, blocks(size))), format="csr"))
    rows = row_of_each(found)
    near[rows, np.arange(found.nnz) - found.indptr[rows]] = found.indices
    return near

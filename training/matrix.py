"""The one item-item matrix behind every list: ridge + c x co-visits, cut to the largest weights and stored as int8."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from shared.inference.card import MatrixRecipe
from training.covisits import covisit_weights
from training.interactions import Floats, Interactions, Ints
from training.popularity import first_time_rate
from training.ridge import ridge_weights
from training.sparse import Csr, by_event, csr, largest_per_row, recent_items, row_of_each

LEVELS = 127
"""The largest int8 weight; a row's scale is its largest |weight| over this."""


@dataclass(frozen=True)
class ItemMatrix:
    """For each of N items, its K weightiest neighbours: `ids` int32 [N, K], `weights` int8 [N, K] x `scale` float32 [N].

    `rows` [N] are the items' numbers in the interactions' vocabulary, ascending; ids are row numbers. A row with fewer
    neighbours is filled up with id 0 and weight 0. `prior` float32 [N] is what every customer's score starts from, in
    units of the policy's prior weight.
    """

    rows: Ints
    ids: Ints
    weights: npt.NDArray[np.int8]
    scale: npt.NDArray[np.float32]
    prior: npt.NDArray[np.float32]

    def sparse(self) -> Csr:
        """The matrix as it is served, after quantisation, [N, N]."""
        count, width = self.ids.shape
        values = self.weights.astype(np.float32) * self.scale[:, None]
        return csr(values.ravel(), np.repeat(np.arange(count), width), self.ids.ravel(), (count, count))


@dataclass(frozen=True)
class Parts:
    """The two matrices before they are blended, so that a search over the blend fits each once."""

    rows: Ints
    ridge: Csr
    covisits: Csr
    prior: Floats


def fit_parts(view: Interactions, end: float, recipe: MatrixRecipe) -> Parts:
    """Fit both parts on a view whose events are all before `end` (seconds since 1970)."""
    taste = recent_items(view, recipe.history)
    rows = supported(np.diff(sp.csc_matrix(taste).indptr), recipe.min_support)
    return Parts(
        rows=rows,
        ridge=ridge_weights(sp.csr_matrix(taste[:, rows]), recipe.neighbours, recipe.ridge),
        covisits=covisit_weights(
            sp.csr_matrix(by_event(view)[:, rows]), view.event_customer, recipe.neighbours, recipe.gap_decay
        ),
        prior=first_time_rate(view, end, recipe.prior_half_life_days)[rows],
    )


def supported(support: Ints, least: int, enough: int = 100) -> Ints:
    """The items with at least `least` customers; fewer customers will do while less than `enough` items have them."""
    for wanted in range(least, 1, -1):
        rows = np.flatnonzero(support >= wanted)
        if len(rows) >= enough:
            return rows.astype(np.int32)
    return np.flatnonzero(support >= 1).astype(np.int32)


def blend(parts: Parts, recipe: MatrixRecipe) -> ItemMatrix:
    """Ridge + `recipe.covisits` x co-visits, each row cut to `recipe.neighbours` weights by absolute size."""
    summed = sp.csr_matrix(parts.ridge + np.float32(recipe.covisits) * parts.covisits)
    summed.eliminate_zeros()
    kept = largest_per_row(summed, recipe.neighbours)
    ids, weights, scale = quantised(kept, recipe.neighbours)
    return ItemMatrix(parts.rows, ids, weights, scale, parts.prior.astype(np.float32))


def quantised(kept: Csr, width: int) -> tuple[Ints, npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Ids [N, width], int8 weights [N, width] and the scale of each row [N], of a matrix with at most `width` a row."""
    rows = row_of_each(kept)
    place = np.arange(kept.nnz) - kept.indptr[rows]
    largest = np.zeros(kept.shape[0], dtype=np.float32)
    np.maximum.at(largest, rows, np.abs(kept.data))
    scale = np.where(largest > 0, largest / LEVELS, 1).astype(np.float32)
    ids = np.zeros((kept.shape[0], width), dtype=np.int32)
    weights = np.zeros((kept.shape[0], width), dtype=np.int8)
    ids[rows, place] = kept.indices
    weights[rows, place] = np.rint(kept.data / scale[rows])
    return ids, weights, scale

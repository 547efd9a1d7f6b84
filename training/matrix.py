"""The item-item weights behind every list: two tables over the same items, cut to the largest weights, stored as int8.

Table 0, taste, answers what a customer with this past takes for the first time: ridge + c x co-visits. Table 1,
together, answers what goes with one item: co-visits alone. One blend for both was worse at each: what predicts a
basket is common, what predicts a discovery is particular.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from shared.inference.card import MatrixRecipe
from training.covisits import covisit_weights
from training.interactions import Interactions, Ints
from training.popularity import buyers, first_time_rate
from training.ridge import ridge_weights
from training.sparse import Csr, by_event, csr, largest_per_row, recent_items, row_of_each

LEVELS = 127
"""The largest int8 weight; a row's scale is its largest |weight| over this."""


TASTE, TOGETHER = 0, 1


@dataclass(frozen=True)
class ItemMatrix:
    """For each of N items, twice, its K weightiest neighbours: `ids` int32 [2N, K], `weights` int8 [2N, K] x `scale`
    float32 [2N]. Item r's taste is row r, its company row N + r; ids are below N.

    `rows` [N] are the items' numbers in the interactions' vocabulary, ascending. A row with fewer neighbours is
    filled up with id 0 and weight 0. `priors` float32 [2, N], each up to 1, are what a score starts from, times the
    policy's weight.
    """

    rows: Ints
    ids: Ints
    weights: npt.NDArray[np.int8]
    scale: npt.NDArray[np.float32]
    priors: npt.NDArray[np.float32]

    def sparse(self, table: int) -> Csr:
        """One table as it is served, after quantisation, [N, N]."""
        count, width = len(self.rows), self.ids.shape[1]
        part = slice(table * count, (table + 1) * count)
        values = self.weights[part].astype(np.float32) * self.scale[part, None]
        return csr(values.ravel(), np.repeat(np.arange(count), width), self.ids[part].ravel(), (count, count))


@dataclass(frozen=True)
class Parts:
    """The matrices before they are blended, so that a search over the blend fits each once; `priors` [2, N]."""

    rows: Ints
    ridge: Csr
    covisits: Csr
    priors: npt.NDArray[np.float32]


def fit_parts(view: Interactions, end: float, recipe: MatrixRecipe) -> Parts:
    """Fit both parts on a view whose events are all before `end` (seconds since 1970)."""
    taste = recent_items(view, recipe.history)
    rows = supported(np.diff(sp.csc_matrix(taste).indptr), recipe.min_support)
    visits = sp.csr_matrix(by_event(view)[:, rows])
    recent = buyers(view, end, recipe.popular_days)
    priors = np.stack(
        [first_time_rate(view, end, recipe.prior_half_life_days), recent / max(1.0, recent.max(initial=0))]
    )
    return Parts(
        rows=rows,
        ridge=ridge_weights(sp.csr_matrix(taste[:, rows]), recipe.neighbours, recipe.ridge),
        covisits=covisit_weights(visits, view.event_customer, recipe.width, recipe.gap_decay),
        priors=priors[:, rows].astype(np.float32),
    )


def supported(support: Ints, least: int, enough: int = 100) -> Ints:
    """The items with at least `least` customers; fewer customers will do while less than `enough` items have them."""
    for wanted in range(least, 1, -1):
        rows = np.flatnonzero(support >= wanted)
        if len(rows) >= enough:
            return rows.astype(np.int32)
    return np.flatnonzero(support >= 1).astype(np.int32)


def blend(parts: Parts, recipe: MatrixRecipe) -> ItemMatrix:
    """Taste = ridge + `recipe.covisits` x co-visits, together = co-visits; the largest `recipe.width` of each row."""
    taste = sp.csr_matrix(parts.ridge + np.float32(recipe.covisits) * parts.covisits)
    taste.eliminate_zeros()
    tables = [largest_per_row(taste, recipe.width), parts.covisits]
    ids, weights, scale = quantised(sp.csr_matrix(sp.vstack(tables, format="csr")), recipe.width)
    return ItemMatrix(parts.rows, ids, weights, scale, parts.priors)


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

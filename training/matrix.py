"""The item-item weights behind every list: tables over the same items, cut to the largest weights, stored as int8.

Table 0, taste, answers what a customer with this past takes for the first time: ridge + c x co-visits. Table 1,
together, answers what goes with one item: co-visits alone. One blend for both was worse at each: what predicts a
basket is common, what predicts a discovery is particular. Table 2, baskets, narrower and in a graph of its own, is what
stands in one order together (see `training.baskets`).
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from shared.inference.card import MatrixRecipe
from training.baskets import WIDTH as BASKET_WIDTH
from training.baskets import basket_weights
from training.covisits import DOUBT, covisit_weights
from training.interactions import Floats, Interactions, Ints
from training.popularity import SECONDS_A_DAY, buyers, first_time_rate, trends
from training.ridge import HEAD, Problem, dense_weights
from training.sparse import Csr, by_event, largest_per_row, recent_items, row_of_each

LEVELS = 127
"""The largest int8 weight; a row's scale is its largest |weight| over this."""
TABLE_BYTES, BYTES_A_WEIGHT = 41_500_000, 5
"""The tables hold an int32 and an int8 for each weight, and no more bytes than this."""


TASTE, TOGETHER, BASKETS = 0, 1, 2


@dataclass(frozen=True)
class ItemMatrix:
    """For each of N items, twice, its K weightiest neighbours: `ids` int32 [2N, K], `weights` int8 [2N, K] x `scale`
    float32 [2N]. Item r's taste is row r, its company row N + r; ids are below N.

    `rows` [N] are the items' numbers in the interactions' vocabulary, ascending. A row with fewer neighbours is
    filled up with id 0 and weight 0. `priors` float32 [2, N], each up to 1, are what a score starts from, times the
    policy's weight. `baskets`, None where no order holds two items, has one table of the same items.
    """

    rows: Ints
    ids: Ints
    weights: npt.NDArray[np.int8]
    scale: npt.NDArray[np.float32]
    priors: npt.NDArray[np.float32]
    baskets: "ItemMatrix | None" = None

    def sparse(self, table: int) -> Csr:
        """One table as it is served, after quantisation, [N, N]."""
        count = len(self.rows)
        if table == BASKETS:
            return self.baskets.sparse(0) if self.baskets else sp.csr_matrix((count, count), dtype=np.float32)
        part = slice(table * count, (table + 1) * count)
        values = self.weights[part].astype(np.float32) * self.scale[part, None]
        weighty = values != 0  # Without what a row was filled up with.
        ends = np.append(0, np.cumsum(weighty.sum(axis=1)))
        return sp.csr_matrix((values[weighty], self.ids[part][weighty], ends), shape=(count, count))


class Weights(Protocol):
    """What a list can be ranked by: the final matrix, or the parts of one while its recipe is sought."""

    @property
    def rows(self) -> Ints: ...
    @property
    def priors(self) -> npt.NDArray[np.float32]: ...
    def sparse(self, table: int) -> Csr: ...


@dataclass(frozen=True)
class Parts:
    """The matrices before they are blended, so that a search over the blend fits each once; `priors` [2, N].

    `lift` [N] is what an item's trend makes of all that speaks for it in taste.
    """

    rows: Ints
    ridge: Csr
    sequence: Csr
    together: Csr
    baskets: Csr
    priors: npt.NDArray[np.float32]
    lift: npt.NDArray[np.float32]


class Draft:
    """A blend as it would be without being cut and rounded: quick to make, so that many can be tried."""

    def __init__(self, parts: Parts, covisits: float) -> None:
        self.rows, self.priors = parts.rows, parts.priors
        self._tables = [blended(parts, covisits), parts.together, parts.baskets]

    def sparse(self, table: int) -> Csr:
        return self._tables[table]


def fit_parts(view: Interactions, end: float, recipe: MatrixRecipe) -> Parts:
    """Fit both parts on a view whose events are all before `end` (seconds since 1970)."""
    taste = taste_of(view, recipe)
    rows = supported(customers_of_each(taste), recipe.min_support)
    recent = buyers(view, end, recipe.popular_days)
    priors = np.stack(
        [first_time_rate(view, end, recipe.prior_half_life_days), recent / max(1.0, recent.max(initial=0))]
    )
    return Parts(
        rows=rows,
        ridge=fit_ridge(Problem(sp.csr_matrix(taste[:, rows]), recipe.neighbours), recipe),
        sequence=fit_covisits(view, rows, recipe, recipe.sequence_decay, DOUBT, worth_of(view, end, recipe)),
        together=fit_covisits(view, rows, recipe, recipe.gap_decay, 0.0),
        baskets=basket_weights(view, rows),
        priors=priors[:, rows].astype(np.float32),
        lift=lift_of(view, end, recipe)[rows],
    )


def lift_of(view: Interactions, end: float, recipe: MatrixRecipe) -> npt.NDArray[np.float32]:
    """What their trends make of the items' scores, [items]."""
    if not recipe.trend:
        return np.ones(len(view.items), dtype=np.float32)
    return np.asarray(trends(view, end, recipe.trend_half_life_days) ** recipe.trend, dtype=np.float32)


def worth_of(view: Interactions, end: float, recipe: MatrixRecipe) -> Floats | None:
    """What their age leaves of events as ends of a co-visit, [E]; None where nothing fades."""
    if not recipe.covisit_half_life_days:
        return None
    age = (end - view.event_time) / SECONDS_A_DAY
    return np.asarray(0.5 ** (age / recipe.covisit_half_life_days), dtype=np.float64)


def fit_covisits(
    view: Interactions, rows: Ints, recipe: MatrixRecipe, gap_decay: float, doubt: float, worth: Floats | None = None
) -> Csr:
    """Co-visits among the items `rows`, [N, N]."""
    visits = sp.csr_matrix(by_event(view)[:, rows])
    width = width_of(recipe, len(rows))
    return covisit_weights(visits, view.event_customer, width, gap_decay, doubt, worth=worth)


def fit_ridge(problem: Problem, recipe: MatrixRecipe) -> Csr:
    """The regression that a recipe asks for."""
    if recipe.dense:
        return largest_per_row(sp.csr_matrix(dense_weights(problem.taste, recipe.ridge)), 2 * recipe.width)
    return problem.solved(recipe.ridge)


def width_of(recipe: MatrixRecipe, items: int) -> int:
    """How many weights of a row are kept: as many as the recipe says, twice as many in a small catalogue, and fewer
    where the file would outgrow its bound.
    """
    wanted = 2 * recipe.width if items <= HEAD else recipe.width
    room = TABLE_BYTES // (max(1, items) * BYTES_A_WEIGHT) - BASKET_WIDTH
    return max(1, min(wanted, room // 2))


def taste_of(view: Interactions, recipe: MatrixRecipe) -> Csr:
    """Customers x items, each customer's history capped: at five times as much in a small catalogue, whose Gram matrix
    is no larger for it.
    """
    return recent_items(view, 5 * recipe.history if len(view.items) <= HEAD else recipe.history)


def customers_of_each(taste: Csr) -> Ints:
    """How many customers have each item, [items]."""
    return np.bincount(taste.indices, minlength=taste.shape[1]).astype(np.int32)


def supported(support: Ints, least: int, enough: int = 100) -> Ints:
    """The items with at least `least` customers; fewer customers will do while less than `enough` items have them."""
    for wanted in range(least, 1, -1):
        rows = np.flatnonzero(support >= wanted)
        if len(rows) >= enough:
            return rows.astype(np.int32)
    return np.flatnonzero(support >= 1).astype(np.int32)


def blend(parts: Parts, recipe: MatrixRecipe) -> ItemMatrix:
    """Taste = (ridge + `recipe.covisits` x sequence) x lift, and together; the largest weights of each row."""
    width = width_of(recipe, len(parts.rows))
    tables = [largest_per_row(table, width) for table in (blended(parts, recipe.covisits), parts.together)]
    ids, weights, scale = quantised(sp.csr_matrix(sp.vstack(tables, format="csr")), width)
    return ItemMatrix(parts.rows, ids, weights, scale, parts.priors, _baskets(parts))


def _baskets(parts: Parts) -> ItemMatrix | None:
    kept = largest_per_row(parts.baskets, BASKET_WIDTH)
    return ItemMatrix(parts.rows, *quantised(kept, BASKET_WIDTH), parts.priors) if kept.nnz else None


def blended(parts: Parts, covisits: float) -> Csr:
    """What a customer with each item takes for the first time, [N, N]."""
    taste = parts.ridge
    if covisits:
        taste = sp.csr_matrix(parts.ridge + np.float32(covisits) * parts.sequence)
        taste.eliminate_zeros()
    return taste if (parts.lift == 1).all() else sp.csr_matrix(taste @ sp.diags(parts.lift))


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

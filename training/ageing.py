"""What a search tries where a shop's range moves on: trends of items, and co-visits that fade with age."""

import numpy as np

from shared.inference.card import MatrixRecipe
from training.covisits import DOUBT
from training.interactions import Interactions, Ints
from training.matrix import fit_covisits, lift_of, worth_of
from training.sparse import Csr, Scores

TRENDS = {
    "trend_half_life_days": (4.0, 8.0, 15.0, 30.0, 60.0, 120.0, 365.0),
    "trend": (0.125, 0.25, 0.5, 0.75, 1.0),
}
FADES = (60.0, 15.0, 4.0)
"""Days to half of a co-visit's worth. Each is a fit, so that they are tried only where trends are followed."""
MANY = 2.0
"""Standard errors that the best of so many values must gain: by one, trends were found where there are none."""


class Ageing:
    """The items' lift and the co-visits of any recipe, over the items `rows` of one past that ends at `end`."""

    def __init__(self, past: Interactions, end: float, rows: Ints, sequence: Csr) -> None:
        self._past, self._end, self._rows = past, end, rows
        self._sequences: dict[float, Csr] = {0.0: sequence}
        self._trends: dict[float, Scores] = {}

    def lift(self, recipe: MatrixRecipe) -> Scores | None:
        """What trends make of scores; None where they are left out."""
        if not recipe.trend:
            return None
        days = recipe.trend_half_life_days
        if days not in self._trends:
            self._trends[days] = lift_of(self._past, self._end, recipe.model_copy(update={"trend": 1.0}))[self._rows]
        return np.asarray(self._trends[days] ** np.float32(recipe.trend))

    def sequence(self, recipe: MatrixRecipe) -> Csr:
        """The co-visits for taste."""
        days = recipe.covisit_half_life_days
        if days not in self._sequences:
            worth = worth_of(self._past, self._end, recipe)
            self._sequences[days] = fit_covisits(self._past, self._rows, recipe, recipe.sequence_decay, DOUBT, worth)
        return self._sequences[days]

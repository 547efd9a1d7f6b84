"""Chooses a recipe on questions whose answers are known, one parameter after another over a few values each.

The test window plays no part here. A value wins only where it is strictly better, so the defaults stand in a small
shop. The search goes twice over what a customer's list is made of, since each choice shifts the others: a
strong decay is only worth having with the sequence in the matrix, and the prior must fit the size of the sums.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from shared.inference.card import SURFACES, MatrixRecipe, QueryPolicy, Recipe, RepeatPolicy, SimilarPolicy
from training.evaluate import Bench
from training.matrix import Draft, Parts, fit_ridge
from training.metrics import Judged
from training.popularity import first_time_rate
from training.ridge import HEAD
from training.sparse import Csr, recent_items

POPULAR_DAYS = (30.0, 3.0, 7.0, 14.0, 90.0, 3650.0)
NOISE = 1.05
COVISITS = (0.0, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
DECAYS = (1.0, 0.98, 0.95, 0.9, 0.8, 0.65, 0.5, 0.3)
PRIORS = (0.0, 0.001, 0.003, 0.01, 0.02, 0.03, 0.05, 0.1)
PRIOR_HALF_LIVES = (14.0, 3.0, 7.0, 28.0, 365.0)
PENALTIES = (20.0, 50.0, 200.0, 600.0)
SIMILAR_PRIORS = (0.05, 0.0, 0.02, 0.1)
REPEAT_HALF_LIVES = (120.0, 30.0, 60.0, 240.0)


def tune(bench: Bench, parts: Parts, start: MatrixRecipe) -> Recipe:
    """The best recipe found on a bench, from parts that were fitted before its cut by the recipe `start`."""
    bench = bench.sampled(len(parts.rows))
    days = {on: _popular_days(bench, on) for on in SURFACES}
    query, matrix = _Search(bench, parts, start).run()
    draft = Draft(parts, 0.0)
    return Recipe(
        matrix=matrix,
        query=query,
        similar=best(
            (SimilarPolicy(prior=prior) for prior in SIMILAR_PRIORS), lambda policy: bench.similar(draft, policy)
        ),
        repeat=best((RepeatPolicy(half_life_days=days) for days in REPEAT_HALF_LIVES), bench.buy_again),
        popular_days=days,
    )


def _popular_days(bench: Bench, surface: str) -> float:
    """Over how many days popularity counts: a month, unless another window is better by more than noise.

    A short window that wins by chance in one month is a weak popularity in the next, and a flattering baseline.
    """
    usual, *others = POPULAR_DAYS
    found = best(others, lambda days: bench.popular(surface, days))
    return found if bench.popular(surface, found).score > NOISE * bench.popular(surface, usual).score else usual


class _Search:
    """Coordinate ascent on discovery: `matrix` and `query` are the best so far, `parts` what they were fitted to."""

    def __init__(self, bench: Bench, parts: Parts, start: MatrixRecipe) -> None:
        self._bench, self._parts = bench, parts
        self.matrix, self.query = start, QueryPolicy()

    def run(self) -> tuple[QueryPolicy, MatrixRecipe]:
        for _ in range(2):
            self._choose_query("decay", DECAYS)
            self._choose_covisits()
            self._choose_query("prior", PRIORS)
            self._choose_ridge()
            self._choose_half_life()
        self._choose_query("accumulate", (True, False))
        self._choose_query("decay", DECAYS)
        self._choose_query("prior", PRIORS)
        return self.query, self.matrix

    def _judge(self, policy: QueryPolicy, covisits: float, parts: Parts) -> Judged:
        return self._bench.for_you(Draft(parts, covisits), policy)

    def _choose_query(self, name: str, values: Iterable[float]) -> None:
        draft = Draft(self._parts, self.matrix.covisits)
        policies = [self.query, *(self.query.model_copy(update={name: value}) for value in values)]
        self.query = best(policies, lambda policy: self._bench.for_you(draft, policy))

    def _choose_covisits(self) -> None:
        shares = [self.matrix.covisits, *COVISITS]
        self._adopt(covisits=best(shares, lambda share: self._judge(self.query, share, self._parts)))

    def _choose_half_life(self) -> None:
        if not self.query.prior:
            return
        past, cut = self._bench.split.past, self._bench.split.cut

        def aged(half_life: float) -> Parts:
            rate = first_time_rate(past, cut, half_life)[self._parts.rows]
            return replace(self._parts, priors=np.stack([rate, self._parts.priors[1]]).astype(np.float32))

        lives = [self.matrix.prior_half_life_days, *PRIOR_HALF_LIVES]
        found = best(lives, lambda life: self._judge(self.query, self.matrix.covisits, aged(life)))
        self._parts = aged(found)
        self._adopt(prior_half_life_days=found)

    def _choose_ridge(self) -> None:
        """The penalty, climbing from the one there is; then the closed form, where the catalogue is small enough."""
        taste = recent_items(self._bench.split.past, self.matrix.history)
        taste = sp.csr_matrix(taste[:, self._parts.rows])
        fitted: dict[MatrixRecipe, tuple[float, Csr]] = {}

        def score(recipe: MatrixRecipe) -> float:
            if recipe not in fitted:
                ridge = self._parts.ridge if recipe == self.matrix else fit_ridge(taste, recipe)
                judged = self._judge(self.query, recipe.covisits, replace(self._parts, ridge=ridge))
                fitted[recipe] = judged.score, ridge
            return fitted[recipe][0]

        kinds = [self.matrix.dense, *((not self.matrix.dense,) if taste.shape[1] <= HEAD else ())]
        tried = [_climb(self.matrix.model_copy(update={"dense": dense}), score) for dense in kinds]
        self.matrix = max(tried, key=score)
        self._parts = replace(self._parts, ridge=fitted[self.matrix][1])

    def _adopt(self, **found: float) -> None:
        self.matrix = self.matrix.model_copy(update=found)


def _climb(recipe: MatrixRecipe, score: Callable[[MatrixRecipe], float]) -> MatrixRecipe:
    """The penalty of a local best among `PENALTIES`, from the recipe's own, upwards first."""
    found = recipe
    above = [penalty for penalty in PENALTIES if penalty > recipe.ridge]
    below = [penalty for penalty in reversed(PENALTIES) if penalty < recipe.ridge]
    for ladder in (above, below):
        if found != recipe:
            break
        for penalty in ladder:
            other = recipe.model_copy(update={"ridge": penalty})
            if score(other) <= score(found):
                break
            found = other
    return found


def best[T](values: Iterable[T], judge: Callable[[T], Judged]) -> T:
    """The first of the values with the highest score."""
    return max(values, key=lambda value: judge(value).score)

"""Chooses a recipe on the validation window, one parameter after another over a few values each.

The test window plays no part here. A value wins only where it is strictly better, so the defaults stand in a small
shop.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from shared.inference.card import SURFACES, MatrixRecipe, QueryPolicy, Recipe, RepeatPolicy, SimilarPolicy
from training.evaluate import Bench
from training.matrix import ItemMatrix, Parts, blend
from training.metrics import Judged
from training.popularity import first_time_rate

POPULAR_DAYS = (30.0, 3.0, 7.0, 14.0, 90.0, 3650.0)
NOISE = 1.05
COVISITS = (0.1, 0.0, 0.3, 1.0, 3.0)
DECAYS = (0.95, 0.8, 0.9, 1.0)
PRIORS = (0.03, 0.01, 0.02, 0.05, 0.1)
PRIOR_HALF_LIVES = (14.0, 7.0, 28.0)
SIMILAR_PRIORS = (0.05, 0.0, 0.02, 0.1)
REPEAT_HALF_LIVES = (120.0, 30.0, 60.0, 240.0)


def tune(bench: Bench, parts: Parts, start: MatrixRecipe) -> Recipe:
    """The best recipe found on a bench, from parts that were fitted before its cut by the recipe `start`."""
    days = {on: _popular_days(bench, on) for on in SURFACES}
    query, matrix, parts = _tune_taste(bench, parts, start)
    blended = blend(parts, matrix)
    return Recipe(
        matrix=matrix,
        query=query,
        similar=best(
            (SimilarPolicy(prior=prior) for prior in SIMILAR_PRIORS), lambda policy: bench.similar(blended, policy)
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


def _tune_taste(bench: Bench, parts: Parts, start: MatrixRecipe) -> tuple[QueryPolicy, MatrixRecipe, Parts]:
    """For discovery: the prior's fading, the share of co-visits, then the query's decay and the prior's weight."""
    policy = QueryPolicy()

    def aged(half_life: float) -> Parts:
        rate = first_time_rate(bench.split.past, bench.split.cut, half_life)[parts.rows]
        return replace(parts, priors=np.stack([rate, parts.priors[1]]).astype(np.float32))

    half_life = best(PRIOR_HALF_LIVES, lambda value: bench.for_you(blend(aged(value), start), policy))
    parts = aged(half_life)
    matrix = start.model_copy(update={"prior_half_life_days": half_life})
    covisits = best(COVISITS, lambda value: bench.for_you(blend(parts, _with(matrix, value)), policy))
    matrix = _with(matrix, covisits)
    return _tune_query(bench, blend(parts, matrix), policy), matrix, parts


def _tune_query(bench: Bench, matrix: ItemMatrix, policy: QueryPolicy) -> QueryPolicy:
    decays = [
        policy.model_copy(update={"decay": decay, "accumulate": accumulate})
        for accumulate in (True, False)
        for decay in DECAYS
    ]
    policy = best(decays, lambda value: bench.for_you(matrix, value))
    priors = [policy.model_copy(update={"prior": prior}) for prior in PRIORS]
    return best(priors, lambda value: bench.for_you(matrix, value))


def _with(recipe: MatrixRecipe, covisits: float) -> MatrixRecipe:
    return recipe.model_copy(update={"covisits": covisits})


def best[T](values: Iterable[T], judge: Callable[[T], Judged]) -> T:
    """The first of the values with the highest score."""
    return max(values, key=lambda value: judge(value).score)

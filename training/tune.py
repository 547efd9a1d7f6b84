"""Chooses a recipe on questions whose answers are known, one parameter after another over a few values each.

The test window plays no part here. A value wins only where it is strictly better, so the defaults stand in a small
shop. Decay, co-visits and prior start together from the best of a few settings, since each choice shifts the others: a
strong decay is only worth having with the sequence in the matrix, and the prior must fit the size of the sums.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache, cached_property
from itertools import product
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from shared.inference.card import (
    SURFACES,
    BasketPolicy,
    CartPolicy,
    MatrixRecipe,
    QueryPolicy,
    Recipe,
    RepeatPolicy,
    SimilarPolicy,
)
from training import habits
from training.ageing import FADES, MANY, TRENDS, Ageing
from training.covisits import DOUBT
from training.evaluate import Bench
from training.interactions import Floats
from training.matrix import (
    TASTE,
    Draft,
    Parts,
    customers_of_each,
    fit_covisits,
    fit_ridge,
    supported,
    taste_of,
)
from training.metrics import Judged
from training.popularity import first_time_rate
from training.ridge import HEAD, Problem
from training.sparse import Csr, Scores
from training.trials import Said, Trials

POPULAR_DAYS = (30.0, 3.0, 7.0, 14.0, 90.0, 3650.0)
NOISE = 1.05
PENALTIES = (20.0, 50.0, 100.0, 200.0, 300.0, 500.0, 800.0, 1500.0, 3000.0)
LADDERS = {
    "decay": (0.3, 0.5, 0.65, 0.8, 0.9, 0.95, 0.98, 1.0),
    "covisits": (0.0, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0),
    "prior": (0.0, 0.001, 0.003, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.4),
    "ridge": PENALTIES,
    "prior_half_life_days": (3.0, 7.0, 14.0, 28.0, 365.0),
}
ROUNDS = 2
STARTS = (((0.95, True), (1.0, True), (1.0, False), (0.8, True), (0.5, True)), (0.1, 0.0, 1.0), (0.02, 0.0))
"""Decay and whether weights accumulate, co-visits, and the prior: slow and fast fading are best with different
companions, which one step does not reach. The third asks with what a customer has had, not how often.
"""
BASKET_PRIORS = (0.02, 0.0, 0.01, 0.05)
CARTS = tuple(
    CartPolicy(prior=prior).model_copy(update={"table": table})
    for table in ("bought-together", "similar")
    for prior in (0.0, 0.01, 0.03)
)
SIMILAR_PRIORS = (0.05, 0.0, 0.02, 0.1)
REPEAT_HALF_LIVES = (120.0, 30.0, 60.0, 240.0)
REPEATS = {"lapse": (3.0, 2.0), "staple": (0.25, 0.5)}


FEW = 800
"""Questions that settle what stands alone."""
SUPPORTS = (5, 3, 2)
"""Rare items make a model dear, and drown others in chance: that fewer customers are enough must be `shown`."""


class Point(NamedTuple):
    """Where a search stands."""

    matrix: MatrixRecipe
    query: QueryPolicy

    def having(self, **values: float) -> "Point":
        """The same with other values, each in the recipe or in the policy by its name."""
        of_query = {name: value for name, value in values.items() if name in QueryPolicy.model_fields}
        of_matrix = {name: value for name, value in values.items() if name not in of_query}
        return Point(self.matrix.model_copy(update=of_matrix), self.query.model_copy(update=of_query))

    def value(self, name: str) -> float:
        """One of its values."""
        part = self.query if name in QueryPolicy.model_fields else self.matrix
        return float(getattr(part, name))

    def __hash__(self) -> int:
        return hash((self.matrix, self.query.model_dump_json()))


def tune(bench: Bench, parts: Parts, start: MatrixRecipe) -> Recipe:
    """The best recipe found on a bench, from parts that were fitted before its cut by the recipe `start`."""
    bench, few = bench.sampled(len(parts.rows)), replace(bench, most=FEW)
    days = {on: _popular_days(bench, on) for on in SURFACES}
    search = _Search(bench, parts, start)
    found = search.run()
    matrix, query = found.matrix, _habits(bench, search.draft(found.matrix), found.query)
    draft = Draft(parts, 0.0)
    return Recipe(
        matrix=matrix,
        query=query,
        similar=best(
            (SimilarPolicy(prior=prior) for prior in SIMILAR_PRIORS), lambda policy: few.similar(draft, policy)
        ),
        bought_together=best(
            (BasketPolicy(prior=prior) for prior in BASKET_PRIORS),
            lambda policy: few.bought_together(draft, policy.prior),
        ),
        cart=best(CARTS, lambda policy: few.cart(draft, policy)),
        repeat=repeat(bench),
        popular_days=days,
    )


def repeat(bench: Bench) -> RepeatPolicy:
    """How purchases fade; and a customer's own rhythm with an item, and how often an item's buyers order it, each where
    that is `shown` to say more.
    """
    judged = cache(bench.buy_again)
    found = best((RepeatPolicy(half_life_days=days) for days in REPEAT_HALF_LIVES), judged)
    for field, values in REPEATS.items():
        more = best((found.model_copy(update={field: value}) for value in values), judged)
        gains = judged(more).ndcg - judged(found).ndcg
        found = more if shown(np.asarray(gains, dtype=np.float64)) else found
    return found


def _habits(bench: Bench, draft: Draft, query: QueryPolicy) -> QueryPolicy:
    """The policy with the weights of events, and the session's part where anything is asked as it happens."""
    asked = bench.split.asked or bench.split.past
    names = [asked.names[code] for code in np.unique(asked.event_name)]
    live = None if bench.live is None else lambda policy: bench.as_it_happens(draft, policy).score
    return habits.tuned(query, names, lambda policy: bench.for_you(draft, policy).score, live)


def starting(bench: Bench) -> MatrixRecipe:
    """Where a search begins: how many customers an item needs, by what co-visits alone say to the questions of a bench.

    It is settled first, and on the cheaper part, since all that follows costs in proportion to the items that stay.
    """
    start, past = MatrixRecipe(), bench.split.past
    support = customers_of_each(taste_of(past, start))
    rows = supported(support, min(SUPPORTS))
    trials = Trials(replace(bench, most=FEW), rows)
    sequence = fit_covisits(past, rows, start, start.gap_decay, DOUBT)  # which reaches back less far: half as dear
    said = {"sequence": trials.says(trials.asked(QueryPolicy()), sequence)}
    prior = first_time_rate(past, bench.split.cut, start.prior_half_life_days)[rows]
    popular = np.asarray(QueryPolicy().prior * prior, dtype=np.float32)
    gains = {}
    for least in sorted(SUPPORTS):
        rare = ~np.isin(rows, supported(support, least))
        gains[least] = trials.gains(said, {"sequence": 1.0}, popular, without=rare)
    if not any(each.any() for each in gains.values()):
        return start
    chosen = max(SUPPORTS)
    for fewer in SUPPORTS:
        chosen = fewer if shown(gains[fewer] - gains[chosen]) else chosen
    return start.model_copy(update={"min_support": chosen})


def _popular_days(bench: Bench, surface: str) -> float:
    """Over how many days popularity counts: a month, unless another window is better by more than noise.

    A short window that wins by chance in one month is a weak popularity in the next, and a flattering baseline.
    """
    usual, *others = POPULAR_DAYS
    found = best(others, lambda days: bench.popular(surface, days))
    return found if bench.popular(surface, found).score > NOISE * bench.popular(surface, usual).score else usual


class _Search:
    """Finds what is best on discovery, climbing one parameter at a time from the best of a few starts."""

    def __init__(self, bench: Bench, parts: Parts, start: MatrixRecipe) -> None:
        self._bench, self._parts, self._start = bench, parts, start
        self._trials = Trials(bench, parts.rows)
        self._scores: dict[Point, Floats] = {}
        self._said: dict[str, tuple[object, Said]] = {}
        self._asked: tuple[QueryPolicy, Csr] | None = None
        self._ridges: dict[tuple[bool, float], Csr] = {(start.dense, start.ridge): parts.ridge}
        self._ageing = Ageing(bench.split.past, bench.split.cut, parts.rows, parts.sequence)
        self._ages: dict[float, Scores] = {start.prior_half_life_days: parts.priors}

    def run(self) -> Point:
        """The best point found; what few questions can flatter must be `shown` to gain.

        In a small catalogue that is the regression on neighbours, beside the closed form; and co-visits, of which a
        little is won by chance where order tells nothing.
        """
        point = self._climbed(dense=False)
        if len(self._parts.rows) <= HEAD:
            point = self._shown(point, self._climbed(dense=True))
        point = self._shown(point, point.having(covisits=0.0))
        trending = self._shown(self._trending(point), point, MANY)
        return trending if trending is point else self._shown(self._fading(trending), trending, MANY)

    def _trending(self, point: Point) -> Point:
        """The best point with trends."""
        half = (point.having(trend=0.5, trend_half_life_days=days) for days in TRENDS["trend_half_life_days"])
        point = max(half, key=self._score)
        for name, ladder in (TRENDS | {"prior": LADDERS["prior"]}).items():
            point = self._climb(point, name, ladder)
        return point

    def _fading(self, point: Point) -> Point:
        """The best point with co-visits that fade."""
        if not point.matrix.covisits:
            return point
        point = max((point.having(covisit_half_life_days=days) for days in FADES), key=self._score)
        return self._climb(point, "covisits", LADDERS["covisits"])

    def _shown(self, point: Point, simpler: Point, errors: float = 1.0) -> Point:
        return point if shown(self._gains(point) - self._gains(simpler), errors) else simpler

    def _climbed(self, dense: bool) -> Point:
        """The best point with one kind of regression."""
        point = max((self._started(dense, *values) for values in product(*STARTS)), key=self._score)
        for _ in range(ROUNDS):
            for name, ladder in LADDERS.items():
                point = self._climb(point, name, ladder)
            point = max(point, point.having(accumulate=not point.query.accumulate), key=self._score)
        return point

    def _started(self, dense: bool, query: tuple[float, bool], covisits: float, prior: float) -> Point:
        decay, accumulate = query
        start = Point(self._start, QueryPolicy())
        return start.having(dense=dense, decay=decay, accumulate=accumulate, covisits=covisits, prior=prior)

    def _climb(self, point: Point, name: str, ladder: Sequence[float]) -> Point:
        """The best of a ladder's values, as long as each step up, or else each step down, is better than the last."""
        now = point.value(name)
        for steps in ([value for value in ladder if value > now], [value for value in ladder[::-1] if value < now]):
            here = point
            for value in steps:
                there = here.having(**{name: value})
                if self._score(there) <= self._score(here):
                    break
                here = there
            if here is not point:
                return here
        return point

    def _score(self, point: Point) -> float:
        return float(self._gains(point).mean()) if len(self._gains(point)) else 0.0

    def _gains(self, point: Point) -> Floats:
        if point not in self._scores:
            recipe, policy = point.matrix, point.query.model_copy(update={"prior": 0.0})
            weights = {"ridge": 1.0, "sequence": recipe.covisits}
            made = {"ridge": (recipe.dense, recipe.ridge), "sequence": recipe.covisit_half_life_days}
            said = {name: self._says(name, policy, made[name], recipe) for name in weights if weights[name]}
            start = np.float32(point.query.prior) * self._priors(recipe)[TASTE]
            self._scores[point] = self._trials.gains(said, weights, start, lift=self._ageing.lift(recipe))
        return self._scores[point]

    def draft(self, recipe: MatrixRecipe) -> Draft:
        """The matrix of a recipe."""
        lift = self._ageing.lift(recipe)
        parts = replace(
            self._parts,
            ridge=self._ridge(recipe),
            sequence=self._ageing.sequence(recipe),
            priors=self._priors(recipe),
            lift=np.ones_like(self._parts.lift) if lift is None else lift,
        )
        return Draft(parts, recipe.covisits)

    def _says(self, name: str, policy: QueryPolicy, made: object, recipe: MatrixRecipe) -> Said:
        """What a part says to the questions as a policy makes them; kept until another is wanted, since it is large."""
        key = (policy.model_dump_json(), made)
        if name not in self._said or self._said[name][0] != key:
            self._said.pop(name, None)
            part = self._ridge(recipe) if name == "ridge" else self._ageing.sequence(recipe)
            self._said[name] = key, self._trials.says(self._questions(policy), part)
        return self._said[name][1]

    def _questions(self, policy: QueryPolicy) -> Csr:
        if self._asked is None or self._asked[0] != policy:
            self._asked = policy, self._trials.asked(policy)
        return self._asked[1]

    def _ridge(self, recipe: MatrixRecipe) -> Csr:
        key = (recipe.dense, recipe.ridge)
        if key not in self._ridges:
            while len(self._ridges) > 1:  # a climb goes back by one step at most, and each may be large
                del self._ridges[next(iter(self._ridges))]
            self._ridges[key] = fit_ridge(self._problem, recipe)
        return self._ridges[key]

    @cached_property
    def _problem(self) -> Problem:
        taste = taste_of(self._bench.split.past, self._start)
        return Problem(sp.csr_matrix(taste[:, self._parts.rows]), self._start.neighbours)

    def _priors(self, recipe: MatrixRecipe) -> Scores:
        half_life = recipe.prior_half_life_days
        if half_life not in self._ages:
            rate = first_time_rate(self._bench.split.past, self._bench.split.cut, half_life)[self._parts.rows]
            self._ages[half_life] = np.stack([rate, self._parts.priors[1]]).astype(np.float32)
        return self._ages[half_life]


def shown(gains: Floats, errors: float = 1.0) -> bool:
    """Whether gains, one for each question, are together more than so many of their standard errors."""
    return float(gains.sum()) > errors * math.sqrt(float((gains**2).sum()))


def best[T](values: Iterable[T], judge: Callable[[T], Judged]) -> T:
    """The first of the values with the highest score."""
    return max(values, key=lambda value: judge(value).score)

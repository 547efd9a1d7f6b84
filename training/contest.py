"""Finds a recipe, judges it on the test window, and settles what is refitted on all data.

A recipe is searched once a week, and when the shop has changed; in the nights between, the champion's is fitted and
judged anew, for half of the time.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from shared.inference.card import (
    BOUGHT_TOGETHER,
    BUY_AGAIN,
    CART,
    FOR_YOU,
    SIMILAR,
    SURFACES,
    Card,
    MatrixRecipe,
    Recipe,
    Searched,
    SurfaceCard,
)
from training import gate
from training.evaluate import Bench
from training.gate import Contest
from training.live import LEAST as LEAST_LIVE
from training.live import live
from training.matrix import TOGETHER, ItemMatrix, Parts, blend, fit_parts
from training.metrics import Judged
from training.phases import Phases
from training.shop import Shop
from training.split import Split, Windows, split
from training.tune import POPULAR_DAYS, starting, tune

NO_BASKETS = "No order that the model learned from has two items of its own, so popularity serves."
LIVE = "as it happens"
OF_SURFACE = {
    FOR_YOU: ("matrix", "query", "similar"),
    BUY_AGAIN: ("repeat",),
    BOUGHT_TOGETHER: ("bought_together",),
    CART: ("cart",),
}
"""The parts of a recipe that a champion keeps when it holds a surface."""
MOST_TESTED = 10_000
"""Of a large shop's customers and orders so many, drawn by a seed, decide: each is ranked over the whole catalogue."""
SEARCHED_EVERY = timedelta(days=7)
CHANGED = 1.2
"""A shop with so many times as many events as at the last search, or with as many times fewer, is another shop."""


@dataclass(frozen=True)
class Outcome:
    """The recipe to refit, what each surface serves, and why the champion was no rival where it could not be.

    `searched` is of the last search, whichever recipe won.
    """

    recipe: Recipe
    champion_won: bool
    surfaces: dict[str, SurfaceCard]
    champion_problem: str | None = None
    searched: Searched | None = None


def without_test(champion: Card | None) -> Outcome:
    """The outcome for a history too short to hold anything out: popularity everywhere, by the recipe that there is."""
    reason = "The history is too short to test a model on, so popularity serves."
    recipe = champion.recipe if champion else Recipe()
    return Outcome(recipe, champion is not None, dict.fromkeys(SURFACES, gate.untested(reason, champion)))


def promised(outcome: Outcome, matrix: ItemMatrix) -> Outcome:
    """The outcome of which the final matrix can keep every word: without baskets, none of their lists is a model's."""
    without = [BOUGHT_TOGETHER] * (matrix.baskets is None)
    without += [CART] * (outcome.recipe.cart.table in without)
    return replace(outcome, surfaces=outcome.surfaces | dict.fromkeys(without, gate.untested(NO_BASKETS)))


def hold(shop: Shop, times: Windows, champion: Card | None, phases: Phases) -> Outcome:
    """Tune on validation, then judge challenger, champion and popularity on the test window, read this once.

    Where the champion's recipe `stands`, that is judged against popularity, and there is no challenger.
    """
    if champion and stands(champion, shop):
        return _held(shop, times, champion, phases)
    recipe = _chosen(shop, times, phases)
    with phases("test: fit"):
        bench, parts = prepared(shop, cut_at(shop, times.test_from, times.end), times.end, recipe.matrix)
        matrix = blend(parts, recipe.matrix)
    problem = gate.unfit(champion, len(matrix.rows)) if champion else None
    rival = None if problem else champion
    with phases("test: champion"):
        old = _champion_matrix(bench, rival, recipe, matrix)
    with phases("test: judge"):
        outcome = _settled(bench, recipe, matrix, rival.recipe if rival else None, old)
    window = shop.window()
    return replace(outcome, champion_problem=problem, searched=Searched(last=window.last, events=window.events))


def stands(champion: Card, shop: Shop) -> bool:
    """Whether a champion's recipe need not be searched again yet.

    It is after a week, when the shop has `CHANGED`, after a drift, where it does not serve "for you", and where a
    closed form may have become too large.
    """
    searched, window, for_you = champion.searched, shop.window(), champion.surfaces.get(FOR_YOU)
    if searched is None or (champion.drift and champion.drift.found):
        return False
    if for_you is None or for_you.serve != "model":
        return False
    if champion.recipe.matrix.dense and len(shop.view.items) > gate.MOST_DENSE:
        return False
    since = window.last - searched.last
    times = window.events / searched.events
    return timedelta(0) <= since < SEARCHED_EVERY and 1 / CHANGED < times < CHANGED


def _held(shop: Shop, times: Windows, champion: Card, phases: Phases) -> Outcome:
    """The champion's recipe, judged against popularity on the test window of now."""
    recipe = champion.recipe
    with phases("test: fit"):
        bench, parts = prepared(shop, cut_at(shop, times.test_from, times.end), times.end, recipe.matrix)
        matrix = blend(parts, recipe.matrix)
    with phases("test: judge"):
        outcome = _settled(bench, recipe, matrix, None, None)
    reason = f"The recipe is that of {champion.model_id}, which was searched less than {SEARCHED_EVERY.days} days ago."
    surfaces = {name: card.model_copy(update={"recipe_reason": reason}) for name, card in outcome.surfaces.items()}
    return replace(outcome, champion_won=True, surfaces=surfaces, searched=champion.searched)


def _chosen(shop: Shop, times: Windows, phases: Phases) -> Recipe:
    """The recipe that is best on validation. All that was fitted for that is given up again."""
    with phases("validation: fit"):
        cut = cut_at(shop, times.validate_from, times.test_from)
        start = starting(Bench(cut, len(shop.view.items)))
        bench, parts = prepared(shop, cut, times.test_from, start)
    with phases("validation: choose"):
        return tune(bench, parts, start)


def prepared(shop: Shop, cut: Split, end: float, recipe: MatrixRecipe) -> tuple[Bench, Parts]:
    """The questions of the window between a cut and `end`, and a recipe fitted on what came before."""
    parts = fit_parts(cut.past, cut.cut, recipe)
    happens = live(shop.asked, cut.cut, end, shop.showable)
    enough = len(happens.histories) >= LEAST_LIVE
    return Bench(cut, int(shop.showable[parts.rows].sum()), MOST_TESTED, live=happens if enough else None), parts


def cut_at(shop: Shop, cut: float, end: float) -> Split:
    """The shop cut in time, with all that its customers ask with."""
    return replace(split(shop.view, cut, end, shop.showable), asked=shop.asked.between(-np.inf, cut))


def _champion_matrix(bench: Bench, champion: Card | None, recipe: Recipe, matrix: ItemMatrix) -> ItemMatrix | None:
    """The champion's recipe on the same past: a champion that had seen the window would win unfairly."""
    if champion is None:
        return None
    if champion.recipe.matrix == recipe.matrix:
        return matrix
    return blend(fit_parts(bench.split.past, bench.split.cut, champion.recipe.matrix), champion.recipe.matrix)


def _settled(
    bench: Bench, recipe: Recipe, matrix: ItemMatrix, champion: Recipe | None, old: ItemMatrix | None
) -> Outcome:
    """What a table serves is kept or changed together; buy again stands alone, and so do the lists from baskets."""
    ours, theirs = judged(bench, recipe, matrix), judged(bench, champion, old)
    contests = _contests(bench, recipe, ours, theirs, _others(bench, recipe, matrix))
    back = {surface: gate.rejects(contest) for surface, contest in contests.items()}
    back[FOR_YOU] = back[SIMILAR] = back[FOR_YOU] or back[SIMILAR]
    winner = recipe
    for surface, parts in OF_SURFACE.items():
        if champion and back.get(surface):
            winner = winner.model_copy(update={part: getattr(champion, part) for part in parts})
    surfaces = {surface: gate.decide(contest, back[surface]) for surface, contest in contests.items()}
    return Outcome(winner, back[FOR_YOU], dict.fromkeys(SURFACES, gate.untested(NO_BASKETS)) | surfaces)


def _others(bench: Bench, recipe: Recipe, matrix: ItemMatrix) -> dict[str, dict[str, Judged]]:
    """What else is worth knowing of a surface: it decides nothing."""
    found = {
        FOR_YOU: {"the model's prior alone": bench.prior_alone(matrix, recipe.query)} | _live(bench, recipe, matrix),
        BUY_AGAIN: {"popularity anywhere": bench.popular_any(recipe.popular_days[BUY_AGAIN])},
    }
    if matrix.baskets is None:
        return found
    other = recipe.cart.model_copy(
        update={"table": SIMILAR if recipe.cart.table == BOUGHT_TOGETHER else BOUGHT_TOGETHER}
    )
    return found | {
        BOUGHT_TOGETHER: {f"by {SIMILAR}": bench.bought_together(matrix, recipe.similar.prior, TOGETHER)},
        CART: {f"by {other.table}": bench.cart(matrix, other)},
    }


def _live(bench: Bench, recipe: Recipe, matrix: ItemMatrix) -> dict[str, Judged]:
    """What is taken next, asked as things happen; without the session, only what was before it is asked with."""
    if bench.live is None:
        return {}
    deaf = recipe.query.model_copy(update={"session_share": 0.0})
    return {
        LIVE: bench.as_it_happens(matrix, recipe.query),
        f"{LIVE}, without the session": bench.as_it_happens(matrix, deaf),
        f"{LIVE}, popularity": bench.popular_as_it_happens(recipe.popular_days[FOR_YOU]),
    }


def judged(bench: Bench, recipe: Recipe | None, matrix: ItemMatrix | None) -> dict[str, Judged]:
    """A recipe on every surface that its matrix has a table for; empty for none."""
    if recipe is None or matrix is None:
        return {}
    found = {
        FOR_YOU: bench.for_you(matrix, recipe.query),
        BUY_AGAIN: bench.buy_again(recipe.repeat),
        SIMILAR: bench.similar(matrix, recipe.similar),
    }
    if matrix.baskets is None:
        return found
    together = bench.bought_together(matrix, recipe.bought_together.prior)
    return found | {BOUGHT_TOGETHER: together, CART: bench.cart(matrix, recipe.cart)}


def _contests(
    bench: Bench,
    recipe: Recipe,
    ours: dict[str, Judged],
    theirs: dict[str, Judged],
    others: dict[str, dict[str, Judged]],
) -> dict[str, Contest]:
    days = recipe.popular_days
    return {
        surface: Contest(
            challenger=ours[surface],
            popularity=bench.popular(surface, days[surface]),
            champion=theirs.get(surface),
            hindsight=max((bench.popular(surface, each) for each in POPULAR_DAYS), key=lambda judged: judged.score),
            skipped=bench.skipped(surface),
            others=others.get(surface, {}),
        )
        for surface in ours
    }

"""Finds a recipe, judges it on the test window, and settles what is refitted on all data."""

from dataclasses import dataclass

from shared.inference.card import BUY_AGAIN, FOR_YOU, SIMILAR, SURFACES, Card, MatrixRecipe, Recipe, SurfaceCard
from training import gate
from training.evaluate import Bench
from training.gate import Contest
from training.matrix import ItemMatrix, Parts, blend, fit_parts
from training.metrics import Judged
from training.phases import Phases
from training.shop import Shop
from training.split import Split, Windows, split
from training.tune import POPULAR_DAYS, starting, tune


@dataclass(frozen=True)
class Outcome:
    """The recipe to refit, and what each surface serves."""

    recipe: Recipe
    champion_won: bool
    surfaces: dict[str, SurfaceCard]


def without_test(champion: Card | None) -> Outcome:
    """The outcome for a history too short to hold anything out: popularity everywhere, by the recipe that there is."""
    reason = "The history is too short to test a model on, so popularity serves."
    recipe = champion.recipe if champion else Recipe()
    return Outcome(recipe, champion is not None, dict.fromkeys(SURFACES, gate.untested(reason)))


def hold(shop: Shop, times: Windows, champion: Card | None, phases: Phases) -> Outcome:
    """Tune on validation, then judge challenger, champion and popularity on the test window, read this once."""
    with phases("validation: fit"):
        cut = split(shop.view, times.validate_from, times.test_from, shop.showable)
        start = starting(Bench(cut, len(shop.view.items)))
        bench, parts = _prepared(cut, start)
    with phases("validation: choose"):
        recipe = tune(bench, parts, start)
    with phases("test: fit"):
        bench, parts = _prepared(split(shop.view, times.test_from, times.end, shop.showable), recipe.matrix)
        matrix = blend(parts, recipe.matrix)
    with phases("test: champion"):
        old = _champion_matrix(bench, champion, recipe, matrix)
    with phases("test: judge"):
        return _settled(bench, recipe, matrix, champion.recipe if champion else None, old)


def _prepared(cut: Split, recipe: MatrixRecipe) -> tuple[Bench, Parts]:
    parts = fit_parts(cut.past, cut.cut, recipe)
    return Bench(cut, int(cut.showable[parts.rows].sum())), parts


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
    """One matrix serves two surfaces, so these two keep or change it together; buy again stands alone."""
    others = {
        FOR_YOU: {"the model's prior alone": bench.prior_alone(matrix, recipe.query)},
        BUY_AGAIN: {"popularity anywhere": bench.popular_any(recipe.popular_days[BUY_AGAIN])},
    }
    contests = _contests(bench, recipe, judged(bench, recipe, matrix), judged(bench, champion, old), others)
    back = {
        FOR_YOU: gate.rejects(contests[FOR_YOU]) or gate.rejects(contests[SIMILAR]),
        BUY_AGAIN: gate.rejects(contests[BUY_AGAIN]),
    }
    back[SIMILAR] = back[FOR_YOU]
    winner = recipe
    if champion and back[FOR_YOU]:
        kept = {"matrix": champion.matrix, "query": champion.query, "similar": champion.similar}
        winner = winner.model_copy(update=kept)
    if champion and back[BUY_AGAIN]:
        winner = winner.model_copy(update={"repeat": champion.repeat})
    surfaces = {surface: gate.decide(contests[surface], back[surface]) for surface in SURFACES}
    return Outcome(winner, back[FOR_YOU], surfaces)


def judged(bench: Bench, recipe: Recipe | None, matrix: ItemMatrix | None) -> dict[str, Judged]:
    """A recipe on every surface; empty for none."""
    if recipe is None or matrix is None:
        return {}
    return {
        FOR_YOU: bench.for_you(matrix, recipe.query),
        BUY_AGAIN: bench.buy_again(recipe.repeat),
        SIMILAR: bench.similar(matrix, recipe.similar),
    }


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
        for surface in SURFACES
    }

"""The gate: beat popularity on the point estimate; do not be shown worse than the champion."""

import numpy as np

from shared.inference.card import CARD, Card, MatrixRecipe, Recipe
from tests.functions.recommend.artefact import artefact
from training.gate import LEAST_TESTED, MOST_DENSE, NOT_WORSE, Contest, decide, rejects, unfit
from training.metrics import Judged

MANY = 400


def scores(mean: float, customers: int = MANY, seed: int = 0) -> Judged:
    values = np.full(customers, mean) + np.random.default_rng(seed).normal(0, 0.05, customers)
    return Judged(values, values, np.arange(customers, dtype=np.int32), 0.1)


def contest(ours: Judged, popularity: Judged, champion: Judged | None = None) -> Contest:
    return Contest(ours, popularity, champion, hindsight=popularity, skipped=3, others={})


def test_better_than_popularity_is_served() -> None:
    ours = scores(0.31)
    card = decide(contest(ours, scores(0.30, seed=1)), champion_won=False)
    assert card.serve == "model"
    assert f"{ours.score:.4f}" in card.reason
    assert (card.tested, card.skipped) == (MANY, 3)


def test_equal_to_popularity_is_not_served() -> None:
    card = decide(contest(scores(0.3), scores(0.3)), champion_won=False)
    assert card.serve == "popularity"
    assert "did not beat" in card.reason


def test_too_few_tested_is_not_served_however_good() -> None:
    card = decide(contest(scores(0.9, LEAST_TESTED - 1), scores(0.1, LEAST_TESTED - 1)), champion_won=False)
    assert card.serve == "popularity"
    assert str(LEAST_TESTED) in card.reason


def test_nobody_tested_is_not_served() -> None:
    assert decide(contest(scores(0.0, 0), scores(0.0, 0)), champion_won=False).serve == "popularity"


def test_a_challenger_shown_worse_is_rejected_and_a_doubtful_one_is_not() -> None:
    popularity = scores(0.1)
    assert rejects(contest(scores(0.25), popularity, scores(0.3, seed=1)))
    assert not rejects(contest(scores(0.297), popularity, scores(0.3, seed=1)))
    assert not rejects(contest(scores(0.31), popularity, scores(0.3, seed=1)))
    assert not rejects(contest(scores(0.2), popularity))


def test_every_decision_has_its_reason_with_the_figures_it_was_made_on() -> None:
    champion = scores(0.3, seed=1)
    few = LEAST_TESTED - 1
    for ours, rival, champion_won, words in (
        (scores(0.3), None, False, ["The recipe is new", "no champion"]),
        (scores(0.31), champion, False, ["The recipe is new", "not shown worse", "0.3082", "times, 95%"]),
        (scores(0.25), champion, True, ["The champion's recipe stays", "shown worse", f"below {NOT_WORSE}"]),
        (scores(0.31), champion, True, ["The champion's recipe stays", "another surface of the same matrix"]),
        (scores(0.1, few), scores(0.9, few), False, ["The recipe is new", f"{few} customers are too few"]),
    ):
        card = decide(contest(ours, scores(0.1, ours.customers), rival), champion_won=champion_won)
        assert [word for word in words if word not in card.recipe_reason] == [], card.recipe_reason
        assert card.reason


def test_the_interval_that_decided_is_quoted() -> None:
    card = decide(contest(scores(0.25), scores(0.1), scores(0.3, seed=1)), champion_won=True)
    over_champion, over_popularity = card.ratio_to_champion, card.ratio_to_popularity
    assert over_champion is not None
    assert over_popularity is not None
    assert f"({over_champion.low:.2f} to {over_champion.high:.2f} times, 95%)" in card.recipe_reason
    assert f"({over_popularity.low:.2f} to {over_popularity.high:.2f} times, 95%)" in card.reason


def test_a_closed_form_over_more_items_than_memory_holds_is_no_rival() -> None:
    card = Card.model_validate_json(artefact(["a"], {})[CARD])
    dense = card.model_copy(update={"recipe": Recipe(matrix=MatrixRecipe(dense=True))})
    assert unfit(card, 10**6) is None
    assert unfit(dense, MOST_DENSE) is None
    assert f"{MOST_DENSE + 1:,} now" in str(unfit(dense, MOST_DENSE + 1))


def test_the_card_judges_the_recipe_that_won() -> None:
    card = decide(contest(scores(0.2), scores(0.25, seed=1), champion=scores(0.3, seed=2)), champion_won=True)
    assert card.serve == "model"
    assert card.metrics["model"] == card.metrics["champion"] != card.metrics["challenger"]
    assert card.ratio_to_champion is not None
    assert card.ratio_to_champion.high < 1

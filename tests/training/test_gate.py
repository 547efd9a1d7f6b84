"""The gate: beat popularity on the point estimate; do not be shown worse than the champion."""

import numpy as np

from training.gate import LEAST_TESTED, Contest, decide, rejects
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


def test_the_card_judges_the_recipe_that_won() -> None:
    card = decide(contest(scores(0.2), scores(0.25, seed=1), champion=scores(0.3, seed=2)), champion_won=True)
    assert card.serve == "model"
    assert card.metrics["model"] == card.metrics["champion"] != card.metrics["challenger"]
    assert card.ratio_to_champion is not None
    assert card.ratio_to_champion.high < 1

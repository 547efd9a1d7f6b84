"""What joins the logits and the ratings: how dear a rating is, and that the graph takes it as it is."""

import numpy as np
import pytest

from shared.inference.sentiment import lexicon
from training.sentiment import fit
from training.sentiment.data import Texts

RATED, TURNED = 4 + lexicon.FEATURES.index("compound"), 4 + lexicon.FEATURES.index("turned_good")
SLOPE = 2.0


def _learned(monkeypatch: pytest.MonkeyPatch, loose: float, informative: int) -> tuple[np.ndarray, np.ndarray]:
    """What a feature weighs that decides alone between the first and the last label; and how likely the last is."""
    monkeypatch.setattr(fit, "LOOSE", loose)
    random = np.random.default_rng(0)
    numbers = random.normal(0, 0.5, (6_000, 4 + len(lexicon.FEATURES)))
    positive = random.random(6_000) < 1 / (1 + np.exp(-SLOPE * numbers[:, informative]))
    labels = np.where(random.random(6_000) < 0.2, 1, np.where(positive, 2, 0))
    model = fit.joined(numbers, labels, np.ones(6_000), dear=True)
    found = model.predict_proba(numbers)
    return (model.coef_[2] - model.coef_[0])[informative], np.abs(found.mean(axis=0) - np.bincount(labels) / 6_000)


def test_a_rating_is_dear(monkeypatch: pytest.MonkeyPatch) -> None:
    """Far more texts than these would say `trust it`; no number of texts says so of domains that are not there."""
    free, dear = (_learned(monkeypatch, loose, RATED)[0] for loose in (100.0, fit.LOOSE))
    assert free == pytest.approx(SLOPE, abs=0.2)
    assert 0.1 * SLOPE < dear < 0.7 * SLOPE


@pytest.mark.parametrize("informative", [0, TURNED])
def test_logits_and_what_was_turned_round_are_not(monkeypatch: pytest.MonkeyPatch, informative: int) -> None:
    assert _learned(monkeypatch, fit.LOOSE, informative)[0] == pytest.approx(SLOPE, abs=0.2)


@pytest.mark.parametrize("loose", [100.0, fit.LOOSE])
def test_its_probabilities_are_of_the_numbers_as_they_are(monkeypatch: pytest.MonkeyPatch, loose: float) -> None:
    """A regression's mean answer is the share of the label; of numbers made small it would be another."""
    assert _learned(monkeypatch, loose, RATED)[1].max() < 1e-3


def test_a_branch_is_dearer_than_the_other_logits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its two logits stand after the four: what decides among six weighs less there than in the first place."""
    random = np.random.default_rng(0)
    numbers = random.normal(0, 0.5, (6_000, 6 + len(lexicon.FEATURES)))
    for informative, (least, most) in ((0, (0.9, 1.1)), (4, (0.2, 0.8))):
        positive = random.random(6_000) < 1 / (1 + np.exp(-SLOPE * numbers[:, informative]))
        labels = np.where(random.random(6_000) < 0.2, 1, np.where(positive, 2, 0))
        model = fit.joined(numbers, labels, np.ones(6_000), dear=True)
        assert least * SLOPE < (model.coef_[2] - model.coef_[0])[informative] < most * SLOPE
    monkeypatch.setattr(fit, "LOOSE_BRANCH", 100.0)
    free = fit.joined(numbers, labels, np.ones(6_000), dear=True)
    assert (free.coef_[2] - free.coef_[0])[4] == pytest.approx(SLOPE, abs=0.2)


def test_a_number_that_all_texts_share_says_nothing() -> None:
    """A third, a thousand times, has a spread by rounding alone: it must not be blown up."""
    random = np.random.default_rng(0)
    numbers = random.normal(0, 0.5, (1_000, 4 + len(lexicon.FEATURES)))
    numbers[:, RATED] = 1 / 3
    assert numbers[:, RATED].std() > 0
    labels = random.integers(0, 3, 1_000)
    assert np.abs(fit.joined(numbers, labels, np.ones(1_000), dear=True).coef_[:, RATED]).max() < 1e-6


def _neutral(domains: list[str]) -> float:
    """How likely neutral is on average, where half of the texts are of a domain with a third of each label."""
    random = np.random.default_rng(0)
    count, half = 6_000, 3_000
    labels = np.concatenate([random.integers(0, 3, half), random.choice([0, 2], half)])
    positive, neutral = np.where(labels == 1, np.nan, labels / 2), (labels == 1).astype(float)
    texts = Texts([""] * count, np.repeat(domains, half), positive, neutral, ())
    model = fit._last(texts, random.normal(0, 0.5, (count, 4 + len(lexicon.FEATURES))), labels >= 0, dear=True)
    return float(model.predict_proba(np.zeros((1, 4 + len(lexicon.FEATURES))))[0, 1])


def test_texts_that_could_not_be_neutral_do_not_say_how_often_texts_are() -> None:
    assert _neutral(["asked", "chosen"]) == pytest.approx(1 / 3, abs=0.02)


def test_nor_do_sentences_made_for_learning() -> None:
    assert _neutral(["asked", "written 0"]) == pytest.approx(1 / 3, abs=0.02)


def test_where_all_are_of_one_domain_its_own_share_holds() -> None:
    """Of 1,000 to 2,500 and 2,500: labels weigh as the square roots of what there is of them."""
    assert _neutral(["asked", "asked"]) == pytest.approx(1 / (1 + 2 * 2.5**0.5), abs=0.02)

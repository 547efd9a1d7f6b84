"""The branch learns, says what the served graph says, and does not hear who is meant.

`make tuning-test` runs this with jax; elsewhere it is skipped, which pytest's summary says.
"""

from pathlib import Path

import numpy as np
import pytest

from shared.inference.sentiment.encoder import Encoder
from shared.inference.sentiment.pieces import text_of
from tests.training.sentiment import tiny
from training.sentiment import fair, graph, weights
from training.sentiment.data import Texts
from training.sentiment.fit import Felt, folds

pytest.importorskip("jax", reason="jax is not installed: `make tuning-test` runs these")

from training.sentiment import tuning

TOKENS = 64


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> weights.Encoder:
    return weights.read(tiny.folder(tmp_path_factory.mktemp("tiny") / "encoder", [*tiny.vocabulary(), *fair.words()]))


@pytest.fixture(scope="module")
def texts() -> Texts:
    return tiny.texts()


@pytest.fixture(autouse=True)
def passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """One pass over a small set is a handful of steps."""
    monkeypatch.setattr(tuning, "PASSES", 12.0)


@pytest.fixture(scope="module")
def tuner(encoder: weights.Encoder, texts: Texts) -> tuning.Tuner:
    return tuning.Tuner(encoder, texts, TOKENS)


def everything(texts: Texts) -> np.ndarray:
    return np.ones(len(texts.texts), bool)


def right(felt: Felt, texts: Texts, rows: np.ndarray) -> float:
    known = rows & ~np.isnan(texts.positive)
    return float(((felt.logits[known, 0] > 0) == (texts.positive[known] == 1)).mean())


def test_it_learns_what_holds_in_a_shop_that_it_has_not_seen(tuner: tuning.Tuner, texts: Texts) -> None:
    left_out = next(folds(texts, everything(texts)))
    assert right(tuner(~left_out), texts, left_out) > 0.9


def test_of_labels_by_lot_it_learns_nothing_that_holds(encoder: weights.Encoder, texts: Texts) -> None:
    random = np.random.default_rng(1)
    drawn = np.where(np.isnan(texts.positive), np.nan, random.integers(0, 2, len(texts.positive)))
    by_lot = texts._replace(positive=drawn)
    left_out = next(folds(texts, everything(texts)))
    assert right(tuning.Tuner(encoder, by_lot, TOKENS)(~left_out), by_lot, left_out) < 0.8


def test_it_says_what_the_served_graph_says(tuner: tuning.Tuner, encoder: weights.Encoder, texts: Texts) -> None:
    felt = tuner(everything(texts))
    served = Encoder(graph.write(encoder, "float32", TOKENS, felt.branch), encoder.vocabulary, TOKENS)
    meanings = np.array([each.meaning[: tiny.SIZE] for each in served.encode(texts.texts)])
    said = meanings @ felt.branch.weights + felt.branch.bias
    assert np.abs(said - felt.logits).max() < 0.05 * np.abs(felt.logits).max()
    plain = Encoder(graph.write(encoder, "float32", TOKENS), encoder.vocabulary, TOKENS)
    topics = np.array([each.topic for each in plain.encode(texts.texts)])
    assert np.abs(topics @ felt.branch.weights + felt.branch.bias - felt.logits).max() > 0.5


def test_of_many_sentences_it_says_the_mean(encoder: weights.Encoder, texts: Texts) -> None:
    """Of none, one, two and five, and of one that is longer than the encoder reads; the same sentence twice."""
    some = ["", "The coat is superb.", "The lamp is lovely. The soup is awful.", "The chair is grey. " * 5]
    some += ["The kettle from the kitchen shop is " + "superb " * 80]
    many = texts._replace(texts=[*some, *texts.texts[len(some) :]])
    felt = tuning.Tuner(encoder, many, TOKENS)(everything(many))
    served = Encoder(graph.write(encoder, "float32", TOKENS, felt.branch), encoder.vocabulary, TOKENS)
    for text, found in zip(some, felt.logits, strict=False):
        sentences = [piece.text for piece in text_of(text, None, ()).sentences if piece.text.strip()]
        if not sentences:
            assert (found == 0).all()
            continue
        meaning = np.mean([each.meaning[: tiny.SIZE] for each in served.encode(sentences)], axis=0)
        assert np.abs(meaning @ felt.branch.weights + felt.branch.bias - found).max() < 0.1


def test_the_same_texts_give_the_same_branch(tuner: tuning.Tuner, texts: Texts) -> None:
    assert tuner(everything(texts)).branch.content() == tuner(everything(texts)).branch.content()


def test_who_is_meant_is_not_heard(encoder: weights.Encoder, texts: Texts, monkeypatch: pytest.MonkeyPatch) -> None:
    """One name is always praised and another always blamed: that is lost where the variance counts, and only there."""
    rows = np.flatnonzero(~np.isnan(texts.positive))
    names = [("Emma" if texts.positive[at] else "Ahmed") for at in rows]
    told = texts._replace(
        texts=[f"{name} has it." for name in names],
        domains=texts.domains[rows],
        positive=texts.positive[rows],
        neutral=texts.neutral[rows],
    )
    moved = []
    for counts in (0.0, 100.0):
        monkeypatch.setattr(tuning, "FAIR", counts)
        tuning._step.clear_cache()
        logits = tuning.Tuner(encoder, told, TOKENS)(everything(told)).logits[:, 0]
        moved.append(float(np.ptp(logits)))
    tuning._step.clear_cache()
    assert moved[1] < 0.5 * moved[0]


def test_what_is_kept_is_not_learned_again(
    encoder: weights.Encoder, texts: Texts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuner = tuning.Tuner(encoder, texts, TOKENS, tmp_path / "kept")
    felt = tuner(everything(texts))
    monkeypatch.setattr(tuner, "_learn", lambda _: pytest.fail("learned again"))
    again = tuner(everything(texts))
    assert (again.logits == felt.logits).all()
    assert again.branch.content() == felt.branch.content()
    with pytest.raises(pytest.fail.Exception, match="learned again"):
        tuner(~next(folds(texts, everything(texts))))


def test_more_tokens_than_a_batch_has_are_refused(encoder: weights.Encoder, texts: Texts) -> None:
    with pytest.raises(ValueError, match="65 tokens"):
        tuning.Tuner(encoder, texts, TOKENS + 1)

"""Training on a small set gives the metrics that this set has, the same bytes each time, and graphs of numbers."""

from hashlib import sha256
from pathlib import Path

import numpy as np
import onnx
import pytest

from shared.inference.sentiment.card import ENCODER, FAST, FULL, HEAD, BadArtefact, Published
from shared.inference.sentiment.model import SentimentModel
from tests.training.sentiment import tiny
from training.sentiment import branch, encoders, fit
from training.sentiment.build import build
from training.sentiment.data import together
from training.sentiment.train import Trained, train

PUBLISHED = Published(package="tiny", version="1", licence="none", sha256="0" * 64)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.folder(tmp_path_factory.mktemp("tiny") / "encoder", tiny.vocabulary())


@pytest.fixture(scope="module")
def trained(encoder: Path) -> Trained:
    return train(tiny.texts(), encoder, PUBLISHED, least_texts=2)


def test_a_small_set_gives_its_known_metrics(trained: Trained) -> None:
    """Every word of feeling is in every shop, so what was learned in two holds in the third; chance would be a half."""
    assert set(trained.card.domains) == set(tiny.SHOPS)
    for domain in trained.card.domains.values():
        assert domain.texts == 48
        assert domain.accuracy == 1.0
        assert domain.fast_accuracy == 1.0
        assert domain.three_classes == 1.0


def test_labels_that_say_nothing_give_no_better_than_chance(encoder: Path) -> None:
    """The metrics are of unseen domains: with labels drawn by lot, nothing is to be found there."""
    texts = tiny.texts()
    random = np.random.default_rng(1)
    drawn = np.where(np.isnan(texts.positive), np.nan, random.integers(0, 2, len(texts.positive)))
    card = train(texts._replace(positive=drawn), encoder, PUBLISHED, least_texts=2).card
    assert np.mean([domain.accuracy for domain in card.domains.values()]) < 0.7


def test_the_same_texts_give_the_same_model(trained: Trained, encoder: Path) -> None:
    again = train(tiny.texts(), encoder, PUBLISHED, least_texts=2)
    assert again.card.model_id == trained.card.model_id
    assert again.files == trained.files


@pytest.mark.parametrize("name", [FULL, FAST])
def test_the_graphs_take_and_give_numbers(trained: Trained, name: str) -> None:
    graph = onnx.load_from_string(trained.files[name]).graph
    kinds = {each.type.tensor_type.elem_type for each in graph.input}
    assert kinds == {onnx.TensorProto.FLOAT}
    stored = {each.data_type for each in graph.initializer} | {each.type.tensor_type.elem_type for each in graph.output}
    assert onnx.TensorProto.STRING not in stored
    assert not {node.op_type for node in graph.node} & {
        "StringNormalizer",
        "Tokenizer",
        "TfIdfVectorizer",
        "LabelEncoder",
    }


def test_a_whole_model_is_loaded_and_judges(trained: Trained, tmp_path: Path) -> None:
    trained.write(tmp_path / "model", whole=True)
    model = SentimentModel.load(tmp_path / "model")
    good, bad, plain = (
        found.sentiment for found in model.analyse([f"The lamp is {word}." for word in ("superb", "horrid", "weekly")])
    )
    assert (good.label, bad.label, plain.label) == ("positive", "negative", "neutral")
    assert good.score > 0 > bad.score


GERMAN = {"wonderful": "wunderbar", "lovely": "schön", "perfect": "perfekt", "superb": "toll"}
GERMAN |= {"broken": "kaputt", "awful": "furchtbar", "useless": "nutzlos", "horrid": "schlimm"}
RUSSIAN = {"wonderful": "чудесная", "lovely": "милая", "perfect": "идеальная", "superb": "отличная"}
RUSSIAN |= {"broken": "сломана", "awful": "ужасная", "useless": "бесполезная", "horrid": "плохая", "lamp": "лампа"}


@pytest.mark.parametrize(
    ("language", "words", "said"),
    [
        ("de", GERMAN, ["Die Lampe ist wunderbar", "The lamp ist kaputt"]),
        ("ru", RUSSIAN, ["Эта лампа чудесная", "лампа сломана"]),
    ],
)
def test_an_encoder_for_another_language_drops_in(
    trained: Trained, tmp_path: Path, language: str, words: dict[str, str], said: list[str]
) -> None:
    """Another encoder and texts of its language: nothing else of the model is of English but the rated words."""
    english = tiny.texts()
    theirs = english._replace(
        texts=[" ".join(words.get(word.strip("."), word) for word in text.split()) for text in english.texts]
    )
    encoder = tiny.folder(tmp_path / "encoder", [*tiny.vocabulary(), *words.values()], seed=7)
    assert encoders.made(encoder)[ENCODER] != trained.files[ENCODER]
    train(theirs, encoder, PUBLISHED, languages=(language, "en"), least_texts=2).write(tmp_path / "model", whole=True)
    model = SentimentModel.load(tmp_path / "model")
    found = [each.sentiment for each in model.analyse([*said, "La lampe"], languages=[language, language, "fr"])]
    assert [each.label for each in found[:2]] == ["positive", "negative"]
    assert found[2].abstained
    assert found[2].language == "fr"


def test_without_domains_nothing_is_claimed(encoder: Path) -> None:
    texts = tiny.texts()
    one = texts._replace(domains=np.array(["all"] * len(texts.texts)))
    assert train(one, encoder, PUBLISHED, least_texts=2).card.domains == {}


def test_a_head_alone_is_no_whole_model(trained: Trained, tmp_path: Path) -> None:
    trained.write(tmp_path / "head")
    assert {path.name for path in (tmp_path / "head").iterdir()} == {*HEAD, "card.json"}
    with pytest.raises(BadArtefact, match=ENCODER):
        SentimentModel.load(tmp_path / "head")
    assert SentimentModel.load(tmp_path / "head", encoder=False).analyse(["superb"])[0].sentiment.label == "positive"


def test_what_a_branch_says_is_heard(encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Labels by lot are known to the branch alone: a head that may trust it does, and answers change."""
    monkeypatch.setattr(fit, "LOOSE_BRANCH", 1.0)
    texts = tiny.texts()
    drawn = np.random.default_rng(1).integers(0, 2, len(texts.texts))
    by_lot = texts._replace(positive=np.where(np.isnan(texts.positive), np.nan, drawn))
    without = train(by_lot, encoder, PUBLISHED, least_texts=2)
    told = train(by_lot, encoder, PUBLISHED, least_texts=2, tune=tiny.Oracle(by_lot))
    right = [np.mean([domain.accuracy for domain in each.card.domains.values()]) for each in (without, told)]
    assert right[0] < 0.7
    assert right[1] > 0.9
    told.write(tmp_path / "head")
    assert {path.name for path in (tmp_path / "head").iterdir()} == {*HEAD, "card.json", branch.FILE}
    plain, model = (SentimentModel.load(written(each, tmp_path / name)) for each, name in ((without, "a"), (told, "b")))
    asked = ["The lamp from the garden.", "The chair is weekly.", "A soup."]
    scores = [[found.sentiment.score for found in each.analyse(asked)] for each in (plain, model)]
    assert np.abs(np.subtract(scores[0], scores[1])).max() > 0.05


def test_a_head_with_a_branch_gives_a_whole_model_and_one_without_forgets_it(encoder: Path, tmp_path: Path) -> None:
    there = PUBLISHED.model_copy(update={"sha256": sha256((encoder / "model.safetensors").read_bytes()).hexdigest()})
    texts = tiny.texts()
    for tune in (tiny.Oracle(texts), None):
        made = train(texts, encoder, there, least_texts=2, tune=tune)
        made.write(tmp_path / "head")
        assert build(tmp_path / "model", tmp_path / "head", encoder) == made.card


def written(model: Trained, folder: Path) -> Path:
    model.write(folder, whole=True)
    return folder


def test_no_texts_are_no_set() -> None:
    assert together([], ()).texts == []

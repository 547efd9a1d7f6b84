"""The model that the owner has published speaks; where it is damaged or out of reach, the carried one does."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.domain.errors import NotFoundError, StoreUnavailableError
from shared.inference.sentiment.card import CARD, ENCODER, VOCABULARY, BadArtefact
from shared.inference.sentiment.model import SentimentModel
from shared.inference.sentiment.published import load


class Shelf:
    """Published models, and which is pointed to."""

    def __init__(self, champion: str | None = None, files: Callable[[str], dict[str, bytes]] = lambda _: {}) -> None:
        self._champion = champion
        self._files = files

    def champion(self) -> str | None:
        return self._champion

    def files(self, model_id: str) -> dict[str, bytes]:
        return self._files(model_id)


class Away(Shelf):
    def champion(self) -> str | None:
        raise StoreUnavailableError("The table does not answer.")


def renamed(folder: Path) -> dict[str, bytes]:
    """The carried model as somebody else's: the same files under another name."""
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    card = json.loads(files[CARD]) | {"model_id": "sentiment-own", "languages": ["en", "de"]}
    return {**files, CARD: json.dumps(card).encode()}


def refuse(_: str) -> dict[str, bytes]:
    raise NotFoundError("gone")


def test_before_one_is_published_the_carried_one_speaks(folder: Path, model: SentimentModel) -> None:
    assert load(folder, Shelf()).model_id == model.model_id


def test_a_published_model_speaks(folder: Path) -> None:
    found = load(folder, Shelf("sentiment-own", lambda _: renamed(folder)))
    assert found.model_id == "sentiment-own"
    assert found.analyse(["Schön, great!"], languages=["de"])[0].sentiment.label == "positive"


def test_the_carried_one_is_not_fetched_again(folder: Path, model: SentimentModel) -> None:
    assert load(folder, Shelf(model.model_id, refuse)).model_id == model.model_id


@pytest.mark.parametrize(
    "shelf",
    [
        Away(),
        Shelf("sentiment-gone", refuse),
        Shelf("sentiment-empty", lambda _: {}),
        Shelf("sentiment-odd", lambda _: {CARD: b"{}"}),
    ],
    ids=["table away", "files gone", "no files", "no card"],
)
def test_where_it_cannot_be_had_the_carried_one_speaks(folder: Path, model: SentimentModel, shelf: Shelf) -> None:
    assert load(folder, shelf).model_id == model.model_id


@pytest.mark.parametrize("name", [ENCODER, VOCABULARY])
def test_a_damaged_one_does_not_speak(folder: Path, model: SentimentModel, name: str) -> None:
    files = renamed(folder)
    damaged = Shelf("sentiment-own", lambda _: {**files, name: files[name][:-1]})
    assert load(folder, damaged).model_id == model.model_id


def test_with_neither_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(BadArtefact):
        load(tmp_path, Shelf())


# --- one is in memory already


def test_the_one_in_memory_stays_while_it_is_pointed_to(folder: Path, model: SentimentModel) -> None:
    assert load(folder, Shelf(), model) is model
    own = load(folder, Shelf("sentiment-own", lambda _: renamed(folder)))
    assert load(folder, Shelf("sentiment-own", refuse), own) is own


def test_another_that_is_pointed_to_takes_over_and_gives_way(folder: Path, model: SentimentModel) -> None:
    own = load(folder, Shelf("sentiment-own", lambda _: renamed(folder)), model)
    assert own.model_id == "sentiment-own"
    assert load(folder, Shelf(model.model_id), own).model_id == load(folder, Shelf(), own).model_id == model.model_id


@pytest.mark.parametrize("shelf", [Away(), Shelf("sentiment-other", refuse), Shelf("sentiment-odd", lambda _: {})])
def test_where_another_cannot_be_had_the_one_in_memory_stays(folder: Path, shelf: Shelf) -> None:
    own = load(folder, Shelf("sentiment-own", lambda _: renamed(folder)))
    assert load(folder, shelf, own) is own

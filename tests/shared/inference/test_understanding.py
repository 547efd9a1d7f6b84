"""Which analyst reads, and when another model takes over in a warm function."""

import pytest

from shared.domain.errors import StoreUnavailableError
from shared.domain.feedback_settings import FeedbackSettings
from shared.inference.understanding import LOOK_SECONDS, Analysts, Model
from tests.functions.feedback.fakes import FakeModel

SETTINGS = FeedbackSettings()


class Shelf:
    """The model that is to speak, how often it was asked for, and the time."""

    def __init__(self) -> None:
        self.model: Model = FakeModel()
        self.asked: list[Model | None] = []
        self.seconds = 0.0
        self.analysts = Analysts(self._load, lambda: self.seconds)

    def _load(self, present: Model | None) -> Model:
        self.asked.append(present)
        return self.model


def test_a_model_that_is_published_takes_over_within_a_minute() -> None:
    shelf = Shelf()
    first = shelf.analysts.of(SETTINGS)
    before, shelf.model = shelf.model, FakeModel()
    shelf.seconds = LOOK_SECONDS - 1
    assert shelf.analysts.of(SETTINGS) is first
    shelf.seconds = LOOK_SECONDS
    assert shelf.analysts.of(SETTINGS) is not first
    assert shelf.asked == [None, before]


def test_an_analyst_is_made_once_for_a_model_and_its_settings() -> None:
    shelf = Shelf()
    first = shelf.analysts.of(SETTINGS)
    shelf.seconds = LOOK_SECONDS
    assert shelf.analysts.of(SETTINGS) is first
    assert shelf.analysts.of(FeedbackSettings(trade="restaurant")) is not first
    assert len(shelf.asked) == 2


def test_a_model_that_could_not_be_loaded_is_asked_for_again_at_once() -> None:
    shelf = Shelf()
    load = shelf.analysts._load
    shelf.analysts._load = lambda _: (_ for _ in ()).throw(FileNotFoundError("sentiment"))
    with pytest.raises(StoreUnavailableError):
        shelf.analysts.of(SETTINGS)
    shelf.analysts._load = load
    assert shelf.analysts.of(SETTINGS).model_id == shelf.model.model_id

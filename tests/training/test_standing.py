"""A recipe is searched once a week, and when the shop has changed; between, the champion's is fitted to new data."""

from datetime import timedelta
from typing import Any

import pytest

from shared.inference.card import FOR_YOU, Card, Drift, Measure, Searched
from tests.training.shops import order, two_tastes
from tests.training.test_train import trained
from training.train import Artefact

SEARCH = "validation: choose"
AFTER = max(event.time for event in two_tastes())
SPREAD = Measure(name="customers", before=1.0, now=9.0, distance=8.0, limit=1.0, text="nine times as many")
DRIFTED = Drift(against="m", reason="found", measures=(SPREAD,))


@pytest.fixture(scope="module")
def artefact() -> Artefact:
    return trained(two_tastes())


def later(days: float) -> list[Any]:
    """The shop after so many days in which one customer has bought something."""
    last = order("user:late", 0, 0, "red-00")
    return [*two_tastes(), last.model_copy(update={"time": AFTER + timedelta(days=days)})]


def test_in_the_nights_between_the_champions_recipe_learns_the_new_data_and_is_gated(artefact: Artefact) -> None:
    found = trained(later(6.9), champion=artefact.card).card
    assert SEARCH in artefact.card.phases
    assert SEARCH not in found.phases
    assert (found.recipe, found.recipe_from, found.searched) == (
        artefact.card.recipe,
        "champion",
        artefact.card.searched,
    )
    assert found.window.events == artefact.card.window.events + 1
    for_you = found.surfaces[FOR_YOU]
    assert (for_you.serve, for_you.ratio_to_champion) == ("model", None)
    assert for_you.ratio_to_popularity is not None
    assert artefact.model_id in for_you.recipe_reason
    assert "less than 7 days ago" in for_you.recipe_reason


def test_after_a_week_a_recipe_is_searched_again(artefact: Artefact) -> None:
    found = trained(later(7), champion=artefact.card).card
    assert SEARCH in found.phases
    assert found.searched == Searched(last=AFTER + timedelta(days=7), events=found.window.events)
    assert found.surfaces[FOR_YOU].ratio_to_champion is not None
    quiet = found.model_copy(update={"drift": None})  # a week without events is one
    between = trained(later(8), champion=quiet).card
    assert SEARCH not in between.phases


def test_the_gate_decides_in_the_nights_between_too(artefact: Artefact, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as strict:
        strict.setattr("training.gate.LEAST_TESTED", 10**6)
        found = trained(two_tastes(), champion=artefact.card).card
    assert SEARCH not in found.phases
    assert found.surfaces[FOR_YOU].serve == "popularity"
    assert SEARCH in trained(two_tastes(), champion=found).card.phases


@pytest.mark.parametrize(
    "changes",
    [
        {"searched": None},
        {"searched": Searched(last=AFTER, events=10)},
        {"searched": Searched(last=AFTER, events=100_000)},
        {"searched": Searched(last=AFTER + timedelta(days=1), events=len(two_tastes()))},
        {"drift": DRIFTED},
        {"surfaces": {}},
    ],
    ids=["older card", "grown", "shrunk", "of later data", "drifted", "does not serve"],
)
def test_a_shop_that_has_changed_is_searched_again(artefact: Artefact, changes: dict[str, Any]) -> None:
    assert SEARCH in trained(two_tastes(), champion=artefact.card.model_copy(update=changes)).card.phases


def test_an_older_card_is_read(artefact: Artefact) -> None:
    content = artefact.card.model_dump(mode="json")
    del content["searched"]
    assert Card.model_validate(content).searched is None

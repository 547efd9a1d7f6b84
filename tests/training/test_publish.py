"""What is published and what serves: the champion's card, however old, and a model that the owner has rolled back."""

import json
from datetime import timedelta

import pytest

from shared.inference.card import CARD, Card
from shared.inference.scorer import Scorer
from shared.stores import clients
from shared.stores.models import ModelStore
from shared.stores.table import Table
from tests.conftest import BUCKET
from tests.training.shops import two_tastes
from tests.training.test_train import CREATED, trained
from training.artefact import Artefact
from training.publish import champion_card, publish


@pytest.fixture(scope="module")
def first() -> Artefact:
    return trained(two_tastes(customers=20))


@pytest.fixture(scope="module")
def second(first: Artefact) -> Artefact:
    return trained(two_tastes(customers=20, seed=8), champion=first.card)


@pytest.fixture
def models(table: Table) -> ModelStore:
    return ModelStore(table, clients.s3(), BUCKET)


def test_what_is_published_is_the_champion_with_its_card(models: ModelStore, first: Artefact) -> None:
    assert publish(first, models, over=None) is None
    assert champion_card(models, models.champion()) == (first.card, None)
    assert Scorer.load(models.files(first.model_id)).card == first.card


def test_before_the_first_model_there_is_no_card_and_no_problem(models: ModelStore) -> None:
    assert champion_card(models, models.champion()) == (None, None)


def test_a_champion_whose_card_is_gone_is_said(models: ModelStore, first: Artefact) -> None:
    publish(first, models, over=None)
    clients.s3().delete_object(Bucket=BUCKET, Key=f"models/{first.model_id}/{CARD}")
    card, problem = champion_card(models, first.model_id)
    assert card is None
    assert problem is not None
    assert f"{first.model_id} is gone" in problem


def older(card: Card) -> bytes:
    """A card of a format that this version does not read: a number was a text, another had no bound."""
    content = json.loads(card.model_dump_json())
    content["recipe"]["matrix"]["ridge"] = -1
    content["window"]["events"] = "many"
    return json.dumps(content).encode()


def test_an_older_card_neither_stops_the_training_nor_goes_unsaid(models: ModelStore, first: Artefact) -> None:
    models.publish("old", first.files | {CARD: older(first.card)}, "")
    models.promote("old", over=None)
    card, problem = champion_card(models, models.champion())
    assert card is None
    assert problem is not None
    assert "recipe.matrix.ridge, window.events" in problem
    found = trained(two_tastes(customers=20), champion=card, champion_problem=problem)
    assert found.card.champion_problem == problem
    assert {each.recipe_reason for each in found.card.surfaces.values()} == {
        "The recipe is new: there was no champion to compare it with."
    }
    assert publish(found, models, over="old") is None


def test_a_model_that_was_rolled_back_is_not_promoted_by_the_next_training(
    models: ModelStore, first: Artefact, second: Artefact
) -> None:
    publish(first, models, over=None)
    publish(second, models, over=first.model_id)
    pointer = models.pointer()
    assert pointer is not None
    models.roll_back(first.model_id, pointer)
    kept = publish(second, models, over=first.model_id)
    assert models.champion() == first.model_id
    assert kept is not None
    assert f"models promote {second.model_id}" in kept
    models.promote(second.model_id, first.model_id)
    assert publish(second, models, over=second.model_id) is None
    assert models.champion() == second.model_id


def test_the_same_data_the_next_night_change_nothing(models: ModelStore, first: Artefact) -> None:
    publish(first, models, over=None)
    again = trained(two_tastes(customers=20), created=CREATED + timedelta(days=1))
    assert publish(again, models, over=first.model_id) is None
    pointer = models.pointer()
    assert pointer is not None
    assert (pointer.model_id, pointer.revision) == (first.model_id, 0)
    assert models.file(first.model_id, CARD) == first.files[CARD]

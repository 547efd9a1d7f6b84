"""`regulars models`: which model serves is shown, changed and taken back, and the function follows."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from functions.recommend.champion import POLL_SECONDS, Champion
from infra.cli import app as cli
from infra.cli.models import DamagedModelError
from shared.domain.errors import ConflictError, NotFoundError
from shared.inference.card import GRAPH
from shared.stores import clients
from shared.stores.models import ModelStore
from shared.stores.table import Table
from tests.conftest import BUCKET, Keys
from tests.functions.recommend.conftest import model


class Deployed:
    """What the commands use of a deployment."""

    def __init__(self, models: ModelStore) -> None:
        self.models = models


@pytest.fixture
def store(table: Table, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> ModelStore:
    """Three models, published and promoted one after the other."""
    assert keys
    models = ModelStore(table, clients.s3(), BUCKET)
    for model_id in ("m1", "m2", "m3"):
        models.publish(model_id, model(model_id), "for-you: model")
        models.promote(model_id, models.champion())
    monkeypatch.setattr(cli, "find", lambda *_: Deployed(models))
    return models


def run(*arguments: str) -> Any:
    result = CliRunner().invoke(cli.app, ["models", *arguments, "--json"])
    if result.exception:
        raise result.exception
    return json.loads(result.stdout)


def test_show_is_the_card_of_the_champion_or_of_another(store: ModelStore) -> None:
    assert store.champion() == run("show")["model_id"] == "m3"
    assert run("show", "m1")["model_id"] == "m1"
    with pytest.raises(NotFoundError):
        run("show", "m9")


def test_rollback_goes_back_one_by_one_and_the_function_follows(store: ModelStore) -> None:
    now = [0.0]
    champion = Champion(store, lambda: now[0])

    def serves() -> str | None:
        now[0] += POLL_SECONDS
        scorer = champion.scorer()
        return scorer.card.model_id if scorer else None

    assert serves() == "m3"
    assert run("rollback") == {"champion": "m2"}
    assert serves() == "m2"
    assert run("rollback") == {"champion": "m1"}
    assert serves() == "m1"
    with pytest.raises(NotFoundError):
        run("rollback")
    assert run("promote", "m3") == {"champion": "m3", "before": "m1"}
    assert serves() == "m3"
    assert POLL_SECONDS < 60


def test_a_damaged_model_is_not_promoted(store: ModelStore) -> None:
    clients.s3().put_object(Bucket=BUCKET, Key=f"models/m2/{GRAPH}", Body=b"garbage")
    with pytest.raises(DamagedModelError):
        run("promote", "m2")
    with pytest.raises(DamagedModelError):
        run("rollback")
    assert store.champion() == "m3"


def test_what_was_never_published_is_not_promoted(store: ModelStore) -> None:
    with pytest.raises(NotFoundError):
        run("promote", "m9")
    assert store.champion() == "m3"


def test_a_training_that_was_quicker_wins(store: ModelStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "champion", lambda: "m2")
    with pytest.raises(ConflictError):
        run("promote", "m1")

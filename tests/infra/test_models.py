"""`regulars models`: which model serves is shown, changed and taken back, and the function follows."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from functions.recommend.champion import POLL_SECONDS, Champion
from infra.cli import app as cli
from infra.cli import cards
from infra.cli.cards import standing
from infra.cli.models import DamagedModelError
from shared.domain.errors import ConflictError, NotFoundError
from shared.inference.card import CARD, GRAPH, Card
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
    monkeypatch.setattr(cards, "find", lambda *_: Deployed(models))
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
    assert run("rollback") == {"champion": "m2", "before": "m3", "damaged": []}
    assert serves() == "m2"
    assert run("rollback")["champion"] == "m1"
    assert serves() == "m1"
    with pytest.raises(NotFoundError, match="No model that served before m1 is left"):
        run("rollback")
    assert run("promote", "m3") == {"champion": "m3", "before": "m1"}
    assert serves() == "m3"
    assert POLL_SECONDS < 60


def test_a_model_that_was_published_but_never_served_is_not_rolled_back_to(store: ModelStore) -> None:
    store.publish("m2b", model("m2b"), "lost a race")
    store.publish("m9", model("m9"), "published, then the training was killed")
    assert run("rollback")["champion"] == "m2"


def test_a_model_that_was_rolled_back_is_not_rolled_back_to(store: ModelStore) -> None:
    """m3 was bad; what came after it is, too."""
    assert run("rollback")["champion"] == "m2"
    store.publish("m4", model("m4"), "")
    store.promote("m4", "m2")
    assert run("rollback")["champion"] == "m2"
    assert run("rollback")["champion"] == "m1"


def test_a_promotion_is_taken_back_by_a_rollback(store: ModelStore) -> None:
    run("promote", "m1")
    assert [run("rollback")["champion"] for _ in range(2)] == ["m3", "m2"]
    assert store.champion() == "m2"


def test_the_first_model_has_nothing_before_it(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    models = ModelStore(table, clients.s3(), BUCKET)
    monkeypatch.setattr(cards, "find", lambda *_: Deployed(models))
    with pytest.raises(NotFoundError, match="no champion yet"):
        run("rollback")
    models.publish("m1", model("m1"), "")
    models.promote("m1", None)
    with pytest.raises(NotFoundError, match="No model that served before m1"):
        run("rollback")


def test_a_damaged_model_is_not_promoted_and_passed_over_by_a_rollback(store: ModelStore) -> None:
    clients.s3().put_object(Bucket=BUCKET, Key=f"models/m2/{GRAPH}", Body=b"garbage")
    with pytest.raises(DamagedModelError):
        run("promote", "m2")
    assert store.champion() == "m3"
    assert run("rollback") == {"champion": "m1", "before": "m3", "damaged": ["m2"]}


@pytest.mark.parametrize("card", [b"", b"{}", b"[1]", b"\xff"])
def test_a_model_whose_card_cannot_be_read_is_not_promoted(store: ModelStore, card: bytes) -> None:
    clients.s3().put_object(Bucket=BUCKET, Key=f"models/m2/{CARD}", Body=card)
    with pytest.raises(DamagedModelError):
        run("promote", "m2")
    assert store.champion() == "m3"


def test_where_all_before_are_damaged_it_says_so_and_changes_nothing(store: ModelStore) -> None:
    for model_id in ("m1", "m2"):
        clients.s3().delete_object(Bucket=BUCKET, Key=f"models/{model_id}/{GRAPH}")
    with pytest.raises(NotFoundError, match="m2, m1: damaged"):
        run("rollback")
    assert store.champion() == "m3"


def test_where_a_model_stands_is_listed_and_shown(store: ModelStore, capsys: pytest.CaptureFixture[str]) -> None:
    run("rollback")
    found = {each["model_id"]: (each["champion"], each["rolled_back"]) for each in run("list")}
    assert found == {"m1": (False, False), "m2": (True, False), "m3": (False, True)}
    assert standing("m2", store.pointer()) == "It serves. A rollback would go to m1."
    assert standing("m3", store.pointer()) == "It was rolled back; m2 serves. No training promotes it again."
    assert standing("m1", store.pointer()) == "It served before; m2 serves."
    cards.models(store.versions(), store.pointer(), as_json=False)
    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()[1:3]] == [
        ["rolled", "back"],
        ["champion", "m2"],
    ]


def test_whose_data_and_which_licences_are_shown_where_a_card_says_so(
    store: ModelStore, capsys: pytest.CaptureFixture[str]
) -> None:
    card = Card.model_validate_json(store.file("m1", CARD))
    cards.card(card, store.pointer(), as_json=False)
    assert "Made with" not in capsys.readouterr().out
    licences = {"data": "The shop's own.", "numpy": "BSD-3-Clause"}
    cards.card(card.model_copy(update={"licences": licences}), store.pointer(), as_json=False)
    out = capsys.readouterr().out
    assert "Data: The shop's own." in out
    assert "Made with numpy: BSD-3-Clause." in out


def test_what_was_never_published_is_not_promoted(store: ModelStore) -> None:
    with pytest.raises(NotFoundError):
        run("promote", "m9")
    assert store.champion() == "m3"


def test_a_training_that_was_quicker_wins(store: ModelStore, monkeypatch: pytest.MonkeyPatch) -> None:
    before = store.pointer()
    store.publish("m4", model("m4"), "")
    store.promote("m4", "m3")
    monkeypatch.setattr(store, "pointer", lambda: before)
    with pytest.raises(ConflictError):
        run("rollback")
    with pytest.raises(ConflictError):
        run("promote", "m1")
    assert store.champion() == "m4"

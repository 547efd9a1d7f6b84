"""The deployed training: what was erased is not learnt, even where the archive has it still."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain.errors import ConflictError
from shared.domain.events import KNOWN, CustomerRef, Event
from shared.stores import clients
from shared.stores.archive import ArchiveStore
from shared.stores.secrets import SecretStore
from shared.stores.table import Table
from shared.stores.tombstones import TombstoneStore
from tests.conftest import BUCKET, Keys
from training import app as training
from training.errors import GraphMismatch, NotEnoughData

NOW = datetime.now(UTC)


@pytest.fixture
def learnt(table: Table, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """What the handler hands on to the training, which itself is left out here."""
    assert table
    assert keys
    found: list[Event] = []

    def train(events: Any, *_: object, **__: object) -> Any:
        found.extend(events)
        raise NotEnoughData("a test")

    monkeypatch.setattr(training, "train", train)
    training.settings.cache_clear()
    return found


def test_training_honours_tombstones(table: Table, learnt: list[Event]) -> None:
    ann, bob = (CustomerRef(kind=KNOWN, id=name) for name in ("ann", "bob"))
    old, new, other = (
        Event(customer=who, message_id=f"m{n}", time=NOW - timedelta(days=n), name="Order Completed", items=("lamp",))
        for who, n in ((ann, 9), (ann, 1), (bob, 9))
    )
    ArchiveStore(clients.s3(), BUCKET).append([old, new, other])
    pepper = SecretStore(clients.ssm()).get("/regulars-test/key-pepper")
    TombstoneStore(table, lambda: pepper).write(ann, NOW - timedelta(days=5))
    assert training.handler({}, None)["reason"] == "a test"
    assert sorted(each.message_id for each in learnt) == ["m1", "m9"]
    assert {each.customer for each in learnt if each.message_id == "m9"} == {bob}


def completed(capsys: pytest.CaptureFixture[str]) -> list[Any]:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"TrainingsCompleted"' in line]
    assert all(line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [[]] for line in lines)
    return [line["TrainingsCompleted"] for line in lines]


@pytest.mark.usefixtures("learnt")
def test_a_training_that_finds_too_little_has_come_to_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    assert training.handler({}, None)["model_id"] is None
    assert completed(capsys) == [[1.0]]


@pytest.mark.usefixtures("learnt")
def test_a_training_that_breaks_off_has_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise GraphMismatch("a test")

    monkeypatch.setattr(training, "train", broken)
    with pytest.raises(GraphMismatch):
        training.handler({}, None)
    assert completed(capsys) == []


@pytest.mark.usefixtures("learnt")
def test_a_training_counts_only_once_its_model_is_published(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise ConflictError("a test")

    monkeypatch.setattr(training, "train", lambda *_, **__: None)
    monkeypatch.setattr(training, "publish", refused)
    with pytest.raises(ConflictError):
        training.handler({}, None)
    assert completed(capsys) == []

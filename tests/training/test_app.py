"""The deployed training: what it learns from, that a process does the same, and that it ends in time or not at all."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain.budget import NOT_TRAINED, Level, Standing
from shared.domain.errors import ConflictError
from shared.domain.events import KNOWN, CustomerRef, Event
from shared.stores import clients
from shared.stores.archive import ArchiveStore
from shared.stores.budgets import BudgetStore
from shared.stores.models import ModelStore
from shared.stores.secrets import SecretStore
from shared.stores.table import Table
from shared.stores.tombstones import TombstoneStore
from tests.conftest import BUCKET, Keys
from tests.gateway import Context
from tests.training.shops import OPENED, two_tastes
from training import __main__ as job
from training import app as training
from training import limits
from training.errors import GraphMismatch, NotEnoughData, OutOfRoom
from training.publish import publish
from training.rows import Rows

NOW = datetime.now(UTC)


class Roomy(Context):
    """A function with time and memory enough."""

    memory_limit_in_mb = 3_008_000

    def get_remaining_time_in_millis(self) -> int:
        return 900_000


@pytest.fixture
def models(table: Table, keys: Keys) -> Iterator[ModelStore]:
    assert keys
    training.settings.cache_clear()
    yield ModelStore(table, clients.s3(), BUCKET)
    training.settings.cache_clear()


@pytest.fixture
def learnt(models: ModelStore, monkeypatch: pytest.MonkeyPatch) -> list[Rows]:
    """What the handler hands on to the training, which itself is left out here."""
    assert models
    found: list[Rows] = []

    def train(events: Any, *_: object, **__: object) -> Any:
        found.append(events.rows())
        raise NotEnoughData("a test")

    monkeypatch.setattr(training, "train", train)
    return found


def stock(days_ago: float = 30) -> None:
    """An archive in which a model can be found, whose last event was so many days ago."""
    events = two_tastes(customers=30)
    shift = NOW - timedelta(days=days_ago) - max(event.time for event in events)
    moved = [each.model_copy(update={"time": each.time + shift}) for each in events]
    ArchiveStore(clients.s3(), BUCKET).append_import("history", moved)


def test_training_honours_tombstones(table: Table, learnt: list[Rows]) -> None:
    """What was erased is not learnt, even where the archive has it still."""
    ann, bob = (CustomerRef(kind=KNOWN, id=name) for name in ("ann", "bob"))
    old, new, other = (
        Event(customer=who, message_id=f"m{n}", time=NOW - timedelta(days=n), name="Order Completed", items=("lamp",))
        for who, n in ((ann, 9), (ann, 1), (bob, 9))
    )
    ArchiveStore(clients.s3(), BUCKET).append([old, new, other])
    pepper = SecretStore(clients.ssm()).get("/regulars-test/key-pepper")
    TombstoneStore(table, lambda: pepper).write(ann, NOW - timedelta(days=5))
    assert training.handler({}, Roomy())["reason"] == "a test"
    (rows,) = learnt
    assert [(rows.customers[code], time) for code, time in zip(rows.customer, rows.time, strict=True)] == [
        ("user:ann", new.time.timestamp()),
        ("user:bob", other.time.timestamp()),
    ]


def test_what_has_drifted_is_a_warning_in_the_log_and_whatever_else_the_owner_should_see(
    table: Table, keys: Keys, caplog: pytest.LogCaptureFixture
) -> None:
    """The log is what an alarm can watch; the card has the same."""
    assert table
    assert keys
    training.settings.cache_clear()
    since = NOW - timedelta(days=101) - OPENED
    events = [event.model_copy(update={"time": event.time + since}) for event in two_tastes(customers=160)]
    ArchiveStore(clients.s3(), BUCKET).append_import("test", events)
    first = training.handler({}, Roomy())
    assert (first["not_promoted"], first["card"]["drift"]["measures"]) == (None, [])
    flood = [
        event.model_copy(update={"message_id": f"again-{event.message_id}-{n}", "time": event.time + timedelta(days=1)})
        for event in events
        if event.time > NOW - timedelta(days=8)
        for n in range(2)
    ]
    ArchiveStore(clients.s3(), BUCKET).append_import("flood", flood)
    caplog.clear()
    second = training.handler({}, Roomy())
    assert second["model_id"] != first["model_id"]
    (warning,) = [record for record in caplog.records if record.levelname == "WARNING"]
    assert warning.message.startswith("drift of events: Order Completed")
    assert vars(warning)["drift"]["distance"] > vars(warning)["drift"]["limit"]


def test_a_model_that_was_rolled_back_is_not_promoted_and_the_reply_says_so(
    table: Table, keys: Keys, caplog: pytest.LogCaptureFixture
) -> None:
    assert keys
    training.settings.cache_clear()
    models = ModelStore(table, clients.s3(), BUCKET)
    since = NOW - timedelta(days=101) - OPENED
    events = [event.model_copy(update={"time": event.time + since}) for event in two_tastes(customers=20)]
    ArchiveStore(clients.s3(), BUCKET).append_import("test", events[:-20])
    good = training.handler({}, Roomy())["model_id"]
    ArchiveStore(clients.s3(), BUCKET).append_import("more", events[-20:])
    bad = training.handler({}, Roomy())["model_id"]
    pointer = models.pointer()
    assert pointer is not None
    assert pointer.model_id == bad
    models.roll_back(good, pointer)
    reply = training.handler({}, Roomy())
    assert (reply["model_id"], models.champion()) == (bad, good)
    assert "which was rolled back" in reply["not_promoted"]
    assert reply["not_promoted"] in [record.message for record in caplog.records if record.levelname == "WARNING"]


def test_training_leaves_out_what_has_expired(learnt: list[Rows]) -> None:
    views = [
        Event(customer=CustomerRef(kind=KNOWN, id="ann"), message_id=f"m{n}", time=NOW - timedelta(days=n), name=name)
        .model_copy(update={"items": ("lamp",)})
        for n, name in ((3 * 365 + 1, "Product Viewed"), (3 * 365 + 2, "Order Completed"), (1, "Product Viewed"))
    ]  # fmt: skip
    ArchiveStore(clients.s3(), BUCKET).append(views)
    training.handler({}, Roomy())
    assert sorted(learnt[0].time.tolist()) == sorted(each.time.timestamp() for each in views[1:])


def test_the_process_finds_the_functions_model(models: ModelStore, capsys: pytest.CaptureFixture[str]) -> None:
    stock()
    first = training.handler({}, Roomy())
    assert models.champion() == first["model_id"] is not None
    job.main()
    printed = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert printed["model_id"] == training.handler({}, Roomy())["model_id"]
    assert printed["card"]["champion"] == first["model_id"]


# The alarm may go off while a thread is being started, which the interpreter then complains of.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("millis", "megabytes"), [(59_000, 3_008_000), (900_000, 1)])
def test_without_room_nothing_is_published(
    models: ModelStore, monkeypatch: pytest.MonkeyPatch, millis: int, megabytes: int
) -> None:
    stock()
    monkeypatch.setattr(limits, "LOOKS_EVERY_SECONDS", 0.02)
    monkeypatch.setattr(Roomy, "get_remaining_time_in_millis", lambda _: millis)
    monkeypatch.setattr(Roomy, "memory_limit_in_mb", megabytes)
    with pytest.raises(OutOfRoom, match="run the training as a job"):
        training.handler({}, Roomy())
    assert models.champion() is None
    assert clients.s3().list_objects_v2(Bucket=BUCKET, Prefix="models/")["KeyCount"] == 0


def test_a_publication_that_began_is_not_interrupted(models: ModelStore, monkeypatch: pytest.MonkeyPatch) -> None:
    stock()
    left = [900_000]

    def late(*given: Any, **more: Any) -> str | None:
        left[0] = 0
        return publish(*given, **more)

    monkeypatch.setattr(limits, "LOOKS_EVERY_SECONDS", 0.02)
    monkeypatch.setattr(training, "publish", late)
    monkeypatch.setattr(Roomy, "get_remaining_time_in_millis", lambda _: left[0])
    assert training.handler({}, Roomy())["model_id"] == models.champion()


def completed(capsys: pytest.CaptureFixture[str]) -> list[Any]:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"TrainingsCompleted"' in line]
    assert all(line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [[]] for line in lines)
    return [line["TrainingsCompleted"] for line in lines]


@pytest.mark.usefixtures("learnt")
def test_a_training_that_finds_too_little_has_come_to_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    assert training.handler({}, Roomy())["model_id"] is None
    assert completed(capsys) == [[1.0]]


@pytest.mark.usefixtures("learnt")
def test_a_training_that_breaks_off_has_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise GraphMismatch("a test")

    monkeypatch.setattr(training, "train", broken)
    with pytest.raises(GraphMismatch):
        training.handler({}, Roomy())
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
        training.handler({}, Roomy())
    assert completed(capsys) == []


def test_training_stops_with_a_reason_while_the_budget_is_used_up(table: Table, learnt: list[Rows]) -> None:
    store = BudgetStore(table)
    for level, trains in ((Level.REDUCED, False), (Level.STOPPED, False), (Level.WARNED, True)):
        store.record(Standing(month=f"{NOW:%Y-%m}", budget=10, spent=10, level=level, measured=NOW))
        reply = training.handler({}, Roomy())
        assert reply == {"model_id": None, "reason": "a test" if trains else NOT_TRAINED}
    assert len(learnt) == 1

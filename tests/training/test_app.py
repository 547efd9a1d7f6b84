"""The deployed training: what was erased is not learnt, even where the archive has it still."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain.events import KNOWN, CustomerRef, Event
from shared.stores import clients
from shared.stores.archive import ArchiveStore
from shared.stores.models import ModelStore
from shared.stores.secrets import SecretStore
from shared.stores.table import Table
from shared.stores.tombstones import TombstoneStore
from tests.conftest import BUCKET, Keys
from tests.training.shops import OPENED, two_tastes
from training import app as training
from training.errors import NotEnoughData

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
    first = training.handler({}, None)
    assert (first["not_promoted"], first["card"]["drift"]["measures"]) == (None, [])
    flood = [
        event.model_copy(update={"message_id": f"again-{event.message_id}-{n}", "time": event.time + timedelta(days=1)})
        for event in events
        if event.time > NOW - timedelta(days=8)
        for n in range(2)
    ]
    ArchiveStore(clients.s3(), BUCKET).append_import("flood", flood)
    caplog.clear()
    second = training.handler({}, None)
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
    good = training.handler({}, None)["model_id"]
    ArchiveStore(clients.s3(), BUCKET).append_import("more", events[-20:])
    bad = training.handler({}, None)["model_id"]
    pointer = models.pointer()
    assert pointer is not None
    assert pointer.model_id == bad
    models.roll_back(good, pointer)
    reply = training.handler({}, None)
    assert (reply["model_id"], models.champion()) == (bad, good)
    assert "which was rolled back" in reply["not_promoted"]
    assert reply["not_promoted"] in [record.message for record in caplog.records if record.levelname == "WARNING"]

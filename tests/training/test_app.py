"""The deployed training: what was erased is not learnt, even where the archive has it still."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain.budget import NOT_TRAINED, Level, Standing
from shared.domain.events import KNOWN, CustomerRef, Event
from shared.stores import clients
from shared.stores.archive import ArchiveStore
from shared.stores.budgets import BudgetStore
from shared.stores.secrets import SecretStore
from shared.stores.table import Table
from shared.stores.tombstones import TombstoneStore
from tests.conftest import BUCKET, Keys
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


def test_training_stops_with_a_reason_while_the_budget_is_used_up(table: Table, learnt: list[Event]) -> None:
    store = BudgetStore(table)
    for level, trains in ((Level.REDUCED, False), (Level.STOPPED, False), (Level.WARNED, True)):
        store.record(Standing(month="2026-11", budget=10, spent=10, level=level, measured=NOW))
        reply = training.handler({}, None)
        assert reply == {"model_id": None, "reason": "a test" if trains else NOT_TRAINED}
    assert learnt == []

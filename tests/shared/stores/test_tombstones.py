"""Tombstones: who was erased is known by a keyed hash, and nothing else is."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.events import ANONYMOUS, KNOWN, CustomerRef
from shared.stores import clients
from shared.stores.table import Table
from shared.stores.tombstones import ALL, TombstoneStore

ANN = CustomerRef(kind=KNOWN, id="ann-with-a-name")
OTHER = CustomerRef(kind=ANONYMOUS, id="ann-with-a-name")
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_the_latest_erasure_holds_for_this_customer_only(table: Table) -> None:
    store = TombstoneStore(table, lambda: "pepper")
    store.write(ANN, NOON)
    store.write(ANN, NOON + timedelta(microseconds=1))
    store.write(ANN, NOON - timedelta(days=1))
    assert store.erased([ANN, OTHER]) == {ANN: NOON + timedelta(microseconds=1)}
    assert TombstoneStore(table, lambda: "another").erased([ANN]) == {}


def test_it_holds_nothing_personal(table: Table) -> None:
    TombstoneStore(table, lambda: "pepper").write(ANN, NOON)
    records = clients.dynamodb().scan(TableName=table.name)["Items"]
    assert len(records) == 2
    assert {frozenset(record) for record in records} == {frozenset({"pk", "sk", "erased_at"})}
    assert "ann" not in str(records)


def test_all_are_listed(table: Table) -> None:
    store = TombstoneStore(table, lambda: "pepper")
    assert store.all()(str(ANN)) is None
    store.write(ANN, NOON)
    store.write(ANN, NOON + timedelta(microseconds=1))
    found = store.all()
    assert (found(str(ANN)), found(str(OTHER))) == (NOON + timedelta(microseconds=1), None)


def test_a_tombstone_is_listed_before_it_stands(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads the list must not learn what ingest keeps out already."""
    written: list[str] = []
    monkeypatch.setattr(table, "put_if", lambda record, *_: written.append(record["pk"]))
    TombstoneStore(table, lambda: "pepper").write(ANN, NOON)
    assert written[0] == ALL
    assert len(written) == 2

"""Tombstones: who was erased is known by a keyed hash, and nothing else is."""

from datetime import UTC, datetime, timedelta

from shared.domain.events import ANONYMOUS, KNOWN, CustomerRef
from shared.stores import clients
from shared.stores.table import Table
from shared.stores.tombstones import TombstoneStore

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
    (record,) = clients.dynamodb().scan(TableName=table.name)["Items"]
    assert set(record) == {"pk", "sk", "erased_at"}
    assert "ann" not in str(record)

"""Values lie with their customer, are no better than none when stale, and go when the customer is erased."""

from datetime import UTC, datetime, timedelta

from shared.domain.events import ANONYMOUS, KNOWN, CustomerRef
from shared.domain.rights import Cut
from shared.domain.value import Lifecycle, LifecycleFigures, ValueSummary
from shared.stores.shoppers import ShopperStore
from shared.stores.table import Table
from shared.stores.values import LIFETIME, ValueStore
from tests.valued import valued

ANN = CustomerRef(kind=KNOWN, id="ann")
PHONE = CustomerRef(kind=ANONYMOUS, id="phone")
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ANNS = valued(NOON)
SUMMARY = ValueSummary(
    computed=NOON,
    model_id="value-1",
    customers=20,
    lifecycles=(LifecycleFigures(lifecycle=Lifecycle.NEW, customers=20, expected_orders=3.5),),
)


def store_at(table: Table, now: datetime) -> ValueStore:
    return ValueStore(table, lambda: now)


def test_what_was_written_is_read(table: Table) -> None:
    store = store_at(table, NOON)
    assert store.get(ANN) is None
    store.put_many({ANN: ANNS})
    assert store.get(ANN) == ANNS
    assert store.get_many([ANN, PHONE]) == {ANN: ANNS}
    assert store.get(PHONE) is None


def test_a_stale_value_is_none(table: Table) -> None:
    """The table deletes days late."""
    store_at(table, NOON).put_many({ANN: ANNS})
    store_at(table, NOON).put_summary(SUMMARY)
    just = store_at(table, NOON + LIFETIME - timedelta(seconds=1))
    late = store_at(table, NOON + LIFETIME)
    assert (just.get(ANN), just.summary()) == (ANNS, SUMMARY)
    assert (late.get(ANN), late.get_many([ANN]), late.summary()) == (None, {}, None)


def test_an_erasure_takes_it_whatever_its_time(table: Table) -> None:
    """It was computed after the erasure was asked for, and of what came before."""
    store = store_at(table, NOON)
    store.put_many({ANN: ANNS, PHONE: ANNS})
    shoppers, cut = ShopperStore(table), Cut(NOON - timedelta(days=30), NOON)
    assert shoppers.count([ANN], cut) == {"customer values": 1}
    shoppers.erase([ANN], cut)
    assert (store.get(ANN), store.get(PHONE)) == (None, ANNS)

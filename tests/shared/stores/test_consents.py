"""Consent in the table: nothing that was said is lost, and what stands is read in one go."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.consent import Decision, Purpose
from shared.domain.errors import StoreUnavailableError
from shared.domain.events import ANONYMOUS, KNOWN, CustomerRef
from shared.stores import clients
from shared.stores.consents import ConsentStore
from shared.stores.table import Table
from tests.shared.stores.faults import cancelled, refusing

ANN = CustomerRef(kind=KNOWN, id="ann")
PHONE = CustomerRef(kind=ANONYMOUS, id="phone")
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def decided(granted: bool, hours: int = 0, purpose: Purpose = Purpose.ANALYTICS) -> Decision:
    return Decision(purpose=purpose, granted=granted, version="1", time=NOON + timedelta(hours=hours), source="banner")


def test_what_stands_is_the_latest_and_all_is_kept(table: Table) -> None:
    store = ConsentStore(table)
    said = [decided(True), decided(False, 2), decided(True, 1), decided(True, 1, Purpose.MARKETING)]
    for each in said:
        store.decide(ANN, [each])
    assert store.standing([ANN, PHONE]) == {ANN: {Purpose.ANALYTICS: said[1], Purpose.MARKETING: said[3]}}
    assert sorted(store.decisions(ANN), key=str) == sorted(said, key=str)


def test_saying_it_again_changes_nothing(table: Table) -> None:
    store = ConsentStore(table)
    for _ in range(3):
        standing = store.decide(ANN, [decided(True), decided(False, 1)])
    assert not standing[Purpose.ANALYTICS].granted
    assert len(store.decisions(ANN)) == 2


def test_of_two_writers_at_once_neither_is_lost(table: Table) -> None:
    store = ConsentStore(table)
    with cancelled(clients.dynamodb(), ["ConditionalCheckFailed", "None"], times=1):
        store.decide(ANN, [decided(False)])
    assert store.standing([ANN]) == {ANN: {Purpose.ANALYTICS: decided(False)}}


def test_a_refused_write_is_said_and_leaves_nothing(table: Table) -> None:
    store = ConsentStore(table)
    with refusing(clients.dynamodb(), "TransactWriteItems"), pytest.raises(StoreUnavailableError):
        store.decide(ANN, [decided(False)])
    assert (store.standing([ANN]), store.decisions(ANN)) == ({}, [])

"""Leases: one holder at a time; who dies holds it until it expires, and who lost it is told so."""

import pytest

from shared.domain.errors import ConflictError
from shared.stores.lease import LeaseStore
from shared.stores.table import Table


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def test_one_at_a_time(table: Table) -> None:
    leases = LeaseStore(table)
    with leases.hold("shard", 0), pytest.raises(ConflictError), leases.hold("shard", 0):
        pass
    with leases.hold("shard", 0), leases.hold("other", 0):
        pass


def test_it_is_given_back_after_a_failure_too(table: Table) -> None:
    leases = LeaseStore(table)
    with pytest.raises(ZeroDivisionError), leases.hold("shard", 0):
        raise ZeroDivisionError
    with leases.hold("shard", 0):
        pass


def test_one_who_waits_gets_it(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    leases = LeaseStore(table, seconds=120, clock=clock)
    holder = leases.hold("shard", 0)
    holder.__enter__()

    def pass_time(seconds: float) -> None:
        clock.now += 100 * seconds

    monkeypatch.setattr("shared.stores.lease.sleep", pass_time)
    with leases.hold("shard", 60):
        assert clock.now > 1_000_120.0


def test_it_expires_and_who_had_it_must_stop(table: Table) -> None:
    clock = Clock()
    leases = LeaseStore(table, seconds=120, clock=clock)
    with leases.hold("shard", 0) as slow:
        clock.now += 119
        with pytest.raises(ConflictError), leases.hold("shard", 0):
            pass
        clock.now += 2
        with leases.hold("shard", 0), pytest.raises(ConflictError):
            slow.renew()
        slow_ended = clock.now
    # The one who lost it gives back nothing that is another's.
    with leases.hold("shard", 0), pytest.raises(ConflictError), leases.hold("shard", 0):
        pass
    assert clock.now == slow_ended


def test_it_lasts_while_it_is_renewed(table: Table) -> None:
    clock = Clock()
    leases = LeaseStore(table, seconds=120, clock=clock)
    with leases.hold("shard", 0) as lease:
        for _ in range(10):
            clock.now += 90
            lease.renew()
        with pytest.raises(ConflictError), leases.hold("shard", 0):
            pass


def test_one_who_overslept_keeps_it_if_nobody_took_it(table: Table) -> None:
    clock = Clock()
    leases = LeaseStore(table, seconds=120, clock=clock)
    with leases.hold("shard", 0) as lease:
        clock.now += 500
        lease.renew()
        with pytest.raises(ConflictError), leases.hold("shard", 0):
            pass


def test_a_clock_that_was_set_back_does_not_let_it_run_out(table: Table) -> None:
    """By it, there would be time enough; by those of the others there is not."""
    clock, others = Clock(), Clock()
    with LeaseStore(table, seconds=120, clock=clock).hold("shard", 0) as lease:
        clock.now -= 100
        others.now += 10
        lease.renew()
        clock.now += 105
        others.now += 105
        lease.renew()
        clock.now += 10
        others.now += 10
        with pytest.raises(ConflictError), LeaseStore(table, seconds=120, clock=others).hold("shard", 0):
            pass

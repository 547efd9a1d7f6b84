"""Events without those of the erased."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.events import KNOWN, CustomerRef, Event
from shared.stores import erased
from shared.stores.erased import without_erased

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ANN = CustomerRef(kind=KNOWN, id="ann")


class Tombstones:
    """Ann was erased at noon; remembers who was asked about."""

    def __init__(self) -> None:
        self.asked: list[CustomerRef] = []

    def erased(self, customers: Iterable[CustomerRef]) -> dict[CustomerRef, datetime]:
        some = list(customers)
        self.asked += some
        return {each: NOON for each in some if each == ANN}


def event(customer: str, hours: int) -> Event:
    who = CustomerRef(kind=KNOWN, id=customer)
    return Event(customer=who, message_id=f"m{hours}", time=NOON + timedelta(hours=hours), name="Viewed")


def test_what_happened_up_to_the_erasure_is_left_out_and_nothing_else() -> None:
    events = [event(who, hours) for who in ("ann", "bob") for hours in (-1, 0, 1)]
    assert list(without_erased(events, Tombstones().erased)) == events[2:]


def test_each_customer_is_asked_about_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erased, "AT_ONCE", 3)
    tombstones = Tombstones()
    kept = list(without_erased((event(f"c{n % 5}", n) for n in range(50)), tombstones.erased))
    assert len(kept) == 50
    assert len(tombstones.asked) == 5

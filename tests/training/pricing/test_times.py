"""From when a price holds that a night has set: the ledger is proof, and a night takes minutes."""

from datetime import timedelta

import pytest

from shared.domain.price_limits import Limits
from shared.stores.table import Table
from tests.training.pricing.night import CHEAP, NOW, opened, sales
from training.pricing import run as night


def test_a_price_holds_from_when_autopilot_sets_it(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    rooms, ticks = opened(table), iter([1000.0, 1420.0])
    rooms.limits.put(f"item:{CHEAP}", Limits(autopilot=True), None)
    monkeypatch.setattr(night, "monotonic", lambda: next(ticks))
    assert night.run(sales(), rooms, NOW)["autopilot"] == {"changed": 1}
    assert rooms.ledger.read(CHEAP)[-1].since == NOW + timedelta(seconds=420)

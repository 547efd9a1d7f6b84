"""What a night asks the table for: of a large catalogue only what the catalogue itself does not tell."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.domain.ledger import Entry
from shared.domain.suggestions import Suggestion
from shared.stores.table import Table
from tests.training.pricing.night import CHEAP, DEAR, NOW, opened, sales, usd
from training.pricing import run as running
from training.pricing.run import Rooms, run
from training.pricing.suggest import Move, Night, suggestion

YESTERDAY = NOW - timedelta(days=1)


def noted[T](asked: list[str], read: Callable[..., T]) -> Callable[..., T]:
    """A reading of a ledger that notes whose it was."""

    def reading(item_id: str, *rest: Any) -> T:
        asked.append(item_id)
        return read(item_id, *rest)

    return reading


def repriced(rooms: Rooms, item_id: str, price: str) -> None:
    """Yesterday, by hand."""
    rooms.items.edit({item_id: lambda item: item and item.model_copy(update={"price": usd(price)})}, YESTERDAY)


def test_the_week_before_is_read_of_what_changed_in_it_and_of_nothing_else(table: Table) -> None:
    rooms, asked = opened(table), list[str]()
    repriced(rooms, CHEAP, "10.30")
    rooms.ledger.latest = noted(asked, rooms.ledger.latest)  # type: ignore[method-assign]
    done = run(sales(), rooms, NOW)
    assert asked == [CHEAP]
    assert done["suggestions"] > 1
    # 5% a week are counted from the 10.00 that it cost at the beginning of the week.
    assert rooms.suggestions.get(CHEAP, NOW).suggested.amount <= Decimal("10.50")


def test_a_change_of_a_week_ago_binds_no_more(table: Table) -> None:
    rooms = opened(table)
    changed = {CHEAP: lambda item: item and item.model_copy(update={"price": usd("10.30")})}
    rooms.items.edit(changed, NOW - timedelta(days=8))
    run(sales(), rooms, NOW)
    assert rooms.suggestions.get(CHEAP, NOW).suggested.amount > Decimal("10.50")


def test_a_ledger_of_one_entry_is_known_without_reading_it_as_it_is_written(table: Table) -> None:
    rooms, asked = opened(table), list[str]()
    repriced(rooms, DEAR, "9.00")
    written: dict[str, Sequence[Entry]] = {name: rooms.ledger.read(name) for name in (CHEAP, DEAR, "gone")}
    listed = {each.item.item_id: each for each in rooms.items.listed()}
    rooms.ledger.read = noted(asked, rooms.ledger.read)  # type: ignore[method-assign]
    assert running._ledgers(rooms.ledger, listed, [CHEAP, DEAR, "gone"]) == written
    assert sorted(asked) == [DEAR, "gone"]


def test_only_what_promises_the_most_is_told_in_full(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = opened(table)
    run(sales(), whole, NOW)
    best = [each.item_id for each in whole.suggestions.page(100, NOW)[0]][:3]
    monkeypatch.setattr(running, "MOST_SUGGESTIONS", 3)
    told: list[str] = []

    def telling(tonight: Night, one: Move) -> Suggestion:
        told.append(one.item_id)
        return suggestion(tonight, one)

    monkeypatch.setattr(running, "suggestion", telling)
    assert run(sales(), whole, NOW)["suggestions"] == 3
    assert told == best
    assert [each.item_id for each in whole.suggestions.page(100, NOW)[0]] == best

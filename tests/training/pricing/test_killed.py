"""A night of prices that is killed after any call of a store, and repeated, is as one that was not."""

from typing import Any

import pytest

from shared.domain.ledger import broken, head
from shared.domain.price_limits import Limits
from shared.stores.suggestions import LIST
from shared.stores.table import Table
from tests.training.pricing.night import CHEAP, DEAR, LONELY, NOW, opened, sales
from tests.training.test_kill import Killed, killed
from training.demand.fit import fit
from training.pricing import run as night
from training.pricing.run import Rooms, run


@pytest.fixture(autouse=True)
def _fitted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fit calls no store, and is the same each time."""
    made = list[Any]()

    def once(*given: Any) -> Any:
        made[:] = made or [fit(*given)]
        return made[0]

    monkeypatch.setattr(night, "fit", once)


def shop(table: Table) -> Rooms:
    """Three items of the catalogue, of which autopilot may change one."""
    rooms = opened(table)
    others = [item.item_id for item in rooms.items.all() if item.item_id not in {CHEAP, DEAR, LONELY}]
    rooms.items.edit({item_id: lambda _: None for item_id in others}, NOW)
    rooms.limits.put(f"item:{CHEAP}", Limits(autopilot=True), None)
    return rooms


def state(rooms: Rooms, table: Table) -> object:
    """All that a night leaves: prices, ledgers, suggestions and their list, the champion."""
    ledgers = {name: rooms.ledger.read(name) for name in (CHEAP, DEAR)}
    assert [broken(each, head(each[-1])) for each in ledgers.values()] == [None, None]
    return (
        {item.item_id: item.price for item in rooms.items.all()},
        {name: [entry.amount for entry in each] for name, each in ledgers.items()},
        {name: (each.suggestion_id, each.status) for name, each in rooms.suggestions.known([CHEAP, DEAR]).items()},
        {(entry["sk"].split("#")[1], entry["item_id"]) for entry in table.query_all(LIST)},
        rooms.models.champion(),
    )


def test_killed_after_any_call_a_night_may_be_repeated(table: Table) -> None:
    """Of calls of one kind in a row, after the first of them and after the last."""
    whole = shop(table)
    with killed(-1, "after-call") as calls:
        assert run(sales(), whole, NOW)["autopilot"] == {"changed": 1}
    expected, named = state(whole, table), ["", *calls, ""]
    assert {"PutObject", "TransactWriteItems", "BatchWriteItem", "PutItem", "Query"} <= set(calls)
    for at in range(len(calls)):
        if named[at] == named[at + 1] == named[at + 2]:
            continue
        emptied(table)
        rooms = shop(table)
        with pytest.raises(Killed), killed(at, "after-call"):
            run(sales(), rooms, NOW)
        run(sales(), rooms, NOW)
        assert state(rooms, table) == expected, f"killed after {calls[at]}, the {at}th of {len(calls)}"


def emptied(table: Table) -> None:
    table.write_many((), [(record["pk"], record["sk"]) for record in list(table.scan(""))])

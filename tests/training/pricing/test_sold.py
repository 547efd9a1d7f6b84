"""The weeks that demand is learnt from: whole ones, and those without a sale at the price that was asked then."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import numpy as np
import pytest

from shared.domain.absences import Absence
from shared.domain.ledger import Entry
from shared.stores.table import Table
from tests.training.pricing.night import FIRST_MONDAY, LONELY, NEW, NOW, opened, sales, usd
from training.demand.fit import fit
from training.demand.panel import Panel
from training.pricing import sold
from training.pricing.run import Rooms
from training.pricing.sold import Ledgers, panel_of
from training.sales import WeeklySales


def never_absent(_: Sequence[str]) -> dict[str, Sequence[Absence]]:
    return {}


def test_prices_that_orders_do_not_tell_come_from_the_ledger(table: Table) -> None:
    rooms = opened(table)
    panel = panel_of(
        sales(told=False), lambda names: {name: rooms.ledger.read(name) for name in names}, never_absent, NOW
    )
    assert set(panel.price[panel.units > 0].tolist()) == {10.0}
    assert panel.weeks == (NOW.date() - FIRST_MONDAY).days // 7
    assert NEW not in panel.items


def moved(rooms: Rooms, item_id: str, week: int, price: str) -> None:
    """The item's public price from this week on."""
    at = datetime.combine(FIRST_MONDAY, time(), UTC) + timedelta(weeks=week)
    rooms.items.edit({item_id: lambda item: item and item.model_copy(update={"price": usd(price)})}, at)


def ledgers(rooms: Rooms) -> Ledgers:
    return lambda names: {name: rooms.ledger.read(name) for name in names}


def few(*rows: tuple[int, float, float], currency: str | None = "USD") -> WeeklySales:
    """Week, units and price of an item's sales."""
    week, units, price = (np.array(each) for each in zip(*rows, strict=True))
    return WeeklySales(
        items=(LONELY,),
        item=np.zeros(len(rows), np.int32),
        week=week.astype(np.int32),
        units=units.astype(np.float64),
        price=price.astype(np.float64),
        orders=units.astype(np.int32),
        currency=currency,
        first_monday=FIRST_MONDAY,
        foreign=0,
    )


def test_a_week_without_a_sale_is_one_at_the_price_of_its_ledger(table: Table) -> None:
    """Its buyers pay nine tenths of the public price; in week 3 it became dearer, and then nobody bought."""
    rooms = opened(table)
    moved(rooms, LONELY, 3, "20.00")
    moved(rooms, LONELY, 6, "5.00")
    panel = panel_of(few((0, 2, 9.0), (1, 1, 9.0), (2, 1, 6.0), (7, 3, 4.5)), ledgers(rooms), never_absent, NOW)
    assert panel.price[:8].tolist() == pytest.approx([9.0, 9.0, 6.0, 18.0, 18.0, 18.0, 4.5, 4.5])
    assert panel.units[:8].tolist() == [2, 1, 1, 0, 0, 0, 0, 3]
    unknown = panel_of(few((0, 2, 9.0), (1, 1, 9.0), (2, 1, 6.0), (7, 3, 4.5)), lambda _: {}, never_absent, NOW)
    assert unknown.price[:8].tolist() == [9.0, 9.0, 6.0, 6.0, 6.0, 6.0, 6.0, 4.5]


def test_where_orders_tell_no_currency_either_prices_are_those_of_the_ledger(table: Table) -> None:
    rooms = opened(table)
    moved(rooms, LONELY, 3, "20.00")
    nan = float("nan")
    panel = panel_of(few((0, 2, nan), (4, 1, nan), currency=None), ledgers(rooms), never_absent, NOW)
    assert panel.price[:6].tolist() == [10.0, 10.0, 10.0, 20.0, 20.0, 20.0]


def test_ledgers_are_read_some_at_a_time_and_only_where_they_can_say_something(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms, asked = opened(table), list[list[str]]()

    def reading(names: Sequence[str]) -> Mapping[str, Sequence[Entry]]:
        asked.append(list(names))
        return ledgers(rooms)(names)

    whole = panel_of(sales(told=False), ledgers(rooms), never_absent, NOW).price
    monkeypatch.setattr(sold, "AT_ONCE", 4)
    assert panel_of(sales(told=False), reading, never_absent, NOW).price.tolist() == whole.tolist()
    assert [len(each) for each in asked] == [4, 4, 4, 4, 2]
    asked.clear()
    panel_of(sales(), reading, never_absent, NOW)
    assert asked == []


def test_slow_sellers_look_as_if_buyers_did_not_mind_where_the_ledger_is_not_asked() -> None:
    """A hundred and fifty items of which one is sold in three weeks, at an elasticity of 2.5; prices move by day."""
    draw, weeks, names = np.random.default_rng(1), 52, tuple(map(str, range(150)))
    price = np.repeat(draw.choice([8.0, 9.0, 10.0, 11.0, 12.5], (len(names), -(-weeks // 6))), 6, axis=1)[:, :weeks]
    units = draw.poisson(0.33 * (price / 10) ** -2.5)
    item, week = np.nonzero(units)
    told = replace(
        few((0, 1, 1.0)),
        items=names,
        item=item.astype(np.int32),
        week=week.astype(np.int32),
        price=price[item, week].astype(np.float64),
        units=units[item, week].astype(np.float64),
    )

    def entries(names: Sequence[str]) -> Mapping[str, Sequence[Entry]]:
        days = [datetime.combine(FIRST_MONDAY, time(), UTC) + timedelta(weeks=each) for each in range(weeks)]
        return {
            name: [
                Entry(item_id=name, seq=n + 1, currency="USD", amount=Decimal(str(amount)), since=day, previous="")
                for n, (day, amount) in enumerate(zip(days, price[int(name)], strict=True))
            ]
            for name in names
        }

    end = datetime.combine(FIRST_MONDAY, time(), UTC) + timedelta(weeks=weeks)

    def found(panel: Panel) -> float:
        return float(np.median(fit(panel, ["cups"] * len(names)).elasticity))

    assert found(panel_of(told, entries, never_absent, end)) == pytest.approx(-2.5, abs=0.35)
    assert found(panel_of(told, lambda _: {}, never_absent, end)) > -2.0

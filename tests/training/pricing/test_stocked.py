"""Weeks out of stock: what sold nothing since there was nothing does not look unwanted, and only then."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from shared.domain.absences import Absence
from shared.domain.items import Item
from shared.inference.demand import DemandModel
from shared.stores.items import ItemStore
from shared.stores.table import Table
from tests.training.pricing.night import FIRST_MONDAY, LONELY, NOW, WEEKS, opened, sales
from training.demand.panel import Panel, on_sale
from training.pricing.run import Rooms, run
from training.pricing.stocked import stocked
from training.sales import WeeklySales

START = datetime.combine(FIRST_MONDAY, datetime.min.time(), UTC)
WEEK = timedelta(weeks=1)
OUT_FOR = 6
LEVEL = 30.0
"""What the item sells a week while there is some; see `night.sales`."""


def without(sold: WeeklySales, name: str, weeks: range) -> WeeklySales:
    """The same, had the item sold nothing in these weeks."""
    kept = (sold.item != sold.items.index(name)) | ~np.isin(sold.week, weeks)
    names = ("item", "week", "units", "price", "orders")
    return replace(sold, **{each: getattr(sold, each)[kept] for each in names})


def forecast(made: Rooms, sold: WeeklySales) -> float:
    """Units of the item next week at its price."""
    done = run(sold, made, NOW)
    model = DemandModel.read(made.models.files(done["model_id"]))
    row = np.array([model.rows[LONELY]], np.int32)
    return float(model.expected(row, np.array([10.0]), np.zeros(1, np.int32))[0])


def stock(items: ItemStore, count: int, when: datetime) -> None:
    def edit(item: Item | None) -> Item | None:
        return item and item.model_copy(update={"stock": count})

    items.edit({LONELY: edit}, when)


def forget(table: Table) -> None:
    """The item's record without its history."""
    record = table.get(f"ITEM#{LONELY}", "ITEM")
    assert record is not None
    assert record.pop("absent")
    table.put(record)


def test_six_weeks_out_of_stock_do_not_look_like_no_demand(table: Table) -> None:
    """And without the catalogue's history of it they do."""
    made, sold = opened(table), without(sales(), LONELY, range(WEEKS - OUT_FOR, WEEKS))
    stock(made.items, 0, START + (WEEKS - OUT_FOR) * WEEK)
    stock(made.items, 50, START + WEEKS * WEEK - timedelta(hours=2))
    assert forecast(made, sold) == pytest.approx(LEVEL, rel=0.15)
    forget(table)
    assert forecast(made, sold) < 0.6 * LEVEL


def test_a_deleted_item_that_is_back_was_not_on_sale_meanwhile(table: Table) -> None:
    made, sold = opened(table), without(sales(), LONELY, range(WEEKS - OUT_FOR, WEEKS))
    kept = made.items.get([LONELY])[LONELY]
    made.items.edit({LONELY: lambda _: None}, START + (WEEKS - OUT_FOR) * WEEK)
    assert forecast(made, sold) == pytest.approx(LEVEL, rel=0.15)  # also while it is gone
    made.items.edit({LONELY: lambda _: kept}, START + WEEKS * WEEK)
    assert forecast(made, sold) == pytest.approx(LEVEL, rel=0.15)


def test_weeks_in_stock_without_a_sale_still_count(table: Table) -> None:
    made, sold = opened(table), without(sales(), LONELY, range(WEEKS - OUT_FOR, WEEKS))
    stock(made.items, 0, START + 3 * WEEK)
    stock(made.items, 9, START + 4 * WEEK)
    assert forecast(made, sold) < 0.6 * LEVEL


def panel(units: dict[int, float]) -> Panel:
    weeks = np.array(list(units), np.int32)
    some = Panel(
        ("a", "b"),
        np.ones(len(weeks), np.int32),
        weeks,
        np.full(len(weeks), 5.0),
        np.array(list(units.values())),
        first_monday=FIRST_MONDAY,
    )
    return on_sale(some, 9)


def absent(since: float, until: float | None) -> dict[str, list[Absence]]:
    return {"b": [Absence(START + since * WEEK, None if until is None else START + until * WEEK)], "other": []}


def test_a_part_of_a_week_raises_what_sold_in_the_rest_and_most_of_one_leaves_it_out() -> None:
    found = stocked(panel({2: 4.0, 3: 6.0, 4: 8.0}), absent(2.75, 4.25), NOW)
    assert found.in_stock is not None
    assert dict(zip(found.week.tolist(), found.in_stock.tolist(), strict=True)) == {
        each: each != 3 for each in range(2, 10)
    }
    assert found.units[:3] == pytest.approx([4 / 0.75, 0, 8 / 0.75])
    assert found.units[3:].tolist() == [0.0] * 5


def test_what_lasts_is_absent_until_now_and_what_was_before_the_first_sale_says_nothing() -> None:
    found = stocked(panel({5: 4.0}), {"b": [*absent(0, 2)["b"], *absent(8, None)["b"]]}, START + 10 * WEEK)
    assert found.in_stock is not None
    assert found.week[~found.in_stock].tolist() == [8, 9]


def test_without_absences_the_panel_is_as_it_was() -> None:
    before = panel({2: 4.0, 3: 6.0})
    found = stocked(before, {}, NOW)
    assert found.units.tolist() == before.units.tolist()
    assert found.in_stock is not None
    assert found.in_stock.all()


def test_two_absences_of_one_week_add_up() -> None:
    two = [Absence(START + a * WEEK, START + b * WEEK) for a, b in ((2.0, 2.3), (2.5, 2.8))]
    found = stocked(panel({2: 4.0, 3: 6.0}), {"b": two}, NOW)
    assert found.in_stock is not None
    assert found.in_stock[:2].tolist() == [False, True]

"""Files of weekly sales that strangers send: columns, weeks and numbers in every dress, and errors with their place."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from infra.evaluation.demand_file import Sales, read
from infra.evaluation.demand_weeks import numbered, with_years
from infra.imports.files import SourceError


def sales(tmp_path: Path, text: str, gaps: str = "auto", **names: str) -> Sales:
    path = tmp_path / "sales.csv"
    path.write_text(text)
    return read(path, names, gaps)


def table(found: Sales) -> list[tuple[str, int, float, float]]:
    panel = found.panel
    columns = (panel.item.tolist(), panel.week.tolist(), panel.price.tolist(), panel.units.tolist())
    return [(panel.items[item], week, price, units) for item, week, price, units in zip(*columns, strict=True)]


def test_columns_in_another_order_and_under_other_names(tmp_path: Path) -> None:
    found = sales(tmp_path, "Qty;Unit Price;SKU;Week Start;Department\n3;2,50;a;2026-01-05;x\n0;2,40;a;2026-01-12;x\n")
    assert table(found) == [("a", 0, 2.5, 3), ("a", 1, 2.4, 0)]
    assert found.categories == ("x",)
    assert found.panel.first_monday == date(2026, 1, 5)


def test_columns_that_are_told(tmp_path: Path) -> None:
    text = "what,when,paid,n,group\nb,1,5,2,g\nb,2,5,0,g\n"
    found = sales(tmp_path, text, item="what", week="when", price="paid", units="n")
    assert table(found) == [("b", 0, 5, 2), ("b", 1, 5, 0)]


@pytest.mark.parametrize(
    ("texts", "weeks", "monday"),
    [
        (["7", "9", "8"], [0, 2, 1], None),
        (["1.0", "3.0"], [0, 2], None),
        (["W01", "W12"], [0, 11], None),
        (["week 3", "week 5"], [0, 2], None),
        (["2025-W52", "2026-W01", "2026W02"], [0, 1, 2], date(2025, 12, 22)),
        (["202552", "202601"], [0, 1], date(2025, 12, 22)),
        (["2026-01-05", "2026-01-19"], [0, 2], date(2026, 1, 5)),
        (["20260105", "20260119"], [0, 2], date(2026, 1, 5)),
        (["2026-01-05T00:00:00Z", "2026-01-12 00:00:00"], [0, 1], date(2026, 1, 5)),
        (["05/01/2026", "12/01/2026", "19/01/2026"], [0, 1, 2], date(2026, 1, 5)),
        (["01/05/2026", "01/12/2026", "02/02/2026"], [0, 1, 4], date(2026, 1, 5)),
        (["05.01.2026", "12.01.2026"], [0, 1], date(2026, 1, 5)),
    ],
)
def test_weeks_in_every_dress(texts: list[str], weeks: list[int], monday: date | None) -> None:
    numbers, first = numbered(texts)
    assert [numbers[text] for text in texts] == weeks
    assert first == monday


@pytest.mark.parametrize("texts", [["1", "soon"], ["2026-01-05", "x"], ["2026-W60"], ["1", "999999"], ["2026-13-45"]])
def test_what_is_no_week(texts: list[str]) -> None:
    with pytest.raises(ValueError, match=texts[-1]):
        numbered(texts)


@pytest.mark.parametrize(
    ("years", "weeks", "read"),
    [
        (["2025", "2026"], ["52", "1"], ["2025-W52", "2026-W01"]),
        (["2025.0", "2026"], ["52.0", "W2"], ["2025-W52", "2026-W02"]),
        # 2025 has 52 ISO weeks: years of 53 weeks are counted on.
        (["2025", "2025", "2026"], ["52", "53", "1"], ["0", "1", "2"]),
        (["2025", "2026"], ["2025-12-22", "2026-01-05"], ["2025-12-22", "2026-01-05"]),
        (["2025", "2026"], ["202552", "202601"], ["202552", "202601"]),
        (["2025", ""], ["52", "1"], ["52", "1"]),
    ],
)
def test_weeks_of_a_year(years: list[str], weeks: list[str], read: list[str]) -> None:
    assert with_years(years, weeks) == read


def test_a_year_beside_the_week_orders_the_weeks(tmp_path: Path) -> None:
    found = sales(tmp_path, "item,year,week,price,units\na,2025,52,5,2\na,2026,1,5,0\n")
    assert [row[1] for row in table(found)] == [0, 1]
    assert found.panel.first_monday == date(2025, 12, 22)
    assert found.panel.names == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("item,week,price,units\na,1,5,2\na,2,cheap,1\n", "line 3, price: 'cheap' is not a number"),
        ("item,week,price,units\na,1,5,many\n", "line 2, units: 'many' is not a number"),
        ("item,week,price,units\na,1,5,2\n,2,5,1\n", "line 3, item: is empty"),
        ("item,week,price,units\na,1,5,2\na,later,5,1\n", "line 3, week: 'later' is no week or date"),
        ("item,week,price,units\na,1,5,2\na,,5,1\n", "line 3, week: is empty"),
        ("item,week,price\na,1,5\n", "lacks the column units"),
        ("item,week,price,units\n", "has no rows"),
        ("item,week,price,units\na,1,5,\n", "no row with units"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SourceError, match=said):
        sales(tmp_path, text)


def test_numbers_as_people_write_them(tmp_path: Path) -> None:
    found = sales(
        tmp_path, 'item,week,price,units\na,1,"$1,299.00",2\na,2,"1.299,50 €",0\na,3,NA,1\na,4,0,1\na,5,inf,1\n'
    )
    prices = [row[2] for row in table(found)]
    assert prices[:2] == [1299.0, 1299.5]
    assert np.isnan(prices[2])
    assert found.notes[0].startswith("3 rows have no price above 0")


def test_a_file_without_zeros_has_them_in_its_gaps(tmp_path: Path) -> None:
    text = "item,week,price,units\na,1,5,2\na,4,4,1\nb,2,9,1\n"
    assert table(sales(tmp_path, text))[1:3] == [("a", 1, 5, 0), ("a", 2, 5, 0)]
    assert len(table(sales(tmp_path, text, gaps="missing"))) == 3
    assert len(table(sales(tmp_path, text + "b,3,9,0\n"))) == 4
    assert len(table(sales(tmp_path, text + "b,3,9,0\n", gaps="zero"))) == 7


def test_a_week_told_twice_is_added_up(tmp_path: Path) -> None:
    found = sales(tmp_path, "item,week,price,units,promo\na,1,4,3,1\na,1,8,1,0\na,2,5,0,0\n")
    assert table(found) == [("a", 0, 5.0, 4), ("a", 1, 5, 0)]
    assert found.panel.covariates[:, 0].tolist() == [0.5, 0]


def test_other_columns_are_covariates(tmp_path: Path) -> None:
    text = (
        "item,week,price,units,promo,shelf,store,free text\n"
        "a,1,5,2,yes,end,7,one\na,2,5,0,no,aisle,7,two\na,3,5,0,no,aisle,7,three\na,4,5,0,,aisle,7,four\n"
        "a,5,5,0,no,aisle,7,five\na,6,5,0,no,aisle,7,six\na,7,5,0,no,aisle,7,seven\n"
    )
    found = sales(tmp_path, text)
    assert found.panel.names == ("promo", "shelf=end")
    assert found.panel.covariates[0].tolist() == [1, 1]
    assert found.panel.covariates[1:].sum() == 0
    assert any("free text" in note for note in found.notes)


def test_stock_and_truth_are_no_covariates(tmp_path: Path) -> None:
    found = sales(tmp_path, "item,week,price,units,stockout,true_elasticity\na,1,5,2,0,-2.5\na,2,5,0,1,-2.5\n")
    assert found.panel.names == ()
    assert found.panel.in_stock is not None
    assert found.panel.in_stock.tolist() == [True, False]
    assert found.truth is not None
    assert found.truth.tolist() == [-2.5]


def test_negative_units_are_none(tmp_path: Path) -> None:
    assert [row[3] for row in table(sales(tmp_path, "item,week,price,units\na,1,5,-2\na,2,5,3\n"))] == [0, 3]

"""A log is read whatever its columns are called; what is left out is counted; what is wrong is said with its line."""

from pathlib import Path

import numpy as np
import pytest

from infra.evaluation import data, numbering
from infra.evaluation.data import seconds
from infra.imports.files import SourceError
from infra.imports.layouts import Options
from tests.infra.evaluation.logs import events_of, own, written


@pytest.mark.parametrize(
    "header",
    [
        "customer_id,item_id,timestamp",
        "User ID,Product,Time",
        "user_id:token,item_id:token,timestamp:float",
        "visitorid,itemid,event_time",
    ],
)
def test_columns_go_by_many_names(tmp_path: Path, header: str) -> None:
    log = data.read(written(tmp_path, "7,42,881250949", header=header), Options())
    assert (log.customers, log.items, log.time.tolist()) == (["7"], ["42"], [881250949.0])


def test_columns_may_be_named(tmp_path: Path) -> None:
    path = written(tmp_path, "ann,lamp,5", header="who,what,at")
    log = data.read(path, Options({"customer_id": "who", "item_id": "what", "timestamp": "at"}))
    assert (log.customers, log.items) == (["ann"], ["lamp"])


def test_a_missing_column_is_named_with_those_that_there_are(tmp_path: Path) -> None:
    path = written(tmp_path, "ann,lamp,5", header="customer,thing,moment")
    with pytest.raises(SourceError, match=r"no column for item, timestamp; it has customer, thing, moment.*--map"):
        data.read(path, Options())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("881250949", 881250949.0),
        ("1700000000.5", 1700000000.5),
        ("1700000000000", 1700000000.0),
        ("2023-11-14T22:13:20Z", 1700000000.0),
        ("2023-11-14 22:13:20", 1700000000.0),
        ("2023-11-15T00:13:20+02:00", 1700000000.0),
        ("1970-01-02", 86400.0),
        ("-5", -5.0),
    ],
)
def test_times_are_numbers_or_iso(text: str, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["yesterday", "", "nan", "13/14/2020"])
def test_any_other_time_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError, match=r"events.csv, line 3, timestamp: .*ISO 8601"):
        data.read(written(tmp_path, "ann,lamp,5", f"ann,tea,{text}"), Options())


def test_a_quantity_that_is_no_number_is_refused_with_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, "ann,lamp,5,two", header="customer,item,timestamp,quantity")
    with pytest.raises(SourceError, match=r"line 2, quantity: 'two' is not a number"):
        data.read(path, Options())


def test_what_does_not_count_is_left_out_and_counted(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "ann,lamp,1,2,purchase",
        "ann,tea,2,-1,purchase",
        ",tea,3,1,purchase",
        "ann,,4,1,purchase",
        "ann,vase,5,1,refund",
        "ann,vase,6,1,scrolled",
        "ann,vase,7,,view",
        header="customer,item,timestamp,quantity,event",
    )
    log = data.read(path, Options())
    assert log.rows == 7
    assert log.left_out == {
        "a quantity that is not above 0": 1,
        "an event that says nothing about taste": 2,
        "no customer": 1,
        "no item": 1,
    }
    assert sorted(log.names) == ["Order Completed", "Product Viewed"]


def test_a_log_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no line that says who took what"):
        data.read(written(tmp_path, "ann,,1"), Options())
    with pytest.raises(SourceError, match="no line that says who took what"):
        data.read(written(tmp_path), Options())


def test_what_happens_at_one_moment_is_one_event_and_an_order_is_at_its_first(tmp_path: Path) -> None:
    path = written(tmp_path, "ann,lamp,1", "ann,tea,1", "ann,tea,1", "ann,vase,2", "bob,tea,1")
    view = numbering.interactions(data.read(path, Options()), 0, by_session=False)
    assert sorted(np.bincount(view.event).tolist()) == [1, 1, 2]
    path = written(tmp_path, "ann,lamp,9,o1", "ann,tea,4,o1", "bob,tea,7,o1", header="customer,item,timestamp,order_id")
    view = numbering.interactions(data.read(path, Options()), 0, by_session=False)
    assert {own(view.customers[c]): t for c, t in zip(view.event_customer, view.event_time, strict=True)} == {
        "ann": 4.0,
        "bob": 7.0,
    }


def test_the_order_of_lines_plays_no_part_and_the_seed_does(tmp_path: Path) -> None:
    lines = [f"c{n % 7},i{n * 5 % 11},{n // 3}" for n in range(60)]
    first = numbering.interactions(data.read(written(tmp_path, *lines), Options()), 1, by_session=False)
    turned = numbering.interactions(data.read(written(tmp_path, *lines[::-1]), Options()), 1, by_session=False)
    other = numbering.interactions(data.read(written(tmp_path, *lines), Options()), 2, by_session=False)
    assert first.items == turned.items != other.items
    assert np.array_equal(first.item, turned.item)
    assert np.array_equal(first.event, turned.event)
    assert events_of(first) == events_of(other)
    assert sorted(first.items) == list(first.items)

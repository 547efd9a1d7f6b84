"""A log is read whatever its columns are called; what is left out is counted; what is wrong is said with its line."""

from pathlib import Path

import numpy as np
import pytest

from infra.evaluation import data, numbering
from infra.imports.files import SourceError
from infra.imports.layouts import Options, each_its_own
from tests.infra.evaluation.logs import events_of, own, written


@pytest.mark.parametrize(
    "header",
    [
        "customer_id,item_id,timestamp",
        "User ID,Product,Time",
        "user_id:token,item_id:token,timestamp:float",
        "visitorid,itemid,event_time",
        "CustomerID,StockCode,InvoiceDate",
        "userId,movieId,timestamp",
        "user-id,product-id,created-at",
        "reviewerID,asin,unixReviewTime",
        "customer_id,article_id,t_dat",
        "Customer ID,SKU,Order Date",
    ],
)
def test_columns_go_by_many_names(tmp_path: Path, header: str) -> None:
    log = data.read(written(tmp_path, "7,42,881250949", header=header), Options())
    assert (log.customers, log.items, log.time.tolist()) == (["7"], ["42"], [881250949.0])


def test_columns_may_be_named(tmp_path: Path) -> None:
    path = written(tmp_path, "ann,lamp,5", header="who,what,at")
    log = data.read(path, Options({"customer_id": "who", "item_id": "what", "timestamp": "at"}))
    assert (log.customers, log.items) == (["ann"], ["lamp"])
    assert log.columns == {"customer": "who", "item": "what", "timestamp": "at"}


def test_a_missing_column_is_named_with_those_that_there_are(tmp_path: Path) -> None:
    path = written(tmp_path, "ann,lamp,5", header="customer,thing,moment")
    with pytest.raises(SourceError, match=r"no column for item, timestamp; it has customer, thing, moment.*--map"):
        data.read(path, Options())


@pytest.mark.parametrize("text", ["yesterday", "13/14/2020", "inf", "1e30"])
def test_a_time_that_is_none_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError, match=r"events.csv, line 3, timestamp: .*time"):
        data.read(written(tmp_path, "ann,lamp,5", f"ann,tea,{text}"), Options())


def test_a_quantity_that_is_no_number_is_refused_with_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, "ann,lamp,5,two", header="customer,item,timestamp,quantity")
    with pytest.raises(SourceError, match=r"line 2, quantity: 'two' is not a number"):
        data.read(path, Options())


@pytest.mark.parametrize(("text", "counts"), [("1,00", True), ("1.000,0", True), ("-1,00", False), ("0,0", False)])
def test_a_quantity_may_have_a_decimal_comma(tmp_path: Path, text: str, counts: bool) -> None:
    lines = ["ann;lamp;5;1", f"ann;tea;6;{text}"]
    log = data.read(written(tmp_path, *lines, header="customer;item;timestamp;quantity"), Options())
    assert ("tea" in log.items) == counts
    assert sum(log.left_out.values()) == (not counts)


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
        "ann,vase,,1,view",
        header="customer,item,timestamp,quantity,event",
    )
    log = data.read(path, Options())
    assert log.rows == 8
    assert log.left_out == {
        "a quantity that is not above 0": 1,
        "an event that says nothing about taste: refund": 1,
        "an event that says nothing about taste: scrolled": 1,
        "no customer": 1,
        "no item": 1,
        "no time": 1,
    }
    assert sorted(log.names) == ["Order Completed", "Product Viewed"]


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("Purchase", "Order Completed"),
        ("PURCHASE", "Order Completed"),
        ("order_completed", "Order Completed"),
        ("Order completed", "Order Completed"),
        ("VIEW_ITEM", "Product Viewed"),
        ("productViewed", "Product Viewed"),
        ("Add-To-Cart", "Product Added"),
        ("pv", "Product Viewed"),
        ("", "Order Completed"),
    ],
)
def test_events_go_by_many_names(tmp_path: Path, name: str, event: str) -> None:
    log = data.read(written(tmp_path, f"ann,lamp,1,{name}", header="customer,item,timestamp,eventType"), Options())
    assert log.names == [event]
    assert log.columns["event"] == "eventType"


def test_of_many_unknown_events_the_most_frequent_are_named(tmp_path: Path) -> None:
    lines = [f"ann,lamp,1,often{n % 20}" for n in range(60)] + [f"ann,lamp,1,rare{n}" for n in range(30)]
    path = written(tmp_path, "ann,lamp,1,view", *lines, header="customer,item,timestamp,event")
    left_out = data.read(path, Options()).left_out
    assert left_out["an event that says nothing about taste: often7"] == 3
    assert left_out["an event that says nothing about taste, with 30 other names"] == 30
    assert len(left_out) == 21


@pytest.mark.parametrize("nothing", ["", "0", "-1", "NA", "null", "nan", "None"])
def test_what_stands_for_no_order_makes_no_order(tmp_path: Path, nothing: str) -> None:
    lines = [f"ann,{item},{time},{nothing}" for time, item in enumerate(("lamp", "tea", "vase"))]
    log = data.read(written(tmp_path, *lines, header="customer,item,timestamp,transactionid"), Options())
    assert log.orders == [""]
    assert sorted(numbering.interactions(log, 0, by_session=False).event_time) == [0, 1, 2]


def test_a_named_column_is_looked_for_in_the_file_that_has_it(tmp_path: Path) -> None:
    log, catalogue = written(tmp_path, "ann,lamp,5", header="who,item,timestamp"), tmp_path / "items.csv"
    catalogue.write_text("item_id,called\nlamp,A lamp\n")
    named = Options({"customer_id": "who", "title": "called"})
    assert [each.columns for each in each_its_own(named, [log, catalogue])] == [
        {"customer_id": "who"},
        {"title": "called"},
    ]
    records = tmp_path / "items.jsonl"
    records.write_text('{"item_id": "lamp"}\n')
    assert each_its_own(named, [log, records])[1] == named
    with pytest.raises(SourceError, match="has a column nobody"):
        each_its_own(Options({"item_id": "nobody"}), [log, catalogue])


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


@pytest.mark.parametrize(
    ("texts", "middle"),
    [
        (("12.5", "10", "11"), 11.0),
        (("12,50 €", "", "n/a"), 12.5),
        (("0,999",), 0.999),
        (("$1,234.50", "-3,00", "(7.00)"), 1234.5),
        (("1.234,50 EUR", "-3", "0", "nan"), 1234.5),
    ],
)
def test_an_items_price_is_the_median_of_what_its_lines_tell(
    tmp_path: Path, texts: tuple[str, ...], middle: float
) -> None:
    lines = [f'ann,lamp,{time},"{text}"' for time, text in enumerate(texts)]
    log = data.read(written(tmp_path, *lines, "bob,tea,9,", header="customer,item,timestamp,unit price"), Options())
    assert log.prices == {"lamp": middle}
    assert log.columns["price"] == "unit price"


def test_a_log_without_prices_has_none(tmp_path: Path) -> None:
    assert data.read(written(tmp_path, "ann,lamp,5"), Options()).prices == {}

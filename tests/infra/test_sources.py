"""A shop's own CSV files, and importing them: again changes nothing."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from infra.cli import sources
from infra.cli.calls import RefusedError
from infra.cli.history import was_imported
from infra.cli.sources import Files, Loaded
from infra.imports.files import Problem, SourceError
from infra.imports.layouts import Options
from shared.domain.events import KNOWN, CustomerRef, Line
from shared.domain.items import Item
from shared.domain.money import Money
from shared.domain.vocabulary import EventName
from shared.stores import clients
from shared.stores.items import ItemStore
from tests.conftest import BUCKET, TABLE, Keys
from tests.infra.shop import InProcess

MAY = (datetime.now(UTC) - timedelta(days=90)).replace(day=2, hour=10, minute=0, second=0, microsecond=0)
"""Lately enough to count."""
PURCHASES = f"""customer_id,item_id,timestamp,order_id,event
ann,lamp,{MAY:%Y-%m}-01T12:00:00Z,o1,
ann,bulb,{MAY:%Y-%m}-01T12:00:00Z,o1,
ann,tea,{MAY:%Y-%m}-02T12:00:00+02:00,,
ann,tea,{MAY:%Y-%m}-02T12:00:00+02:00,,
bob,lamp,{MAY:%Y-%m}-03T12:00:00Z,o1,
bob,vase,{MAY:%Y-%m}-03T12:05:00Z,,Product Viewed
"""
ITEMS = """item_id,title,price,currency,stock,category
lamp,Lämp,9.90,EUR,3,Light
tea,"Tea, green",2.5,,,
"""
QUIET = Console(quiet=True)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return csv_files(tmp_path)


def csv_files(folder: Path, purchases: str = PURCHASES, items: str = ITEMS) -> Files:
    (folder / "shop.csv").write_text(purchases)
    (folder / "items.csv").write_text(items)
    return Files(folder / "shop.csv", folder / "items.csv")


def stored() -> tuple[list[Any], dict[str, str]]:
    """Everything in the table, and every object with its hash."""
    rows = clients.dynamodb().scan(TableName=TABLE)["Items"]
    objects = clients.s3().list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return sorted(rows, key=str), {each["Key"]: each["ETag"] for each in objects}


SALES = """customer_id,item_id,timestamp,order_id,quantity,price,currency,coupon,total
ann,lamp,2026-05-01T12:00:00Z,o1,2,9.50,CHF,SPRING,30
ann,bulb,2026-05-01T12:00:00Z,o1,,3.20,,,
bob,tea,2026-05-02T12:00:00Z,,3,1.5,,,
bob,tea,2026-05-03T12:00:00Z,,0.75,4,,,
bob,tea,2026-05-04T12:00:00Z,,,,,,
"""


def test_quantities_and_prices_are_those_of_the_lines(tmp_path: Path) -> None:
    files = csv_files(tmp_path, SALES)._replace(options=Options(currency="EUR"))
    first, second, weighed, untold = files.events()
    assert first.lines == (Line("lamp", 2, Decimal("9.50")), Line("bulb", 1, Decimal("3.20")))
    assert (first.paid, first.coupons) == (Money(amount=Decimal(30), currency="CHF"), ("SPRING",))
    assert second.lines == (Line("tea", 3, Decimal("1.5")),)
    assert second.paid == Money(amount=Decimal("4.5"), currency="EUR")
    assert (weighed.items, weighed.lines, weighed.paid) == (("tea",), (), None)
    assert (untold.lines, untold.currency) == ((), None)


@pytest.mark.parametrize(
    ("row", "field"),
    [("-1,9.50", "quantity"), ("0,9.50", "quantity"), ("two,1", "quantity"), ("1,free", "price"), ("1,-2", "price")]
)  # fmt: skip
def test_an_amount_that_cannot_be_is_named_with_its_line(tmp_path: Path, row: str, field: str) -> None:
    bad: list[Problem] = []
    text = f"customer_id,item_id,timestamp,quantity,price\nann,lamp,2026-05-01T12:00:00Z,{row}\n"
    good = "ann,bulb,2026-05-01T12:00:00Z,1,2\n"
    files = csv_files(tmp_path, text + good)
    assert [event.items for event in files._replace(bad=bad.append).events()] == [("bulb",)]
    assert [(each.line, each.field) for each in bad] == [(2, field)]
    with pytest.raises(SourceError, match=f"line 2, {field}"):
        list(files.events())


def test_the_lines_of_an_order_are_one_event_and_other_lines_one_each(files: Files) -> None:
    events = list(files.events())
    assert [(event.customer.id, event.name, event.items) for event in events] == [
        ("ann", EventName.ORDER_COMPLETED, ("lamp", "bulb")),
        ("ann", EventName.ORDER_COMPLETED, ("tea",)),
        ("ann", EventName.ORDER_COMPLETED, ("tea",)),
        ("bob", EventName.ORDER_COMPLETED, ("lamp",)),
        ("bob", EventName.PRODUCT_VIEWED, ("vase",)),
    ]
    assert events[1].time == MAY
    assert len({event.message_id for event in events}) == 5


def test_message_ids_follow_from_the_content(tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    first = [event.message_id for event in csv_files(tmp_path).events()]
    longer = PURCHASES + f"eve,tea,{MAY:%Y-%m}-04T12:00:00Z,,\n"
    assert [event.message_id for event in csv_files(tmp_path / "again", longer).events()][:5] == first


def test_items_have_any_field_of_an_item(files: Files) -> None:
    lamp, tea = files.items()
    assert lamp == Item.model_validate(
        {
            "item_id": "lamp",
            "title": "Lämp",
            "stock": 3,
            "category": "Light",
            "price": {"amount": "9.90", "currency": "EUR"},
        }
    )
    assert tea.title == "Tea, green"
    assert tea.price
    assert (tea.price.amount, tea.price.currency, tea.stock) == (Decimal("2.5"), "USD", None)


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    assert len(list(csv_files(tmp_path, "\ufeff" + PURCHASES).events())) == 5


@pytest.mark.parametrize(
    ("purchases", "said"),
    [
        ("customer_id,item_id,timestamp\nann,lamp,yesterday\n", "line 2, time"),
        ("customer_id,item_id,timestamp\nann,lamp,2026-05-01T12:00:00\n", "line 2, time"),
        ("customer_id,item_id,timestamp\nann,lamp,0001-01-01T00:00:00+10:00\n", "line 2, time"),
        (
            "customer_id,item_id,timestamp\nann,lamp,2026-05-01T12:00:00Z\n,lamp,2026-05-01T12:00:00Z\n",
            "line 3, customer",
        ),
        ("customer_id,timestamp\nann,2026-05-01T12:00:00Z\n", "line 2, items"),
        ("customer,item\nann,lamp\n", "line 2, customer"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, purchases: str, said: str) -> None:
    with pytest.raises(SourceError, match=f"shop.csv, {said}"):
        list(csv_files(tmp_path, purchases).events())


@pytest.mark.parametrize("row", ["lamp,,9.90", ",Lamp,9.90", "lamp,Lamp,cheap", "lamp,Lamp,-1"])
def test_a_bad_item_is_named(tmp_path: Path, row: str) -> None:
    with pytest.raises(SourceError, match=r"items.csv, line 2, (title|item_id|price)"):
        list(csv_files(tmp_path, items=f"item_id,title,price\n{row}\n").items())


def test_a_source_is_found_by_its_name_or_its_path(files: Files) -> None:
    assert sources.find("completejourney", None).name == "completejourney"
    assert sources.find(str(files.purchases), files.catalogue) == files
    with pytest.raises(SourceError, match=r"There is no source or file nothing\.csv"):
        sources.find("nothing.csv", None)


def test_an_import_brings_the_catalogue_and_the_history(keys: Keys, files: Files) -> None:
    deployment = InProcess(keys)
    assert sources.run(deployment, files, False, QUIET) == (5, 5, 0)
    assert set(ItemStore(deployment.table).get(["lamp", "tea", "vase"])) == {"lamp", "tea"}
    assert sorted(event.message_id for event in deployment.archive.read()) == sorted(
        event.message_id for event in files.events()
    )
    recent = deployment.events.recent([CustomerRef(kind=KNOWN, id="ann")], datetime.now(UTC))
    assert [event.items for event in recent] == [("tea",), ("tea",), ("lamp", "bulb")]
    assert was_imported(deployment.table, "shop")


@pytest.mark.parametrize("to_now", [False, True])
def test_importing_again_changes_nothing(
    keys: Keys, files: Files, to_now: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment = InProcess(keys)
    outcome = sources.run(deployment, files, to_now, QUIET)
    before = stored()
    later = datetime.now(UTC) + timedelta(weeks=30)
    monkeypatch.setattr(sources, "now", lambda: later)
    assert sources.run(deployment, Loaded.read(files), to_now, QUIET) == outcome
    assert stored() == before


def test_times_may_be_moved_to_end_this_week(keys: Keys, files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 9, 1, tzinfo=UTC)
    monkeypatch.setattr(sources, "now", lambda: now)
    deployment = InProcess(keys)
    sources.run(deployment, files, True, QUIET)
    moved = {event.message_id: event.time for event in deployment.archive.read()}
    shifts = {moved[event.message_id] - event.time for event in files.events()}
    assert len(shifts) == 1
    assert shifts.pop() % timedelta(weeks=1) == timedelta(0)
    assert now - timedelta(weeks=1) < max(moved.values()) <= now


def test_a_history_that_ended_long_ago_is_moved_unless_told_otherwise(keys: Keys, tmp_path: Path) -> None:
    deployment = InProcess(keys)
    old = csv_files(tmp_path, "customer_id,item_id,timestamp\nann,lamp,2011-05-01T12:00:00Z\n")
    assert sources.run(deployment, old, False, QUIET) == (0, 0, 1)
    assert sources.run(deployment, old, None, QUIET) == (1, 1, 0)
    assert datetime.now(UTC) - max(event.time for event in deployment.archive.read()) < timedelta(weeks=1)


def test_an_empty_history_is_imported_too(keys: Keys, tmp_path: Path) -> None:
    deployment = InProcess(keys)
    assert sources.run(deployment, csv_files(tmp_path, "customer_id,item_id,timestamp\n"), True, QUIET) == (0, 0, 0)


def test_what_the_api_refuses_ends_the_import_before_any_event(keys: Keys, files: Files) -> None:
    deployment = InProcess(Keys(keys.publishable, keys.publishable, keys.token_secret))
    with pytest.raises(RefusedError, match="PUT /v1/items answered 403"):
        sources.run(deployment, files, False, QUIET)
    assert list(deployment.archive.read()) == []
    assert not was_imported(deployment.table, "shop")

"""The catalogue in the table: put, got, deleted, and listed through all shelves."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.domain.absences import Absence
from shared.domain.errors import InvalidInputError
from shared.domain.items import Item
from shared.stores.items import SHELVES, ItemStore
from shared.stores.table import Table

ids = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60) | st.sampled_from([" ", "\t", "\x00", "a/b", "%"])


def item(item_id: str, title: str = "Thing") -> Item:
    return Item(item_id=item_id, title=title)


def listed(items: ItemStore, limit: int) -> Iterator[list[str]]:
    """The pages of the catalogue."""
    cursor: str | None = None
    while True:
        page, cursor = items.page(limit, cursor)
        yield [each.item_id for each in page]
        if cursor is None:
            return


def cursor(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=st.sets(ids, max_size=20), limit=st.integers(1, 25))
def test_pages_hold_every_item_exactly_once(table: Table, wanted: set[str], limit: int) -> None:
    items = ItemStore(table)
    items.put(map(item, wanted))
    pages = list(listed(items, limit))
    everything = [each.item_id for each in items.all()]
    items.delete(wanted)
    assert sorted(item_id for page in pages for item_id in page) == sorted(wanted)
    assert all(len(page) == limit for page in pages[:-1])
    assert len(pages[-1]) <= limit
    assert sorted(everything) == sorted(wanted)
    assert items.page(1) == ([], None)


def test_an_item_comes_back_as_it_was_put(table: Table) -> None:
    lamp = Item.model_validate(
        {
            "item_id": "lamp",
            "title": "Lämp",
            "kind": "content",
            "price": {"amount": "9.90", "currency": "USD"},
            "stock": 0,
            "attributes": {"colour": "red"},
            "image_url": "https://shop.example/lamp.png",
        }
    )
    items = ItemStore(table)
    items.put([lamp])
    stored = lamp.model_copy(update={"version": 1})
    assert items.get(["lamp", "lamp", "vase"]) == {"lamp": stored}
    assert items.page(10) == ([stored], None)


def test_a_put_replaces_and_a_delete_of_nothing_is_no_error(table: Table) -> None:
    items = ItemStore(table)
    items.put([item("lamp", "Old"), item("lamp", "New")])
    assert items.get(["lamp"])["lamp"].title == "New"
    items.delete(["lamp", "vase", "vase"])
    items.delete(["lamp"])
    assert items.get(["lamp"]) == {}
    assert items.page(10) == ([], None)


def test_what_is_deleted_or_added_between_two_pages_moves_no_other_item(table: Table) -> None:
    items = ItemStore(table)
    items.put(item(f"item-{n:02d}") for n in range(40))
    first, after = items.page(20)
    items.delete(each.item_id for each in first)
    rest, end = items.page(100, after)
    assert end is None
    assert {each.item_id for each in [*first, *rest]} == {f"item-{n:02d}" for n in range(40)}


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "x",
        "ü",
        "????",
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        cursor({}),
        cursor([1]),
        cursor([SHELVES, "a"]),
        cursor([-1, "a"]),
        cursor(["1", "a"]),
        cursor([1, ""]),
        cursor([1, None]),
        cursor([1, "\ud800"]),
        base64.urlsafe_b64encode(b"[" * 90_000).decode(),
    ],
)
def test_a_cursor_that_was_not_given_is_refused(table: Table, bad: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        ItemStore(table).page(10, bad)
    assert [error.field for error in caught.value.errors] == ["cursor"]


def test_a_page_ends_where_the_items_on_it_are_large(table: Table) -> None:
    items = ItemStore(table)
    items.put(Item(item_id=f"item-{n:03d}", title="Large", text="x" * 20_000) for n in range(100))
    pages = list(listed(items, 500))
    assert [len(page) for page in pages] == [75, 25]
    assert len({item_id for page in pages for item_id in page}) == 100


LATER = datetime(2026, 11, 22, 12, tzinfo=UTC)


def stock(items: ItemStore, count: int | None, when: datetime, **changes: str) -> None:
    wanted = Item.model_validate({"item_id": "cup", "title": "Cup", "stock": count} | changes)
    items.edit({"cup": lambda _: wanted}, when)


def test_the_catalogue_remembers_when_an_item_could_not_be_had(table: Table) -> None:
    items, day = ItemStore(table), timedelta(days=1)
    for days, count in ((0, 5), (1, 0), (2, 0), (8, 4)):
        stock(items, count, LATER + days * day)
    away = (Absence(LATER + day, LATER + 8 * day),)
    assert items.absences(["cup", "mug"]) == {"cup": away}
    assert [each.absent for each in items.listed()] == [away]
    items.edit({"cup": lambda _: None}, LATER + 9 * day)
    assert items.absences(["cup"]) == {"cup": (*away, Absence(LATER + 9 * day, None))}


def test_remembering_costs_no_write_of_its_own(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    items, day, written = ItemStore(table), timedelta(days=1), list[int]()
    stock(items, 5, LATER)
    monkeypatch.setattr(Table, "put_if", counting(Table.put_if, written))
    monkeypatch.setattr(Table, "transact", counting(Table.transact, written))
    for days, count, changes in ((1, 5, {}), (2, 4, {}), (3, 0, {}), (4, 0, {}), (5, 0, {"title": "Mug"}), (6, 3, {})):
        stock(items, count, LATER + days * day, **changes)
    assert len(written) == 4  # 4, 0, the title, 3: as many as the item changed


def counting(method: Any, written: list[int]) -> Any:
    def counted(*args: Any, **named: Any) -> Any:
        written.append(1)
        return method(*args, **named)

    return counted


def test_a_full_memory_of_absences_stays_within_a_kilobyte(table: Table) -> None:
    items, day = ItemStore(table), timedelta(days=1)
    for each in range(120):
        stock(items, each % 2, LATER + each * day)
    record = table.get("ITEM#cup", "ITEM")
    assert record is not None
    assert len(record["absent"]) < 1_000


def test_an_item_from_before_absences_were_kept_is_read(table: Table) -> None:
    items = ItemStore(table)
    stock(items, 0, LATER)
    record = table.get("ITEM#cup", "ITEM")
    assert record is not None
    table.put({name: value for name, value in record.items() if name != "absent"})
    stock(items, 2, LATER + timedelta(days=1))
    assert items.absences(["cup"]) == {"cup": ()}

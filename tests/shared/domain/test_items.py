"""Items: what a catalogue may hold."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from shared.domain.items import MOST_BYTES, Item, PublicItem, content, oversize

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def lamp(**changes: Any) -> Item:
    return Item.model_validate({"item_id": "lamp", "title": "A lamp"} | changes)


@pytest.mark.parametrize(("stock", "available"), [(None, True), (1, True), (0, False)])
def test_availability(stock: int | None, available: bool) -> None:
    assert lamp(stock=stock).is_available(NOW) is available


@pytest.mark.parametrize(
    ("window", "available"),
    [
        ({"available_from": NOW}, True),
        ({"available_from": NOW + HOUR}, False),
        ({"available_until": NOW + HOUR}, True),
        ({"available_until": NOW}, False),
        ({"available_from": NOW - HOUR, "available_until": NOW + HOUR}, True),
        ({"available_from": NOW - HOUR, "available_until": NOW + HOUR, "stock": 0}, False),
    ],
)
def test_a_window_has_its_start_and_not_its_end(window: dict[str, Any], available: bool) -> None:
    assert lamp(**window).is_available(NOW) is available


def test_a_window_is_kept_in_utc() -> None:
    item = lamp(available_from="2026-05-01T12:00:00+02:00")
    assert item.available_from == datetime(2026, 5, 1, 10, tzinfo=UTC)
    assert '"available_from":"2026-05-01T10:00:00Z"' in content(item)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"item_id": ""}, "item_id"),
        ({"item_id": 7}, "item_id"),
        ({"item_id": "ü" * 129}, "item_id"),
        ({"item_id": "\ud800"}, "item_id"),
        ({"title": ""}, "title"),
        ({"title": "x" * 513}, "title"),
        ({"kind": "service"}, "kind"),
        ({"stock": -1}, "stock"),
        ({"stock": 1.5}, "stock"),
        ({"price": {"amount": 9.99, "currency": "USD"}}, "price.amount"),
        ({"price": "9.99"}, "price"),
        ({"attributes": {"Colour": "red"}}, "attributes.Colour.[key]"),
        ({"attributes": {"colour": ""}}, "attributes.colour"),
        ({"attributes": {f"a{n}": "x" for n in range(33)}}, "attributes"),
        ({"image_url": "javascript:alert(1)"}, "image_url"),
        ({"url": "ftp://shop.example"}, "url"),
        ({"cost": "3.00"}, "cost"),
        ({"text": ""}, "text"),
        ({"text": "x" * 20_001}, "text"),
        ({"tags": ["red", ""]}, "tags.1"),
        ({"tags": [str(n) for n in range(33)]}, "tags"),
        ({"group": "x" * 257}, "group"),
        ({"available_from": "2026-05-01T12:00:00"}, "available_from"),
        ({"available_from": NOW, "available_until": NOW}, "available_until"),
        ({"version": -1}, "version"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_bad_field_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        lamp(**changes)
    assert [".".join(map(str, error["loc"])) for error in caught.value.errors()] == [field]


def test_an_id_is_measured_in_bytes() -> None:
    assert lamp(item_id="ü" * 128).item_id == "ü" * 128


def test_what_is_sent_back_may_be_sent_again() -> None:
    item = lamp(price={"amount": "9.90", "currency": "USD"}, stock=3, attributes={"colour": "red"})
    assert Item.model_validate(item.model_dump(mode="json")) == item


def test_an_item_does_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        lamp().title = "Another"  # type: ignore[misc]


def test_an_item_stored_before_it_had_more_fields_is_read() -> None:
    stored = '{"item_id":"lamp","title":"A lamp","price":{"amount":"9.90","currency":"USD"},"stock":3}'
    assert content(Item.model_validate_json(stored)) == stored


def test_what_a_list_shows_has_neither_cost_nor_the_long_text() -> None:
    item = lamp(cost={"amount": "3.00", "currency": "USD"}, text="Long", price={"amount": "9.90", "currency": "USD"})
    shown = {name: getattr(item, name) for name in PublicItem.model_fields}
    assert {"cost", "text", "version"} & set(shown) == set()
    assert shown["price"] == item.price


def test_an_item_is_measured_as_it_is_kept_and_its_largest_field_named() -> None:
    assert oversize(lamp(text="x" * 20_000)) is None
    large = oversize(lamp(text="ü" * 20_000))
    assert large
    assert large.field == "text"
    assert f"over {MOST_BYTES:,}" in large.message


def test_the_size_limit_is_exact() -> None:
    rest = len(content(lamp(text="x", attributes={"a": "x"})).encode()) - 1
    room = MOST_BYTES - rest
    fitting = lamp(text="\n" * (room // 2) + "x" * (room % 2), attributes={"a": "x"})
    assert len(content(fitting).encode()) == MOST_BYTES
    assert oversize(fitting) is None
    assert oversize(fitting.model_copy(update={"title": "A lamp!"}))


@pytest.mark.parametrize("time", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
def test_a_moment_beyond_the_calendar_is_named(time: str) -> None:
    with pytest.raises(ValidationError, match="outside of the calendar"):
        Item.model_validate({"item_id": "lamp", "title": "Lamp", "available_from": time})

"""Items: what a catalogue may hold."""

from typing import Any

import pytest
from pydantic import ValidationError

from shared.domain.items import Item


def lamp(**changes: Any) -> Item:
    return Item.model_validate({"item_id": "lamp", "title": "A lamp"} | changes)


@pytest.mark.parametrize(("stock", "available"), [(None, True), (1, True), (0, False)])
def test_availability(stock: int | None, available: bool) -> None:
    assert lamp(stock=stock).is_available is available


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

"""Settings: fields from the environment, by name."""

import pytest
from pydantic import ValidationError

from shared.domain.settings import Settings


class ShopSettings(Settings):
    table_name: str
    most_items: int = 10


def test_fields_are_variables_in_capitals_and_others_are_passed_over() -> None:
    read = ShopSettings.read({"TABLE_NAME": "shop", "MOST_ITEMS": "3", "PATH": "/bin", "most_items": "4"})
    assert (read.table_name, read.most_items) == ("shop", 3)
    assert ShopSettings.read({"TABLE_NAME": "shop"}).most_items == 10


def test_every_missing_variable_is_named() -> None:
    with pytest.raises(ValidationError) as caught:
        ShopSettings.read({"MOST_ITEMS": "many"})
    assert {error["loc"] for error in caught.value.errors()} == {("table_name",), ("most_items",)}


def test_settings_do_not_change() -> None:
    settings = ShopSettings(table_name="shop")
    with pytest.raises(ValidationError, match="frozen"):
        settings.table_name = "other"  # type: ignore[misc]

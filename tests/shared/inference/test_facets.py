"""What filters read of items, as columns: the same answers as from the items themselves."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.filters import parse_owners
from shared.domain.items import Item
from shared.inference.facets import Facets, written

LAMP: dict[str, Any] = {
    "item_id": "lamp",
    "title": "Desk lamp",
    "price": {"amount": "19.90", "currency": "EUR"},
    "cost": {"amount": "8.00", "currency": "EUR"},
    "stock": 3,
    "category": "light",
    "attributes": {"brand": "Sun", "colour": "red"},
    "tags": ["sale", "new"],
    "group": "lamps",
}
ITEMS = [
    Item.model_validate(LAMP),
    Item.model_validate({"item_id": "guide", "title": "How to light a desk", "kind": "content", "tags": ["new"]}),
    Item.model_validate({"item_id": "rug", "title": "Rug", "category": "floor", "stock": 0, "attributes": {"a": "b"}}),
]
EXPRESSIONS = [
    'item_id = "lamp"',
    'kind = "content"',
    'title contains "DESK"',
    'category in ("light", "floor")',
    "has category",
    "not has attributes.brand",
    'attributes.brand = "Sun" and attributes.colour != "blue"',
    'tag in ("sale")',
    "has tags",
    "price < 20",
    'currency = "EUR"',
    "stock > 0",
    "has stock",
    "margin >= 11.90",
    "cost <= 8",
    'group = "lamps" or kind = "content"',
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_filter_answers_on_columns_as_on_items(expression: str) -> None:
    test = parse_owners(expression)
    expected = [item.item_id for item in ITEMS if test(item)]
    assert 0 < len(expected) < len(ITEMS), "an expression that tells the items apart"
    assert Facets.load(written(ITEMS)).passing(test, expression) == expected


TEXTS = st.sampled_from(["a", "b", "Ä", "c d"])
MONEY = st.builds(
    lambda amount, currency: {"amount": str(amount), "currency": currency},
    st.decimals(0, 100, places=2),
    st.sampled_from(["EUR", "USD"]),
)
FIELDS = st.fixed_dictionaries(
    {"title": TEXTS},
    optional={
        "price": MONEY,
        "cost": MONEY,
        "stock": st.integers(0, 3),
        "category": TEXTS,
        "group": TEXTS,
        "tags": st.lists(TEXTS, max_size=3),
        "attributes": st.dictionaries(st.sampled_from(["a", "b"]), TEXTS),
    },
)


@given(st.lists(FIELDS, max_size=8), st.sampled_from(EXPRESSIONS))
def test_whatever_the_items_are(fields: list[dict[str, Any]], expression: str) -> None:
    items = [Item.model_validate({"item_id": f"i{at}"} | each) for at, each in enumerate(fields)]
    test = parse_owners(expression)
    assert Facets.load(written(items)).passing(test, "") == [item.item_id for item in items if test(item)]


def test_a_test_that_is_remembered_is_not_made_again() -> None:
    facets, asked = Facets.load(written(ITEMS)), list[str]()

    def costly(item: Any) -> bool:
        asked.append(item.item_id)
        return item.price is not None and item.price.amount > Decimal(1)

    assert facets.passing(costly, "key") == facets.passing(costly, "key") == ["lamp"]
    assert asked == ["lamp", "guide", "rug"]
    facets.passing(costly, "another")
    assert len(asked) == 6


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", written(ITEMS).replace(b'"item_id":["lamp",', b'"item_id":[')], ids=len
)
def test_what_is_no_file_of_facets_is_refused(content: bytes) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        Facets.load(content)

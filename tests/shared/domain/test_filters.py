"""Filter expressions against Python's own evaluation of the same tree, and every way to write one wrongly."""

import operator
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.filters import (
    FEEDBACK,
    MOST_DEPTH,
    MOST_VALUES,
    FilterError,
    goes_by_feedback,
    parse,
    parse_owners,
    text_field,
)
from shared.domain.items import Item
from shared.domain.opinions import Opinion, Opinions

SHOE = Item.model_validate(
    {
        "item_id": "shoe-1",
        "title": "Red Running Shoe",
        "category": "shoes",
        "price": {"amount": "49.90", "currency": "EUR"},
        "cost": {"amount": "20.00", "currency": "EUR"},
        "stock": 3,
        "tags": ["sale", "summer"],
        "attributes": {"colour": "red"},
        "group": "shoe",
    }
)
BARE = Item(item_id="x", title="X")

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
NUMBERS = st.decimals(min_value=-1000, max_value=1000, places=2)
ORDERS: dict[str, Any] = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq}


def quoted(text: str, quote: str) -> str:
    return quote + text.replace("\\", "\\\\").replace(quote, "\\" + quote) + quote


@st.composite
def simple(draw: st.DrawFn) -> tuple[str, Any]:
    """An expression of one test, and what Python makes of it."""
    quote = draw(st.sampled_from("\"'"))
    match draw(st.integers(0, 5)):
        case 0:
            value = draw(TEXTS)
            return f"category = {quoted(value, quote)}", lambda item: item.category == value
        case 1:
            sign, number = draw(st.sampled_from(list(ORDERS))), draw(NUMBERS)
            return f"price{sign}{number}", lambda item: bool(item.price and ORDERS[sign](item.price.amount, number))
        case 2:
            tags = draw(st.lists(TEXTS, min_size=1, max_size=3))
            listed = ", ".join(quoted(tag, quote) for tag in tags)
            return f"tag in ({listed})", lambda item: bool(set(item.tags) & set(tags))
        case 3:
            value = draw(TEXTS)
            return f"attributes.colour != {quoted(value, quote)}", lambda item: item.attributes.get("colour") != value
        case 4:
            part = draw(TEXTS)
            return f"title contains {quoted(part, quote)}", lambda item: part.casefold() in item.title.casefold()
        case _:
            return "has stock", lambda item: item.stock is not None


def combined(inner: st.SearchStrategy[tuple[str, Any]]) -> st.SearchStrategy[tuple[str, Any]]:
    def joined(pairs: list[tuple[str, Any]], word: str, how: Any) -> tuple[str, Any]:
        texts = [f"({text})" for text, _ in pairs]
        return f" {word} ".join(texts), lambda item: how(test(item) for _, test in pairs)

    several = st.lists(inner, min_size=2, max_size=3)
    return st.one_of(
        several.map(lambda pairs: joined(pairs, "and", all)),
        several.map(lambda pairs: joined(pairs, "OR", any)),
        inner.map(lambda pair: (f"not ({pair[0]})", lambda item: not pair[1](item))),
    )


EXPRESSIONS = st.recursive(simple(), combined, max_leaves=6)
ITEMS = st.builds(
    lambda category, amount, tags, colour, title, stock: Item.model_validate(
        {"item_id": "i", "title": title, "category": category, "stock": stock, "tags": tags}
        | ({"attributes": {"colour": colour}} if colour else {})
        | ({"price": {"amount": abs(amount), "currency": "EUR"}} if amount is not None else {})
    ),
    st.none() | TEXTS.filter(bool),
    st.none() | NUMBERS,
    st.lists(TEXTS.filter(bool), max_size=3),
    st.none() | TEXTS.filter(bool),
    TEXTS.filter(bool),
    st.none() | st.integers(0, 9),
)


@given(EXPRESSIONS, ITEMS)
def test_an_expression_means_what_python_makes_of_the_same_tree(pair: tuple[str, Any], item: Item) -> None:
    text, meant = pair
    assert parse(text)(item) == meant(item)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=5))
def test_and_binds_closer_than_or_and_not_closest(pairs: list[tuple[bool, bool]]) -> None:
    def of(value: bool) -> str:
        return "stock = 3" if value else "stock = 4"

    text = " or ".join(f"not {of(a)} and {of(b)}" for a, b in pairs)
    assert parse(text)(SHOE) == any(not a and b for a, b in pairs)


@given(st.text(st.sampled_from("category=price<>!()\",in and or not has tag 0.5\\'"), max_size=60))
def test_any_text_is_a_filter_or_an_error_that_says_where(text: str) -> None:
    try:
        assert parse(text)(SHOE) in {True, False}
    except FilterError as error:
        said = re.match(r"at character (\d+): ", str(error))
        assert said is not None and 1 <= int(said[1]) <= len(text) + 1  # noqa: PT018 - either is right


@pytest.mark.parametrize(
    ("text", "shoe", "bare"),
    [
        ('category = "shoes" and price <= 50 and not tag in ("sale")', False, False),
        ('category = "shoes" and price <= 50 and tag not in ("old")', True, False),
        ("price < 49.9", False, False),
        ("price >= 49.9", True, False),
        ('currency = "EUR"', True, False),
        ("stock != 3", False, True),
        ("stock > 2", True, False),
        ("not stock > 2", False, True),
        ("has tags", True, False),
        ("has attributes.colour", True, False),
        ("attributes.colour = 'red'", True, False),
        ('title contains "RUNNING"', True, False),
        ('group = "shoe" OR item_id in ("x", "y")', True, True),
        ('kind = "product"', True, True),
        ("stock in (1, 2, 3)", True, False),
    ],
)
def test_known_expressions(text: str, shoe: bool, bare: bool) -> None:
    assert (parse(text)(SHOE), parse(text)(BARE)) == (shoe, bare)


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("", 1, "a field is expected, not the end"),
        ('prise = "1"', 1, "not prise; there are item_id"),
        ("price = 'cheap'", 9, "a number is expected"),
        ("category = 3", 12, 'text in quotes, as in "blue", is expected, not 3'),
        ("category < 'x'", 10, "category is text, so < does not go with it"),
        ("price contains 3", 7, "price is a number, so contains does not go with it"),
        ("category 'x'", 10, "a comparison with category is expected"),
        ("stock = 1 stock = 2", 11, "`and` or `or` is missing"),
        ("(stock = 1", 11, ") is expected, not the end"),
        ("stock in 1", 10, "( is expected, not 1"),
        ("stock not 1", 11, "in is expected"),
        ("stock = 1 and", 14, "a field is expected, not the end"),
        ('title = "x', 9, "no closing quote"),
        ("title; drop", 6, "; cannot stand here"),
        ("__class__ = 'x'", 1, "a field is expected"),
        ("title.upper = 'x'", 1, "a field is expected"),
        ("attributes.Colour = 'x'", 1, "a field is expected"),
        ("stock = 1e9", 9, "cannot stand here"),
        ("margin > 1", 1, "a field is expected, not margin"),
        ("cost > 1", 1, "a field is expected, not cost"),
        ("not " * (MOST_DEPTH + 1) + "has stock", 4 * MOST_DEPTH + 1, "nested deeper"),
        ("(" * 1900, MOST_DEPTH + 1, "nested deeper"),
        (f"stock in ({', '.join(['1'] * (MOST_VALUES + 1))})", 11 + 3 * MOST_VALUES, "more than 100 values"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, position: int, words: str) -> None:
    with pytest.raises(FilterError) as raised:
        parse(text)
    assert str(raised.value).startswith(f"at character {position}: ")
    assert words in str(raised.value)


def test_only_the_owner_goes_by_margin() -> None:
    assert parse_owners("margin >= 29.9")(SHOE)
    assert not parse_owners("margin > 29.9")(SHOE)
    assert not parse_owners("margin > 0")(BARE)
    other = SHOE.model_copy(update={"cost": SHOE.cost and SHOE.cost.model_copy(update={"currency": "USD"})})
    assert not parse_owners("has margin")(other)


def test_numbers_are_exact() -> None:
    dear = SHOE.model_copy(update={"price": SHOE.price and SHOE.price.model_copy(update={"amount": Decimal("0.3")})})
    assert parse("price = 0.3")(dear)
    assert not parse("price < 0.3")(dear)


def test_a_text_field_is_found_by_its_name() -> None:
    assert text_field("attributes.colour")(SHOE) == "red"
    with pytest.raises(FilterError):
        text_field("price")


def opinions(**rows: tuple[int, int, int]) -> Opinions:
    ids = {"shoe": "shoe-1"}
    return Opinions(
        "g", datetime(2026, 11, 22, tzinfo=UTC), {ids.get(each, each): Opinion(*row) for each, row in rows.items()}
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sentiment < -0.2 and feedback_count >= 5", True),
        ("sentiment < -0.45", False),
        ("sentiment <= -0.45", True),
        ("sentiment = -0.45", True),
        ("feedback_count in (11, 12)", True),
        ("has sentiment and has feedback_count", True),
        ('category = "none" or sentiment < 0', True),
    ],
)
def test_the_owner_goes_by_what_feedback_says_of_an_item(text: str, expected: bool) -> None:
    assert parse_owners(text, opinions(shoe=(-4500, 12, 60)))(SHOE) is expected


@pytest.mark.parametrize(
    "text",
    [
        "sentiment < 1", "sentiment <= 1", "sentiment > -1", "sentiment >= -1", "sentiment = 0", "sentiment in (0, 1)",
        "feedback_count < 5", "feedback_count <= 0", "feedback_count = 0", "feedback_count > 0", "has sentiment",
        "has feedback_count",
    ],
)  # fmt: skip
@pytest.mark.parametrize("known", [None, opinions(other=(-9000, 3, 60))], ids=["nothing", "others"])
def test_an_item_without_feedback_passes_no_comparison_with_it(text: str, known: Opinions | None) -> None:
    assert not parse_owners(text, known)(SHOE)


def test_two_sets_of_opinions_are_never_mixed_up() -> None:
    text = "sentiment < 0"
    good, bad = opinions(shoe=(5000, 3, 60)), opinions(shoe=(-5000, 3, 60))
    assert [parse_owners(text, each)(SHOE) for each in (bad, good, None, bad)] == [True, False, False, True]


def test_no_shopper_goes_by_feedback() -> None:
    for name in FEEDBACK:
        with pytest.raises(FilterError, match="a field is expected"):
            parse(f"{name} > 0")


def test_it_is_known_whether_a_filter_goes_by_feedback() -> None:
    assert goes_by_feedback("stock > 1 and (margin > 2 or has sentiment)")
    assert goes_by_feedback("feedback_count in (1, 2)")
    assert not goes_by_feedback('attributes.sentiment = "good" and title = "sentiment < 0" and margin > 1')

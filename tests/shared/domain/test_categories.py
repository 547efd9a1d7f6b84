"""Categories by words and by meaning."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.domain.categories import NEAR, Categories, Example, categories_of, example_sentences
from shared.domain.feedback_settings import Category, FeedbackSettings, Trade

SENTENCES: list[tuple[Trade, str, set[str]]] = [
    ("retail", "Do you have this in green?", {"question"}),
    ("retail", "I wish it came with pockets.", {"suggestion"}),
    ("retail", "Please reply, I have written three times!", {"request for contact"}),
    ("retail", "Highly recommend this shop", {"recommends"}),
    ("retail", "I would not recommend it. Waste of money!", {"advises against"}),
    ("retail", "Will definitely be back", {"will return"}),
    ("retail", "You have lost a customer", {"lost customer"}),
    ("retail", "It is cheaper elsewhere", {"compares with others"}),
    ("retail", "My parcel never arrived", {"delivery problem"}),
    ("retail", "It came damaged and stopped working", {"damaged or defective"}),
    ("retail", "They sent the wrong item", {"wrong item"}),
    ("retail", "I want a refund", {"return or refund"}),
    ("retail", "A birthday present for my mum", {"gift"}),
    ("retail", "Lovely shoes.", set()),
    ("restaurant", "They got our order wrong", {"wrong or missing order"}),
    ("restaurant", "Slow service, we waited an hour", {"long wait"}),
    ("restaurant", "We all got food poisoning", {"health and hygiene"}),
    ("restaurant", "Our anniversary dinner", {"special occasion"}),
    ("restaurant", "We were overcharged", {"bill problem"}),
    ("services", "The plumber didn't show up", {"no-show or delay"}),
    ("services", "The tap is still leaking", {"poor result"}),
    ("services", "They charged twice", {"price dispute"}),
    ("services", "Kudos to Mike", {"praise for a person"}),
]


def of(trade: Trade, text: str) -> set[str]:
    return set(Categories(categories_of(FeedbackSettings(trade=trade))).of(text))


@pytest.mark.parametrize(("trade", "text", "names"), SENTENCES)
def test_default_categories(trade: Trade, text: str, names: set[str]) -> None:
    assert of(trade, text) == names


@pytest.mark.parametrize("trade", ["retail", "restaurant", "services"])
def test_every_default_category_is_found_in_a_sentence(trade: Trade) -> None:
    shown = {name for _, _, names in SENTENCES for name in names}
    assert set(categories_of(FeedbackSettings(trade=trade))) <= shown


def test_owners_name_and_replace_categories() -> None:
    own = {"Allergies".lower(): Category(terms=("nut*", "gluten")), "gift": Category(terms=("wrapped",))}
    settings = FeedbackSettings(categories=own)
    found = Categories(categories_of(settings))
    assert found.of("Contains nuts") == ("allergies",)
    assert found.of("It was wrapped") == ("gift",)
    assert found.of("A birthday present") == ()


def vector(*numbers: int) -> bytes:
    return bytes(number % 256 for number in numbers) + bytes(384 - len(numbers))


def test_what_means_the_same_as_an_example_is_of_its_category() -> None:
    found = Categories({}, [Example("cold food", vector(100, 50))])
    assert found.of("Meal was icy", [vector(0, 0, 90), vector(110, 40)]) == ("cold food",)
    assert found.of("Lovely", [vector(0, 0, 90)]) == ()
    assert found.of("Opposite", [vector(-100, -50)]) == ()
    assert found.of("No sentence") == ()


def test_nearness_is_the_cosine() -> None:
    found = Categories({}, [Example("it", vector(127))])
    just = round(50 * math.sqrt(1 / NEAR**2 - 1))
    assert found.of("", [vector(50, just - 1)]) == ("it",)
    assert found.of("", [vector(50, just + 1)]) == ()


def test_vectors_of_nothing_or_of_another_model_are_like_nothing() -> None:
    found = Categories({}, [Example("it", vector(127)), Example("zero", bytes(384))])
    assert found.of("", [bytes(384), b"", bytes([127] * 8)]) == ()


def test_examples_are_handed_out_to_be_made_vectors_of() -> None:
    categories = {"cold food": Category(examples=("My soup was cold", "Lukewarm chips"))}
    assert example_sentences(categories) == [("cold food", "My soup was cold"), ("cold food", "Lukewarm chips")]


def test_a_category_needs_something_to_be_known_by() -> None:
    with pytest.raises(ValidationError, match="terms or examples"):
        Category()


@given(st.text(), st.lists(st.binary(min_size=384, max_size=384), max_size=3))
def test_any_text_and_vectors(text: str, vectors: list[bytes]) -> None:
    categories = categories_of(FeedbackSettings())
    names = Categories(categories, [Example("near", vector(1, 2, 3))]).of(text, vectors)
    assert set(names) <= {*categories, "near"}
    assert list(names) == sorted(set(names))

"""Aspects found in sentences written for this test, and terms that owners add."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.domain.aspects import TRADES, AspectLexicon, AspectMention, lexicon, lexicon_of
from shared.domain.feedback_settings import FeedbackSettings
from shared.domain.terms import TermFinder

WIDE = "\uff33\uff49\uff5a\uff45"
SENTENCES = [
    ("retail", "The zippers broke after two weeks.", {"quality", "durability"}),
    ("retail", "Runs small, I should have sized up.", {"fit"}),
    ("retail", "Doesn\u2019t fit at all!", {"fit"}),
    ("retail", "TRUE-TO-SIZE and cosy.", {"fit", "comfort"}),
    ("retail", "Way overpriced for what you get", {"price"}),
    ("retail", "It arrived late and the box was crushed.", {"delivery", "packaging"}),
    ("retail", "Customer service never replied to my emails.", {"service"}),
    ("retail", "I sent it back and got my money back.", {"returns"}),
    ("retail", "Gorgeous colours, but the fabric is itchy.", {"appearance", "material", "comfort"}),
    ("retail", "Not as described: looks different in person.", {"description"}),
    ("retail", "Fell apart after one wash.", {"durability"}),
    ("retail", "The battery dies in an hour and the screen is dim.", {"function"}),
    ("retail", "Instructions are useless, assembly took ages.", {"ease of use"}),
    ("retail", "Smells awful.", {"scent and taste"}),
    ("retail", "The website kept logging me out at checkout.", {"ordering"}),
    ("retail", "We love it.", set()),
    ("retail", "", set()),
    ("restaurant", "The pizzas were cold and bland.", {"food"}),
    ("restaurant", "Our waiter was rude.", {"service"}),
    ("restaurant", "We waited an hour for a table.", {"waiting", "atmosphere"}),
    ("restaurant", "Tiny portions for that price.", {"portion", "price"}),
    ("restaurant", "Sticky tables and a dirty toilet", {"cleanliness", "atmosphere"}),
    ("restaurant", "Easy parking, lovely terrace, great cocktails.", {"location", "atmosphere", "drinks"}),
    ("restaurant", "They lost our reservation.", {"booking"}),
    ("restaurant", "Kids loved the high chair", {"children and pets"}),
    ("restaurant", "Takeaway arrived cold.", {"takeaway"}),
    ("services", "The technician was polite and on time.", {"staff", "punctuality"}),
    ("services", "They never called back.", {"communication"}),
    ("services", "Charged me more than the quote.", {"price"}),
    ("services", "Great haircut!", {"result"}),
    ("services", "Couldn't get an appointment for weeks.", {"booking"}),
    ("services", "Very knowledgeable, honest advice.", {"expertise", "trust"}),
    ("services", "The salon is spotless.", {"premises"}),
]


@pytest.mark.parametrize(("trade", "sentence", "aspects"), SENTENCES)
def test_aspects_of_a_sentence(trade: str, sentence: str, aspects: set[str]) -> None:
    assert {mention.aspect for mention in lexicon(trade).find(sentence)} == aspects


def test_every_aspect_of_every_trade_is_found_in_a_sentence() -> None:
    shown = {(trade, aspect) for trade, _, aspects in SENTENCES for aspect in aspects}
    assert shown == {(trade, aspect) for trade in TRADES for aspect in lexicon(trade).aspects}


def test_places_are_those_of_the_text() -> None:
    text = f"😀 The {WIDE} isn\u2019t right; the fabric\u2019s cheap-looking."
    found = lexicon("retail").find(text)
    assert [text[mention.start : mention.end] for mention in found] == [WIDE, "fabric\u2019s", "cheap-looking"]
    assert found[0] == AspectMention("fit", 6, 10)


def test_the_longest_term_counts() -> None:
    found = lexicon("retail").find("customer service")
    assert found == [AspectMention("service", 0, 16)]


def test_a_word_may_stand_for_two_aspects() -> None:
    both = AspectLexicon(aspects={"zip": ("zip",), "hardware": ("zip", "button")})
    assert both.find("The zips!") == [AspectMention("hardware", 4, 8), AspectMention("zip", 4, 8)]


def test_a_term_of_its_own_is_no_form_of_another() -> None:
    finder = TermFinder({"waiting": ["wait"], "service": ["waited on"], "lounge": ["waiting"]})
    assert [found.name for found in finder.find("wait waits waiting waited")] == [
        "waiting",
        "waiting",
        "lounge",
        "waiting",
    ]


@pytest.mark.parametrize(
    ("term", "text", "count"),
    [
        ("zip", "zips zipped zipping zippers", 3),
        ("box", "boxes boxed", 2),
        ("quality", "qualities", 1),
        ("size", "sizes sized sizing", 3),
        ("stitch", "stitches stitched", 2),
        ("liefer*", "Lieferung geliefert Lieferzeit liefern", 3),
        ("Größe", "Gro\u0308ße GRÖSSE größe", 3),
        ("価格", "この価格は高い。価格!", 2),
        ("כפתור", "כפתור", 1),
        ("zip fastener", "the Zip\n Fasteners; a zip. Fastener, too", 1),
    ],
)
def test_forms(term: str, text: str, count: int) -> None:
    assert len(TermFinder({"it": [term]}).find(text)) == count


def test_owners_add_terms_and_aspects() -> None:
    settings = FeedbackSettings(aspects={"fit": ("schnitt",), "loyalty card": ("loyalty card", "stamp*")})
    theirs = lexicon_of(settings)
    text = "Der Schnitt passt, the size too; my stamps on the loyalty card are gone"
    assert [mention.aspect for mention in theirs.find(text)] == ["fit", "fit", "loyalty card", "loyalty card"]
    assert lexicon("retail").find("my stamps on the loyalty card") == []


@pytest.mark.parametrize(
    "term", ["", " ", "*", "**", "a", "ab*", "123", "!!", "x" * 61, "one two three four five six seven", "()"]
)
def test_terms_that_are_refused(term: str) -> None:
    with pytest.raises(ValidationError):
        FeedbackSettings(aspects={"mine": (term,)})


@pytest.mark.parametrize("name", ["", "Fit", "a\nb", "fit!", "x" * 41, "_x"])
def test_names_that_are_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        FeedbackSettings(aspects={name: ("word",)})


def test_settings_are_bounded() -> None:
    many = {f"aspect {n}": tuple(f"word{n}{chr(97 + m // 26)}{chr(97 + m % 26)}" for m in range(60)) for n in range(17)}
    with pytest.raises(ValidationError, match="at most 1000 terms"):
        FeedbackSettings(aspects=many)
    with pytest.raises(ValidationError):
        FeedbackSettings(aspects={f"aspect {n}": ("word",) for n in range(41)})
    with pytest.raises(ValidationError):
        FeedbackSettings.model_validate({"trade": "zoo"})


@pytest.mark.parametrize("term", [".*", "(a+)+$", "[a-z]+", "a|b", r"\w+"])
def test_a_term_is_no_pattern(term: str) -> None:
    settings = FeedbackSettings.model_construct(aspects={"mine": (term,)}, trade="retail")
    assert lexicon_of(settings).find("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa! c") == []


def test_an_unknown_trade_is_named() -> None:
    with pytest.raises(ValueError, match="zoo"):
        lexicon("zoo")


@given(st.text())
def test_places_are_inside_of_any_text(text: str) -> None:
    ends = 0
    for mention in lexicon("restaurant").find(text):
        assert ends <= mention.start < mention.end <= len(text)
        ends = mention.start

"""What is read off the words alone: whom a negation reaches, whom it does not, and ratings in figures."""

import unicodedata

import pytest

from shared.inference.sentiment import lexicon
from shared.inference.sentiment.feelings import FEELINGS
from shared.inference.sentiment.model import SentimentModel
from shared.inference.sentiment.plain import plain
from shared.inference.sentiment.words import HIGH, LOW, MIDDLE, words_of

RATINGS = {"faded": -1.6, "leaks": -1.6, "happier": 1.7, "good": 1.9, "worse": -2.1, HIGH: 3.0, LOW: -3.0}


def feature(text: str, name: str) -> float:
    return lexicon.read(words_of(text), RATINGS).features[lexicon.FEATURES.index(name)]


def negated(text: str) -> set[str]:
    return {word.text for word in words_of(text) if word.negated}


@pytest.mark.parametrize(
    ("text", "good", "bad"),
    [
        ("The print hasn't faded.", True, False),
        ("The print has faded.", False, False),
        ("No leaks, nothing faded.", True, False),
        ("It is not good.", False, True),
        ("It is good.", False, False),
        ("Never faded, never good.", True, True),
    ],
)
def test_a_fault_that_is_negated_is_not_only_the_lack_of_one(text: str, good: bool, bad: bool) -> None:
    assert (feature(text, "turned_good") > 0, feature(text, "turned_bad") > 0) == (good, bad)
    assert (feature(text, "share_turned_good") > 0, feature(text, "share_turned_bad") > 0) == (good, bad)


def test_one_turned_word_is_a_smaller_part_of_a_longer_text() -> None:
    short, long = "It never leaks.", "It never leaks. " + "We went to the lake on Sunday. " * 5
    assert feature(short, "turned_good") == feature(long, "turned_good")
    assert feature(short, "share_turned_good") > 3 * feature(long, "share_turned_good")


@pytest.mark.parametrize(
    "text", ["I could not be happier.", "Couldn't have been happier!", "I've never been happier", "cannot be happier"]
)
def test_who_could_not_be_happier_is_happy(text: str) -> None:
    assert "happier" not in negated(text)
    assert feature(text, "compound") > 0


def test_what_could_not_be_worse_is_bad() -> None:
    assert feature("It could not have been worse.", "compound") < 0


@pytest.mark.parametrize("text", ["It would be good if it worked.", "It would have been really good if it had come."])
def test_what_would_be_good_is_not(text: str) -> None:
    assert feature(text, "turned_bad") > 0


@pytest.mark.parametrize("text", ["We could be a lot happier.", "I should have been happier."])
def test_who_could_be_happier_is_not(text: str) -> None:
    assert feature(text, "compound") < 0


@pytest.mark.parametrize("text", ["I am not happier now.", "It did not make me happier."])
def test_any_other_negation_reaches_a_comparative(text: str) -> None:
    assert "happier" in negated(text)


@pytest.mark.parametrize(
    ("text", "rating"),
    [
        ("five stars", HIGH),
        ("10/10 from me", HIGH),
        ("4.5 out of 5", HIGH),
        ("nine out of ten", HIGH),
        ("3 stars", MIDDLE),
        ("5/10", MIDDLE),
        ("one star", LOW),
        ("1 out of 5", LOW),
        ("No stars at all", LOW),
        ("2/10", LOW),
        ("5* and no doubt", HIGH),
        ("1* avoid", LOW),
    ],
)
def test_ratings_in_figures(text: str, rating: str) -> None:
    assert words_of(f"{text} lamp")[0].text == rating


@pytest.mark.parametrize(
    "text", ["open 24/7", "on 1/5/2026", "half of 1/2", "one of five shops", "size 10", "1/100", "5*3 cm"]
)
def test_other_figures_are_no_ratings(text: str) -> None:
    assert not {HIGH, MIDDLE, LOW} & {word.text for word in words_of(text)}


def test_not_even_one_star_is_no_praise() -> None:
    assert feature("It does not deserve one star.", "compound") < 0
    assert feature("It does not deserve one star.", "turned_good") == 0


@pytest.mark.parametrize(
    ("text", "rating"),
    [
        ("\u2b50\u2b50\u2b50\u2b50\u2b50", HIGH),
        ("\u2b50\ufe0f\u2b50\ufe0f\u2b50\ufe0f\u2b50\ufe0f lovely", HIGH),
        ("Lamp \u2605\u2605\u2605\u2605\u2606", HIGH),
        ("\u2605\u2605\u2605 it is a lamp", MIDDLE),
        ("\u2b50\u2b50 the lamp flickers", LOW),
        ("\u2605\u2606\u2606\u2606\u2606", LOW),
        ("\u2b50/5", LOW),
        ("2\u2605 it squeaks", LOW),
        ("\u2605\u2605 out of five", LOW),
    ],
)
def test_drawn_stars_are_a_rating(text: str, rating: str) -> None:
    assert [word.text for word in words_of(f"{plain(text).text} lamp") if word.text in {HIGH, MIDDLE, LOW}] == [rating]


@pytest.mark.parametrize("text", ["\u2b50", "You're a \u2b50", "\u2b50\u2b50 Best shop \u2b50\u2b50", "\u2b50" * 8])
def test_stars_that_adorn_are_no_rating(text: str) -> None:
    assert not {HIGH, MIDDLE, LOW} & {word.text for word in words_of(plain(text).text)}


def test_evidence_quotes_drawn_stars_once_and_whole(model: SentimentModel) -> None:
    text = "The lamp came. \u2b50\u2b50 It flickers."
    (found,) = model.analyse([text], languages=["en"])
    assert found.sentiment.label == "negative"
    assert [each.text for each in found.sentiment.evidence].count("\u2b50\u2b50") == 1


@pytest.mark.parametrize(
    ("text", "read"), [("Rating: 1/5", "awful"), ("two stars", "awful"), ("Ten out of ten", "great")]
)
def test_nothing_but_a_rating_is_read_as_the_word_for_it(model: SentimentModel, text: str, read: str) -> None:
    assert [word.text for word in words_of(text) if word.is_idiom] == [read]
    (found,) = model.analyse([text], languages=["en"])
    assert found.sentiment.label == ("positive" if read == "great" else "negative")
    assert not any(word.is_idiom for word in words_of(f"{text}, it is a lamp"))


def test_what_joins_pictures_says_nothing(model: SentimentModel) -> None:
    assert not [picture for picture in FEELINGS if unicodedata.category(picture) not in {"So", "Sm", "Po"}]
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    with_family, alone = model.analyse([f"{family} nice", "nice"], languages=["en"] * 2)
    assert with_family.sentiment.label == alone.sentiment.label == "positive"

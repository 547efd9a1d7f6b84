"""Fixed phrases are read as what they say, as one word, and evidence quotes them whole."""

import pytest

from shared.inference.sentiment.model import SentimentModel
from shared.inference.sentiment.pieces import places, text_of
from shared.inference.sentiment.words import words_of


def idioms(text: str) -> list[tuple[str, str]]:
    return [(text[word.start : word.end], word.text) for word in words_of(text) if word.is_idiom]


@pytest.mark.parametrize(
    ("text", "phrase", "read"),
    [
        ("I can't recommend this sofa enough!", "can't recommend this sofa enough", "great"),
        ("Can not say enough good things about them", "Can not say enough good things about", "great"),
        ("It exceeded all my expectations.", "exceeded all my expectations", "great"),
        ("A must-have.", "A must-have", "great"),
        ("I won't buy anywhere else", "won't buy anywhere else", "great"),
        ("works exactly as described", "works exactly as described", "good"),
        ("I was sceptical at first, but it works", "sceptical at first", "good"),
        ("Please don't waste your money", "don't waste your money", "awful"),
        ("So I wanted to love it.", "wanted to love it", "awful"),
        ("ridiculously soft", "ridiculously", "very"),
        ("The rash is completely gone", "rash is completely gone", "good"),
        ("No more weeds", "No more weeds", "good"),
        ("and they quickly fixed it", "they quickly fixed it", "good"),
        ("the lid was replaced the next day", "replaced the next day", "good"),
        ("I'd be lost without it", "lost without it", "great"),
        ("Lovely until the second wash", "Lovely until", "awful"),
        ("We loved it at first", "loved it at first", "awful"),
        ("It used to be excellent", "used to be excellent", "awful"),
        ("looked gorgeous on the model", "looked gorgeous on the model", "awful"),
        ("If only the lid closed", "If only", "awful"),
        ("My old one was far better", "old one was far better", "awful"),
        ("Never going back there!", "Never going back there", "awful"),
        ("I wrote to them four times", "wrote to them four times", "awful"),
    ],
)
def test_a_phrase_is_one_word(text: str, phrase: str, read: str) -> None:
    assert idioms(text) == [(phrase, read)]


@pytest.mark.parametrize(
    "text",
    [
        "I can't recommend it, since it is not warm enough.",
        "It can't get enough air.",
        "There is a spot on the sleeve.",
        "It broke sooner than expected.",
        "The dog doesn't bother me.",
        "You must have forgotten my order.",
        "The lid can't be put down.",
        "They could not do better.",
        "I bought it as a gift.",
        "They never fixed it.",
        "The problem was not fixed.",
        "It was love at first sight, I loved it at first sight.",
        "If only all shops were like this.",
        "It works until today.",
        "I never go out without it.",
        "Never going back to cotton sheets.",
    ],
)
def test_the_same_words_in_another_place_are_none(text: str) -> None:
    assert idioms(text) == []


def test_a_negation_turns_a_phrase_as_it_turns_a_word() -> None:
    (word,) = (word for word in words_of("It did not exceed my expectations.") if word.is_idiom)
    assert word.negated
    assert not words_of("You won't go wrong. It exceeds expectations.")[-1].negated


def test_what_could_have_been_is_negated() -> None:
    for text in ("It could have been lovely.", "I would have loved it if it had come whole."):
        (word,) = (word for word in words_of(text) if word.text in {"lovely", "loved"})
        assert word.negated
    assert not any(word.negated for word in words_of("I would have liked two, it is lovely."))


def test_the_encoder_hears_the_plain_word_and_places_are_of_what_it_hears() -> None:
    text = text_of("They blew me away. We can't recommend them enough, really.", "en", ("en",))
    assert [piece.text for piece in text.sentences] == ["They great.", "We great, really."]
    for piece in text.sentences:
        heard = [piece.text[start:end] for start, end in places(piece)]
        assert [each.lower() for each in heard] == [word.text for word in piece.words]


@pytest.mark.parametrize(
    ("text", "phrase", "label"),
    [
        ("Honestly, I cannot recommend them highly enough.", "cannot recommend them highly enough", "positive"),
        ("DON'T WASTE YOUR TIME.", "DON'T WASTE YOUR TIME", "negative"),
    ],
)
def test_the_model_is_told_and_quotes_the_phrase(model: SentimentModel, text: str, phrase: str, label: str) -> None:
    (found,) = model.analyse([text], languages=["en"])
    assert found.sentiment.label == label
    heaviest = max(found.sentiment.evidence, key=lambda each: abs(each.weight))
    assert heaviest.text == phrase


def test_without_the_phrases_the_answer_is_another(model: SentimentModel, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["I can't praise the staff enough.", "Don't waste your money."]
    knowing = [each.sentiment.score for each in model.analyse(texts)]
    monkeypatch.setattr("shared.inference.sentiment.words.idiom", lambda *_: None)
    plain = [each.sentiment.score for each in model.analyse(texts)]
    assert knowing[0] > 0.3 > -0.3 > plain[0]
    assert plain[1] > 0.3 > -0.3 > knowing[1]


def test_a_long_text_of_beginnings_is_read_in_its_length() -> None:
    """No phrase looks further than some words: a text of nothing but first words costs what its length does."""
    for first in ("can't recommend ", "skeptical ", "exceeded my ", "would definitely "):
        assert len(words_of(first * 5_000)) > 0

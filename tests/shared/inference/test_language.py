"""Languages told from reviews written for this test: short, long, slang, emoji, mixed."""

import csv
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.inference.language import language

REVIEWS = [
    (None if code == "none" else code, text)
    for code, text in csv.reader(
        Path(__file__).with_name("languages.tsv").read_text().splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE
    )
]


def test_english_is_never_called_another_language() -> None:
    told = {text: language(text) for code, text in REVIEWS if code == "en"}
    assert {text: found for text, found in told.items() if found not in {"en", None}} == {}
    assert sum(found == "en" for found in told.values()) >= 0.9 * len(told)


@pytest.mark.parametrize("code", sorted({code for code, _ in REVIEWS if code not in {"en", None}} - {None}))
def test_other_languages_are_told(code: str) -> None:
    told = Counter(language(text) for expected, text in REVIEWS if expected == code)
    assert told[code] >= 0.9 * told.total()
    assert all(language(text) == code for expected, text in REVIEWS if expected == code and len(text) > 40)


def test_too_little_to_tell_is_no_language() -> None:
    assert [text for code, text in REVIEWS if code is None and language(text)] == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Sehr gut, würde ich wieder kaufen. Great shoes too!", "de"),
        ("The dress is lovely, c'est la vie, and the fabric feels great on the skin", "en"),
        ("[e-mail] [phone]", None),
        ("https://example.com/ein-sehr-langer-deutscher-titel", None),
        ("SEHR GUTE QUALITÄT UND SCHNELLE LIEFERUNG", "de"),
        ("\x00\x01 hello \ud800 there, my friend \ufffe", "en"),
        ("soooo comfyyyyy", "en"),
        ("좋아요", "ko"),
        ("Πολύ καλό", "el"),
        ("ดีมาก", "th"),
        ("Дуже гарна якість, рекомендую всім, швидка доставка і ввічливі продавці", "uk"),  # noqa: RUF001
        ("کیفیت بسیار خوب بود و خیلی زود به دستم رسید، ممنون از فروشنده", "fa"),
        ("Mycket bra kvalitet och snabb leverans, rekommenderas varmt till alla", "sv"),
        ("ok" * 500_000, None),
    ],
)
def test_odd_texts(text: str, code: str | None) -> None:
    assert language(text) == code


@given(st.text())
def test_any_text_at_all(text: str) -> None:
    assert language(text) is None or len(language(text) or "") == 2

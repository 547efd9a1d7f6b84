"""The tokeniser gives what the published one gives, on texts of every kind."""

import unicodedata

import pytest
from tokenizers import Tokenizer

from shared.inference.sentiment.wordpiece import WordPiece
from training.sentiment import weights

NASTY = (
    "",
    " \t\n",
    "ok",
    "Ünïcödé façade naïve Ångström İstanbul ẞ",
    "中文字 日本語のテキスト 한국어 العربية עברית ไทย हिन्दी",
    "😍😍👍🏽 family: 👨‍👩‍👧‍👦 flag: 🇩🇪 keycap: 1️⃣",
    "zero\u200bwidth \u202eright to left\u202c soft\u00adhyphen bell\x07 null\x00 \ufffd",
    "e\u0301 a\u0308 \u0301alone",
    "don't it's 10/10 $19.99 50% #tag @name a_b e-mail me@example.com https://example.com/?q=1",
    "x" * 99 + " " + "y" * 101,
    "ﬁne ½ ① Ⅷ ™ ℃ … \u2014 \u2013 \u2018quoted\u2019 “quoted”",
    "<b>bold</b> &amp; [MASKED] ### ##ing",
    "word " * 500,
    "a" * 10_000,
)


@pytest.fixture(scope="module")
def published() -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(weights.published() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(64)
    return tokenizer


@pytest.fixture(scope="module")
def ours() -> WordPiece:
    return WordPiece((weights.published() / "vocab.txt").read_text().splitlines())


@pytest.mark.parametrize("text", NASTY, ids=lambda text: text[:20].encode("unicode_escape").decode())
def test_the_same_tokens_as_the_published_tokeniser(ours: WordPiece, published: Tokenizer, text: str) -> None:
    assert ours.tokens(text, 64).ids == published.encode(text).ids


def test_the_same_for_every_character_by_itself(ours: WordPiece, published: Tokenizer) -> None:
    """Between two letters, so that what splits a word and what vanishes is seen too.

    Of the characters whose kind has not changed since early Unicode: the two know different versions of it.
    """
    characters = [chr(code) for code in range(1, 0x3000)]
    old = [each for each in characters if unicodedata.ucd_3_2_0.category(each) == unicodedata.category(each) != "Cn"]
    texts = [f"a{each}b" for each in old]
    assert len(texts) > 7_000
    different = [text for text in texts if ours.tokens(text, 64).ids != published.encode(text).ids]
    assert [text.encode("unicode_escape") for text in different] == []


def test_tokens_know_where_their_word_stands(ours: WordPiece) -> None:
    text = "Unbelievably good!"
    found = ours.tokens(text, 64)
    assert {text[start:end] for start, end in found.spans} == {"Unbelievably", "good", "!"}
    assert len(found.spans) == len(found.ids) - 2

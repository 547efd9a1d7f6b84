"""The text as personal data is looked for in it: plain ASCII digits and signs, nothing invisible, every place kept."""

import re
import unicodedata
from array import array
from functools import lru_cache
from typing import NamedTuple

_DASHES = frozenset("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\ufe58\ufe63\uff0d\u30fc")
_DOTS = frozenset("\u2024\u2027\u3002\uff0e\uff61\u00b7\u2022\u2219\u22c5")
_DROPPED = frozenset("\u20e3\ufe0e\ufe0f")
"""Keycaps and styles of emoji: 1 with both is a digit like any other."""
_LETTERS = str.maketrans("АВЕКМНОРСТХаеорсухіѕ", "ABEKMHOPCTXaeopcyxis")  # noqa: RUF001 - that is what it is for


class Span(NamedTuple):
    """Personal data of a kind, from `start` to before `end`."""

    start: int
    end: int
    kind: str


class Shadow(NamedTuple):
    """What is searched, and for each of its characters its place in the text."""

    text: str
    places: array[int] | None

    def back(self, span: Span) -> Span:
        """The span as it is in the text."""
        if self.places is None:
            return span
        return Span(self.places[span.start], self.places[span.end - 1] + 1, span.kind)


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    if character in _DASHES:
        return "-"
    if character in _DOTS:
        return "."
    category = unicodedata.category(character)
    if category in {"Cf", "Cs", "Me"} or character in _DROPPED or (category == "Cc" and character not in "\n\t\r"):
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Zs":
        return " "
    return unicodedata.normalize("NFKC", character)


def shadow(text: str) -> Shadow:
    """The text's shadow. One of ASCII alone is its own."""
    if text.isascii() and not re.search(r"[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f]", text):
        return Shadow(text, None)
    parts = [_plain(character) for character in text]
    places = array("L", (place for place, part in enumerate(parts) for _ in part))
    return Shadow("".join(parts), places)


def latin(text: str) -> str:
    """Letters that only look Latin, made Latin; as long as before."""
    return text.translate(_LETTERS)

"""Words and phrases that an owner names, found in text: the ground of aspects and categories.

A term is one to six words, matched without regard to case, accents' encoding or width, in their English forms (`zip` finds
`zips` and `zipped`); a word that ends in `*` finds all that begins so (`liefer*`), as inflected languages need. Terms are
looked up word by word, never compiled into a regular expression, so that no term can be costly or say more than itself.
Scripts without spaces are matched character by character.
"""

import re
from typing import Annotated
from unicodedata import normalize

from pydantic import AfterValidator, StringConstraints

MOST_TERM_CHARACTERS = 60
MOST_TERM_WORDS = 6
SHORTEST_PREFIX = 3
MOST_NAME_CHARACTERS = 40

_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Thai to Khmer, kana and Han: no spaces between words."""
WORD = re.compile(rf"[{_UNSPACED}]|(?:(?![{_UNSPACED}])\w)+(?:['’](?:(?![{_UNSPACED}])\w)+)*")


def folded(text: str) -> str:
    """The text as it is compared: neither case nor width nor the way accents are written matter."""
    return normalize("NFKC", normalize("NFKC", text).casefold()).replace("’", "'")


def words_of(term: str) -> tuple[str, ...]:
    """A term's words as they are compared; one that ends in `*` keeps it."""
    return tuple(match + ("*" if star else "") for match, star in re.findall(rf"({WORD.pattern})(\*?)", folded(term)))


def _term(value: str) -> str:
    words = words_of(value)
    if not words or not any(character.isalpha() for word in words for character in word):
        raise ValueError("must have a word in it")
    if len(words) > MOST_TERM_WORDS and not re.search(f"[{_UNSPACED}]", value):
        raise ValueError(f"must be at most {MOST_TERM_WORDS} words")
    if any(word.endswith("*") and len(word) <= SHORTEST_PREFIX for word in words):
        raise ValueError(f"needs at least {SHORTEST_PREFIX} letters before *")
    return value


Term = Annotated[
    str,
    StringConstraints(min_length=2, max_length=MOST_TERM_CHARACTERS, strip_whitespace=True),
    AfterValidator(_term),
]
"""A word or phrase that an owner names."""

Name = Annotated[
    str, StringConstraints(pattern=rf"^[a-z0-9][a-z0-9_ -]{{0,{MOST_NAME_CHARACTERS - 1}}}$", strip_whitespace=True)
]
"""What an owner calls an aspect or a category: `quality`, `delivery problem`."""

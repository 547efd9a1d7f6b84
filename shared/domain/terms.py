"""Words and phrases that an owner names, found in text: the ground of aspects and categories.

A term is one to six words, matched whatever their case and width, in their English forms (`zip` finds `zips` and
`zipped`); a word that ends in `*` finds all that begins so (`liefer*`), as inflected languages need. Terms are looked
up word by word, never compiled into a regular expression, so that none can be costly or mean more than it says.
Scripts without spaces between words are matched character by character.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Annotated, NamedTuple
from unicodedata import normalize

from pydantic import AfterValidator, StringConstraints

MOST_TERM_CHARACTERS = 60
MOST_TERM_WORDS = 6
SHORTEST_PREFIX = 3
MOST_NAME_CHARACTERS = 40
MOST_WORD_CHARACTERS = 60
"""A longer one is no word."""
MOST_REMEMBERED = 10_000
"""Words of texts: most are the same few thousand again."""

_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Thai to Khmer, kana and Han: no spaces between words."""
_MARKS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0dff"
"""Accents and vowel signs that belong to the word that they stand in."""
_LETTER = rf"(?:(?![{_UNSPACED}])[\w{_MARKS}])"
WORD = re.compile(rf"[{_UNSPACED}]|{_LETTER}+(?:['\u2019]{_LETTER}+)*")
_WORD_OR_BREAK = re.compile(rf"{WORD.pattern}|[.!?;](?=\s)")
"""No term goes on in another sentence."""
_STARRED = re.compile(rf"({WORD.pattern})(\*?)")
_VOWELS = "aeiou"


class Found(NamedTuple):
    """A place in a text, in characters from `start` to before `end`, and what its words stand for."""

    name: str
    start: int
    end: int


def folded(word: str) -> str:
    """A word as it is compared: neither case nor width nor the way accents are written matter."""
    return normalize("NFKC", normalize("NFKC", word).casefold()).replace("\u2019", "'").removesuffix("'s")


def words_of(term: str) -> tuple[str, ...]:
    """A term's words as they are compared; one that ends in `*` keeps it."""
    return tuple(folded(word) + star for word, star in _STARRED.findall(term))


def _term(value: str) -> str:
    words = words_of(value)
    if not any(character.isalpha() for word in words for character in word):
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


def forms(word: str) -> Iterator[str]:
    """The regular English forms of a word: plural and participles. One that does not exist does no harm."""
    yield word
    if not word.isascii() or len(word) < 3:
        return
    if word.endswith("y") and word[-2] not in _VOWELS:
        yield from (word[:-1] + ending for ending in ("ies", "ied"))
        yield word + "ing"
        return
    yield word + ("es" if word.endswith(("s", "x", "z", "ch", "sh")) else "s")
    stems = [word.removesuffix("e")]
    if word[-1] not in _VOWELS + "wxy" and word[-2] in _VOWELS and word[-3] not in _VOWELS:
        stems.append(word + word[-1])
    yield from (stem + ending for stem in stems for ending in ("ed", "ing"))


class _Node:
    __slots__ = ("names", "next")

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.next: dict[str, _Node] = {}


class TermFinder:
    """Finds terms in text, the longest first where several begin at one word. Made once for many texts."""

    def __init__(self, terms: Mapping[str, Iterable[str]]) -> None:
        self._root = _Node()
        for name, phrases in terms.items():
            for phrase in phrases:
                self._add(name, words_of(phrase))
        self._bases = self._inflected()
        self._keys = lru_cache(MOST_REMEMBERED)(self._look_up)
        self._prefixes = sorted({len(word) - 1 for word in self._bases if word.endswith("*")})

    def find(self, text: str) -> list[Found]:
        """Every term in the text; none overlaps another, but one term may stand for several names."""
        words = [
            match for match in _WORD_OR_BREAK.finditer(text) if match.end() - match.start() <= MOST_WORD_CHARACTERS
        ]
        keys = [self._keys(match.group()) for match in words]
        found, at = [], 0
        while at < len(words):
            length, names = self._longest(keys, at) if keys[at] else (1, set())
            found += [Found(name, words[at].start(), words[at + length - 1].end()) for name in sorted(names)]
            at += max(1, length)
        return found

    def _add(self, name: str, words: Iterable[str]) -> None:
        node = self._root
        for word in words:
            node = node.next.setdefault(word, _Node())
        node.names.add(name)

    def _inflected(self) -> dict[str, list[str]]:
        """Of each form the words it may come from. What is a term by itself is nothing else."""
        bases: dict[str, list[str]] = {}
        for word in sorted(_vocabulary(self._root)):
            for form in [word] if word.endswith("*") else forms(word):
                if form == word or not (self._root.next.get(form) and self._root.next[form].names):
                    bases.setdefault(form, []).append(word)
        return bases

    def _look_up(self, written: str) -> tuple[str, ...]:
        """The words of terms that a word of the text may stand for."""
        word = folded(written)
        starts = (word[:length] + "*" for length in self._prefixes if length <= len(word))
        return (*self._bases.get(word, ()), *(start for start in starts if start in self._bases))

    def _longest(self, keys: list[tuple[str, ...]], at: int) -> tuple[int, set[str]]:
        """How many words from `at` on make the longest term, and what it stands for."""
        nodes, length, names = [self._root], 0, set[str]()
        end = at
        while nodes and end < len(keys):
            nodes = [node.next[key] for node in nodes for key in keys[end] if key in node.next]
            end += 1
            if ended := {name for node in nodes for name in node.names}:
                length, names = end - at, ended
        return length, names


def _vocabulary(node: _Node) -> set[str]:
    return set(node.next).union(*(_vocabulary(below) for below in node.next.values()))

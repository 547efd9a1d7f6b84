"""Words of a text, which of them are negated, and where its sentences and clauses end."""

import re
from itertools import pairwise
from typing import NamedTuple

MOST_WORDS = 60
"""A sentence with more is cut: the encoder reads 64 tokens."""
REACH = 4
"""How many words after a `not` are negated, unless the clause ends before."""

_LISTED = re.compile(r"[a-z]+")
NEGATIONS = frozenset(
    _LISTED.findall(
        "not no never none nobody nothing neither nor nowhere cannot cant dont doesnt didnt isnt wasnt arent "
        "werent wont wouldnt couldnt shouldnt hasnt havent hadnt aint without hardly barely scarcely rarely "
        "seldom lacks lack lacking fails failed"
    )
)
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+(?:[.,:/]\d+)*|[!?]+|[.,;:()\n-]")
_ENDS = frozenset(".,;:()\n-") | {"but", "however", "although", "though"}
_SENTENCE = re.compile(r"(?:[.!?]+[\"')\]]*(?=\s)|\n+|[\u3002\uff01\uff1f]+)")
_CLAUSE = re.compile(
    r"[;:()]|\s-+\s|,\s|\s(?=(?:but|although|though|however|yet|whereas|while|except|unfortunately|sadly|despite|which|"
    r"and the|and it|and my|and our|and their|and they|and was|and is|and i)\s)",
    re.IGNORECASE,
)
LEAST_CLAUSE = 2
"""Words that a clause needs to stand alone; a shorter one belongs to the one before it."""


class Word(NamedTuple):
    """A word or a mark, in small letters, with its place in the plain text."""

    text: str
    start: int
    end: int
    negated: bool
    loud: bool


def words_of(text: str) -> list[Word]:
    """The words and marks of a plain text, each with whether a negation before it reaches it."""
    found, left = list[Word](), 0
    for match in _WORD.finditer(text):
        raw = match[0]
        word = raw.lower()
        if word in _ENDS or raw[0] in "!?":
            left = 0
            if raw[0] not in "!?" and len(raw) == 1:
                continue
        number = word[0].isdigit()
        found.append(
            Word("0" if number else word, match.start(), match.end(), left > 0, raw.isupper() and len(raw) > 2)
        )
        left = REACH if negates(word) else left - 1
    return found


def negates(word: str) -> bool:
    """Whether the word turns what follows into its opposite."""
    return word in NEGATIONS or word.endswith("n't")


def marked(words: list[Word]) -> list[str]:
    """The words, those that are negated marked as such; a negation itself stays as it is."""
    return [f"not_{word.text}" if word.negated and word.text[0] not in "!?" else word.text for word in words]


def terms(words: list[Word]) -> list[str]:
    """Single marked words, then pairs of neighbours."""
    single = marked(words)
    return single + [f"{one} {two}" for one, two in pairwise(single)]


def sentences(text: str) -> list[tuple[int, int]]:
    """Where the sentences of a plain text begin and end; a very long one comes in pieces."""
    return [piece for span in _split(text, _SENTENCE) for piece in _pieces(text, *span)]


def clauses(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Where the clauses of a sentence begin and end."""
    joined = list[tuple[int, int]]()
    for span in _split(text[start:end], _CLAUSE):
        at = (start + span[0], start + span[1])
        if joined and len(text[slice(*at)].split()) < LEAST_CLAUSE:
            joined[-1] = (joined[-1][0], at[1])
        else:
            joined.append(at)
    return joined


def _split(text: str, ends: re.Pattern[str]) -> list[tuple[int, int]]:
    """The spans between the ends, those with a word or number in it; an end belongs to the span before it."""
    spans, start = list[tuple[int, int]](), 0
    for place in [match.end() for match in ends.finditer(text)] + [len(text)]:
        raw = text[start:place]
        if any(map(str.isalnum, raw)):
            lead = len(raw) - len(raw.lstrip())
            spans.append((start + lead, start + len(raw.rstrip())))
        start = place
    return spans


def _pieces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    if text.count(" ", start, end) < MOST_WORDS:
        return [(start, end)]
    places = [match.span() for match in re.finditer(r"\S+", text[start:end])]
    groups = [places[at : at + MOST_WORDS] for at in range(0, len(places), MOST_WORDS)]
    return [(start + group[0][0], start + group[-1][1]) for group in groups]

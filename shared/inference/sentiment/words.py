"""Words of a text, which of them are negated, and where its sentences and clauses end."""

import re
from itertools import pairwise
from typing import NamedTuple

from shared.inference.sentiment.idioms import AWFUL, GOOD, PRAISE, idiom

MOST_WORDS = 60
"""A sentence with more is cut: the encoder reads 64 tokens."""
REACH = 4
"""How many words after a `not` are negated, unless the clause ends before."""

_LISTED = re.compile(r"[a-z]+")
NEGATIONS = frozenset(
    _LISTED.findall(
        "not no never none nobody nothing neither nor nowhere cannot cant dont doesnt didnt isnt wasnt arent "
        "werent wont wouldnt couldnt shouldnt hasnt havent hadnt aint without hardly barely scarcely rarely "
        "seldom lacks lack lacking fails failed zero"
    )
)
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+(?:[.,:/]\d+)*|[!?]+|[.,;:()\n-]")
_BETTER = (
    "better|happier|easier|nicer|smoother|simpler|faster|quicker|kinder|friendlier|softer|comfier|warmer|cleaner|"
    "fresher|tastier|prouder|safer|clearer|smarter|more|worse|sadder|ruder|slower|harder|uglier|dirtier|less"
)
_SUPERLATIVE = re.compile(
    rf"\b(?:could(?:n't|nt| not)|can(?:'t|t|not| not)|ha(?:ve|s|d)(?:n't|nt| not)|never|does(?:n't|nt| not)|nothing)"
    rf" (?:(?:i|we|it|possibly|really|ever|have|has|be|been|get|gets|got|ask|asked|for|find|found|had|felt|feel|feels|"
    rf"imagine|want|wish|seen|eaten|tasted|met|used|slept|a|an|any|much|this) )+(?:{_BETTER})\b(?: \w+)?",
    re.IGNORECASE,
)
"""Who could not be happier is very happy: what stands here is not negated."""
_UNREAL = re.compile(
    rf"\b(?:would|'d|could|might|should)(?: have|'ve)? (?:be|been) (?:\w+ ){{1,4}}(?=if\b)"
    rf"|\b(?:could|might|should)(?: have|'ve) been (?:\w+ ){{0,3}}(?:{GOOD})\b"
    rf"|\b(?:would|'d)(?: have|'ve) (?:loved|liked|enjoyed) (?:it|this|these|them) (?=if\b)"
    rf"|\b(?:could|should|might)(?: have|'ve)? (?:be|been) (?:\w+ ){{0,3}}(?:{_BETTER})\b(?: \w+)?"
    rf"|\bsupposed to be (?:\w+ ?){{1,3}}",
    re.IGNORECASE,
)
"""What would be great if it worked, or could have been, is not: what stands here is negated."""
_STARS = re.compile(
    r"\b(?P<given>\d{1,3}(?:[.,]\d)?|zero|no|one|two|three|four|five|six|seven|eight|nine|ten)\s*"
    r"(?:(?P<stars>-?\s*(?:star|stars)\b|\*(?![\w*]))|"
    r"(?:out\s+of|/)\s*(?P<most>5|10|five|ten)\b(?![/%\w]| (?:times|people|days)))",
    re.IGNORECASE,
)
_FIGURES = {"zero": 0, "no": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_FIGURES |= {"six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
RATED = HIGH, MIDDLE, LOW = "rating:high", "rating:middle", "rating:low"
"""What `five stars`, `6/10` and `one out of five` are read as."""
_PLAINLY = {HIGH: PRAISE, LOW: AWFUL}
_BESIDE_RATINGS = frozenset(
    {"0", *_LISTED.findall("star stars rating rated score scored overall out of from me five ten a an i")}
)
ENOUGH, SCARCE = 0.75, 0.45
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
    """A word or a mark, in small letters, with its place in the plain text; an idiom is one word, as it is read."""

    text: str
    start: int
    end: int
    negated: bool
    loud: bool
    is_idiom: bool = False


def words_of(text: str) -> list[Word]:
    """The words and marks of a plain text, each with whether a negation before it reaches it."""
    found, left, stars = list[Word](), 0, _stars(text)
    praised, unreal = _within(_SUPERLATIVE, text), _within(_UNREAL, text)
    until = 0
    for match in _WORD.finditer(text):
        raw, at = match[0], match.start()
        if at < until:
            continue
        word = raw.lower()
        if (phrase := idiom(text, word, match.end())) and at not in unreal:
            loud = text[at : phrase.end].isupper()
            found.append(Word(phrase.read, at, phrase.end, left > 0, loud, is_idiom=True))
            left, until = left - 1, phrase.end
            continue
        if word in _ENDS or raw[0] in "!?":
            left = 0
            if raw[0] not in "!?" and len(raw) == 1:
                continue
        negated = at in unreal or (left > 0 and at not in praised)
        read = stars.get(at) or ("0" if word[0].isdigit() else word)
        found.append(Word(read, at, match.end(), negated, raw.isupper() and len(raw) > 2))
        left = REACH if at not in stars and negates(word) else left - 1
    return _told(found) if stars else found


def _told(words: list[Word]) -> list[Word]:
    """Where nothing but a high or a low rating is said, it is read as the plain word for it."""
    if any(word.text not in _PLAINLY and word.text not in _BESIDE_RATINGS for word in words):
        return words
    return [word._replace(text=_PLAINLY[word.text], is_idiom=True) if word.text in _PLAINLY else word for word in words]


def _within(pattern: re.Pattern[str], text: str) -> set[int]:
    """The places that it covers."""
    return {at for match in pattern.finditer(text) for at in range(*match.span())}


def _stars(text: str) -> dict[int, str]:
    """Where a rating is given in figures, and what it says."""
    return {match.start(): _rating(match) for match in _STARS.finditer(text)}


def _rating(match: re.Match[str]) -> str:
    given = _figure(match["given"])
    most = _figure(match["most"]) if match["most"] else 10.0 if given > 5 else 5.0
    share = given / most
    return HIGH if share >= ENOUGH else LOW if share < SCARCE else MIDDLE


def _figure(word: str) -> float:
    return float(_FIGURES[word.lower()]) if word.lower() in _FIGURES else float(word.replace(",", "."))


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

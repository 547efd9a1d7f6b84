"""What a list of rated words says of a text: the words' ratings, turned by negations and raised by boosters.

The ratings are those published with VADER (Hutto and Gilbert, 2014; MIT licence, beside the list).
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from shared.inference.sentiment.words import Word

FEATURES = ("compound", "positive", "negative", "after_but", "hits", "exclamations", "questions", "loud", "words")
TURNED = -0.74
RAISED, LOWERED = 1.25, 0.75
SPREAD = 15.0
_LISTED = re.compile(r"[a-z]+")
_RAISES = frozenset(
    _LISTED.findall(
        "absolutely amazingly completely considerably decidedly deeply enormously entirely especially "
        "exceptionally extremely fabulously fully greatly highly hugely incredibly intensely majorly more most "
        "particularly purely quite really remarkably so substantially thoroughly totally tremendously uber "
        "unbelievably unusually utterly very super way"
    )
)
_LOWERS = frozenset(
    _LISTED.findall("almost barely hardly kinda less little marginally occasionally partly scarcely slightly somewhat")
)
_BUT = frozenset({"but", "however"})


class Reading(NamedTuple):
    """The features, and what each word added to the sum that `compound` is made of."""

    features: list[float]
    valences: list[float]


def read(words: Sequence[Word], ratings: Mapping[str, float]) -> Reading:
    """The features of FEATURES, in their order."""
    valences = [_valence(words, at, ratings) for at in range(len(words))]
    total, count = sum(valences), len(words) or 1
    after = [value for value, past in zip(valences, _past_but(words), strict=True) if past]
    features = [
        compound(total),
        math.log1p(sum(value for value in valences if value > 0)),
        math.log1p(-sum(value for value in valences if value < 0)),
        compound(sum(after)),
        sum(value != 0 for value in valences) / count,
        float(min(3, sum(word.text[0] == "!" for word in words))),
        float(min(3, sum(word.text[0] == "?" for word in words))),
        sum(word.loud for word in words) / count,
        math.log1p(len(words)),
    ]
    return Reading(features, valences)


def compound(total: float) -> float:
    """A sum of ratings, brought between -1 and 1."""
    return total / math.sqrt(total * total + SPREAD)


def _valence(words: Sequence[Word], at: int, ratings: Mapping[str, float]) -> float:
    word = words[at]
    rating = ratings.get(word.text, 0.0)
    if not rating:
        return 0.0
    before = words[at - 1].text if at else ""
    rating *= RAISED if before in _RAISES or word.loud else LOWERED if before in _LOWERS else 1.0
    return rating * TURNED if word.negated else rating


def _past_but(words: Sequence[Word]) -> list[bool]:
    last = max((at for at, word in enumerate(words) if word.text in _BUT), default=len(words))
    return [at > last for at in range(len(words))]

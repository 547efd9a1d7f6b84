"""What a list of rated words says of a text: the words' ratings, turned by negations and raised by boosters.

Most ratings are those published with VADER (Hutto and Gilbert, 2014; MIT licence, beside the list).

A fault that is negated is more than a fault less: what was turned round, for better or worse, is also counted alone.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from shared.inference.sentiment.words import LOW, Word

FEATURES = (
    "compound",
    "positive",
    "negative",
    "turned_good",
    "turned_bad",
    "share_turned_good",
    "share_turned_bad",
    "after_but",
    "hits",
    "exclamations",
    "questions",
    "loud",
    "words",
)
BY_WORDS = 7
"""So many of them are sums over words: a word's part in them can be told."""
TURNED = -0.74
RAISED, LOWERED = 1.25, 0.75
SPREAD = 15.0
FEW = 2
"""Added to the count of words, so that two words are no surer than ten."""
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
    """The features, what each word added to the sum that `compound` is made of, and which were turned round."""

    features: list[float]
    valences: list[float]
    turned: list[bool]


def read(words: Sequence[Word], ratings: Mapping[str, float]) -> Reading:
    """The features of FEATURES, in their order."""
    valences = [_valence(words, at, ratings) for at in range(len(words))]
    turned = [_turned(word) and value != 0 for word, value in zip(words, valences, strict=True)]
    reversals = [value for value, each in zip(valences, turned, strict=True) if each]
    good, bad = sum(value for value in reversals if value > 0), sum(value for value in reversals if value < 0)
    total, count = sum(valences), len(words) or 1
    after = [value for value, past in zip(valences, _past_but(words), strict=True) if past]
    features = [
        compound(total),
        math.log1p(sum(value for value in valences if value > 0)),
        math.log1p(-sum(value for value in valences if value < 0)),
        math.log1p(good),
        math.log1p(-bad),
        good / (count + FEW),
        -bad / (count + FEW),
        compound(sum(after)),
        sum(value != 0 for value in valences) / count,
        float(min(3, sum(word.text[0] == "!" for word in words))),
        float(min(3, sum(word.text[0] == "?" for word in words))),
        sum(word.loud for word in words) / count,
        math.log1p(len(words)),
    ]
    return Reading(features, valences, turned)


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
    return rating * TURNED if _turned(word) else rating


def _turned(word: Word) -> bool:
    """`Not even one star` is one star at most."""
    return word.negated and word.text != LOW


def _past_but(words: Sequence[Word]) -> list[bool]:
    last = max((at for at, word in enumerate(words) if word.text in _BUT), default=len(words))
    return [at > last for at in range(len(words))]

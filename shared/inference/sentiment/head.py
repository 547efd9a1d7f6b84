"""The learned head: from words and meaning to the three probabilities, and what each word added on the way.

Two logistic regressions on terms and two on the encoder's meaning (positive against negative, neutral against both)
give four logits, and two more where the encoder has a branch for feelings; those and the lexicon's features are the
numbers that the last graph takes. The graph `fast` does without the encoder. The margin, log positive less log
negative, is linear in all of that, so each part of it can be named.
"""

import io
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from shared.inference.sentiment import lexicon
from shared.inference.sentiment.card import FAST, FULL, NUMBERS, RATINGS, VOCABULARY, Probabilities
from shared.inference.sentiment.lexicon import Reading
from shared.inference.sentiment.vocabulary import Linear, Vocabulary
from shared.inference.sentiment.words import Word, terms
from shared.inference.session import Graph

type Floats = npt.NDArray[np.float32]

LOGITS = 2
"""Of terms: positive against negative, and neutral against both."""


class Read(NamedTuple):
    """What the words of a text say."""

    words: list[Word]
    terms: list[str]
    linear: Linear
    lexicon: Reading


class Head:
    """The learned part of a model."""

    def __init__(self, files: dict[str, bytes]) -> None:
        numbers = np.load(io.BytesIO(files[NUMBERS]), allow_pickle=False)
        self._bias: Floats = numbers["term_bias"]
        self._meaning: Floats = numbers["meaning_weights"]
        self._meaning_bias: Floats = numbers["meaning_bias"]
        self._margins: dict[bool, Floats] = {True: numbers["margin_full"], False: numbers["margin_fast"]}
        names = files[VOCABULARY].decode().splitlines()
        self._vocabulary = Vocabulary(names, numbers["rarity"], numbers["term_weights"].astype(np.float32))
        rated = (line.split("\t") for line in files[RATINGS].decode().splitlines() if not line.startswith("#"))
        self._ratings = {word: float(rating) for word, rating in rated}
        self._graphs = {True: Graph(files[FULL]), False: Graph(files[FAST])}

    def read(self, words: list[Word]) -> Read:
        """What the words of a text, or of a part of it, say."""
        found = terms(words)
        return Read(words, found, self._vocabulary.weigh(found), lexicon.read(words, self._ratings))

    def features(self, read: Read, meaning: Floats | None) -> Floats:
        """The numbers that the graph takes."""
        by_terms = read.linear.weights.sum(axis=0) + self._bias
        by_meaning = [] if meaning is None else [meaning @ self._meaning + self._meaning_bias]
        return np.concatenate([by_terms, *by_meaning, np.array(read.lexicon.features, np.float32)]).astype(np.float32)

    def probabilities(self, features: Sequence[Floats], *, full: bool) -> list[Probabilities]:
        """Of the three labels, for each text's features; each by itself, so that no other moves its last digits."""
        runs = (self._graphs[full].run(["probabilities"], {"numbers": each[None]}) for each in features)
        return [Probabilities(*map(float, found[0])) for (found,) in runs]

    def margin_of_words(self, read: Read, *, full: bool) -> list[float]:
        """What each word adds to the margin through the terms that it is part of, and through its rating."""
        margin = self._margins[full]
        weights = dict(zip(read.linear.rows, (read.linear.weights @ margin[:LOGITS]).tolist(), strict=True))
        places = [self._vocabulary.places.get(term, -1) for term in read.terms]
        counts, single, added = Counter(places), len(read.words), [0.0] * len(read.words)
        for at, row in enumerate(places):
            each = weights.get(row, 0.0) / counts[row]
            if at < single:
                added[at] += each
            else:
                added[at - single] += each / 2
                added[at - single + 1] += each / 2
        by_rating = self._margin_of_ratings(read.lexicon, margin[-len(lexicon.FEATURES) :])
        return [one + two for one, two in zip(added, by_rating, strict=True)]

    @staticmethod
    def _margin_of_ratings(reading: Reading, margin: Floats) -> list[float]:
        """Each feature that is made of ratings, shared out by the ratings in it."""
        shares = zip(*_parts(reading), strict=True)
        weighed = [float(weight) * value for weight, value in zip(margin, reading.features, strict=True)]
        return [sum(part * each for part, each in zip(parts, weighed, strict=False)) for parts in shares]

    def margin_of_shares(self, shares: Floats) -> Floats:
        """What each token adds to the margin, by its share in a meaning [tokens, numbers]."""
        found: Floats = shares @ (self._meaning @ self._margins[True][LOGITS : -len(lexicon.FEATURES)])
        return found


def _parts(reading: Reading) -> list[list[float]]:
    """For each feature that is made of ratings, which part of it is each word's."""
    values, pairs = reading.valences, list(zip(reading.valences, reading.turned, strict=True))
    above, below = [max(value, 0.0) for value in values], [min(value, 0.0) for value in values]
    good, bad = ([value * turned if value * sign > 0 else 0.0 for value, turned in pairs] for sign in (1, -1))
    return [_shares(each) for each in (values, above, below, good, bad, good, bad)]


def _shares(values: list[float]) -> list[float]:
    total = sum(values) or 1.0
    return [value / total for value in values]

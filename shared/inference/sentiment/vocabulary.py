"""TF-IDF over marked words and pairs, and the linear models on it: each term's weight can be read off."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

type Floats = npt.NDArray[np.float32]


class Linear(NamedTuple):
    """What the terms of a text weigh: per term it holds and per model. Their sum with `bias` is the model's logit."""

    rows: list[int]
    weights: Floats


class Vocabulary:
    """The terms, how rare each is, and its weight in each of the linear models [terms, models]."""

    def __init__(self, terms: Sequence[str], rarity: Floats, weights: Floats) -> None:
        self.places = {term: at for at, term in enumerate(terms)}
        self._rarity = rarity.tolist()
        self._weights = weights

    def values(self, terms: Sequence[str]) -> dict[int, float]:
        """Row and TF-IDF of the terms that are known: 1 + log of the count, times rarity, of length 1 together."""
        counts = Counter(self.places[term] for term in terms if term in self.places)
        raw = {row: (1.0 + math.log(count)) * self._rarity[row] for row, count in counts.items()}
        length = math.sqrt(sum(value * value for value in raw.values())) or 1.0
        return {row: value / length for row, value in raw.items()}

    def weigh(self, terms: Sequence[str]) -> Linear:
        """What each known term of a text adds to the logits."""
        values = self.values(terms)
        rows = list(values)
        column = np.fromiter(values.values(), np.float32, len(rows))[:, None]
        return Linear(rows, self._weights[rows] * column if rows else np.zeros((0, self._weights.shape[1]), np.float32))

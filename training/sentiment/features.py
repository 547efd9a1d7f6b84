"""What the head learns from: terms, meaning and ratings of each text, made by the very code that serves."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from shared.inference.sentiment import lexicon
from shared.inference.sentiment.encoder import Encoder
from shared.inference.sentiment.pieces import text_of
from shared.inference.sentiment.vocabulary import Vocabulary
from shared.inference.sentiment.words import terms
from training.sentiment import fair
from training.sentiment.fair import Shrinking

LEAST_TEXTS = 4
MOST_TERMS = 40_000
CHUNK = 512

type Floats = npt.NDArray[np.float64]


class Features(NamedTuple):
    """Of each text: TF-IDF [texts, terms], its mean meaning, shrunk [texts, numbers], and what the lexicon says."""

    vocabulary: Vocabulary
    rarity: Floats
    terms: sparse.csr_array
    meanings: npt.NDArray[np.float32]
    ratings: Floats
    shrinking: Shrinking


def features(texts: Sequence[str], encoder: Encoder, ratings: Mapping[str, float], least_texts: int) -> Features:
    """The features of all texts, with a vocabulary of the terms that `least_texts` of them have."""
    read = [text_of(text, None, ()).whole.words for text in texts]
    found = [terms(words) for words in read]
    vocabulary, rarity = _vocabulary(found, least_texts)
    shrinking = fair.shrinking(encoder)
    rated = np.array([lexicon.read(words, ratings).features for words in read])
    return Features(
        vocabulary, rarity, _matrix(vocabulary, found), shrinking.of(_meanings(texts, encoder)), rated, shrinking
    )


def _vocabulary(found: list[list[str]], least_texts: int) -> tuple[Vocabulary, Floats]:
    counts = Counter(term for each in found for term in set(each))
    often = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_TERMS]
    barred = fair.words()
    names = [term for term, count in often if count >= least_texts and not _words(term) & barred]
    rarity = np.array([np.log((1 + len(found)) / (1 + counts[name])) + 1 for name in names])
    return Vocabulary(names, rarity.astype(np.float32), np.zeros((len(names), 2), np.float32)), rarity


def _words(term: str) -> set[str]:
    return {word.removeprefix("not_") for word in term.split()}


def _matrix(vocabulary: Vocabulary, found: list[list[str]]) -> sparse.csr_array:
    rows = [vocabulary.values(each) for each in found]
    ends = np.cumsum([0, *map(len, rows)])
    columns = np.fromiter((at for row in rows for at in row), np.int64, ends[-1])
    values = np.fromiter((value for row in rows for value in row.values()), np.float64, ends[-1])
    return sparse.csr_array((values, columns, ends), shape=(len(found), len(vocabulary.places)))


def _meanings(texts: Sequence[str], encoder: Encoder) -> npt.NDArray[np.float32]:
    """The mean over each text's sentences, as at serving."""
    found = []
    for at in range(0, len(texts), CHUNK):
        pieces = [[piece.text for piece in text_of(text, None, ()).sentences] for text in texts[at : at + CHUNK]]
        encoded = iter(encoder.encode([piece for each in pieces for piece in each], topics=False))
        found += [_mean([next(encoded).meaning for _ in each]) for each in pieces]
    size = next((len(each) for each in found if len(each)), 0)
    return np.array([each if len(each) else np.zeros(size, np.float32) for each in found])


def _mean(meanings: list[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
    return np.mean(meanings, axis=0, dtype=np.float32) if meanings else np.zeros(0, np.float32)

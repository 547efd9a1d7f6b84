"""Which sentences stand for a theme: near its middle, unlike each other, by different people, recent, of its mood."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from functions.themes.cluster import Vectors
from functions.themes.mentions import Corpus
from shared.domain.themes import Place

MOST_PLACES = 8
"""More than are shown, since what was erased is not there to be quoted."""
LOOKED_AT = 200
TWINS = 0.9
RECENT, MOOD = 0.15, 0.15
"""What a sentence of today, and one of the theme's mood, gains on one of equal meaning."""
FRESH_DAYS = 45.0


def representative(
    corpus: Corpus, chosen: Sequence[int], meanings: Vectors, middle: Vectors, mood: float, today: int
) -> tuple[Place, ...]:
    """Places of the best of the `chosen` mentions; `meanings` are theirs, and `mood` is how the theme feels."""
    worth = _worth(corpus, chosen, meanings, middle, mood, today)
    speakers: set[int] = set()
    kept: list[int] = []
    for at in np.argsort(-worth, kind="stable")[:LOOKED_AT]:
        speaker = corpus.voices[corpus.mentions[chosen[at]].voice].speaker
        if speaker in speakers or (kept and float((meanings[kept] @ meanings[at]).max()) > TWINS):
            continue
        speakers.add(speaker)
        kept.append(int(at))
        if len(kept) == MOST_PLACES:
            break
    return tuple(place(corpus, chosen[at]) for at in kept)


def place(corpus: Corpus, mention: int) -> Place:
    """Where a mention stands."""
    said = corpus.mentions[mention]
    return Place(
        feedback_id=corpus.voices[said.voice].feedback_id, start=said.start, end=said.end, score=round(said.score, 3)
    )


def _worth(
    corpus: Corpus, chosen: Sequence[int], meanings: Vectors, middle: Vectors, mood: float, today: int
) -> NDArray[np.float64]:
    ages = np.array([today - corpus.voices[corpus.mentions[each].voice].time.toordinal() for each in chosen])
    scores = np.array([corpus.mentions[each].score for each in chosen])
    fresh = 0.5 ** (np.maximum(ages, 0) / FRESH_DAYS)
    return np.asarray(meanings @ middle + RECENT * fresh + MOOD * np.sign(mood) * scores, dtype=float)

"""Feedback as arrays: who said what when, and the sentences that speak of something, with their meanings."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from functions.themes.saying import says_something, words
from shared.domain.events import KNOWN
from shared.domain.feedback import Feedback

DIMENSIONS = 384
MODEL_OF = timedelta(days=28)
LEAST_COPIED_WORDS = 5
"""From so many words on, the same text again is a copy, unless known customers send it: a survey has ready answers."""


class Voice(NamedTuple):
    """One piece of feedback without its text. `speaker` stands for whoever wrote it, and tells nothing else of them."""

    feedback_id: str
    speaker: int
    time: datetime
    rating: float | None
    item_id: str | None
    score: float


class Mention(NamedTuple):
    """A sentence that speaks of something: whose, where it stands, how it feels, and of which aspects it is."""

    voice: int
    start: int
    end: int
    score: float
    text: str
    aspects: tuple[str, ...]


class Corpus(NamedTuple):
    """What there is to look at. `vectors` are the mentions' meanings, signed bytes, `voice_of` and `scores` theirs too.

    `weights` says of how many pieces of feedback each voice stands: 1, or more where a sample was read.

    `left_out` says of how much feedback nothing can be told, and why.
    """

    model_id: str | None
    voices: list[Voice]
    mentions: list[Mention]
    vectors: NDArray[np.int8]
    left_out: Counter[str]
    voice_of: NDArray[np.int64]
    scores: NDArray[np.float64]
    weights: NDArray[np.float64]


def gather(feedback: Iterable[Feedback], weights: Iterable[float] = repeat(1.0)) -> Corpus:
    """Arrays of the feedback that one model has understood: meanings of two models are not comparable."""
    every = list(feedback)
    model_id = _model(every)
    voices: list[Voice] = []
    stand_for: list[float] = []
    mentions: list[Mention] = []
    vectors: list[bytes] = []
    left_out: Counter[str] = Counter()
    speakers: dict[str, int] = {}
    for each, weight in zip(every, weights, strict=False):
        missing = _missing(each, model_id)
        if missing:
            left_out[missing] += 1
            continue
        for mention, vector in _mentions(each, len(voices)):
            mentions.append(mention)
            vectors.append(vector)
        voices.append(_voice(each, speakers))
        stand_for.append(weight)
    meanings = np.frombuffer(b"".join(vectors), dtype=np.int8).reshape(len(vectors), DIMENSIONS)
    of = np.array([each.voice for each in mentions], dtype=np.int64)
    scores = np.array([each.score for each in mentions], dtype=np.float64)
    return Corpus(model_id, voices, mentions, meanings, left_out, of, scores, np.array(stand_for, dtype=np.float64))


def speaker_of(corpus: Corpus, mention: int) -> int:
    """Who said it."""
    return corpus.voices[corpus.mentions[mention].voice].speaker


def _model(feedback: Sequence[Feedback]) -> str | None:
    """The model that understood most of the latest four weeks; of two, the later one."""
    if not feedback:
        return None
    latest = max(each.time for each in feedback)
    recent = [each for each in feedback if latest - each.time < MODEL_OF]
    counts, last = Counter(each.model_id for each in recent), {each.model_id: each.time for each in recent}
    return max(counts, key=lambda model_id: (counts[model_id], last[model_id], model_id))


def _missing(feedback: Feedback, model_id: str | None) -> str | None:
    if feedback.model_id != model_id:
        return "another_model"
    understood = any(len(each.vector) == DIMENSIONS for each in feedback.sentences)
    return None if understood else "no_vectors"


def _voice(feedback: Feedback, speakers: dict[str, int]) -> Voice:
    """Who is known as the same customer, or copies a long text without being known, is one speaker."""
    said = words(feedback.text)
    is_known = feedback.customer is not None and feedback.customer.kind == KNOWN
    is_copy = not is_known and len(said) >= LEAST_COPIED_WORDS
    text = hashlib.blake2s(" ".join(said).encode()).hexdigest() if is_copy else ""
    customer = f"customer {feedback.customer}" if feedback.customer else ""
    known = [name for name in (customer, text) if name in speakers]
    number = speakers[known[0]] if known else len(speakers)
    for name in (customer, text, "" if customer or text else feedback.feedback_id):
        if name:
            speakers.setdefault(name, number)
    return Voice(
        feedback.feedback_id, number, feedback.time, feedback.rating, feedback.item_id, feedback.sentiment.score
    )


def _mentions(feedback: Feedback, voice: int) -> Iterable[tuple[Mention, bytes]]:
    for each in feedback.sentences:
        text = feedback.text[each.start : each.end]
        if len(each.vector) == DIMENSIONS and any(each.vector) and says_something(text):
            inside = (said for said in feedback.sentiment.aspects if said.start < each.end and said.end > each.start)
            aspects = tuple(dict.fromkeys(said.aspect for said in inside))
            yield Mention(voice, each.start, each.end, each.score, text, aspects), each.vector

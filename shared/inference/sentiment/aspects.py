"""What a text says of each aspect: by the clause that names it, and by the sentence around it where that agrees."""

import math
from collections.abc import Sequence
from typing import Protocol

from shared.domain.sentiment import AspectSentiment
from shared.inference.sentiment.answers import Found, answer
from shared.inference.sentiment.card import Probabilities
from shared.inference.sentiment.pieces import Piece, Text, piece_of
from shared.inference.sentiment.words import clauses

SENTENCE_SHARE = 0.5
"""Of the sentence's margin that is added to the clause's, where all clauses say the same."""


class Mention(Protocol):
    """Where an aspect is named in a text as it came."""

    @property
    def aspect(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


def clauses_of(text: Text, mentions: Sequence[Mention]) -> list[Piece]:
    """The clauses of the sentences that name an aspect, where there is more than one clause."""
    places = [text.plain.place(mention.start) for mention in mentions]
    found = list[Piece]()
    for sentence in text.sentences:
        if any(sentence.start <= place < sentence.end for place in places):
            spans = clauses(text.plain.text, sentence.start, sentence.end)
            found += [piece_of(text.plain.text, text.whole.words, *span) for span in spans if len(spans) > 1]
    return found


def judged(text: Text, mentions: Sequence[Mention], below: float) -> tuple[AspectSentiment, ...]:
    """One for each aspect that is named; for one named in several clauses, the clause that is surest."""
    found = dict[str, AspectSentiment]()
    for mention in mentions:
        one = _aspect(text, mention, below)
        if mention.aspect not in found or abs(one.score) > abs(found[mention.aspect].score):
            found[mention.aspect] = one
    return tuple(found.values())


def _aspect(text: Text, mention: Mention, below: float) -> AspectSentiment:
    place = text.plain.place(mention.start)
    sentence = _around(text.sentences, place) or text.whole
    clause = _around(text.clauses, place) or sentence
    known = answer(_weighed(text, clause, sentence), below)
    start, end = text.plain.span(clause.start, clause.end)
    return AspectSentiment(
        aspect=mention.aspect,
        term=text.came[mention.start : mention.end],
        start=start,
        end=end,
        score=known.score,
        label=known.label,
        confidence=known.confidence,
        abstained=known.abstained,
    )


def _around(pieces: list[Piece], place: int) -> Piece | None:
    return next((piece for piece in pieces if piece.start <= place < piece.end), None)


def _weighed(text: Text, clause: Piece, sentence: Piece) -> Found:
    """The clause alone where the sentence's clauses disagree; else it and part of the sentence's margin."""
    beside = [each for each in text.clauses if sentence.start <= each.start < sentence.end]
    if clause is sentence or len({each.found.margin > 0 for each in beside}) > 1:
        return clause.found
    margin = clause.found.margin + SENTENCE_SHARE * sentence.found.margin
    neutral = min(clause.found.probabilities.neutral, sentence.found.probabilities.neutral)
    positive = (1 - neutral) / (1 + math.exp(-margin))
    return Found(Probabilities(1 - neutral - positive, neutral, positive))

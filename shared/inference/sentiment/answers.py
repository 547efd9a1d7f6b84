"""From probabilities to what is answered."""

import math
from typing import TYPE_CHECKING, NamedTuple

from shared.domain.sentiment import Label, Sentence, Sentiment
from shared.inference.sentiment.card import Probabilities
from shared.inference.sentiment.encoder import signed_bytes

if TYPE_CHECKING:
    from shared.inference.sentiment.pieces import Piece, Text

LABELS: tuple[Label, ...] = ("negative", "neutral", "positive")
UNKNOWN = 1 / 3
"""The confidence of an answer that nothing is known about: that of a guess among three."""
LEAST = 1e-6


class Found(NamedTuple):
    """The probabilities of a piece of text."""

    probabilities: Probabilities

    @property
    def score(self) -> float:
        """Positive less negative."""
        return self.probabilities.positive - self.probabilities.negative

    @property
    def margin(self) -> float:
        """The same as the difference of logarithms."""
        return math.log(max(self.probabilities.positive, LEAST)) - math.log(max(self.probabilities.negative, LEAST))


def answer(found: Found, below: float) -> Sentiment:
    """The most probable label. Its probability is the confidence; under `below` the model abstains."""
    confidence = max(found.probabilities)
    label = LABELS[found.probabilities.index(confidence)]
    score, sure = round(found.score, 4), round(min(confidence, 1.0), 4)
    return Sentiment(label=label, score=score, confidence=sure, abstained=confidence < below)


def nothing(language: str | None) -> Sentiment:
    """The answer for a text that the model cannot read: no score, and the confidence of a guess."""
    return Sentiment(label="neutral", score=0.0, confidence=round(UNKNOWN, 4), abstained=True, language=language)


def sentence_of(text: "Text", piece: "Piece", *, vectors: bool) -> Sentence:
    """A sentence where it stands in the text as it came; one that is not judged has no score, and keeps its vector."""
    topic = piece.encoded.topic if vectors and piece.encoded else None
    vector = b"" if topic is None else signed_bytes(topic)
    start, end = text.plain.span(piece.start, piece.end)
    return Sentence(start, end, round(piece.found.score, 4) if text.judged else 0.0, vector)

"""Quotes of themes: found where they stood, and never so long that a reply of many cannot be sent."""

from datetime import UTC, datetime

import pytest

from shared.domain.feedback import Feedback, Source
from shared.domain.sentiment import Sentiment
from shared.domain.themes import MOST_QUOTED, Place

FELT = Sentiment(label="negative", score=-0.5, confidence=0.9, abstained=False)


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("Fine. The zip broke. Sad.", "The zip broke."),
        ("Fine. " + "x" * MOST_QUOTED, "x" * MOST_QUOTED),
        ("Fine. " + "x" * 19_000, "x" * (MOST_QUOTED - 1) + "\u2026"),
    ],
)
def test_a_quote_is_the_sentence_or_its_beginning(text: str, quoted: str) -> None:
    said = Feedback(
        feedback_id="f1", source=Source.REVIEW, time=datetime.now(UTC), text=text, sentiment=FELT, model_id="m"
    )
    end = 20 if text.endswith("Sad.") else len(text)
    assert Place(feedback_id="f1", start=6, end=end, score=-0.5).quoted(said).text == quoted

"""Made-up feedback whose meanings are known: sentences of one topic lie near each other, as an encoder's would."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from shared.domain.events import CustomerRef
from shared.domain.feedback import Feedback, Source
from shared.domain.sentiment import Sentence, Sentiment

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
MODEL = "sentiment-1"
TOPICS: dict[str, tuple[str, ...]] = {
    "zip": ("The zip broke", "A broken zip after a day", "Its zip is broken", "Broken zip already"),
    "delivery": ("Delivery took ages", "Slow delivery again", "The slow delivery", "Waited for delivery forever"),
    "colour": ("The colour faded", "Faded colour in the wash", "Colour looks faded", "A faded colour"),
    "sleeves": ("Sleeves run short", "Short sleeves on this", "These sleeves are short", "Too short sleeves"),
    "staff": ("Friendly staff", "The staff was friendly", "Such friendly staff here", "Staff friendly as ever"),
    "fabric": ("Soft fabric", "The fabric is soft", "Fabric feels soft", "What a soft fabric"),
}
GOOD = {"staff", "fabric"}


def meaning(topic: str, seed: int, spread: float = 0.8) -> bytes:
    """A unit vector as bytes: the topic's direction, with something of its own."""
    of = int.from_bytes(hashlib.blake2s(topic.encode(), digest_size=4).digest())
    centre, own = (np.random.default_rng(each).normal(size=384) for each in (of, [of, seed]))
    vector = centre / np.linalg.norm(centre) + spread * own / np.linalg.norm(own)
    return bytes(np.round(vector / np.linalg.norm(vector) * 127).astype(np.int8).tobytes())


def said(  # noqa: PLR0917 - what feedback is made of
    number: int,
    topic: str,
    time: datetime,
    item_id: str | None = "coat",
    customer: str | None = "",
    text: str | None = None,
    score: float | None = None,
    rating: float | None = None,
    model_id: str = MODEL,
) -> Feedback:
    """One sentence on one topic."""
    text = text if text is not None else f"{TOPICS[topic][number % 4]}."
    score = score if score is not None else (0.8 if topic in GOOD else -0.8)
    who = f"c{number}" if customer == "" else customer
    return Feedback(
        feedback_id=f"f{number}",
        source=Source.REVIEW,
        time=time,
        text=text,
        rating=rating if rating is not None else (5.0 if score > 0 else 2.0),
        item_id=item_id,
        customer=CustomerRef(kind="user", id=who) if who else None,
        sentiment=Sentiment(label="positive" if score > 0 else "negative", score=score, confidence=0.9),
        model_id=model_id,
        sentences=(Sentence(0, len(text), score, meaning(topic, number)),),
    )


def shop(
    days: int = 180,
    a_day: float = 2.0,
    topics: Sequence[str] = ("delivery", "colour", "staff", "fabric"),
    seed: int = 1,
) -> list[Feedback]:
    """Half a year in which nothing happens."""
    random = np.random.default_rng(seed)
    times = sorted(NOW - timedelta(days=float(each)) for each in random.uniform(0, days, int(days * a_day)))
    return [
        said(at, str(random.choice(list(topics))), time, item_id=f"item{random.integers(5)}")
        for at, time in enumerate(times)
    ]


def burst(
    topic: str, count: int, first: int = 100_000, days: float = 5.0, item_id: str | None = "coat"
) -> list[Feedback]:
    """So many customers of the last days."""
    return [
        said(first + at, topic, NOW - timedelta(days=days * (at + 0.5) / count), item_id=item_id) for at in range(count)
    ]


class Shelf:
    """A store of feedback that holds a list."""

    def __init__(self, feedback: Sequence[Feedback]) -> None:
        self.feedback = list(feedback)

    def count(self, since: datetime, until: datetime) -> int:
        return sum(since <= each.time <= until for each in self.feedback)

    def between(
        self, since: datetime, until: datetime, chosen: Callable[[str], bool] = lambda _: True
    ) -> Iterator[Feedback]:
        return (each for each in self.feedback if since <= each.time <= until and chosen(each.feedback_id))

"""What of feedback is counted, so that a year of it can be drawn without reading it: by item, aspect, category, day.

A tally is of a subject (all feedback, or that of one item) and a facet of it (all that was said, or what was said of
one aspect, or in one category). Scores and ratings are summed in millionths, since counters are whole numbers: that
makes the sums exact in whatever order they come.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from shared.domain.feedback import Feedback, Source
from shared.domain.sentiment import AspectSentiment, Label

EVERYTHING = ""
"""The subject of all feedback, and the facet of all that was said."""
ITEM = "item:"
ASPECT = "aspect:"
CATEGORY = "category:"
MILLION = 1_000_000
MOST_ASPECTS, MOST_CATEGORIES = 32, 16
"""Of one piece of feedback: with more, it and its sums would not fit in one transaction of the table."""


class Measure(StrEnum):
    """What is summed up. An opinion is a text with a label; of a rating without a text there is none."""

    COUNT = "n"
    POSITIVE = "p"
    NEUTRAL = "u"
    NEGATIVE = "g"
    ABSTAINED = "a"
    SCORE = "s"
    RATED = "r"
    RATING = "t"


LABELS: Mapping[Label, Measure] = {
    "positive": Measure.POSITIVE,
    "neutral": Measure.NEUTRAL,
    "negative": Measure.NEGATIVE,
}
Key = tuple[str, str, date, Source, Measure]
"""Subject, facet, day, source, measure."""


class Tally(NamedTuple):
    """What one piece of feedback adds to one sum."""

    subject: str
    facet: str
    day: date
    source: Source
    measure: Measure
    by: int


class Opinion(BaseModel):
    """A label with its score."""

    model_config = ConfigDict(frozen=True)

    label: Label
    score: float
    abstained: bool = False


class Counted(BaseModel):
    """Of a piece of feedback only what is counted, which names nobody. `opinion` is None where nothing was written."""

    model_config = ConfigDict(frozen=True)

    day: date
    source: Source
    item_id: str | None = None
    rating: float | None = None
    opinion: Opinion | None = None
    aspects: dict[str, Opinion] = {}
    categories: tuple[str, ...] = ()

    @classmethod
    def of(cls, feedback: Feedback) -> "Counted":
        """An aspect counts once in a text, by the strongest of what is said of it."""
        said = feedback.sentiment
        aspects: dict[str, AspectSentiment] = {}
        for each in sorted(said.aspects, key=lambda each: abs(each.score)):
            aspects[each.aspect] = each
        return cls(
            day=feedback.time.date(),
            source=feedback.source,
            item_id=feedback.item_id,
            rating=feedback.rating,
            opinion=_opinion(said) if feedback.text.strip() else None,
            aspects={name: _opinion(each) for name, each in sorted(aspects.items())[:MOST_ASPECTS]},
            categories=feedback.categories[:MOST_CATEGORIES],
        )


def tallies(counted: Counted, times: int = 1) -> Iterator[Tally]:
    """What it adds up to; with -1, what it takes off again."""
    facets: dict[str, Opinion | None] = {EVERYTHING: counted.opinion}
    facets |= {ASPECT + name: opinion for name, opinion in counted.aspects.items()}
    facets |= dict.fromkeys((CATEGORY + name for name in counted.categories), counted.opinion)
    subjects = [EVERYTHING, *([ITEM + counted.item_id] if counted.item_id else [])]
    for subject in subjects:
        for facet, opinion in facets.items():
            for measure, amount in _amounts(opinion, counted.rating):
                yield Tally(subject, facet, counted.day, counted.source, measure, times * amount)


def _amounts(opinion: Opinion | None, rating: float | None) -> Iterator[tuple[Measure, int]]:
    yield Measure.COUNT, 1
    if opinion:
        yield LABELS[opinion.label], 1
        yield Measure.SCORE, round(opinion.score * MILLION)
        yield from [(Measure.ABSTAINED, 1)] if opinion.abstained else []
    if rating is not None:
        yield Measure.RATED, 1
        yield Measure.RATING, round(rating * MILLION)


def _opinion(said: object) -> Opinion:
    return Opinion.model_validate(said, from_attributes=True)


class Figures(BaseModel):
    """Sums of some feedback, as a chart draws them; a mean of nothing is null."""

    model_config = ConfigDict(frozen=True)

    count: int = 0
    positive: int = 0
    neutral: int = 0
    negative: int = 0
    abstained: int = 0
    mean_score: float | None = None
    mean_rating: float | None = None
    rated: int = 0
    net_sentiment: float | None = None

    @classmethod
    def of(cls, sums: Mapping[Measure, int]) -> "Figures":
        """`net_sentiment` is the share of positive less that of negative among what has a label."""
        labels = {label: sums.get(measure, 0) for label, measure in LABELS.items()}
        told, rated = sum(labels.values()), sums.get(Measure.RATED, 0)
        return cls(
            count=sums.get(Measure.COUNT, 0),
            **labels,
            abstained=sums.get(Measure.ABSTAINED, 0),
            mean_score=_mean(sums.get(Measure.SCORE, 0), told),
            mean_rating=_mean(sums.get(Measure.RATING, 0), rated),
            rated=rated,
            net_sentiment=round((labels["positive"] - labels["negative"]) / told, 6) if told else None,
        )


def added(sums: Iterable[tuple[Measure, int]]) -> dict[Measure, int]:
    """Amounts by measure."""
    total: dict[Measure, int] = {}
    for measure, amount in sums:
        total[measure] = total.get(measure, 0) + amount
    return total


def _mean(millionths: int, count: int) -> float | None:
    return round(millionths / MILLION / count, 6) if count else None

"""What customers say: reviews, survey answers, support requests, posts; as they are kept, and what is made of them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.events import CustomerRef, Id
from shared.domain.opinions import ItemSentiment as ItemSentiment  # noqa: PLC0414 - so mypy lets others import it from here
from shared.domain.sentiment import Sentence, Sentiment

MOST_TEXT_BYTES = 20_000
"""Of one text. A longer one is refused by name, never cut in silence."""


class Part(BaseModel):
    """What all of these have in common: they do not change."""

    model_config = ConfigDict(frozen=True)


class Source(StrEnum):
    """Where feedback comes from."""

    REVIEW = "review"
    SURVEY = "survey"
    SOCIAL = "social"
    SUPPORT = "support"
    OTHER = "other"


class Feedback(Part):
    """One piece of feedback as it is kept: without what was redacted, and scored.

    `redacted` counts what was taken out of the text, by kind. `customer` is None where nobody is named, or may be.
    """

    feedback_id: Id
    source: Source
    time: datetime
    text: str
    rating: Annotated[float, Field(ge=1.0, le=5.0)] | None = None
    item_id: Id | None = None
    order_id: Id | None = None
    customer: CustomerRef | None = None
    redacted: dict[str, int] = {}
    sentiment: Sentiment
    categories: tuple[str, ...] = ()
    model_id: str
    sentences: tuple[Sentence, ...] = ()


class Quote(Part):
    """A sentence of some feedback, as it stands there."""

    feedback_id: Id
    text: str
    score: float
    time: datetime
    item_id: Id | None = None
    rating: float | None = None


class ItemCount(Part):
    """How many pieces of feedback named an item."""

    item_id: str
    count: int


class RatingEffect(Part):
    """How many stars feedback with this theme has more or less than other feedback, with its 95% interval."""

    stars: float
    low: float
    high: float
    rated: int = Field(ge=0, description="How many pieces of feedback with this theme had a rating.")


class WeekCount(Part):
    """Feedback of a week (its Monday) that had a theme, of all feedback of that week."""

    week: date
    count: int
    total: int


class Theme(Part):
    """What several customers speak of. Its id stays as long as it is recognised from one day to the next.

    `trend` is the ratio of its share of the last four weeks' feedback to that of the weeks before, with `trend_low` and
    `trend_high` as a 95% interval; None where there is too little. `net_sentiment` is the mean score in [-1, 1].
    """

    theme_id: Id
    label: str
    terms: tuple[str, ...]
    aspects: tuple[str, ...] = ()
    count: int
    net_sentiment: float
    trend: float | None = None
    trend_low: float | None = None
    trend_high: float | None = None
    rating_effect: RatingEffect | None = None
    weeks: tuple[WeekCount, ...] = ()
    items: tuple[ItemCount, ...] = ()
    quotes: tuple[Quote, ...] = ()
    first_seen: date


class Issue(Part):
    """A theme that is named more often of late than it used to be: what to look at first.

    `count` customers' negative mentions in the `days` up to `as_of`, where `expected` were to be expected; `p_value` is
    the probability of as many or more by chance alone.
    """

    issue_id: Id
    theme_id: Id
    item_id: Id | None = Field(default=None, description="The one item that it is about; null where it is not of one.")
    label: str
    status: Literal["open", "closed"]
    raised: date
    as_of: date
    days: int
    count: int
    expected: float
    p_value: float
    net_sentiment: float
    text: str = Field(description="In one sentence, such as: 3 people mentioned a broken zip this week; normally 0.2.")
    rating_effect: RatingEffect | None = None
    items: tuple[ItemCount, ...] = ()
    quotes: tuple[Quote, ...] = ()

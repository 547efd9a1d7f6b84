"""What is asked for of the feedback that is kept, and what is shown of it."""

from datetime import UTC, datetime
from typing import Annotated, Self

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel, Field

from shared.domain.errors import FieldError, InvalidInputError
from shared.domain.events import EPOCH, Moment
from shared.domain.feedback import Feedback, Source
from shared.domain.retention import LONG
from shared.domain.saying import AHEAD
from shared.domain.sentiment import AspectSentiment, Label
from shared.stores.feedback import Window


class Listed(BaseModel):
    """One piece of feedback as it is kept, without what was redacted."""

    feedback_id: str
    source: Source
    time: datetime
    text: str
    rating: float | None = None
    item_id: str | None = None
    order_id: str | None = None
    customer_id: str | None = None
    anonymous_id: str | None = None
    redacted: dict[str, int] = Field(default={}, description="What was taken out of the text, by kind.")
    label: Label
    score: float
    confidence: float
    abstained: bool
    language: str | None = None
    aspects: tuple[AspectSentiment, ...] = ()
    categories: tuple[str, ...] = ()
    model_id: str

    @classmethod
    def of(cls, feedback: Feedback) -> Self:
        who = feedback.customer
        said = {"customer_id" if who.is_known else "anonymous_id": who.id} if who else {}
        apart = feedback.model_dump(exclude={"customer", "sentiment", "sentences"})
        return cls.model_validate(apart | said | feedback.sentiment.model_dump(exclude={"evidence"}))


class FeedbackPage(BaseModel):
    """Some feedback, newest first; `next_cursor` is absent on the last page."""

    feedback: list[Listed]
    next_cursor: str | None = None


class Wish(BaseModel):
    """Which feedback. A page looks through 500 pieces at most, so one may be short, or empty, though more follow."""

    source: Source | None = None
    item_id: Annotated[str | None, Query(max_length=256)] = None
    label: Label | None = None
    aspect: Annotated[str | None, Query(max_length=64)] = None
    category: Annotated[str | None, Query(max_length=64)] = None
    min_rating: Annotated[float | None, Query(ge=1, le=5)] = None
    max_rating: Annotated[float | None, Query(ge=1, le=5)] = None

    def holds(self, feedback: Feedback) -> bool:
        """Whether this one is wanted. With a bound on the rating, only what has one."""
        same = (
            self.source in {None, feedback.source}
            and self.item_id in {None, feedback.item_id}
            and self.label in {None, feedback.sentiment.label}
            and (self.aspect is None or any(each.aspect == self.aspect for each in feedback.sentiment.aspects))
            and (self.category is None or self.category in feedback.categories)
        )
        low, high = self.min_rating, self.max_rating
        if low is None and high is None:
            return same
        return same and feedback.rating is not None and (low or 0.0) <= feedback.rating <= (high or 5.0)


def window(since: Moment | None, until: Moment | None, now: datetime) -> Window:
    """The time that is asked for; by default all that is kept."""
    first = max(since or now - LONG, EPOCH)
    last = min(until or now + AHEAD, now + AHEAD)
    if since and until and since > until:
        raise InvalidInputError("The request is not valid.", [FieldError("until", "must not be before since")])
    return Window(max(first, (now - LONG).astimezone(UTC)), last)

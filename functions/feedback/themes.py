"""Themes and issues as the owner reads them: what the last run found, with quotes of what is still there."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from pydantic import BaseModel, Field

from shared.domain.feedback import Feedback, Issue, Quote, Theme
from shared.domain.themes import FoundIssue, FoundTheme, Place, Run

SHOWN_QUOTES = 3
MIXED = 0.1
"""A theme whose mean score is nearer to 0 is neither good nor bad."""


class Sign(StrEnum):
    """Whether customers are glad or sorry to speak of it."""

    POSITIVE = "positive"
    MIXED = "mixed"
    NEGATIVE = "negative"


class IssueStatus(StrEnum):
    """Of an issue."""

    OPEN = "open"
    CLOSED = "closed"


class Head(BaseModel):
    """Of which run it is. `sampled` is the share of the feedback that was read: below 1, counts are estimates."""

    as_of: datetime | None = Field(description="When it was computed; null before the first run.")
    feedback: int = 0
    sampled: float = 1.0


class Themes(Head):
    """The most spoken of first."""

    themes: list[Theme]


class Issues(Head):
    """Open ones first, the latest first."""

    issues: list[Issue]


class Wanted(NamedTuple):
    """Which themes are asked for. `since` leaves out those that were last spoken of in a week before it."""

    item_id: str | None = None
    aspect: str | None = None
    sentiment: Sign | None = None
    since: date | None = None

    def holds(self, theme: Theme) -> bool:
        return (
            (self.item_id is None or any(each.item_id == self.item_id for each in theme.items))
            and (self.aspect is None or self.aspect in theme.aspects)
            and (self.sentiment is None or sign(theme) is self.sentiment)
            and (self.since is None or any(each.week >= self.since and each.count for each in theme.weeks))
        )


class Quoted(Protocol):
    """Where feedback is found by its id."""

    def get(self, feedback_ids: Iterable[str]) -> Mapping[str, Feedback]: ...


def sign(theme: Theme) -> Sign:
    """Of its mean score."""
    if abs(theme.net_sentiment) < MIXED:
        return Sign.MIXED
    return Sign.POSITIVE if theme.net_sentiment > 0 else Sign.NEGATIVE


def themes(run: Run | None, wanted: Wanted, limit: int, feedback: Quoted) -> Themes:
    """The themes that are wanted, with quotes."""
    if run is None:
        return Themes(as_of=None, themes=[])
    chosen: Sequence[FoundTheme] = [each for each in run.themes if wanted.holds(each.theme)][:limit]
    said = feedback.get({place.feedback_id for each in chosen for place in each.places})
    told = [each.theme.model_copy(update={"quotes": quotes(each.places, said)}) for each in chosen]
    return Themes(as_of=run.as_of, feedback=run.feedback, sampled=run.sampled, themes=told)


def issues(run: Run | None, status: IssueStatus | None, limit: int, feedback: Quoted) -> Issues:
    """The issues of this status, or all, with quotes."""
    if run is None:
        return Issues(as_of=None, issues=[])
    chosen: Sequence[FoundIssue] = [each for each in run.issues if status is None or each.issue.status == status][
        :limit
    ]
    said = feedback.get({place.feedback_id for each in chosen for place in each.places})
    told = [each.issue.model_copy(update={"quotes": quotes(each.places, said)}) for each in chosen]
    return Issues(as_of=run.as_of, feedback=run.feedback, sampled=run.sampled, issues=told)


def quotes(places: Sequence[Place], said: Mapping[str, Feedback]) -> tuple[Quote, ...]:
    """The first of the places whose feedback is still there: what was erased or taken back is not quoted."""
    there = [each.quoted(said[each.feedback_id]) for each in places if each.feedback_id in said]
    return tuple(there[:SHOWN_QUOTES])

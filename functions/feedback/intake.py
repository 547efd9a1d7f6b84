"""The use case of taking in a batch of feedback: the good pieces are kept, each bad one is named."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import BaseModel, Field, SkipValidation

from shared.domain.errors import FieldError
from shared.domain.saying import Said, read
from shared.stores.feedback import Kept
from shared.stores.feedback_intake import FeedbackIntake, NotKept

MOST_PIECES = 100


class FeedbackBatch(BaseModel):
    """Feedback to keep; each piece is checked by itself, so that a bad one never costs the good ones."""

    feedback: list[SkipValidation[Said]] = Field(min_length=1, max_length=MOST_PIECES)


class RejectedFeedback(BaseModel):
    """A bad piece of a batch: where it stood, which field is wrong and why."""

    index: int
    feedback_id: str | None
    field: str
    message: str


class FeedbackReport(BaseModel):
    """How many pieces were accepted, what was wrong with each of the others, and what was not kept as it came."""

    accepted: int
    known: int = Field(default=0, description="Of the accepted, how many were there already.")
    rejected: list[RejectedFeedback]
    not_kept: dict[NotKept, int] = Field(
        default={}, description="Of the accepted, how many were kept without identity or not at all, and why."
    )


class Sorted(NamedTuple):
    """The good pieces by where they stood, and the bad ones."""

    good: dict[int, Said]
    bad: list[RejectedFeedback]


def sort(records: Sequence[Any], now: datetime) -> Sorted:
    """Sort a batch into good pieces and bad ones; each bad one is named with its first bad field."""
    found = Sorted({}, [])
    for index, record in enumerate(records):
        said = read(record, now)
        if isinstance(said, Said):
            found.good[index] = said
        else:
            found.bad.append(_rejected(index, record, said))
    return found


def checked(found: Sorted) -> FeedbackReport:
    """What would be told, as far as that can be known before anything is kept."""
    return FeedbackReport(accepted=len(found.good), rejected=found.bad)


def take_in(found: Sorted, intake: FeedbackIntake, now: datetime) -> FeedbackReport:
    """Keep the good pieces, report the bad ones. Raises `StoreUnavailableError`: then all of it is to be sent again."""
    outcomes = dict(zip(found.good, intake.take(list(found.good.values()), now) if found.good else [], strict=True))
    taken = [
        RejectedFeedback(index=index, feedback_id=found.good[index].feedback_id, field="feedback_id", message=TAKEN)
        for index, outcome in outcomes.items()
        if outcome.kept is Kept.OTHER
    ]
    return FeedbackReport(
        accepted=len(found.good) - len(taken),
        known=sum(outcome.kept is Kept.KNOWN for outcome in outcomes.values()),
        rejected=sorted([*found.bad, *taken], key=lambda each: each.index),
        not_kept=dict(Counter(outcome.reason for outcome in outcomes.values() if outcome.reason)),
    )


TAKEN = "is that of feedback which says something else; delete that first, or give this another id"


def _rejected(index: int, record: Any, error: FieldError) -> RejectedFeedback:
    said = record.get("feedback_id") if isinstance(record, dict) else None
    feedback_id = said if isinstance(said, str) else None
    return RejectedFeedback(index=index, feedback_id=feedback_id, field=error.field, message=error.message)

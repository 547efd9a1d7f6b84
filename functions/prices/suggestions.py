"""The use cases of suggested prices: listed for the owner, and the owner's word on each."""

from datetime import date, datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.errors import ConflictError, FieldError, InvalidInputError
from shared.domain.suggestions import Suggestion, SuggestionStatus
from shared.stores.suggestions import SuggestionStore

USUAL_SNOOZE = timedelta(days=7)
LONGEST_SNOOZE = timedelta(days=90)


class SuggestionPage(BaseModel, defer_build=True):
    """One page of suggestions, those that promise the most profit first; `next_cursor` is absent on the last."""

    suggestions: list[Suggestion]
    next_cursor: str | None = None


class Meant(BaseModel):
    """Which suggestion is meant; left out, it is the item's last one, whichever that is by then."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    suggestion_id: str | None = Field(default=None, max_length=64)


class Snooze(Meant):
    """Not now. Until this day (UTC) nothing is suggested for the item; a week, where it is left out."""

    until: date | None = None


def reject(item_id: str, said: Meant, store: SuggestionStore, now: datetime) -> Suggestion:
    """The owner does not want this price. Raises `NotFoundError` and `ConflictError`."""
    return store.decide(item_id, _meant(item_id, said, store), SuggestionStatus.REJECTED, now)


def snooze(item_id: str, said: Snooze, store: SuggestionStore, now: datetime) -> Suggestion:
    """The owner wants to hear of it later. Raises `InvalidInputError`, `NotFoundError` and `ConflictError`."""
    until = said.until or (now + USUAL_SNOOZE).date()
    if not now.date() < until <= (now + LONGEST_SNOOZE).date():
        wrong = FieldError("until", f"must be after today (UTC), and within {LONGEST_SNOOZE.days} days")
        raise InvalidInputError("The request is not valid.", [wrong])
    return store.decide(item_id, _meant(item_id, said, store), SuggestionStatus.SNOOZED, now, snoozed_until=until)


def _meant(item_id: str, said: Meant, store: SuggestionStore) -> str:
    last = store.last(item_id).suggestion_id
    if said.suggestion_id not in {None, last}:
        raise ConflictError("Another suggestion has taken its place: read it again.")
    return last

"""A suggested price: what it would change, how sure that is, why, and which of the owner's limits bound it."""

import hashlib
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.domain.events import Id
from shared.domain.money import Money

VALID = timedelta(days=7)
"""How long a suggestion may be approved: prices move at most once a week."""
NOT_AGAIN = timedelta(days=28)
"""For so long what the owner has rejected is not suggested again, unless the price is another by then. A price that was
changed as suggested and is again what it was before has been put back by hand, which is a rejection too."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class Estimate(_Part):
    """A value with the interval that holds it with 80% probability."""

    value: float
    low: float
    high: float


class PricePoint(_Part):
    """One price of the curve: units and profit a week there. Profit is None where the cost is not known."""

    price: Decimal
    units: Estimate
    profit: Estimate | None = None


class Elasticity(Estimate):
    """Percent of units per percent of price (negative), and what it rests on."""

    weeks: Annotated[int, Field(description="Weeks with sales that were counted.")]
    prices: Annotated[int, Field(description="Different prices in them; with one there is nothing to learn from.")]
    own_share: Annotated[float, Field(ge=0, le=1, description="Of the item itself; the rest is its category's.")]


class PriceReason(_Part):
    """One reason; `kind` is for programs, `text` for the owner."""

    kind: Literal["elasticity", "stock", "competitor", "season", "margin_floor", "clearance", "prior"]
    text: str


class Bound(_Part):
    """A limit that held the price back: its field in `Limits`, and the price that it allows."""

    limit: str
    text: str


class SuggestionStatus(StrEnum):
    """Where a suggestion stands. An expired one can no more be approved."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    SNOOZED = "snoozed"
    EXPIRED = "expired"


UNDECIDED = {SuggestionStatus.OPEN, SuggestionStatus.SNOOZED}


class Suggestion(_Part):
    """Made nightly, one open at most per item. Changes are a week's, against keeping the current price."""

    suggestion_id: Annotated[str, Field(description="Follows from item, current and suggested price and day.")]
    item_id: Id
    title: str
    category: str | None = None
    created: AwareDatetime
    expires: AwareDatetime
    current: Money
    suggested: Money
    units: Estimate
    revenue: Estimate
    profit: Estimate | None = None
    elasticity: Elasticity
    reasons: tuple[PriceReason, ...]
    bounds: tuple[Bound, ...] = ()
    would_change: tuple[str, ...] = ()
    curve: Annotated[tuple[PricePoint, ...], Field(max_length=15)] = ()
    model_id: str
    status: SuggestionStatus = SuggestionStatus.OPEN
    snoozed_until: date | None = None
    decided: AwareDatetime | None = None
    by_autopilot: bool = False

    def at(self, now: datetime) -> Self:
        """The suggestion as it stands now: nobody has to be awake for a snooze to end, or for one to expire."""
        asleep = (
            self.status is SuggestionStatus.SNOOZED
            and self.snoozed_until is not None
            and now.date() < self.snoozed_until
        )
        if self.status not in UNDECIDED or asleep:
            return self
        return self.model_copy(
            update={"status": SuggestionStatus.EXPIRED if self.expires <= now else SuggestionStatus.OPEN}
        )

    def holds_back(self, other: Self, now: datetime) -> bool:
        """Whether another for the same item must wait: this one says the same, or the owner wants to hear no more."""
        if other.current != self.current:
            return False
        match self.at(now).status:
            case SuggestionStatus.OPEN:
                return other.suggested == self.suggested and self.expires > other.created + VALID / 2
            case SuggestionStatus.SNOOZED:
                return True
            case SuggestionStatus.REJECTED | SuggestionStatus.APPROVED:
                return self.decided is not None and now < self.decided + NOT_AGAIN
        return False


def suggestion_id(item_id: str, current: Money, suggested: Money, day: date) -> str:
    """The same for the same suggestion of a day, however often the night's job runs."""
    parts = (item_id, current.currency, f"{current.amount.normalize():f}", f"{suggested.amount.normalize():f}")
    return "sug_" + hashlib.sha256("\0".join((*parts, day.isoformat())).encode()).hexdigest()[:24]

"""A suggested price: what it would change, how sure that is, why, and which of the owner's limits bound it."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.domain.events import Id
from shared.domain.money import Money


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Estimate(_Part):
    """A value with the interval that holds it with 80% probability."""

    value: float
    low: float
    high: float


class Point(_Part):
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


class Status(StrEnum):
    """Where a suggestion stands. An expired one can no more be approved."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    SNOOZED = "snoozed"
    EXPIRED = "expired"


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
    curve: Annotated[tuple[Point, ...], Field(max_length=15)] = ()
    model_id: str
    status: Status = Status.OPEN
    snoozed_until: date | None = None
    decided: AwareDatetime | None = None
    by_autopilot: bool = False

"""The limits inside which prices may be suggested and set: the owner's, for all items, a category or one item."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.domain.money import Money

Share = Annotated[Decimal, Field(ge=0, le=10, allow_inf_nan=False)]
"""A share of something: .05 is five percent."""
Ending = Annotated[str, StringConstraints(pattern=r"^\d{0,3}(\.\d{1,3})?$", min_length=1)]
"""The last digits of a price: "9", ".99", "4.95"."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CompetitorRule(_Part):
    """No more than `above` over the `of` of the competitors' prices for the same item."""

    above: Annotated[Decimal, Field(ge=-1, le=10, allow_inf_nan=False)]
    of: Literal["lowest", "median", "mean"] = "median"
    most_days_old: Annotated[int, Field(ge=1, le=365)] = 14


class Clearance(_Part):
    """To be sold off by a day: the price may fall below the minimum margin, never below `floor` (of the cost)."""

    until: date
    floor: Share = Decimal(0)


class Limits(_Part):
    """What the owner allows. None: not said here, so what a wider scope says holds."""

    minimum: Money | None = None
    maximum: Money | None = None
    minimum_margin: Annotated[Share | None, Field(description="Price >= cost x (1 + this).")] = None
    minimum_advertised: Annotated[Money | None, Field(description="The maker's minimum advertised price (MAP).")] = None
    maximum_weekly_step: Annotated[Decimal | None, Field(gt=0, le=1, allow_inf_nan=False)] = None
    endings: Annotated[tuple[Ending, ...] | None, Field(max_length=10)] = None
    competitors: CompetitorRule | None = None
    clearance: Clearance | None = None
    fewest_days_of_cover: Annotated[int | None, Field(ge=0, le=3650)] = None
    most_days_of_cover: Annotated[int | None, Field(ge=0, le=3650)] = None
    autopilot: bool | None = None


DEFAULTS = Limits(minimum_margin=Decimal(0), maximum_weekly_step=Decimal("0.05"), autopilot=False)
"""Of a shop that never said any: no price below cost, steps of at most 5% a week, and nothing without approval."""


def merged(narrowest_first: Iterable[Limits]) -> Limits:
    """The limits that hold where several scopes speak: of each field what the narrowest says, at last `DEFAULTS`."""
    told: dict[str, object] = {}
    for limits in (*narrowest_first, DEFAULTS):
        said = {name: value for name in Limits.model_fields if (value := getattr(limits, name)) is not None}
        told = said | told
    return Limits.model_validate(told)

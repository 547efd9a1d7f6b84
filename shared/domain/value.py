"""What a customer is worth and whether they are about to leave, as the nightly job writes it."""

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class Lifecycle(StrEnum):
    """Where a customer stands; who never ordered is a visitor, and has no record."""

    NEW = "new"
    LOYAL = "loyal"
    LAPSING = "lapsing"
    REGULAR = "regular"


class Likely(BaseModel):
    """An expected number with the interval that holds it with 80% probability."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    value: float
    low: float
    high: float


class CustomerValue(BaseModel):
    """RFM, and what is expected of the next 90 days. Amounts are in `currency`, None where orders tell no money."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    lifecycle: Lifecycle
    orders: Annotated[int, Field(ge=1)]
    first_order: AwareDatetime
    last_order: AwareDatetime
    average_order: float | None = None
    currency: str | None = None
    expected_orders: Likely
    expected_value: Likely | None = None
    days_between_orders: float | None = None
    pooled: Annotated[bool, Field(description="Rests on a prior of other shops: too few repeat buyers here.")] = False
    computed: AwareDatetime
    model_id: str


class LifecycleFigures(BaseModel):
    """What those of one lifecycle are together. All is None where they are too few to be spoken of."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    lifecycle: Lifecycle
    customers: int | None = None
    expected_orders: float | None = None
    expected_value: float | None = None


class ValueSummary(BaseModel):
    """The shop's customers by lifecycle, as the nightly job counted them."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    computed: AwareDatetime
    model_id: str
    currency: str | None = None
    customers: Annotated[int | None, Field(description="With at least one order that stands; None below ten.")] = None
    lifecycles: tuple[LifecycleFigures, ...] = ()
    pooled: bool = False

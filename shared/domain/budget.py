"""The owner's monthly budget: how far it is used up, and what is switched off at which point.

The figures behind it are minutes late and rounded up or down (see `functions/meter`): a cap, never an exact one.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

Money = Annotated[float, Field(ge=0, allow_inf_nan=False)]
"""Dollars of an estimate, which no one is charged: not an amount of the shop's."""
NO_BUDGET = 0.0


class Level(StrEnum):
    """What the budget lets run."""

    NORMAL = "normal"
    WARNED = "warned"
    REDUCED = "reduced"
    STOPPED = "stopped"

    @property
    def severity(self) -> int:
        return list(Level).index(self)

    @property
    def saves(self) -> bool:
        """Whether training and personalisation are switched off."""
        return self.severity >= Level.REDUCED.severity


SHARES: Mapping[Level, float] = {Level.WARNED: 0.8, Level.REDUCED: 1.0, Level.STOPPED: 1.2}
"""Of the budget, from which on a level holds."""
MEANS: Mapping[Level, str] = {
    Level.NORMAL: "Everything runs.",
    Level.WARNED: "Everything runs; at 100% training and personalisation are switched off, at 120% the API.",
    Level.REDUCED: "Training and personalisation are off, events and popular items go on; at 120% the API stops.",
    Level.STOPPED: (
        "The API answers 429 to everybody, and the schedules are off. Webhooks fail too: Shopify takes back those that "
        "fail for some hours, WooCommerce switches them off after five failures, so look there when all runs again."
    ),
}
SAVING = "The month's budget is used up: nothing is personalised until it is lifted or the month ends."
NOT_TRAINED = (
    "The month's budget is used up, so nothing is trained until the month ends. "
    "`regulars budget lift` or `regulars budget set` switches it on again."
)
NOT_ANALYSED = (
    "The month's budget is used up, so feedback is not analysed until the month ends. "
    "`regulars budget lift` or `regulars budget set` switches it on again."
)
NOT_VALUED = (
    "The month's budget is used up, so the values of customers stay as they are until the month ends. "
    "`regulars budget lift` or `regulars budget set` switches it on again."
)
NOT_PRICED = (
    "The month's budget is used up, so no prices are suggested until the month ends. "
    "`regulars budget lift` or `regulars budget set` switches it on again."
)


class Throttle(NamedTuple):
    """What the gateway lets through: requests a second, and at once."""

    rate: float
    burst: int

    @property
    def is_shut(self) -> bool:
        return self.rate == 0 or self.burst == 0


SHUT = Throttle(0.0, 0)


class Kept(BaseModel):
    """What stood before the stop, to be put back: throttles by route ("" is all others), and schedules that were on."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    throttles: Mapping[str, Throttle] = {}
    schedules: frozenset[str] = frozenset()


class Wish(BaseModel):
    """What the owner said after the deployment: another budget than the template's, and the month that was lifted."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    budget: Money | None = None
    lifted: str | None = None


class Standing(BaseModel):
    """How the month stands, as the meter saw it last. `told` is the worst level that the owner has been told of."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    month: str
    budget: Money
    spent: Money
    level: Level
    measured: datetime
    lifted: bool = False
    told: Level = Level.NORMAL
    kept: Kept = Kept()
    dearest: Mapping[str, Money] = {}


def month_of(now: datetime) -> str:
    """The month that a moment (UTC) is charged to, as in `2026-11`."""
    return f"{now:%Y-%m}"


def level_of(spent: float, budget: float, *, lifted: bool = False) -> Level:
    """What this spending switches off; nothing without a budget, and never more than a warning where it is lifted."""
    if budget <= NO_BUDGET:
        return Level.NORMAL
    reached = [level for level, share in SHARES.items() if spent >= share * budget]
    level = reached[-1] if reached else Level.NORMAL
    return Level.WARNED if lifted and level.saves else level

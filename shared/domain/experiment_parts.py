"""An item's part in a price experiment: the prices of its arms, when it was on which, and how that ended."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.domain.currencies import minor_units
from shared.domain.experiments import Experiment, Phase
from shared.domain.items import Item
from shared.domain.ledger import Entry
from shared.domain.money import Money
from shared.domain.price_limits import Limits, Refused, bounded

ENDINGS = "endings"


class Over(StrEnum):
    """Why an item's part is over."""

    FINISHED = "finished"
    STOPPED = "stopped"
    LIMITS = "limits"
    EDITED = "edited"
    GONE = "gone"


BACK = {Over.FINISHED, Over.STOPPED, Over.LIMITS}
"""After these the item costs again what it did before; what somebody else has set is kept."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Turn(_Part):
    """From `since` on the item was on this arm, for this block."""

    block: int
    arm: int
    since: AwareDatetime


class End(_Part):
    """When and why the part was over; `text` is for the owner."""

    why: Over
    at: AwareDatetime
    text: str = ""


class Part(_Part):
    """`prices` are those of the arms, in their order; `base` was the item's before, `cost` as it was then."""

    experiment_id: str
    item_id: str
    base: Money
    cost: Money | None = None
    prices: tuple[Decimal, ...]
    turns: tuple[Turn, ...] = ()
    over: End | None = None

    @property
    def revision(self) -> int:
        """Rises with each change, so that a write may be conditional on what was read."""
        return len(self.turns) + (self.over is not None)

    @property
    def price(self) -> Decimal | None:
        """What the item has to cost now; None where that is not the experiment's business any more."""
        if self.over:
            return self.base.amount if self.over.why in BACK else None
        return self.prices[self.turns[-1].arm]

    def turned(self, experiment: Experiment, now: datetime) -> "Part":
        """On the arm of today's block."""
        block = experiment.block(now.date())
        turn = Turn(block=block, arm=experiment.arm(self.item_id, block), since=now)
        return self.model_copy(update={"turns": (*self.turns, turn)})

    def ended(self, why: Over, at: datetime, text: str = "") -> "Part":
        return self.model_copy(update={"over": End(why=why, at=at, text=text)})


class Holding(NamedTuple):
    """What holds for an item's price: limits, competitors' prices that count, and what it cost in the last week."""

    limits: Limits
    competitors: Sequence[Decimal]
    recent: Sequence[Decimal]


def enrolled(experiment: Experiment, item: Item, holding: Holding, now: datetime) -> Part | str:
    """The item's part in an experiment, on its first arm, or why it has none."""
    base = item.price
    if base is None or base.amount <= 0 or item.kind != "product":
        return "It has no price above zero."
    if item.stock == 0:
        return "It is out of stock."
    prices: list[Decimal] = []
    for percent in experiment.arms:
        price = _arm(base.amount * (1 + percent / 100), base, item, holding, now.date()) if percent else base.amount
        if isinstance(price, str):
            return price
        prices.append(price)
    if len({minor_units(price, base.currency) for price in prices}) < len(prices):
        return f"At {base.amount:f} {base.currency} two arms are the same price."
    if why := forbidden(prices, item, base, holding, now.date()):
        return why
    part = Part(
        experiment_id=experiment.experiment_id, item_id=item.item_id, base=base, cost=item.cost, prices=tuple(prices)
    )
    return part.turned(experiment, now)


def forbidden(prices: Sequence[Decimal], item: Item, current: Money, holding: Holding, today: date) -> str | None:
    """Why not all arms may be had, from any of them to any other within a week; None where they may.

    All are asked of, not the one whose turn it is: else what counts would depend on what was drawn. The endings were
    seen to when the prices were made.
    """
    limits = holding.limits.model_copy(update={ENDINGS: None})
    recent = (*holding.recent, *prices)
    for price in prices:
        allowed = bounded(price, current, item.cost, limits, holding.competitors, today, recent=recent)
        if isinstance(allowed, Refused):
            return f"{allowed.limit}: {allowed.why}"
        if allowed.price != price:
            return f"{price:f} {current.currency}: " + " ".join(bound.text for bound in allowed.bounds)
    return None


def _arm(wanted: Decimal, base: Money, item: Item, holding: Holding, today: date) -> Decimal | str:
    """An arm's price, with the owner's endings."""
    allowed = bounded(wanted, base, item.cost, holding.limits, holding.competitors, today, recent=holding.recent)
    if isinstance(allowed, Refused):
        return f"{allowed.limit}: {allowed.why}"
    if held := [bound.text for bound in allowed.bounds if bound.limit != ENDINGS]:
        return " ".join(held)
    return allowed.price


def advanced(
    part: Part, experiment: Experiment, item: Item | None, entries: Sequence[Entry], holding: Holding, now: datetime
) -> Part:
    """What becomes tonight of a part that is not over; `entries` are the end of the item's ledger."""
    if item is None:
        return part.ended(Over.GONE, now)
    if at := _edited(part, item, entries, now):
        return part.ended(Over.EDITED, at)
    phase = experiment.phase(now.date())
    if phase is not Phase.RUNNING:
        return part.ended(Over.STOPPED if phase is Phase.STOPPED else Over.FINISHED, now)
    if experiment.block(now.date()) == part.turns[-1].block:
        return part
    why = forbidden(part.prices, item, part.base, holding, now.date())
    return part.ended(Over.LIMITS, now, why) if why else part.turned(experiment, now)


def _edited(part: Part, item: Item, entries: Sequence[Entry], now: datetime) -> datetime | None:
    """When somebody else gave the item another price, even if it has its own again; None if nobody did."""
    price = Money(amount=part.prices[part.turns[-1].arm], currency=part.base.currency)
    for entry in entries:
        if entry.since > part.turns[-1].since and (entry.currency, entry.amount) != (price.currency, price.amount):
            return entry.since
    return None if item.price == price else now

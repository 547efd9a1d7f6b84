"""What may be said in public of an item's price: what it is, what it was, and whether it may be called reduced.

The rule is that of Directive 98/6/EC, Article 6a: who announces a reduction says the lowest price of the 30 days before
it began. What counts is what the ledger proves, and nothing else. It is read strictly where the directive leaves room:

- 30 days are 30 times 24 hours between instants, so no midnight, time zone or daylight saving moves them, and they are
  days on which the item had a price: for those on which it had none, earlier ones count; but what had none for all of
  the 30 days has nothing to be measured by;
- a reduction may be announced for 30 days. After that, the lower price is what the item costs.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.domain.ledger import PRIOR_DAYS, Entry, Head, broken, periods
from shared.domain.money import Money

PRIOR = timedelta(days=PRIOR_DAYS)
ANNOUNCED = timedelta(days=30)
"""So long a price may be called reduced after it was."""


class WhyNot(StrEnum):
    """Why a price may not be called reduced."""

    NO_PRICE = "no_price"
    UNPROVEN = "unproven"
    TOO_NEW = "too_new"
    NOT_LOWER = "not_lower"
    TOO_LONG_AGO = "too_long_ago"


class StrikeThrough(BaseModel):
    """Whether the price may be called reduced: from `was`, by at most `most_percent`, until `until`."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    allowed: bool
    was: Annotated[Money | None, Field(description="The highest amount that may be struck through.")] = None
    most_percent: Annotated[int | None, Field(description='The most that "-x%" may say.')] = None
    until: AwareDatetime | None = None
    why_not: WhyNot | None = None
    text: str


class PublicPrice(BaseModel):
    """What an item costs, since when, and the lowest price that a reduction is measured by.

    That is the lowest of the 30 days before the present price began; where that is longer ago, of the last 30 days.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    item_id: str
    price: Money | None
    since: AwareDatetime | None = None
    lowest_prior_30_days: Money | None = None
    strike_through: StrikeThrough


class Prior(NamedTuple):
    """The lowest price of a time, and how much of that time had a price."""

    lowest: Decimal | None
    had: timedelta


def prior(entries: Sequence[Entry], currency: str, at: datetime) -> Prior:
    """The lowest price of the last 30 days before `at` on which the item had one; `had` tells how many there were."""
    before = [each._replace(until=min(each.until or at, at)) for each in periods(entries, currency) if each.since < at]
    amounts: list[Decimal] = []
    left = PRIOR
    while before and left and (amounts or at - (before[-1].until or at) < PRIOR):
        amount, since, until = before.pop()
        amounts.append(amount)
        left -= min(left, (until or at) - since)
    return Prior(min(amounts, default=None), PRIOR - left)


def public_price(
    item_id: str, price: Money | None, entries: Sequence[Entry], end: Head | None, now: datetime
) -> PublicPrice:
    """What may be said of an item with this price, whose ledger is `entries`, or their latest, and should end in `end`.

    What the ledger does not prove is not said: then there is the price, and no word of what it was.
    """
    if price is None:
        return PublicPrice(item_id=item_id, price=None, strike_through=_no(WhyNot.NO_PRICE, "The item has no price."))
    found = periods(entries, price.currency)
    current = found[-1] if found and found[-1].until is None else None
    now = now.astimezone(UTC)
    if broken(entries, end, tail=True) or current is None or current.amount != price.amount:
        return PublicPrice(item_id=item_id, price=price, strike_through=_no(WhyNot.UNPROVEN, UNPROVEN))
    began = min(current.since, now)
    before = prior(entries, price.currency, began if now - began < ANNOUNCED else now)
    return PublicPrice(
        item_id=item_id,
        price=price,
        since=current.since,
        lowest_prior_30_days=_money(before.lowest, price),
        strike_through=_judged(price, before, began, now),
    )


UNPROVEN = "The price ledger does not prove what the price was, so nothing may be said of it."


def _judged(price: Money, before: Prior, began: datetime, now: datetime) -> StrikeThrough:
    if now - began >= ANNOUNCED:
        text = f"The price is the same since {began:%Y-%m-%d}, 30 days or more: it is reduced no longer."
        return _no(WhyNot.TOO_LONG_AGO, text)
    if before.lowest is None or before.had < PRIOR:
        text = f"The ledger knows of {before.had.days} days with a price before this one; 30 are needed."
        return _no(WhyNot.TOO_NEW, text)
    if before.lowest <= price.amount:
        text = f"The price is not below the lowest of the 30 days before it, {before.lowest:f} {price.currency}."
        return _no(WhyNot.NOT_LOWER, text)
    share = (before.lowest - price.amount) / before.lowest * 100
    return StrikeThrough(
        allowed=True,
        was=_money(before.lowest, price),
        most_percent=int(share.to_integral_value(ROUND_FLOOR)),
        until=began + ANNOUNCED,
        text=f"The lowest price of the 30 days before was {before.lowest:f} {price.currency}.",
    )


def _no(why: WhyNot, text: str) -> StrikeThrough:
    return StrikeThrough(allowed=False, why_not=why, text=text)


def _money(amount: Decimal | None, like: Money) -> Money | None:
    return None if amount is None else Money(amount=amount, currency=like.currency)

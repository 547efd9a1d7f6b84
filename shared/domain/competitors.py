"""What competitors ask for the shop's items, as a feed tells: read with suspicion, and old prices forgotten."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from shared.domain.errors import FieldError
from shared.domain.events import Id, Moment
from shared.domain.items import Item, Url
from shared.domain.money import Money

ABSURD = 10
"""A price so many times above or below the shop's own is a slip of a feed: cents for euros, a price for a dozen."""
AHEAD = timedelta(hours=1)
OLDEST = timedelta(days=365)
MOST_COMPETITORS = 50
"""Of one item, so that its record stays small."""


def _plain(value: str) -> str:
    from shared.domain.markup import plain_text  # noqa: PLC0415 - its tables and patterns are for who tells prices

    if "<" in value or ">" in value or plain_text(value) != value:
        raise ValueError("must be plain text, without markup and control characters")
    return value


Competitor = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_plain)]


class CompetitorPrice(BaseModel):
    """What a competitor asked for the same item when somebody looked; without a price, it offers it no longer."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    item_id: Id
    competitor: Competitor
    price: Money | None
    seen: Annotated[Moment | None, Field(description="When it was seen. Now, where it is left out.")] = None
    url: Annotated[Url, Field(max_length=300), AfterValidator(_plain)] | None = None


def fault(told: CompetitorPrice, item: Item | None, now: datetime) -> FieldError | None:
    """What is wrong with a price that is well formed: absurd, in another currency, of another time or of no item."""
    if item is None:
        return FieldError("item_id", "is not in the catalogue")
    if told.seen and told.seen > now + AHEAD:
        return FieldError("seen", "is more than an hour in the future")
    if told.seen and told.seen < now - OLDEST:
        return FieldError("seen", "is more than a year ago")
    return _absurd(told.price, item.price) if told.price else None


def _absurd(price: Money, own: Money | None) -> FieldError | None:
    if price.amount == 0:
        return FieldError("price.amount", "must be above zero")
    if own is None:
        return FieldError("item_id", "has no price of its own to compare with")
    if price.currency != own.currency:
        return FieldError("price.currency", f"must be that of the item's own price, {own.currency}")
    if own.amount and not own.amount / ABSURD <= price.amount <= own.amount * ABSURD:
        return FieldError("price.amount", f"is over {ABSURD} times above or below the item's own, {own.amount:f}")
    return None


def updated(
    before: Iterable[CompetitorPrice], told: Iterable[CompetitorPrice], now: datetime
) -> tuple[CompetitorPrice, ...]:
    """The latest of each competitor, by name; those of over a year ago are forgotten. Each must say when it was seen.

    Told twice, or in another order, it is the same.
    """
    latest: dict[str, CompetitorPrice] = {}
    for each in (*before, *told):
        known = latest.get(each.competitor)
        if _seen(each) >= now - OLDEST and (known is None or _order(each) > _order(known)):
            latest[each.competitor] = each
    return tuple(latest[name] for name in sorted(latest))


def _order(price: CompetitorPrice) -> tuple[datetime, Decimal]:
    """Of two prices seen at the same time the lower counts: which came first cannot be told."""
    return _seen(price), -(price.price.amount if price.price else Decimal("Infinity"))


def _seen(price: CompetitorPrice) -> datetime:
    if price.seen is None:
        raise ValueError("must say when it was seen")
    return price.seen


def amounts(prices: Iterable[CompetitorPrice], own: Money, most_days_old: int, now: datetime) -> list[Decimal]:
    """What counts of these for an item with this price of its own: the same currency, not too old, not absurd.

    The item's price may have changed since they were taken in, so absurd ones are looked for again.
    """
    oldest = now - timedelta(days=most_days_old)
    return [
        each.price.amount
        for each in prices
        if each.price and _seen(each) >= oldest and _absurd(each.price, own) is None
    ]

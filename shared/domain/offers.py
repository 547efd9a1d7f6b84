"""Offers: discounts that the owner defines, and to whom, when and where each may be made. None can raise a price."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.domain.events import Id, Moment
from shared.domain.items import Item
from shared.domain.money import Money, rounded
from shared.domain.value import Lifecycle

MOST_OFFERS = 100
OfferSurface = Literal["home", "product", "cart", "checkout", "search", "article", "email"]
Stage = Lifecycle | Literal["visitor"]
VISITOR: Literal["visitor"] = "visitor"
"""Who never ordered, and so has no lifecycle."""
PublicCode = Annotated[str, StringConstraints(pattern="^[A-Z0-9-]{3,40}$")]
Code = Annotated[str, StringConstraints(min_length=3, max_length=40, strip_whitespace=True, to_upper=True)]
"""As a shopper types it."""
Percentage = Annotated[Decimal, Field(gt=0, le=100, decimal_places=2, allow_inf_nan=False)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Percent(_Part):
    """So many percent of what it is on, and no more than `most`."""

    kind: Literal["percent"]
    percent: Percentage
    most: Money | None = None


class AmountOff(_Part):
    """A sum, once an order, and no more than what it is on costs."""

    kind: Literal["amount"]
    amount: Money


class Scope(_Part):
    """What it is on: these items and categories; everything where neither is named."""

    item_ids: tuple[Id, ...] = Field(default=(), max_length=100)
    categories: tuple[Annotated[str, StringConstraints(min_length=1, max_length=256)], ...] = Field((), max_length=20)

    def holds(self, item: Item) -> bool:
        is_all = not self.item_ids and not self.categories
        return is_all or item.item_id in self.item_ids or item.category in self.categories


class Eligibility(_Part):
    """Who may have it; all that is said must hold."""

    lifecycles: tuple[Stage, ...] = Field(
        default=(), max_length=5, description="One of these; all where none is named."
    )
    known: bool = Field(default=False, description="Only who is signed in: with a customer_id that we may believe.")
    first_order: bool = Field(default=False, description="Only who has not ordered yet.")
    birthday_month: bool = Field(default=False, description="Only where the request's birthday_month is this month.")

    @property
    def is_open(self) -> bool:
        """Whether nothing of a person must be known."""
        return not (self.lifecycles or self.known or self.first_order or self.birthday_month)


class Terms(_Part):
    """What a code is worth. Written down with every code, so that a later change of the offer breaks no promise."""

    discount: Annotated[Percent | AmountOff, Field(discriminator="kind")]
    on: Scope = Scope()
    minimum_cart: Money | None = None

    @property
    def currency(self) -> str | None:
        """That of its amounts; None for a percentage without any."""
        money = self._amounts()
        return money[0].currency if money else None

    @property
    def reserve(self) -> Money | None:
        """The most that one code can cost; None where nothing bounds it."""
        return self.discount.most if isinstance(self.discount, Percent) else self.discount.amount

    def off(self, eligible: Decimal, total: Decimal, currency: str) -> Decimal:
        """What is taken off a cart with this total, of which `eligible` is what the offer is on. Never negative."""
        if self.currency not in (None, currency) or eligible <= 0:
            return Decimal(0)
        if self.minimum_cart and total < self.minimum_cart.amount:
            return Decimal(0)
        # Rounded down: a discount of 100% of 0.005 must not be more than the price.
        return rounded(min(eligible, self._wanted(eligible)), currency, ROUND_DOWN)

    def _wanted(self, eligible: Decimal) -> Decimal:
        match self.discount:
            case Percent(percent=percent, most=most):
                off = eligible * percent / 100
                return min(off, most.amount) if most else off
            case AmountOff(amount=amount):
                return amount.amount

    def _amounts(self) -> list[Money]:
        own = self.discount.most if isinstance(self.discount, Percent) else self.discount.amount
        return [each for each in (own, self.minimum_cart) if each is not None]


class OfferBody(Terms):
    """An offer as the owner defines it."""

    name: str = Field(min_length=1, max_length=100, description="For the owner.")
    text: str = Field(min_length=1, max_length=300, description='For the shopper: "10% off your next order".')
    surfaces: tuple[OfferSurface, ...] = Field(default=(), max_length=7, description="All where none is named.")
    eligibility: Eligibility = Eligibility()
    starts: Moment | None = None
    ends: Moment | None = None
    enabled: bool = True
    valid_days: int = Field(default=14, ge=1, le=90, description="How long a code holds and its effect counts.")
    budget: Money | None = Field(
        default=None, description="The most that the codes of a month (UTC) may cost together."
    )
    most_per_customer: int = Field(default=1, ge=1, le=100)
    per_days: int = Field(default=30, ge=1, le=365, description="At most `most_per_customer` in any so many days.")
    hold_out: float = Field(default=0.1, ge=0, le=0.5, description="Of those who would get it, so many do not.")
    expected_uplift: float = Field(
        default=0.03, ge=0, le=1, description="Your guess, until it is measured: of 100 customers, how many more order."
    )
    expected_margin: float = Field(
        default=0.3, ge=0, le=1, description="Profit as a share of the price, of items without a cost."
    )
    public: bool = Field(default=False, description="For everybody, without any personal data.")
    code: PublicCode | None = Field(default=None, description="Of a public offer: the one code that all use.")
    version: int | None = Field(default=None, ge=0, description="Rises by one with each change of the offer.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.starts is not None and self.ends is not None and self.ends <= self.starts:
            raise ValueError("ends must be after starts")
        if len({each.currency for each in (*self._amounts(), *filter(None, [self.budget]))}) > 1:
            raise ValueError("all amounts of an offer must be in one currency")
        if self.reserve is not None and self.reserve.amount == 0:
            raise ValueError("an offer of nothing is none")
        if self.budget is not None and self.reserve is None:
            raise ValueError("a percentage with a budget needs `most`: else one code could cost more than all of it")
        if self.public != (self.code is not None):
            raise ValueError("a public offer, and only that, has a code")
        if self.public and not self.eligibility.is_open:
            raise ValueError("a public offer is for everybody: it has no eligibility")
        return self


class Offer(OfferBody):
    """An offer, and what it is called."""

    offer_id: Id

    def runs(self, surface: str, now: datetime) -> bool:
        """Whether it may be made on this surface now (the start included, the end not)."""
        return self.enabled and (not self.surfaces or surface in self.surfaces) and self.is_within(now)

    def is_within(self, now: datetime) -> bool:
        return (self.starts is None or self.starts <= now) and (self.ends is None or now < self.ends)

    @property
    def terms(self) -> Terms:
        return Terms(discount=self.discount, on=self.on, minimum_cart=self.minimum_cart)


class CartLine(_Part):
    """So many of an item. What it costs is the catalogue's word, not a browser's."""

    item_id: Id
    quantity: int = Field(default=1, ge=1, le=100_000)


class Priced(NamedTuple):
    """What a cart costs at the catalogue's prices, what of it an offer is on, and what the shop earns by it."""

    total: Decimal
    eligible: Decimal
    margin: Decimal
    currency: str


def priced(
    lines: Iterable[CartLine], items: Mapping[str, Item], terms: Terms, margin: float, currency: str | None = None
) -> Priced | None:
    """The cart as far as the catalogue knows it in one currency (that of its first price); None where it knows nothing.

    An item without a cost, or with one in another currency, earns `margin` of its price.
    """
    total = eligible = earned = Decimal(0)
    for line in lines:
        item = items.get(line.item_id)
        if item is None or item.price is None:
            continue
        currency = currency or item.price.currency
        if item.price.currency != currency:
            continue
        worth = item.price.amount * line.quantity
        total += worth
        eligible += worth if terms.on.holds(item) else 0
        earned += worth - goods(item, line.quantity, worth, margin)
    return Priced(total, eligible, earned, currency) if currency and total > 0 else None


def goods(item: Item | None, quantity: int, worth: Decimal, margin: float) -> Decimal:
    """What the shop paid for so many that are worth so much."""
    if item and item.cost and item.price and item.cost.currency == item.price.currency:
        return item.cost.amount * quantity
    return worth * (1 - Decimal(str(margin)))

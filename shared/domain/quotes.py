"""Quotes: what named quantities of items cost, promised until a time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import ROUND_DOWN, Decimal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.domain.errors import FieldError, InvalidInputError
from shared.domain.events import Id
from shared.domain.items import Item
from shared.domain.money import MINOR_UNITS, Money, rounded

MOST_QUANTITY = 100_000
MOST_TOTAL = Decimal(10) ** 13
"""So that a total is still money as it goes over the wire."""


class QuoteLine(BaseModel):
    """How many of an item."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    item_id: Id
    quantity: int = Field(default=1, ge=1, le=MOST_QUANTITY)


class QuotedLine(BaseModel):
    """An item's price, and what so many of it cost once `discount` is taken off; None without a code."""

    model_config = ConfigDict(frozen=True)

    item_id: Id
    quantity: int
    unit_price: Money
    discount: Money | None = None
    total: Money


class QuotedOffer(BaseModel):
    """The offer whose code was asked for. A personal one's code is for one order, and has a text to be displayed."""

    model_config = ConfigDict(frozen=True)

    offer_id: str
    code: str
    text: str
    personalised: bool
    disclosure: str | None = Field(default=None, description="To be shown with the price: personal data chose it.")


class PriceQuote(BaseModel):
    """A promise of prices. The total is the sum of the lines, each rounded to what can be paid; so is the discount."""

    model_config = ConfigDict(frozen=True)

    quote_id: str
    lines: tuple[QuotedLine, ...]
    discount: Money | None = None
    total: Money
    offer: QuotedOffer | None = None
    quoted_at: AwareDatetime
    expires_at: AwareDatetime


def unit_prices(wanted: Sequence[QuoteLine], items: Mapping[str, Item], now: datetime) -> dict[str, Money]:
    """The public price of each item. Raises `InvalidInputError` with each line whose item is unknown, cannot be had,
    has no price or another currency than the first line's.
    """
    faults: list[FieldError] = []
    prices: dict[str, Money] = {}
    for n, each in enumerate(wanted):
        fault, price = _price(items.get(each.item_id), next(iter(prices.values()), None), now)
        if price is None:
            faults.append(FieldError(f"lines.{n}.item_id", fault))
        else:
            prices[each.item_id] = price
    if faults:
        raise InvalidInputError("These lines cannot be quoted.", faults)
    return prices


def _price(item: Item | None, like: Money | None, now: datetime) -> tuple[str, Money | None]:
    if item is None:
        return "is not in the catalogue", None
    if item.price is None:
        return "has no price", None
    if not item.is_available(now):
        return "cannot be had now", None
    if like and item.price.currency != like.currency:
        return f"is priced in {item.price.currency}, another currency than the first line's {like.currency}", None
    return "", item.price


def priced(wanted: Sequence[QuoteLine], prices: Mapping[str, Money]) -> tuple[tuple[QuotedLine, ...], Money]:
    """The lines with their totals, and the sum. Raises `InvalidInputError` where that is more than money can say."""
    lines = tuple(_line(each, prices[each.item_id]) for each in wanted)
    currency = lines[0].unit_price.currency
    return lines, Money(amount=_bounded(sum((line.total.amount for line in lines), Decimal(0))), currency=currency)


def _line(wanted: QuoteLine, price: Money) -> QuotedLine:
    total = Money(amount=_bounded(rounded(price.amount * wanted.quantity, price.currency)), currency=price.currency)
    return QuotedLine(item_id=wanted.item_id, quantity=wanted.quantity, unit_price=price, total=total)


def shared_out(off: Decimal, worths: Sequence[Decimal], currency: str) -> list[Decimal]:
    """What of a discount falls to each line that is worth so much: in proportion, in amounts that can be paid, and
    together exactly the discount. It is no more than the lines are worth, and no line's is more than that line.
    """
    whole = sum(worths, Decimal(0))
    if not off:
        return [Decimal(0) for _ in worths]
    exact = [off * worth / whole for worth in worths]
    parts = [rounded(each, currency, ROUND_DOWN) for each in exact]
    unit = Decimal(1).scaleb(-MINOR_UNITS.get(currency, 2))
    left = int((off - sum(parts, Decimal(0))) / unit)
    # Who lost most by rounding gets the smallest units that are left, one each.
    for n in sorted(range(len(parts)), key=lambda n: (parts[n] - exact[n], n))[:left]:
        parts[n] += unit
    return parts


def discounted(lines: Sequence[QuotedLine], offs: Sequence[Decimal]) -> tuple[tuple[QuotedLine, ...], Money, Money]:
    """The lines with so much taken off each, the discount and the total. Raises `ValueError` for more than a line."""
    currency = lines[0].total.currency
    less = tuple(_less(line, off) for line, off in zip(lines, offs, strict=True))
    total = sum((line.total.amount for line in less), Decimal(0))
    return less, _money(sum(offs, Decimal(0)), currency), _money(total, currency)


def _less(line: QuotedLine, off: Decimal) -> QuotedLine:
    if not 0 <= off <= line.total.amount:
        raise ValueError("a discount takes no more than a line costs")
    currency = line.total.currency
    left = _money(line.total.amount - off, currency)
    return line.model_copy(update={"discount": _money(off, currency), "total": left})


def _money(amount: Decimal, currency: str) -> Money:
    return Money(amount=rounded(amount, currency), currency=currency)


def _bounded(amount: Decimal) -> Decimal:
    if amount >= MOST_TOTAL:
        raise InvalidInputError("The quote is too large.", [FieldError("lines", "cost too much together")])
    return amount

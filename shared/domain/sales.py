"""What was bought for how much, as events tell of it.

Nothing here is worth losing an event for: an amount that cannot be true (negative, not a number, a text) is as if it
had not been told.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from shared.domain.events import MOST_COUPON_BYTES, MOST_QUANTITY, Line
from shared.domain.money import MOST_DIGITS, PLACES, Money
from shared.domain.vocabulary import ABOUT_ORDERS, NAMING_ORDERS, lines_in

TOTALS = ("total", "revenue", "value")
"""What all of an order came to, the most inclusive first: Segment's names, and GA4's."""
COUPONS = ("coupon", "coupon_code", "coupon_id", "coupon_name")
MOST_COUPONS = 10
OURS = "REG-"
"""What every code that this system issues begins with. Of the codes that a shop system knows only these are kept, since
others may name somebody, as in WELCOME-ANN."""
_STEP = Decimal(1).scaleb(-PLACES)
_TOO_MUCH = Decimal(10) ** (MOST_DIGITS - PLACES)


class Sale(NamedTuple):
    """What an event tells of money and quantities; the fields are those of `Event`."""

    lines: tuple[Line, ...] = ()
    paid: Money | None = None
    currency: str | None = None
    coupons: tuple[str, ...] = ()


NO_SALE = Sale()


def sale_of(name: str, properties: Mapping[str, Any]) -> Sale:
    """What the properties of the event `name` (canonical) say was bought, and what was paid.

    A line's price is that of one piece, after its discounts, as GA4 has it. Without a total an order came to what its
    lines came to, where all of them have a price.
    """
    if name not in NAMING_ORDERS:
        return NO_SALE
    if name not in ABOUT_ORDERS:
        return Sale(coupons=_coupons([properties]))
    told = [(item_id, entry, _quantity(entry.get("quantity"))) for item_id, entry in lines_in(properties)]
    lines = tuple(Line(item, quantity, amount_of(entry.get("price"))) for item, entry, quantity in told if quantity)
    currency = _currency(properties.get("currency"))
    total = next((found for each in TOTALS if (found := amount_of(properties.get(each))) is not None), None)
    if total is None and lines and len(lines) == len(told):
        total = _sum(lines)
    paid = Money(amount=total, currency=currency) if total is not None and currency else None
    return Sale(lines, paid, currency, _coupons([properties, *(entry for _, entry, _ in told)]))


def amount_of(value: Any) -> Decimal | None:
    """An amount as JSON, a form or a file has it; None for what can be none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    try:
        amount = Decimal(str(value).strip())
    except (InvalidOperation, ValueError):
        return None
    if not amount.is_finite() or not 0 <= amount < _TOO_MUCH:
        return None
    amount = abs(amount)  # There is a zero with a minus.
    exponent = amount.as_tuple().exponent
    return amount if isinstance(exponent, int) and -PLACES <= exponent <= 0 else _rounded(amount)


def each_of(total: Decimal | None, quantity: int) -> Decimal | None:
    """The price of one, where so many came to `total`."""
    return None if total is None or quantity < 1 else amount_of(total / quantity)


def ours(codes: Iterable[str]) -> list[str]:
    """Those of a shop system's codes that this system issued."""
    return [code for code in codes if code.upper().startswith(OURS)]


def _rounded(amount: Decimal) -> Decimal:
    """To the places that money has here: a float's seventeen digits, or thirds of something."""
    plain = amount.quantize(_STEP).normalize()
    return plain if plain.as_tuple().exponent <= 0 else plain.quantize(Decimal(1))  # type: ignore[operator]


def _quantity(value: Any) -> int | None:
    """How many; one where it is not said. None where what is said cannot be."""
    if value is None or value == "":
        return 1
    amount = amount_of(value)
    whole = amount is not None and amount == int(amount) and 1 <= amount <= MOST_QUANTITY
    return int(amount) if amount is not None and whole else None


def _currency(value: Any) -> str | None:
    text = value.strip().upper() if isinstance(value, str) else ""
    return text if len(text) == 3 and text.isascii() and text.isalpha() else None


def _sum(lines: Sequence[Line]) -> Decimal | None:
    prices = [each.price for each in lines]
    if None in prices:
        return None
    return amount_of(sum((each.price or 0) * each.quantity for each in lines))


def _coupons(told: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Each once, by whatever name; there are few, and a code is short."""
    found = dict.fromkeys(text.strip() for each in told for text in _texts(each))
    fit = [text for text in found if 0 < len(text.encode(errors="replace")) <= MOST_COUPON_BYTES and text.isprintable()]
    return tuple(fit[:MOST_COUPONS])


def _texts(entry: Mapping[str, Any]) -> Iterator[str]:
    several = entry.get("coupons")
    values = [*(entry.get(name) for name in COUPONS), *(several if isinstance(several, list) else ())]
    return (value for value in values if isinstance(value, str))

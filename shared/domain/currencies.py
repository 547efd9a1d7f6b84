"""Amounts in a currency's smallest unit, so that a price can be paid as it is shown."""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

from shared.domain.money import MINOR_UNITS

USUAL = 2


def decimals(currency: str) -> int:
    """How many a currency has."""
    return MINOR_UNITS.get(currency, USUAL)


def minor_units(amount: Decimal, currency: str, rounding: str = ROUND_HALF_EVEN) -> int:
    """The amount in the currency's smallest unit, as cents."""
    return int(amount.scaleb(decimals(currency)).to_integral_value(rounding))


def at_least(amount: Decimal, currency: str) -> int:
    """The fewest minor units that are no less than the amount."""
    return minor_units(amount, currency, ROUND_CEILING)


def at_most(amount: Decimal, currency: str) -> int:
    """The most minor units that are no more than the amount."""
    return minor_units(amount, currency, ROUND_FLOOR)


def major(units: int, currency: str) -> Decimal:
    """So many minor units as an amount, with all the currency's decimals."""
    return Decimal(units).scaleb(-decimals(currency))

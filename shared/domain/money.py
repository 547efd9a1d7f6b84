"""Money as it goes over the wire: a decimal string and an ISO 4217 currency, never a float."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

_NONE = (
    "BIF",
    "CLP",
    "DJF",
    "GNF",
    "ISK",
    "JPY",
    "KMF",
    "KRW",
    "PYG",
    "RWF",
    "UGX",
    "UYI",
    "VND",
    "VUV",
    "XAF",
    "XOF",
    "XPF",
)
_THREE = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
MINOR_UNITS = dict.fromkeys(_NONE, 0) | dict.fromkeys(_THREE, 3) | {"CLF": 4, "UYW": 4}
"""Decimal places of the currencies that do not have two (ISO 4217, table A.1)."""


def rounded(amount: Decimal, currency: str, rounding: str = ROUND_HALF_UP) -> Decimal:
    """The amount to the currency's smallest unit, so that it can be paid: 1.005 USD is 1.01, 99.5 JPY is 100."""
    return amount.quantize(Decimal(1).scaleb(-MINOR_UNITS.get(currency, 2)), rounding)


def _decimal_string(value: Any) -> Any:
    """JSON's own numbers are floats to most readers, so that 0.1 would not be 0.1 any more."""
    # Python also reads 1_000, and the digits of every script.
    plain = isinstance(value, Decimal) or (isinstance(value, str) and value.isascii() and "_" not in value)
    if not plain:
        raise ValueError('must be a decimal string, as in "12.50"')
    return value


MOST_DIGITS = 18
PLACES = 4
Amount = Annotated[
    Decimal,
    Field(ge=0, max_digits=MOST_DIGITS, decimal_places=PLACES, allow_inf_nan=False),
    BeforeValidator(_decimal_string),
    PlainSerializer(lambda value: format(value, "f"), return_type=str),
]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]


class Money(BaseModel):
    """An amount of a currency, for example `{"amount": "12.50", "currency": "USD"}`."""

    model_config = ConfigDict(frozen=True)

    amount: Amount
    currency: Currency

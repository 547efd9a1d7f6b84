"""Money as it goes over the wire: a decimal string and an ISO 4217 currency, never a float."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer


class Money(BaseModel):
    """An amount of a currency, for example `{"amount": "12.50", "currency": "USD"}`."""

    model_config = ConfigDict(frozen=True)

    amount: Annotated[
        Decimal,
        Field(ge=0, max_digits=18, decimal_places=4, allow_inf_nan=False),
        PlainSerializer(lambda value: format(value, "f"), return_type=str),
    ]
    currency: str = Field(pattern="^[A-Z]{3}$")

"""Money: decimal strings in and out."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.domain.money import Money

amounts = st.decimals(0, Decimal("99999999999999.9999"), places=4)


@pytest.mark.parametrize(
    "amount",
    [
        12.5,
        12,
        True,
        None,
        "",
        "twelve",
        "-0.01",
        "NaN",
        "Infinity",
        "1e400",
        "0.00001",
        "1234567890123456789",
        "1_000",
        "\uff11\uff12",
        "\u0663",
        Decimal("NaN"),
        Decimal("-1"),
    ],
)
def test_no_amount(amount: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        Money(amount=amount, currency="USD")
    assert [error["loc"] for error in caught.value.errors()] == [("amount",)]


@pytest.mark.parametrize("currency", ["usd", "US", "USDX", "", "U$D", "USD\n", None])
def test_no_currency(currency: Any) -> None:
    with pytest.raises(ValidationError, match="currency"):
        Money(amount=Decimal(1), currency=currency)


def test_an_amount_keeps_its_digits_on_the_wire() -> None:
    money = Money.model_validate({"amount": "12.50", "currency": "USD"})
    assert money.model_dump(mode="json") == {"amount": "12.50", "currency": "USD"}
    assert Money(amount=Decimal("1E+3"), currency="USD").model_dump_json() == '{"amount":"1000","currency":"USD"}'


@given(amounts)
def test_an_amount_survives_the_wire(amount: Decimal) -> None:
    wire = json.loads(Money(amount=amount, currency="EUR").model_dump_json())
    assert isinstance(wire["amount"], str)
    assert Money.model_validate(wire).amount == amount

"""Amounts are rounded to what can be paid in their currency."""

from decimal import ROUND_DOWN, Decimal

import pytest

from shared.domain.money import rounded


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [("1.005", "USD", "1.01"), ("99.5", "JPY", "100"), ("0.0005", "KWD", "0.001"), ("2", "EUR", "2.00")],
)
def test_halves_go_up_to_the_smallest_unit(amount: str, currency: str, expected: str) -> None:
    assert str(rounded(Decimal(amount), currency)) == expected


def test_a_discount_is_rounded_for_the_shopper() -> None:
    assert rounded(Decimal("9.999"), "EUR", ROUND_DOWN) == Decimal("9.99")

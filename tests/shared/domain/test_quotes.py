"""Discounts in quotes: shared out to the smallest unit, only ever lower, in every currency."""

from decimal import ROUND_DOWN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.money import MINOR_UNITS, Money, rounded
from shared.domain.quotes import QuotedLine, QuoteLine, discounted, priced, shared_out

CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD", "CLF"])
WORTHS = st.lists(st.integers(0, 10**9), min_size=1, max_size=100)


def unit(currency: str) -> Decimal:
    return Decimal(1).scaleb(-MINOR_UNITS.get(currency, 2))


@given(CURRENCIES, WORTHS, st.decimals(0, 1, places=6))
def test_the_shares_are_the_discount_and_none_is_more_than_its_line(
    currency: str, units: list[int], share: Decimal
) -> None:
    worths = [each * unit(currency) for each in units]
    whole = sum(worths, Decimal(0))
    off = rounded(whole * share, currency, ROUND_DOWN)
    parts = shared_out(off, worths, currency)
    assert sum(parts) == off
    for part, worth in zip(parts, worths, strict=True):
        assert 0 <= part <= worth
        assert rounded(part, currency) == part
        exact = off * worth / whole if whole else 0
        assert abs(part - exact) <= unit(currency)


@given(CURRENCIES, st.lists(st.integers(0, 10**6), min_size=1, max_size=20), st.decimals(0, 1, places=4))
def test_a_discount_only_ever_lowers(currency: str, units: list[int], share: Decimal) -> None:
    wanted = [QuoteLine(item_id=f"i{n}", quantity=n + 1) for n in range(len(units))]
    prices = {f"i{n}": Money(amount=each * unit(currency), currency=currency) for n, each in enumerate(units)}
    lines, before = priced(wanted, prices)
    worths = [line.total.amount for line in lines]
    off = rounded(before.amount * share, currency, ROUND_DOWN)
    less, discount, after = discounted(lines, shared_out(off, worths, currency))
    assert discount.amount == off
    assert after.amount == before.amount - off == sum(line.total.amount for line in less)
    assert all(new.total.amount <= old.total.amount for new, old in zip(less, lines, strict=True))
    assert [line.unit_price for line in less] == [line.unit_price for line in lines]


def line(total: str) -> QuotedLine:
    money = Money(amount=Decimal(total), currency="EUR")
    return QuotedLine(item_id="a", quantity=1, unit_price=money, total=money)


@pytest.mark.parametrize("off", ["-0.01", "5.01"])
def test_a_surcharge_or_more_than_the_line_is_no_discount(off: str) -> None:
    with pytest.raises(ValueError, match="no more than a line"):
        discounted([line("5.00")], [Decimal(off)])

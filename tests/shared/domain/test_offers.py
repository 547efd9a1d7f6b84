"""Discounts: never a surcharge, never more than the price, in every currency; and definitions that cannot be."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.domain.items import Item
from shared.domain.money import rounded
from shared.domain.offers import CartLine, OfferBody, Scope, Terms, priced

AMOUNTS = st.decimals(min_value=0, max_value=10**9, places=4)
CURRENCIES = st.sampled_from(["JPY", "EUR", "BHD"])
read = TypeAdapter(Terms).validate_python


def eur(amount: str, currency: str = "EUR") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


@given(
    eligible=AMOUNTS,
    rest=AMOUNTS,
    currency=CURRENCIES,
    percent=st.decimals(min_value="0.01", max_value=100, places=2),
    most=st.none() | AMOUNTS,
    amount=AMOUNTS,
    is_percent=st.booleans(),
)
def test_no_discount_raises_a_price_or_exceeds_it(
    eligible: Decimal,
    rest: Decimal,
    currency: str,
    percent: Decimal,
    most: Decimal | None,
    amount: Decimal,
    is_percent: bool,
) -> None:
    cap = {"most": eur(str(most), currency)} if most is not None else {}
    kinds: list[dict[str, Any]] = [
        {"kind": "amount", "amount": eur(str(amount), currency)},
        {"kind": "percent", "percent": str(percent), **cap},
    ]
    off = read({"discount": kinds[is_percent]}).off(eligible, eligible + rest, currency)
    assert 0 <= off <= eligible
    assert off == rounded(off, currency)
    if is_percent and most is not None:
        assert off <= most


@pytest.mark.parametrize(
    ("price", "currency", "off"),
    [("99", "JPY", "9"), ("9.99", "EUR", "0.99"), ("0.0099", "BHD", "0"), ("1.239", "BHD", "0.123")],
)
def test_ten_percent_of_what_can_be_paid(price: str, currency: str, off: str) -> None:
    terms = read({"discount": {"kind": "percent", "percent": "10"}})
    assert terms.off(Decimal(price), Decimal(price), currency) == Decimal(off)


def test_another_currency_or_too_small_a_cart_takes_nothing_off() -> None:
    terms = read({"discount": {"kind": "amount", "amount": eur("5")}, "minimum_cart": eur("50")})
    assert [terms.off(Decimal(60), Decimal(60), each) for each in ("USD", "EUR")] == [0, 5]
    assert terms.off(Decimal(40), Decimal(49), "EUR") == 0


BODY: dict[str, Any] = {"name": "n", "text": "t", "discount": {"kind": "percent", "percent": "10"}}


@pytest.mark.parametrize(
    "wrong",
    [
        {"discount": {"kind": "percent", "percent": "0"}},
        {"discount": {"kind": "percent", "percent": "-5"}},
        {"discount": {"kind": "percent", "percent": "101"}},
        {"discount": {"kind": "percent", "percent": "NaN"}},
        {"discount": {"kind": "amount", "amount": eur("-5")}},
        {"discount": {"kind": "amount", "amount": eur("0")}},
        {"discount": {"kind": "surcharge", "percent": "5"}},
        {"budget": eur("100")},
        {"discount": {"kind": "amount", "amount": eur("5")}, "budget": eur("100", "USD")},
        {"public": True},
        {"code": "HELLO"},
        {"public": True, "code": "HELLO", "eligibility": {"first_order": True}},
        {"starts": "2026-01-02T00:00:00Z", "ends": "2026-01-01T00:00:00Z"},
        {"hold_out": 1.0},
        {"eligibility": {"age": 30}},
    ],
)
def test_offers_that_cannot_be(wrong: dict[str, Any]) -> None:
    OfferBody.model_validate(BODY)
    with pytest.raises(ValidationError):
        OfferBody.model_validate(BODY | wrong)


def test_a_cart_is_priced_by_the_catalogue() -> None:
    def item(item_id: str, price: dict[str, str] | None, **more: Any) -> Item:
        return Item.model_validate({"item_id": item_id, "title": item_id, "price": price, **more})

    items = {
        each.item_id: each
        for each in (
            item("lamp", eur("50"), cost=eur("20"), category="light"),
            item("vase", eur("10"), cost=eur("1", "USD")),
            item("book", eur("9", "USD")),
            item("free", None),
        )
    }
    lines = [CartLine(item_id=each, quantity=2) for each in ("lamp", "vase", "book", "free", "unknown")]
    terms = read({"discount": {"kind": "percent", "percent": "10"}, "on": {"categories": ["light"]}})
    found = priced(lines, items, terms, 0.3)
    assert found == (Decimal(120), Decimal(100), Decimal(60) + Decimal("6.0"), "EUR")
    assert priced(lines[2:], items, terms, 0.3, "EUR") is None
    assert Scope().holds(items["vase"])

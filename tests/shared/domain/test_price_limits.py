"""The owner's limits hold for every wanted price, in every currency; where they contradict each other, it is said."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain import ledger
from shared.domain.currencies import decimals, major, minor_units
from shared.domain.money import Money
from shared.domain.price_limits import (
    Bounded,
    Clearance,
    CompetitorRule,
    Limits,
    Refused,
    bounded,
    merged,
    prices_of_week,
)

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
WIDE = Limits(maximum_weekly_step=Decimal(1))
"""So that only the limit that a test is about holds."""


def money(amount: str, currency: str = "USD") -> Money:
    return Money(amount=Decimal(amount), currency=currency)


def allowed(wanted: str, current: str = "10.00", cost: str | None = None, **said: Any) -> Bounded:
    competitors = [Decimal(each) for each in said.pop("competitors_at", ())]
    recent = [Decimal(each) for each in said.pop("recent", ())]
    today = said.pop("today", TODAY)
    currency = said.pop("currency", "USD")
    limits = WIDE.model_copy(update={name: value for name, value in said.items() if value is not None})
    paid = money(cost, currency) if cost else None
    found = bounded(Decimal(wanted), money(current, currency), paid, limits, competitors, today, recent=recent)
    assert isinstance(found, Bounded), found
    return found


def names(found: Bounded) -> list[str]:
    return [bound.limit for bound in found.bounds]


def test_a_price_inside_all_limits_is_left_alone() -> None:
    assert allowed("10.30", cost="5") == Bounded(Decimal("10.30"), ())


@pytest.mark.parametrize(
    ("wanted", "said", "price", "limit"),
    [
        ("5.00", {"cost": "6", "minimum_margin": Decimal("0.25")}, "7.50", "minimum_margin"),
        ("5.00", {"minimum": money("8")}, "8.00", "minimum"),
        ("15.00", {"maximum": money("12.345")}, "12.34", "maximum"),
        ("5.00", {"minimum_advertised": money("9.99")}, "9.99", "minimum_advertised"),
        ("15.00", {"maximum_weekly_step": Decimal("0.05")}, "10.50", "maximum_weekly_step"),
        ("5.00", {"maximum_weekly_step": Decimal("0.033")}, "9.67", "maximum_weekly_step"),
        (
            "11.00",
            {"competitors": CompetitorRule(above=Decimal("0.02")), "competitors_at": ("9", "10", "30")},
            "10.20",
            "competitors",
        ),
        (
            "11.00",
            {"competitors": CompetitorRule(above=Decimal(0), of="lowest"), "competitors_at": ("9", "10")},
            "9.00",
            "competitors",
        ),
        (
            "11.00",
            {"competitors": CompetitorRule(above=Decimal(0), of="mean"), "competitors_at": ("9", "10")},
            "9.50",
            "competitors",
        ),
        ("10.42", {"endings": (".99", ".49")}, "10.49", "endings"),
    ],
)
def test_each_limit_holds_the_price_back_and_says_so(wanted: str, said: dict[str, Any], price: str, limit: str) -> None:
    found = allowed(wanted, **said)
    assert (found.price, names(found)) == (Decimal(price), [limit])
    assert price in found.bounds[0].text
    without = {name: value for name, value in said.items() if name != limit}
    assert allowed(wanted, **without | ({"cost": None} if limit == "minimum_margin" else {})).price == Decimal(wanted)


def test_without_a_word_from_the_owner_no_price_is_below_cost_nor_a_step_over_five_percent() -> None:
    below = bounded(Decimal(1), money("10"), money("9.90"), Limits(), (), TODAY)
    assert isinstance(below, Bounded)
    assert below.price == Decimal("9.90")
    step = bounded(Decimal(1), money("10"), None, Limits(), (), TODAY)
    assert isinstance(step, Bounded)
    assert step.price == Decimal("9.50")


def test_an_item_that_costs_more_than_it_brings_goes_to_its_cost_whatever_the_step() -> None:
    found = allowed("10.00", cost="12", maximum_weekly_step=Decimal("0.05"), maximum=money("11"))
    assert found.price == Decimal("12.00")
    assert names(found) == ["minimum_margin", "maximum", "maximum_weekly_step"]
    assert ["a limit that counts more" in bound.text for bound in found.bounds] == [False, True, True]


@pytest.mark.parametrize(("day", "price"), [(TODAY, "4.00"), (TODAY + timedelta(days=1), "8.00")])
def test_a_clearance_undercuts_the_margin_until_its_day_and_not_its_own_floor(day: date, price: str) -> None:
    found = allowed("1.00", cost="8", clearance=Clearance(until=TODAY, floor=Decimal("0.5")), today=day)
    assert found.price == Decimal(price)


def test_two_steps_in_a_week_are_one_step() -> None:
    step: dict[str, Any] = {"maximum_weekly_step": Decimal("0.05")}
    assert allowed("11", "10.50", recent=("10.00",), **step).price == Decimal("10.50")
    assert allowed("9", "10.50", recent=("10.00",), **step).price == Decimal("9.98")
    assert allowed("11", "10.00", recent=("20.00",), **step).price == Decimal("10.00")


def test_the_prices_of_a_week_are_those_in_force_at_any_time_of_it() -> None:
    entries: list[ledger.Entry] = []
    before: Money | None = None
    for days, amount in ((30, "8"), (10, "9"), (7, "10"), (2, "11")):
        end = ledger.head(entries[-1]) if entries else None
        entries += ledger.changes("mug", before, money(amount), NOW - timedelta(days=days), end)
        before = money(amount)
    assert prices_of_week(entries, "USD", NOW) == [Decimal(10), Decimal(11)]
    assert prices_of_week(entries, "USD", NOW - timedelta(seconds=1)) == [Decimal(9), Decimal(10), Decimal(11)]


@pytest.mark.parametrize(
    ("endings", "wanted", "price"),
    [
        (("9",), "10.42", "10.39"),
        ((".9",), "10.42", "10.90"),
        (("4.95",), "13.00", "14.95"),
        ((".99",), "10.02", "10.99"),
        ((".99",), "9.60", "9.99"),
    ],
)
def test_an_ending_is_the_nearest_that_goes_the_same_way(endings: tuple[str, ...], wanted: str, price: str) -> None:
    assert allowed(wanted, endings=endings).price == Decimal(price)


def test_where_no_ending_fits_the_price_stays() -> None:
    found = allowed("10.40", maximum_weekly_step=Decimal("0.05"), endings=(".99",))
    assert (found.price, names(found)) == (Decimal("10.00"), ["endings"])
    assert allowed("10.00", endings=(".99",)) == Bounded(Decimal("10.00"), ())
    assert allowed("5.00", minimum=money("11"), maximum=money("11.20"), endings=(".99",)).price == Decimal("11.00")


@pytest.mark.parametrize(
    ("currency", "wanted", "price"),
    [("JPY", "1042.4", "1042"), ("KWD", "10.0426", "10.043"), ("USD", "10.425", "10.42")],
)
def test_a_price_has_its_currencys_decimals(currency: str, wanted: str, price: str) -> None:
    current = "1000" if currency == "JPY" else "10"
    found = allowed(wanted, current, currency=currency)
    assert str(found.price) == price


def test_an_ending_that_the_currency_cannot_have_does_not_count() -> None:
    assert allowed("1042", "1000", currency="JPY", endings=(".99",)).price == 1042
    assert allowed("1042", "1000", currency="JPY", endings=("80",)).price == 1080


@pytest.mark.parametrize("wanted", ["NaN", "Infinity", "0", "-1"])
def test_what_is_no_price_is_refused(wanted: str) -> None:
    found = bounded(Decimal(wanted), money("10"), None, Limits(), (), TODAY)
    assert isinstance(found, Refused)
    assert found.limit == "price"


@pytest.mark.parametrize(
    ("limits", "cost", "field"),
    [
        (Limits(), money("5", "EUR"), "cost"),
        (Limits(minimum=money("5", "EUR")), None, "minimum"),
        (Limits(maximum=money("5", "EUR")), None, "maximum"),
        (Limits(minimum_advertised=money("5", "EUR")), None, "minimum_advertised"),
    ],
)
def test_two_currencies_are_refused(limits: Limits, cost: Money | None, field: str) -> None:
    found = bounded(Decimal(10), money("10"), cost, limits, (), TODAY)
    assert isinstance(found, Refused)
    assert (found.limit, "EUR" in found.why) == (field, True)


def test_from_no_price_there_is_no_step() -> None:
    assert isinstance(bounded(Decimal(10), money("0"), None, Limits(), (), TODAY), Refused)


def test_absurd_competitors_do_not_count() -> None:
    rule = CompetitorRule(above=Decimal(0), of="lowest")
    at = ("0", "-3", "NaN", "Infinity", "9.80")
    assert allowed("11", competitors=rule, competitors_at=at).price == Decimal("9.80")
    assert allowed("11", competitors=rule, competitors_at=at[:4]).price == Decimal("11.00")


AMOUNTS = st.decimals("0.01", "5000", places=2)
SHARES = st.decimals("0.01", "0.5", places=2)
CURRENCIES = st.sampled_from(["USD", "JPY", "KWD"])


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    currency = draw(CURRENCIES)
    some = st.none() | AMOUNTS.map(lambda each: Money(amount=each, currency=currency))
    limits = Limits(
        minimum=draw(some),
        maximum=draw(some),
        minimum_margin=draw(st.none() | SHARES),
        minimum_advertised=draw(some),
        maximum_weekly_step=draw(st.none() | SHARES),
        endings=draw(st.none() | st.just((".99", "5"))),
        competitors=draw(st.none() | SHARES.map(lambda above: CompetitorRule(above=above))),
    )
    current = Money(amount=draw(st.decimals(1, 5000, places=2)), currency=currency)
    competitors = draw(st.lists(AMOUNTS, max_size=3))
    return {"current": current, "cost": draw(some), "limits": limits, "competitors": competitors, "today": TODAY}


@given(case=cases(), wanted=st.decimals("0.001", "9999", places=3))
def test_the_cost_always_holds_and_all_others_as_far_as_earlier_ones_let_them(
    case: dict[str, Any], wanted: Decimal
) -> None:
    found = bounded(wanted, **case)
    assert isinstance(found, Bounded)
    currency, limits, price = case["current"].currency, merged([case["limits"]]), found.price
    assert price == major(minor_units(price, currency), currency) > 0
    assert -int(price.as_tuple().exponent) == decimals(currency)
    if case["cost"]:
        assert price >= case["cost"].amount * (1 + (limits.minimum_margin or 0))
    said = {bound.limit for bound in found.bounds if "counts more" in bound.text}
    if limits.minimum_advertised and "minimum_advertised" not in said:
        assert price >= limits.minimum_advertised.amount
    if limits.minimum and "minimum" not in said:
        assert price >= limits.minimum.amount
    if limits.maximum and "maximum" not in said:
        assert price <= limits.maximum.amount
    if limits.maximum_weekly_step and "maximum_weekly_step" not in said:
        step = limits.maximum_weekly_step
        one = major(1, currency)
        assert case["current"].amount * (1 - step) - one <= price <= case["current"].amount * (1 + step) + one


@given(case=cases(), wanted=st.decimals("0.001", "9999", places=3))
def test_what_was_allowed_is_allowed_again(case: dict[str, Any], wanted: Decimal) -> None:
    once = bounded(wanted, **case)
    assert isinstance(once, Bounded)
    again = bounded(once.price, **case)
    assert isinstance(again, Bounded)
    assert again.price == once.price


@given(case=cases(), lower=AMOUNTS, higher=AMOUNTS)
def test_who_wants_more_does_not_get_less(case: dict[str, Any], lower: Decimal, higher: Decimal) -> None:
    lower, higher = sorted((lower, higher))
    limits = case["limits"].model_copy(update={"endings": None})
    less, more = (bounded(wanted, **case | {"limits": limits}) for wanted in (lower, higher))
    assert isinstance(less, Bounded)
    assert isinstance(more, Bounded)
    assert less.price <= more.price

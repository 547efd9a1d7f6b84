"""What may be said of a price in public: only what 30 days of the ledger prove."""

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.ledger import Entry, changes, head, lowest
from shared.domain.money import Money
from shared.domain.public_price import ANNOUNCED, PRIOR, PublicPrice, WhyNot, prior, public_price
from tests.shared.domain.test_ledger import DAY, START, chain, money


def said(entries: list[Entry], day: float, price: Money | None = None) -> PublicPrice:
    """Of the item with this ledger on that day; its price is the ledger's last, unless said otherwise."""
    last = entries[-1]
    known = price or (Money(amount=last.amount, currency=last.currency) if last.amount is not None else None)
    return public_price("lamp", known, entries, head(last), START + day * DAY)


def test_a_lower_price_may_be_called_reduced_from_the_lowest_of_the_30_days_before() -> None:
    told = said(chain((0, money("10")), (20, money("12")), (40, money("9"))), 45)
    assert (told.price, told.since) == (money("9"), START + 40 * DAY)
    assert told.lowest_prior_30_days == money("10")
    assert told.strike_through.allowed
    assert (told.strike_through.was, told.strike_through.most_percent) == (money("10"), 10)
    assert told.strike_through.until == START + 40 * DAY + ANNOUNCED


@pytest.mark.parametrize(
    ("prices", "day", "why"),
    [
        (((0, "10"), (40, "8"), (41, "12"), (42, "9")), 43, WhyNot.NOT_LOWER),  # raised for a day, to be reduced
        (((0, "10"), (40, "10.01")), 43, WhyNot.NOT_LOWER),
        (((0, "100"), (29, "50")), 29, WhyNot.TOO_NEW),
        (((0, "100"),), 1, WhyNot.TOO_NEW),
        (((0, "10"), (40, "8")), 70, WhyNot.TOO_LONG_AGO),
        (((0, "100"), (1, None), (40, "50")), 41, WhyNot.TOO_NEW),  # high for a day, long ago
        (((0, "100"), (60, None), (90, "50")), 91, WhyNot.TOO_NEW),  # not sold in the 30 days before
    ],
)
def test_what_the_ledger_does_not_support_is_refused(
    prices: tuple[tuple[int, str | None], ...], day: int, why: WhyNot
) -> None:
    told = said(chain(*((at, money(amount) if amount else None) for at, amount in prices)), day)
    assert (told.strike_through.allowed, told.strike_through.why_not) == (False, why)
    assert told.strike_through.was is None


def test_days_without_a_price_do_not_count() -> None:
    entries = chain((0, money("9")), (25, money("10")), (50, None), (55, money("8")))
    # 25 days at 10, and 5 more at 9: those of the gap are made up for by earlier ones.
    assert said(entries, 56).strike_through.was == money("9")
    assert prior(entries, "EUR", START + 55 * DAY) == (Decimal(9), PRIOR)
    assert lowest(entries, "EUR", START + 55 * DAY) == Decimal(10)


def test_each_currency_has_its_own_past() -> None:
    entries = chain((0, money("10")), (40, money("8", "USD")))
    assert said(entries, 41).strike_through.why_not is WhyNot.TOO_NEW


def test_a_ledger_that_was_touched_proves_nothing() -> None:
    entries = chain((0, money("10")), (40, money("8")))
    assert said(entries, 41).strike_through.allowed
    forged = [entries[0].model_copy(update={"amount": Decimal(20)}), entries[1]]
    shorter = public_price("lamp", money("10"), entries[:1], head(entries[1]), START + 41 * DAY)
    for told in (said(forged, 41), said(entries[1:], 41, money("9")), shorter):
        assert (told.strike_through.why_not, told.lowest_prior_30_days) == (WhyNot.UNPROVEN, None)
    none = public_price("lamp", money("8"), [], None, START)
    assert none.strike_through.why_not is WhyNot.UNPROVEN
    assert public_price("lamp", None, [], None, START).strike_through.why_not is WhyNot.NO_PRICE


def test_the_latest_entries_prove_as_much_as_all_where_they_reach_back_far_enough() -> None:
    entries = chain((0, money("10")), (5, money("11")), (60, money("8")))
    assert said(entries[1:], 61).strike_through == said(entries, 61).strike_through
    assert said(entries[2:], 61).strike_through.why_not is WhyNot.TOO_NEW


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Pacific/Auckland", "UTC"])
@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25", "2026-11-01", "2026-09-27", "2026-12-31"])
def test_neither_midnight_nor_daylight_saving_moves_the_30_days(zone: str, day: str) -> None:
    """A price that ended a second before the 30 days is out of them, one that ended a second later is not."""
    reduced = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone))
    for off, wanted in ((-1, "10"), (1, "7")):
        entries: list[Entry] = []
        ended = reduced.astimezone(ZoneInfo("UTC")) - PRIOR + timedelta(seconds=off)
        steps = [(ended - 40 * DAY, None, "7"), (ended, "7", "10"), (reduced, "10", "5")]
        for at, before, after in steps:
            end = head(entries[-1]) if entries else None
            entries += changes(
                "lamp", money(before) if before else None, money(after), at.astimezone(reduced.tzinfo), end
            )
        told = public_price("lamp", money("5"), entries, head(entries[-1]), reduced + timedelta(hours=1))
        assert told.strike_through.was == money(wanted)


def test_a_price_that_begins_after_now_by_another_clock_is_the_current_one() -> None:
    entries = chain((0, money("10")), (40, money("8")))
    assert said(entries, 39.999).strike_through.was == money("10")


steps = st.lists(st.tuples(st.integers(1, 40), st.none() | st.decimals("0", "50", places=2)), min_size=1, max_size=12)


@given(steps=steps, later=st.integers(0, 40))
def test_what_is_allowed_is_never_above_any_price_of_the_30_days_before(
    steps: list[tuple[int, Decimal | None]], later: int
) -> None:
    days = [sum(wait for wait, _ in steps[: n + 1]) for n in range(len(steps))]
    prices = [None if amount is None else money(str(amount)) for _, amount in steps]
    entries = chain(*zip(days, prices, strict=True))
    if not entries or entries[-1].amount is None:
        return
    told = said(entries, days[-1] + later)
    if not told.strike_through.allowed:
        return
    was, price, since = told.strike_through.was, told.price, told.since
    assert was
    assert price
    assert since
    assert was.amount > price.amount
    plain = lowest(entries, "EUR", since)
    assert plain is not None
    assert was.amount <= plain
    assert 0 <= (told.strike_through.most_percent or 0) <= 100 * (1 - price.amount / was.amount)
    held = sum((b.since - a.since for a, b in pairwise(entries) if a.amount is not None), timedelta())
    assert held >= PRIOR

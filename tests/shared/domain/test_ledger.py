"""The price ledger: a chain that shows every change, and the lowest price of the prior 30 days."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.ledger import GENESIS, Entry, Head, broken, changes, head, lowest, periods
from shared.domain.money import Money

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)


def money(amount: str, currency: str = "EUR") -> Money:
    return Money(amount=Decimal(amount), currency=currency)


def chain(*prices: tuple[int, Money | None]) -> list[Entry]:
    """The entries of an item with these prices, each from that day on."""
    entries: list[Entry] = []
    before: Money | None = None
    for day, after in prices:
        entries += changes("lamp", before, after, START + day * DAY, head(entries[-1]) if entries else None)
        before = after
    return entries


LONG = chain((0, money("10")), (10, money("8")), (20, money("9", "USD")), (30, None), (40, money("12")))


def test_a_chain_has_an_entry_for_each_change_and_two_for_another_currency() -> None:
    assert [(entry.seq, entry.currency, entry.amount) for entry in LONG] == [
        (1, "EUR", Decimal(10)),
        (2, "EUR", Decimal(8)),
        (3, "EUR", None),
        (4, "USD", Decimal(9)),
        (5, "USD", None),
        (6, "EUR", Decimal(12)),
    ]
    assert [entry.previous for entry in LONG] == [GENESIS, *(entry.hash for entry in LONG[:-1])]


def test_the_same_price_is_no_change() -> None:
    assert chain((0, None), (1, money("9.90")), (2, money("9.9")), (3, money("9.900"))) == chain((1, money("9.90")))


def test_a_whole_chain_is_whole_also_after_being_stored() -> None:
    stored = [Entry.model_validate_json(entry.model_dump_json()) for entry in LONG]
    assert broken(stored, head(LONG[-1])) is None
    assert broken([], None) is None


@pytest.mark.parametrize(
    "change",
    [{"amount": Decimal("7.99")}, {"amount": None}, {"currency": "CHF"}, {"since": START}, {"item_id": "vase"}],
)
def test_a_changed_entry_is_found(change: dict[str, object]) -> None:
    changed = [*LONG]
    changed[1] = LONG[1].model_copy(update=change)
    assert broken(changed, head(LONG[-1])) == 2


def test_an_entry_changed_with_its_own_hash_is_found_by_the_next() -> None:
    changed = LONG[1].model_copy(update={"amount": Decimal("7.99")})
    changed = changed.model_copy(update={"hash": changed.digest()})
    assert broken([LONG[0], changed, *LONG[2:]], head(LONG[-1])) == 3
    assert broken([LONG[0], changed], head(LONG[1])) == 2


def test_entries_left_out_are_found_wherever_they_stood() -> None:
    end = head(LONG[-1])
    assert [broken([*LONG[:n], *LONG[n + 1 :]], end) for n in range(len(LONG))] == [1, 2, 3, 4, 5, 6]
    assert broken([], end) == 1
    assert broken(LONG, None) == 7


def test_an_entry_that_was_put_after_the_end_is_the_one_that_is_named() -> None:
    assert [broken(LONG, head(each)) for each in LONG[:-1]] == [2, 3, 4, 5, 6]
    assert broken(LONG[2:], head(LONG[0]), tail=True) == 3
    assert broken(LONG[2:], head(LONG[3]), tail=True) == 5


def test_an_end_is_read_as_it_was_written() -> None:
    assert Head.parse(str(head(LONG[-1]))) == head(LONG[-1])


def test_time_does_not_go_back_where_a_writers_clock_does() -> None:
    entries = chain((10, money("10")), (3, money("8")))
    assert [entry.since for entry in entries] == [START + 10 * DAY] * 2
    assert periods(entries, "EUR") == [(Decimal(8), START + 10 * DAY, None)]


def test_periods_are_from_one_change_to_the_next() -> None:
    assert periods(LONG, "EUR") == [
        (Decimal(10), START, START + 10 * DAY),
        (Decimal(8), START + 10 * DAY, START + 20 * DAY),
        (Decimal(12), START + 40 * DAY, None),
    ]
    assert periods(LONG, "USD") == [(Decimal(9), START + 20 * DAY, START + 30 * DAY)]


@pytest.mark.parametrize(
    ("day", "currency", "amount"),
    [
        (0, "EUR", None),
        (1, "EUR", "10"),
        (10, "EUR", "10"),  # what begins at that time is not prior to it
        (11, "EUR", "8"),
        (49, "EUR", "8"),
        (50, "EUR", "12"),  # the price of 8 ended 30 days ago
        (21, "USD", "9"),
        (61, "USD", None),
        (21, "CHF", None),
    ],
)
def test_the_lowest_price_of_the_prior_30_days(day: int, currency: str, amount: str | None) -> None:
    assert lowest(LONG, currency, START + day * DAY) == (None if amount is None else Decimal(amount))


prices = st.none() | st.builds(money, st.decimals(0, 99, places=2).map(str), st.sampled_from(["EUR", "USD"]))
histories = st.lists(st.tuples(st.integers(0, 90), prices), max_size=12).map(
    lambda days: sorted(days, key=lambda d: d[0])
)


@given(history=histories, at=st.integers(0, 100))
def test_the_lowest_price_is_what_a_look_at_every_day_finds(history: list[tuple[int, Money | None]], at: int) -> None:
    def on(day: int) -> Money | None:
        return next((price for since, price in reversed(history) if since <= day), None)

    seen = [price.amount for day in range(max(0, at - 30), at) if (price := on(day)) and price.currency == "EUR"]
    entries = chain(*history)
    assert lowest(entries, "EUR", START + at * DAY) == (min(seen) if seen else None)
    assert broken(entries, head(entries[-1]) if entries else None) is None

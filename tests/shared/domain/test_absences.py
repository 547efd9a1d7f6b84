"""When an item could not be had: told by its changes, whatever their order and repetition, and never without bound."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.absences import KEPT, MOST, SHORTEST, Absence, absences
from shared.domain.items import Item

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def item(**fields: Any) -> Item:
    return Item.model_validate({"item_id": "cup", "title": "Cup", "stock": 3} | fields)


def after(*changes: tuple[timedelta, Item | None]) -> tuple[Absence, ...]:
    """What is known after these changes, each so long after `NOW`."""
    known: tuple[Absence, ...] = ()
    for when, each in changes:
        known = absences(known, each, NOW + when)
    return known


def test_out_of_stock_from_zero_until_more_and_once_however_often_it_is_told() -> None:
    out = item(stock=0)
    assert after((0 * DAY, item())) == ()
    assert after((0 * DAY, out), (DAY, out), (2 * DAY, item(stock=0, title="Mug"))) == (Absence(NOW, None),)
    twice = after((0 * DAY, out), (5 * DAY, item()), (6 * DAY, item(stock=1)), (7 * DAY, out), (9 * DAY, item()))
    assert twice == (Absence(NOW, NOW + 5 * DAY), Absence(NOW + 7 * DAY, NOW + 9 * DAY))


def test_a_shop_that_does_not_count_its_stock_has_it() -> None:
    assert after((0 * DAY, item(stock=None))) == ()


def test_a_deleted_item_is_absent_until_it_comes_back() -> None:
    assert after((0 * DAY, item()), (DAY, None)) == (Absence(NOW + DAY, None),)
    assert after((0 * DAY, item()), (DAY, None), (3 * DAY, item())) == (Absence(NOW + DAY, NOW + 3 * DAY),)


def test_a_window_closes_and_opens_without_anybody_writing() -> None:
    season = item(available_from=NOW + DAY, available_until=NOW + 9 * DAY)
    assert after((0 * DAY, season)) == (Absence(NOW, NOW + DAY), Absence(NOW + 9 * DAY, None))
    longer = item(available_until=NOW + 20 * DAY)
    assert after((0 * DAY, season), (5 * DAY, longer)) == (Absence(NOW, NOW + DAY), Absence(NOW + 20 * DAY, None))
    reopened = after((0 * DAY, season), (12 * DAY, item()))
    assert reopened == (Absence(NOW, NOW + DAY), Absence(NOW + 9 * DAY, NOW + 12 * DAY))


def test_what_was_short_or_long_ago_is_forgotten() -> None:
    assert after((0 * DAY, item(stock=0)), (SHORTEST / 2, item())) == ()
    assert after((0 * DAY, item(stock=0)), (DAY, item()), (DAY + KEPT, item(title="Mug"))) == ()


def test_of_many_the_longest_stay() -> None:
    known: tuple[Absence, ...] = ()
    for day in range(MOST + 10):
        known = absences(known, item(stock=0), NOW + day * DAY)
        known = absences(known, item(), NOW + day * DAY + (12 if day == 3 else 3) * SHORTEST)
    assert len(known) == MOST
    assert Absence(NOW + 3 * DAY, NOW + 3 * DAY + 12 * SHORTEST) in known
    assert known[-1].since == NOW + (MOST + 9) * DAY
    lasting = absences(known, item(stock=0), NOW + 100 * DAY)
    assert (len(lasting), lasting[-1]) == (MOST, Absence(NOW + 100 * DAY, None))


STOCKS = st.lists(st.tuples(st.integers(1, 200), st.one_of(st.none(), st.integers(0, 2))), max_size=60)


@given(STOCKS)
def test_hours_out_of_stock_are_those_of_a_plain_count(changes: list[tuple[int, int | None]]) -> None:
    """In whole hours and up to `MOST` of them nothing is left out."""
    known: tuple[Absence, ...] = ()
    at, out, hours = NOW, False, 0
    for later, stock in changes[:MOST]:
        hours += later if out else 0
        at, out = at + later * SHORTEST, stock == 0
        known = absences(known, item(stock=stock), at)
    told = sum(((each.until or at) - each.since) / SHORTEST for each in known)
    assert told == hours
    assert all(each.until is not None and each.until < after.since for each, after in pairwise(known))

"""What an event counts for: weights that halve every two days, for a week; units sold, for a month."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from shared.domain.counting import WINDOW_DAYS, Count, Series, best, counts, decayed, summed
from shared.domain.events import KNOWN, CustomerRef, Event
from shared.domain.vocabulary import EventName

TODAY = date(2026, 5, 10)


def event(name: str, *items: str, day: date = TODAY) -> Event:
    time = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return Event(customer=CustomerRef(kind=KNOWN, id="ann"), message_id="m", time=time, name=name, items=items)


def added(series: Series, *events: Event) -> dict[str, int]:
    """By item, of all days."""
    total: dict[str, int] = {}
    for each in (count for event in events for count in counts(event, TODAY) if count.series is series):
        total[each.item] = total.get(each.item, 0) + each.by
    return total


def test_an_order_weighs_more_than_a_cart_and_a_cart_more_than_a_look() -> None:
    events = [
        event(EventName.ORDER_COMPLETED, "lamp", "vase"),
        event(EventName.PRODUCT_ADDED, "lamp"),
        event(EventName.PRODUCT_VIEWED, "rug"),
    ]
    assert added(Series.TRENDING, *events) == {"lamp": 8, "vase": 5, "rug": 1}
    assert added(Series.SOLD, *events) == {"lamp": 1, "vase": 1}


def test_a_count_is_of_the_events_own_day() -> None:
    yesterday = TODAY - timedelta(days=1)
    assert list(counts(event(EventName.PRODUCT_VIEWED, "rug", day=yesterday), TODAY)) == [
        Count(Series.TRENDING, yesterday, "rug", 1)
    ]


def test_an_item_twice_in_one_order_counts_once() -> None:
    assert added(Series.SOLD, event(EventName.ORDER_COMPLETED, "lamp", "lamp")) == {"lamp": 1}


def test_other_events_and_events_without_items_count_nothing() -> None:
    assert list(counts(event("Article Read", "lamp"), TODAY)) == []
    assert list(counts(event(EventName.PRODUCT_VIEWED), TODAY)) == []


@pytest.mark.parametrize("series", Series)
def test_what_is_older_than_its_window_or_of_the_day_after_tomorrow_does_not_count(series: Series) -> None:
    for age in (-2, -1, 0, WINDOW_DAYS[series] - 1, WINDOW_DAYS[series]):
        order = event(EventName.ORDER_COMPLETED, "lamp", day=TODAY - timedelta(days=age))
        assert bool(added(series, order)) is (-1 <= age < WINDOW_DAYS[series])


def test_weight_halves_in_two_days() -> None:
    days = {TODAY: {"new": 4}, TODAY - timedelta(days=2): {"old": 8, "older": 4}}
    assert decayed(days, TODAY) == [("new", 4.0), ("old", 4.0), ("older", 2.0)]


def test_the_same_item_adds_up_over_days() -> None:
    assert decayed({TODAY: {"lamp": 1}, TODAY - timedelta(days=2): {"lamp": 2}}, TODAY) == [("lamp", 2.0)]
    assert summed([("lamp", 2), ("vase", 4), ("lamp", 3)]) == [("lamp", 5), ("vase", 4)]


@pytest.mark.parametrize(("age", "counts"), [(-1, False), (0, True), (6, True), (7, False)])
def test_days_outside_the_window_do_not_trend(age: int, counts: bool) -> None:
    assert bool(decayed({TODAY - timedelta(days=age): Counter(lamp=1)}, TODAY)) is counts


def test_nothing_is_trending_in_an_empty_shop() -> None:
    assert decayed({}, TODAY) == summed([]) == []


def test_what_is_given_back_takes_away_and_never_ranks_below_nothing() -> None:
    events = [
        event(EventName.ORDER_COMPLETED, "lamp", "vase"),
        event(EventName.ORDER_REFUNDED, "lamp"),
        event(EventName.ORDER_CANCELLED, "rug"),
    ]
    assert added(Series.TRENDING, *events) == {"lamp": 0, "vase": 5, "rug": -5}
    assert added(Series.SOLD, *events) == {"lamp": 0, "vase": 1, "rug": -1}
    assert best(added(Series.SOLD, *events)) == [("vase", 1)]

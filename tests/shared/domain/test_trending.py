"""Trending: weights by kind of event, halved every two days, for a week."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from shared.domain.events import KNOWN, CustomerRef, Event
from shared.domain.trending import WINDOW_DAYS, daily_weights, rank
from shared.domain.vocabulary import EventName

TODAY = date(2026, 5, 10)


def event(name: str, *items: str, day: int = 10, hour: int = 12) -> Event:
    time = datetime(2026, 5, day, hour, tzinfo=UTC)
    return Event(customer=CustomerRef(kind=KNOWN, id="ann"), message_id="m", time=time, name=name, items=items)


def test_an_order_weighs_more_than_a_cart_and_a_cart_more_than_a_look() -> None:
    events = [
        event(EventName.ORDER_COMPLETED, "lamp", "vase"),
        event(EventName.PRODUCT_ADDED, "lamp"),
        event(EventName.PRODUCT_VIEWED, "rug", day=9),
        event(EventName.PRODUCT_VIEWED, "lamp", day=9),
    ]
    assert daily_weights(events) == {TODAY: {"lamp": 8, "vase": 5}, date(2026, 5, 9): {"rug": 1, "lamp": 1}}


def test_an_item_twice_in_one_order_counts_once() -> None:
    assert daily_weights([event(EventName.ORDER_COMPLETED, "lamp", "lamp")]) == {TODAY: {"lamp": 5}}


def test_other_events_and_events_without_items_weigh_nothing() -> None:
    assert daily_weights([event("Article Read", "lamp"), event(EventName.PRODUCT_VIEWED)]) == {}


def test_weight_halves_in_two_days() -> None:
    days = {TODAY: {"new": 4}, TODAY - timedelta(days=2): {"old": 8, "older": 4}}
    assert rank(days, TODAY) == [("new", 4.0), ("old", 4.0), ("older", 2.0)]


def test_the_same_item_adds_up_over_days() -> None:
    assert rank({TODAY: {"lamp": 1}, TODAY - timedelta(days=2): {"lamp": 2}}, TODAY) == [("lamp", 2.0)]


@pytest.mark.parametrize(("age", "counts"), [(-1, False), (0, True), (WINDOW_DAYS - 1, True), (WINDOW_DAYS, False)])
def test_days_outside_the_window_do_not_count(age: int, counts: bool) -> None:
    assert bool(rank({TODAY - timedelta(days=age): Counter(lamp=1)}, TODAY)) is counts


def test_nothing_is_trending_in_an_empty_shop() -> None:
    assert rank({}, TODAY) == []


def test_what_is_given_back_takes_its_weight_away_and_never_counts_below_nothing() -> None:
    bought = event(EventName.ORDER_COMPLETED, "lamp", "vase")
    days = daily_weights([bought, event(EventName.ORDER_REFUNDED, "lamp"), event(EventName.ORDER_CANCELLED, "rug")])
    assert days == {TODAY: {"lamp": 0, "vase": 5, "rug": -5}}
    assert [item for item, _ in rank(days, TODAY)] == ["vase"]

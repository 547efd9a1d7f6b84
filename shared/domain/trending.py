"""Trending: how often items were bought or looked at of late, newer days counting more."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from shared.domain.events import Event
from shared.domain.vocabulary import EventName

WEIGHTS: Mapping[str, int] = {
    EventName.PRODUCT_VIEWED: 1,
    EventName.PRODUCT_ADDED: 3,
    EventName.ORDER_COMPLETED: 5,
    EventName.ORDER_REFUNDED: -5,
    EventName.ORDER_CANCELLED: -5,
}
"""What is given back counts against an item on the day of that, since a counter does not know the order's day."""
WINDOW_DAYS = 7
HALF_LIFE_DAYS = 2.0


def daily_weights(events: Iterable[Event]) -> dict[date, Counter[str]]:
    """For each day (UTC, by event time) the weight that its events give each item."""
    days: dict[date, Counter[str]] = {}
    for event in events:
        weight = WEIGHTS.get(event.name)
        if weight and event.items:
            days.setdefault(event.time.date(), Counter()).update(dict.fromkeys(event.items, weight))
    return days


def rank(days: Mapping[date, Mapping[str, int]], today: date) -> list[tuple[str, float]]:
    """Items by exponentially decayed weight, best first; ties by id.

    Days outside the window do not count; neither do items of which more is given back than taken.
    """
    scores: dict[str, float] = {}
    for day, weights in days.items():
        age = (today - day).days
        if 0 <= age < WINDOW_DAYS:
            decay = 0.5 ** (age / HALF_LIFE_DAYS)
            for item, weight in weights.items():
                scores[item] = scores.get(item, 0.0) + decay * weight
    risen = [(item, score) for item, score in scores.items() if score > 0]
    return sorted(risen, key=lambda pair: (-pair[1], pair[0]))

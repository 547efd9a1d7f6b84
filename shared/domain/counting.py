"""What is counted live: how often items are bought or looked at of late, and in how many orders they are.

There are two series, each a count for every item and day (UTC, by event time). `TRENDING` adds up weights, and newer
days count more when it is read. `SOLD` has how many orders of the day had the item, less those that gave it back.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from shared.domain.events import Event
from shared.domain.vocabulary import UNDOING, EventName


class Series(StrEnum):
    """What is counted."""

    TRENDING = "trending"
    SOLD = "sold"


class Count(NamedTuple):
    """What one event adds to one item's count of its day."""

    series: Series
    day: date
    item: str
    by: int


WEIGHTS: Mapping[str, int] = {
    EventName.PRODUCT_VIEWED: 1,
    EventName.PRODUCT_ADDED: 3,
    EventName.ORDER_COMPLETED: 5,
    EventName.ORDER_REFUNDED: -5,
    EventName.ORDER_CANCELLED: -5,
}
"""What is given back counts against an item on the day of that, since a counter does not know the order's day."""
UNITS: Mapping[str, int] = {EventName.ORDER_COMPLETED: 1, **dict.fromkeys(UNDOING, -1)}
"""An order counts once for each item, however many of it were bought: what is wanted by many is what is shown, and not
what one customer takes by the dozen. Training has the quantities (`training/sales.py`)."""
AMOUNTS: Mapping[Series, Mapping[str, int]] = {Series.TRENDING: WEIGHTS, Series.SOLD: UNITS}
WINDOW_DAYS: Mapping[Series, int] = {Series.TRENDING: 7, Series.SOLD: 30}
"""What is older does not count."""
KEPT: Mapping[Series, timedelta] = {series: timedelta(days=days + 2) for series, days in WINDOW_DAYS.items()}
"""From the beginning of a day: its window, and a clock ahead."""
HALF_LIFE_DAYS = 2.0


def counts(event: Event, today: date) -> Iterator[Count]:
    """What this event adds, nothing where it is too old. A clock ahead may make it tomorrow's."""
    age = (today - event.time.date()).days
    for series, amounts in AMOUNTS.items():
        amount = amounts.get(event.name)
        if amount and -1 <= age < WINDOW_DAYS[series]:
            for item in dict.fromkeys(event.items):
                yield Count(series, event.time.date(), item, amount)


def decayed(days: Mapping[date, Mapping[str, int]], today: date) -> list[tuple[str, float]]:
    """Items by exponentially decayed weight, best first. Days outside the window do not count."""
    scores: dict[str, float] = {}
    for day, weights in days.items():
        age = (today - day).days
        if 0 <= age < WINDOW_DAYS[Series.TRENDING]:
            decay = 0.5 ** (age / HALF_LIFE_DAYS)
            for item, weight in weights.items():
                scores[item] = scores.get(item, 0.0) + decay * weight
    return best(scores)


def summed(amounts: Iterable[tuple[str, int]]) -> list[tuple[str, float]]:
    """Items by the sum of their amounts, best first."""
    scores: dict[str, float] = {}
    for item, amount in amounts:
        scores[item] = scores.get(item, 0.0) + amount
    return best(scores)


def best(scores: Mapping[str, float]) -> list[tuple[str, float]]:
    """Best first, ties by id; without what more was given back of than taken."""
    return sorted(((item, score) for item, score in scores.items() if score > 0), key=lambda pair: (-pair[1], pair[0]))

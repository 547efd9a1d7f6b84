"""Small seeded shops with a known answer."""

from datetime import UTC, datetime, timedelta

import numpy as np

from shared.domain.events import CustomerRef, Event
from shared.domain.items import Item
from shared.domain.vocabulary import EventName

OPENED = datetime(2026, 1, 1, tzinfo=UTC)


def order(
    customer: str,
    number: int,
    day: float,
    *items: str,
    name: str = EventName.ORDER_COMPLETED,
    order_id: str | None = None,
) -> Event:
    """One event of a customer written as `user:ID` or `anonymous:ID`."""
    return Event(
        customer=CustomerRef.parse(customer),
        message_id=f"{customer}-{number}",
        time=OPENED + timedelta(days=day),
        name=name,
        items=items,
        order_id=order_id,
    )


def two_tastes(customers: int = 80, days: int = 100, seed: int = 7) -> list[Event]:
    """Half of the customers buy only from 40 red items, half only from 40 blue ones, three at a time, each item once.

    Popularity cannot tell the two apart, so that half of what it shows is wrong; a model that learns the tastes can.
    """
    draw = np.random.default_rng(seed)
    events = []
    for customer in range(customers):
        colour = "red" if customer % 2 else "blue"
        shelf = draw.permutation([f"{colour}-{number:02}" for number in range(40)]).tolist()
        at = np.sort(draw.uniform(0, days, 12))
        for number, day in enumerate(at):
            events.append(order(f"user:{customer:03}", number, float(day), *shelf[3 * number : 3 * number + 3]))
    return events


def catalogue(events: list[Event]) -> list[Item]:
    """An item in stock for every one that the events name."""
    return [Item(item_id=item, title=item) for item in sorted({item for event in events for item in event.items})]


def shuffled(events: list[Event], seed: int = 5) -> list[Event]:
    """The same events in another order."""
    return [events[at] for at in np.random.default_rng(seed).permutation(len(events))]

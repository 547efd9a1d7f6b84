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


def walks(customers: int = 600, seed: int = 4) -> list[Event]:
    """Short anonymous sessions, an item a minute: from an item on to the next of its shelf, or to any other shelf.

    What comes next follows from the last item alone: what was seen before it only misleads.
    """
    draw = np.random.default_rng(seed)
    events = []
    for customer in range(customers):
        day, shelf, place = draw.uniform(0, 40), 0, 0
        jumps = draw.random(6) < 0.5
        jumps[[0, 5]] = True, False
        for step, jump in enumerate(jumps):
            shelf, place = draw.integers(0, (6, 10)) if jump else (shelf, (place + 1) % 10)
            events.append(order(f"anonymous:{customer:04}", step, float(day) + step / 1440, f"{shelf}-{place}"))
    return events


def fashions(customers: int = 480, seed: int = 6) -> list[Event]:
    """Six shelves whose range moves on: each customer, a day after the other, takes six of the ten things that their
    shelf has that week, old and new alike.
    """
    draw = np.random.default_rng(seed)
    events = []
    for customer in range(customers):
        shelf, first = draw.integers(0, 6), customer // 12
        taken = first + draw.choice(10, 6, replace=False)
        for step, number in enumerate(taken.tolist()):
            events.append(order(f"user:{customer:04}", step, customer / 4 + step / 1440, f"{shelf}-{number:03}"))
    return events


def browsing(by: str, customers: int = 120, seed: int = 9) -> list[Event]:
    """Shoppers look at four items of some shelf and then buy one that they have not looked at: at `by` "session" from
    the shelf that they look at, at `by` "history" from the one that they always buy from, wherever they look.
    """
    draw = np.random.default_rng(seed)
    events = []
    for customer in range(customers):
        home, number = customer % 6, 0
        for visit, day in enumerate(np.sort(draw.uniform(0, 60, 8)).tolist()):
            seen = int(draw.integers(6))
            bought = seen if by == "session" else home
            looked = draw.permutation(20)
            names = [f"{seen}-{place:02}" for place in looked[:4]] + [f"{bought}-{looked[4 + visit]:02}"]
            for step, item in enumerate(names):
                name = EventName.ORDER_COMPLETED if step == 4 else EventName.PRODUCT_VIEWED
                events.append(order(f"user:{customer:03}", number, day + step / 1440, item, name=name))
                number += 1
    return events


def kits(customers: int = 160, seed: int = 12) -> list[Event]:
    """Shoppers compare a brand's cameras twice, visit for visit; once they buy one, with one of its four cards."""
    draw = np.random.default_rng(seed)
    events = []
    for customer in range(customers):
        for visit, day in enumerate(np.sort(draw.uniform(0, 60, 8)).tolist()):
            compared = (6 * draw.integers(3) + draw.permutation(6)[:5]).tolist()
            for step, camera in enumerate(compared * 2):
                seen = order(f"user:{customer:03}", 20 * visit + step, day + step / 1440, f"camera-{camera:02}")
                events.append(seen.model_copy(update={"name": EventName.PRODUCT_VIEWED}))
            if visit == customer % 8:
                kit = f"camera-{compared[0]:02}", f"card-{compared[0]:02}-{draw.integers(4)}"
                events.append(order(f"user:{customer:03}", 20 * visit + 19, day + 11 / 1440, *kit))
    return events


def sent_back(matters: bool, customers: int = 160, seed: int = 21) -> list[Event]:
    """Shoppers look at two shelves of six each week. Where it `matters`, they buy of one of them, and had sent back
    what they bought of the other; where it does not, they buy of both, and what they had sent back was drawn.
    """
    draw = np.random.default_rng(seed)
    events = []
    for customer in range(customers):
        liked, tried = draw.permutation(6)[:2].tolist()
        ends = draw.uniform(30, 60)
        taken = {shelf: draw.permutation(20).tolist() for shelf in (liked, tried)}
        for week in range(8):
            day, who, order_id = ends - 28 + 3.5 * week, f"user:{customer:03}", f"{customer}-{week}"
            bought = [liked, tried] if week < 2 or not matters else [liked]
            names = [f"{shelf}-{taken[shelf][week]:02}" for shelf in bought]
            for step, shelf in enumerate((liked, tried)):
                seen = order(who, 10 * week + step, day - 1, f"{shelf}-{taken[shelf][10 + week]:02}")
                events.append(seen.model_copy(update={"name": EventName.PRODUCT_VIEWED}))
            events.append(order(who, 10 * week + 2, day, *names, order_id=order_id))
            if week < 2:
                back = names[1 if matters else int(draw.integers(2))]
                refund = order(who, 10 * week + 3, day + 1, back, name=EventName.ORDER_REFUNDED, order_id=order_id)
                events.append(refund)
    return events

"""A customer's past as scoring sees it: what was in each event, when, and what kind of event it was."""

from collections.abc import Iterable
from typing import NamedTuple

from shared.domain.events import Event
from shared.domain.vocabulary import EventName

MAX_EVENTS = 80
"""How many of the newest events a score may read; serving never queries more, so training must not either."""
MAX_BROWSED = 28
"""How many of them may be other than orders: an evening's browsing must not push out what was bought."""
OF_ORDERS = {EventName.ORDER_COMPLETED, EventName.ORDER_REFUNDED}


class Past[I](NamedTuple):
    """One past event. `time` is in seconds since 1970 (UTC). `I` is an item's id in serving, its number in training."""

    items: tuple[I, ...]
    time: float
    name: str


def newest_first(events: Iterable[Event]) -> list[Past[str]]:
    """The newest events that name an item, as many as a score may read; at one time, in order of message."""
    with_items = (event for event in events if event.items)
    ordered = sorted(with_items, key=lambda event: (-event.time.timestamp(), event.message_id))
    return readable(Past(distinct(event.items), event.time.timestamp(), event.name) for event in ordered)


def readable[I](newest_first: Iterable[Past[I]]) -> list[Past[I]]:
    """As many of these as a score may read."""
    kept: list[Past[I]] = []
    browsed = 0
    for past in newest_first:
        if has_room(len(kept), browsed, past.name):
            kept.append(past)
            browsed += past.name not in OF_ORDERS
    return kept


def has_room(kept: int, browsed: int, name: str) -> bool:
    """Whether another event of this name may be read, beside the newer ones that are: `browsed` are not of orders."""
    return kept < MAX_EVENTS and (name in OF_ORDERS or browsed < MAX_BROWSED)


def distinct[I](items: Iterable[I]) -> tuple[I, ...]:
    """The items in their order, each once."""
    return tuple(dict.fromkeys(items))

"""A customer's past as scoring sees it: what was in each event, when, and what kind of event it was."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from shared.domain.events import Event
from shared.domain.vocabulary import EventName

MAX_EVENTS = 80
"""How many of the newest events a score may read; serving never queries more, so training must not either."""
MAX_BROWSED = 28
"""How many of them may be other than orders: an evening's browsing must not push out what was bought."""
OF_ORDERS = {EventName.ORDER_COMPLETED, EventName.ORDER_REFUNDED}

CART_SECONDS = 30 * 86_400.0
"""What was put into a cart longer ago is forgotten, not waiting."""


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


def in_cart[I](newest_first: Iterable[Past[I]], now: float) -> list[I]:
    """What lies in the cart by the events since the last order, the latest first. `now` in seconds since 1970."""
    decided: dict[I, bool] = {}
    for past in newest_first:
        if past.name == EventName.ORDER_COMPLETED or past.time < now - CART_SECONDS:
            break
        if past.name in (EventName.PRODUCT_ADDED, EventName.PRODUCT_REMOVED):
            for item in past.items:
                decided.setdefault(item, past.name == EventName.PRODUCT_ADDED)
    return [item for item, inside in decided.items() if inside]


def taken[I](newest_first: Sequence[Past[I]], now: float) -> set[I]:
    """What for-you leaves out: what was ordered, and what lies in the cart. `now` in seconds since 1970."""
    ordered = {item for past in newest_first if past.name == EventName.ORDER_COMPLETED for item in past.items}
    return ordered.union(in_cart(newest_first, now))


def distinct[I](items: Iterable[I]) -> tuple[I, ...]:
    """The items in their order, each once."""
    return tuple(dict.fromkeys(items))

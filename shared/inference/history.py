"""A customer's past as scoring sees it: what was in each event, when, and what kind of event it was."""

from collections.abc import Iterable
from typing import NamedTuple

from shared.domain.events import Event

MAX_EVENTS = 80
"""How many of the newest events a score may read; serving never queries more, so training must not either."""


class Past[I](NamedTuple):
    """One past event. `time` is in seconds since 1970 (UTC). `I` is an item's id in serving, its number in training."""

    items: tuple[I, ...]
    time: float
    name: str


def newest_first(events: Iterable[Event]) -> list[Past[str]]:
    """At most `MAX_EVENTS` of the events that name an item, newest first; at one time, in order of message."""
    with_items = (event for event in events if event.items)
    ordered = sorted(with_items, key=lambda event: (-event.time.timestamp(), event.message_id))
    return [Past(distinct(event.items), event.time.timestamp(), event.name) for event in ordered[:MAX_EVENTS]]


def distinct[I](items: Iterable[I]) -> tuple[I, ...]:
    """The items in their order, each once."""
    return tuple(dict.fromkeys(items))

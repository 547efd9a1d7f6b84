"""What remains of a customer's orders after refunds and cancellations: one rule, for serving and for training."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Protocol

from shared.domain.events import Event
from shared.domain.vocabulary import UNDOING, EventName


class Act(Protocol):
    """What the rule must know of an event."""

    @property
    def name(self) -> str: ...
    @property
    def items(self) -> tuple[str, ...]: ...
    @property
    def order_id(self) -> str | None: ...


def standing[A: Act](acts: Iterable[A]) -> list[tuple[A, tuple[str, ...]]]:
    """One customer's acts, in their order, with the items of each that still count; not those that undo others.

    A refund takes its items out of the order that it names, or all of them when it names none; a cancellation takes
    all. The order of arrival does not matter, and neither do repetitions.
    """
    acts = list(acts)
    undone: dict[str, set[str]] = defaultdict(set)
    gone: set[str] = set()
    for act in acts:
        if act.name in UNDOING and act.order_id:
            undone[act.order_id].update(act.items)
            if act.name == EventName.ORDER_CANCELLED or not act.items:
                gone.add(act.order_id)
    return [(act, _left(act, undone, gone)) for act in acts if act.name not in UNDOING]


def net(history: Iterable[Event]) -> list[Event]:
    """One customer's events as if what was given back had never been bought."""
    return [
        event if items == event.items else event.model_copy(update={"items": items})
        for event, items in standing(history)
    ]


def _left(act: Act, undone: dict[str, set[str]], gone: set[str]) -> tuple[str, ...]:
    if act.name != EventName.ORDER_COMPLETED or act.order_id is None or act.order_id not in undone:
        return act.items
    return () if act.order_id in gone else tuple(item for item in act.items if item not in undone[act.order_id])

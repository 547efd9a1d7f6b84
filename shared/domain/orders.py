"""What remains of a customer's orders after refunds and cancellations: one rule, for serving and for training."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
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
    """One customer's acts, in their order, with the items of each that still count, of a refund those given back.

    A refund takes its items out of the order that it names, or all of them when it names none; a cancellation takes
    all, and what is refunded of a cancelled order was not given back: it never came. The order of arrival does not
    matter, and neither do repetitions.
    """
    acts = list(acts)
    undone: dict[str, set[str]] = defaultdict(set)
    gone: set[str] = set()
    cancelled = {act.order_id for act in acts if act.name == EventName.ORDER_CANCELLED}
    for act in acts:
        if act.name in UNDOING and act.order_id:
            undone[act.order_id].update(act.items)
            if act.name == EventName.ORDER_CANCELLED or not act.items:
                gone.add(act.order_id)
    ordered = _ordered(acts)
    found = [
        (act, _given_back(act, ordered, cancelled) if act.name in UNDOING else _left(act, undone, gone)) for act in acts
    ]
    return [(act, items) for act, items in found if items or act.name not in UNDOING]


def net(history: Iterable[Event]) -> list[Event]:
    """One customer's events as if what was given back had never been bought, and the refunds that gave it back."""
    return [
        event if items == event.items else event.model_copy(update={"items": items})
        for event, items in standing(history)
    ]


def _ordered(acts: Iterable[Act]) -> dict[str | None, tuple[str, ...]]:
    """What was in each order, if in several parts in all of them."""
    found: dict[str | None, set[str]] = defaultdict(set)
    for act in acts:
        if act.name == EventName.ORDER_COMPLETED:
            found[act.order_id].update(act.items)
    return {order_id: tuple(sorted(items)) for order_id, items in found.items()}


def _given_back(
    act: Act, ordered: Mapping[str | None, tuple[str, ...]], cancelled: Container[str | None]
) -> tuple[str, ...]:
    if act.name != EventName.ORDER_REFUNDED or act.order_id is None or act.order_id in cancelled:
        return ()
    return act.items or ordered.get(act.order_id, ())


def _left(act: Act, undone: dict[str, set[str]], gone: set[str]) -> tuple[str, ...]:
    if act.name != EventName.ORDER_COMPLETED or act.order_id is None or act.order_id not in undone:
        return act.items
    return () if act.order_id in gone else tuple(item for item in act.items if item not in undone[act.order_id])

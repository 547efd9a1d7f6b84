"""The training view of a shop's events: deduplicated, owned by known customers where possible, as arrays."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from shared.domain.events import ANONYMOUS, Event
from shared.domain.orders import standing
from shared.domain.vocabulary import UNDOING
from shared.inference.history import distinct

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Interactions:
    """Events and the items in them, ordered by customer, time and message; vocabularies are sorted.

    Per event [E]: `event_customer`, `event_time` (seconds since 1970), `event_name` (index into `names`).
    Per item in an event [M]: `item` (index into `items`), `event` (index into the events).
    """

    customers: tuple[str, ...]
    items: tuple[str, ...]
    names: tuple[str, ...]
    event_customer: Ints
    event_time: Floats
    event_name: Ints
    item: Ints
    event: Ints

    @property
    def customer(self) -> Ints:
        """The customer of each item in an event, [M]."""
        return self.event_customer[self.event]

    @property
    def time(self) -> Floats:
        """The time of each item in an event, [M]."""
        return self.event_time[self.event]

    @property
    def name(self) -> Ints:
        """The event name's index of each item in an event, [M]."""
        return self.event_name[self.event]

    def between(self, start: float, end: float) -> "Interactions":
        """Only the events with start <= time < end, over the same vocabularies."""
        return self.where((self.event_time >= start) & (self.event_time < end))

    def named(self, name: str) -> "Interactions":
        """Only the events of one name, over the same vocabularies."""
        codes = [code for code, known in enumerate(self.names) if known == name]
        return self.where(np.isin(self.event_name, codes))

    def where(self, kept: Mask) -> "Interactions":
        """Only the events that a mask [E] keeps, over the same vocabularies."""
        rows = kept[self.event]
        number = np.cumsum(kept, dtype=np.int32) - 1
        return replace(
            self,
            event_customer=self.event_customer[kept],
            event_time=self.event_time[kept],
            event_name=self.event_name[kept],
            item=self.item[rows],
            event=number[self.event[rows]].astype(np.int32),
        )


class _Kept(NamedTuple):
    """What is kept of an event while they are read. Sorts by time, then message."""

    time: float
    message_id: str
    name: str
    items: tuple[str, ...]
    order_id: str


def collect(events: Iterable[Event]) -> Interactions:
    """The training view of events, the same whatever order they come in and however often they are repeated.

    An event's identity is its customer and message id; of two that differ otherwise, the earlier stays, and of a short
    and a whole record of one event the whole. An anonymous customer's events go to the first known customer seen with
    that anonymous id. What was refunded or cancelled counts as never bought. Events without items are left out.
    """
    by_identity: dict[tuple[str, str], _Kept] = {}
    owners: dict[str, tuple[float, str]] = {}
    for event in events:
        customer, time = str(event.customer), event.time.timestamp()
        if event.customer.is_known and event.anonymous_id is not None:
            claim, anonymous = (time, customer), f"{ANONYMOUS}:{event.anonymous_id}"
            owners[anonymous] = min(claim, owners.get(anonymous, claim))
        if event.items or event.name in UNDOING:
            kept = _Kept(time, event.message_id, event.name, distinct(event.items), event.order_id or "")
            _keep(by_identity, customer, kept)
    owned = _owned(by_identity, {anonymous: owner for anonymous, (_, owner) in owners.items()})
    return _as_arrays(_standing(owned))


def merged(views: Sequence[Interactions]) -> Interactions:
    """One view of several that have no customer in common: what `collect` makes of all their events together."""
    customers = tuple(sorted(text for view in views for text in view.customers))
    items = tuple(sorted({text for view in views for text in view.items}))
    names = tuple(sorted({text for view in views for text in view.names}))
    customer_number, item_number, name_number = (
        {text: at for at, text in enumerate(texts)} for texts in (customers, items, names)
    )
    starts = np.cumsum([0, *(len(view.event_time) for view in views)])
    customer = np.concatenate([_recoded(view.customers, customer_number)[view.event_customer] for view in views])
    order = np.argsort(customer, kind="stable")  # Within a customer, all of one view, they are in order already.
    place = np.empty(len(order), dtype=np.int32)
    place[order] = np.arange(len(order))
    event = place[np.concatenate([view.event + start for view, start in zip(views, starts, strict=False)])]
    by_event = np.argsort(event, kind="stable")
    return Interactions(
        customers=customers,
        items=items,
        names=names,
        event_customer=customer[order],
        event_time=np.concatenate([view.event_time for view in views])[order],
        event_name=np.concatenate([_recoded(view.names, name_number)[view.event_name] for view in views])[order],
        item=np.concatenate([_recoded(view.items, item_number)[view.item] for view in views])[by_event],
        event=event[by_event],
    )


def _recoded(texts: Sequence[str], number: Mapping[str, int]) -> Ints:
    return np.fromiter((number[text] for text in texts), dtype=np.int32)


def _keep(by_identity: dict[tuple[str, str], _Kept], customer: str, kept: _Kept) -> None:
    identity = (customer, kept.message_id)
    other = by_identity.get(identity)
    by_identity[identity] = kept if other is None else min(kept, other, key=_rank)


def _rank(kept: _Kept) -> tuple[float, str, str, int, _Kept]:
    return kept.time, kept.message_id, kept.name, -len(kept.items), kept


def _owned(by_identity: dict[tuple[str, str], _Kept], owners: dict[str, str]) -> list[tuple[str, _Kept]]:
    """Every kept event under its owner, in order; one that was sent under both ids is one event still."""
    merged: dict[tuple[str, str], _Kept] = {}
    for (customer, _), kept in by_identity.items():
        _keep(merged, owners.get(customer, customer), kept)
    return sorted((customer, kept) for (customer, _), kept in merged.items())


def _standing(rows: list[tuple[str, _Kept]]) -> list[tuple[str, _Kept]]:
    """The rows, in order of customer, without what was given back."""
    return [
        (customer, kept if items == kept.items else kept._replace(items=items))
        for customer, of_one in groupby(rows, key=itemgetter(0))
        for kept, items in standing(kept for _, kept in of_one)
        if items
    ]


def _as_arrays(rows: list[tuple[str, _Kept]]) -> Interactions:
    customers = sorted({customer for customer, _ in rows})
    items = sorted({item for _, kept in rows for item in kept.items})
    names = sorted({kept.name for _, kept in rows})
    return Interactions(
        customers=tuple(customers),
        items=tuple(items),
        names=tuple(names),
        event_customer=_codes(customers, (customer for customer, _ in rows)),
        event_time=np.array([kept.time for _, kept in rows], dtype=np.float64),
        event_name=_codes(names, (kept.name for _, kept in rows)),
        item=_codes(items, (item for _, kept in rows for item in kept.items)),
        event=np.repeat(np.arange(len(rows), dtype=np.int32), [len(kept.items) for _, kept in rows]),
    )


def _codes(vocabulary: list[str], values: Iterable[str]) -> Ints:
    code = {value: number for number, value in enumerate(vocabulary)}
    return np.fromiter((code[value] for value in values), dtype=np.int32)

"""The training view of a shop's events: deduplicated, owned by known customers where possible, as arrays."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from shared.domain.events import Event
from shared.domain.orders import standing
from shared.domain.vocabulary import UNDOING
from shared.stores.columns import NONE
from training.archived import Archived
from training.rows import Rows, gathered

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Interactions:
    """Events and the items in them, ordered by customer, time and message's digest; vocabularies are sorted.

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


class _Act(NamedTuple):
    """What the rule of refunds must know of an event: `items` are numbers as text that sorts as they do, `order_id` a
    digest as text.
    """

    row: int
    name: str
    items: tuple[str, ...]
    order_id: str | None


def collect(events: Iterable[Event] | Archived) -> Interactions:
    """The training view of events, the same whatever order they come in and however often they are repeated.

    An event's identity is its customer and message id; of two that differ otherwise, the earlier stays, and of a short
    and a whole record of one event the whole. An anonymous customer's events go to the first known customer seen with
    that anonymous id. What was refunded or cancelled counts as never bought, and a refund has the items that came back.
    Events without items are left out.
    """
    rows = _standing(events.rows() if isinstance(events, Archived) else gathered(events))
    size = np.diff(rows.starts)
    kept = size > 0
    customers, customer = _used(rows.customers, rows.customer[kept])
    items, item = _used(rows.items, rows.item)
    names, name = _used(rows.names, rows.name[kept])
    return Interactions(
        customers=customers,
        items=items,
        names=names,
        event_customer=customer,
        event_time=rows.time[kept],
        event_name=name,
        item=item,
        event=np.repeat(np.arange(int(kept.sum()), dtype=np.int32), size[kept]),
    )


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


def _standing(rows: Rows) -> Rows:
    """Orders without what was given back, refunds with it. Only customers who gave something back are looked at."""
    undoing = np.isin(rows.name, [code for code, name in enumerate(rows.names) if name in UNDOING])
    returning = np.unique(rows.customer[undoing])
    firsts, ends = (np.searchsorted(rows.customer, returning, side=side).tolist() for side in ("left", "right"))
    changed: dict[int, list[int]] = {}
    for first, end in zip(firsts, ends, strict=True):
        acts = [_act(rows, row) for row in range(first, end)]
        left = {act.row: items for act, items in standing(acts)}
        changed |= {a.row: list(map(int, left.get(a.row, ()))) for a in acts if left.get(a.row, ()) != a.items}
    return rows.with_items(changed)


def _act(rows: Rows, row: int) -> _Act:
    items = rows.item[rows.starts[row] : rows.starts[row + 1]].tolist()
    order = int(rows.order[row])
    return _Act(
        row, rows.names[rows.name[row]], tuple(f"{item:010d}" for item in items), str(order) if order != NONE else None
    )


def _used(vocabulary: Sequence[str], codes: Ints) -> tuple[tuple[str, ...], Ints]:
    """The words that are used, in order, and the codes over these."""
    used = np.zeros(len(vocabulary), dtype=np.bool_)
    used[codes] = True
    number = np.cumsum(used, dtype=np.int32) - 1
    return tuple(vocabulary[code] for code in np.flatnonzero(used).tolist()), number[codes]

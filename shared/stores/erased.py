"""Events without those of the erased: for whoever keeps events apart from the table, and for whoever reads them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import batched

from shared.domain.events import CustomerRef, Event

Erased = Callable[[Iterable[CustomerRef]], Mapping[CustomerRef, datetime]]
"""When those of these customers who were erased were."""
Id = tuple[str, str]
"""A customer as a key of a dictionary: the reference itself takes several times as long to hash."""
AT_ONCE = 20_000
ASKED_AT_ONCE = 500
THREADS = 8


def without_erased(events: Iterable[Event], erased: Erased) -> Iterator[Event]:
    """The events that no erasure takes. Each customer is asked about once."""
    known: dict[Id, datetime | None] = {}
    for some in batched(events, AT_ONCE, strict=False):
        new = {_id(event.customer): event.customer for event in some}
        _ask([customer for id_, customer in new.items() if id_ not in known], erased, known)
        for event in some:
            at = known[_id(event.customer)]
            if at is None or event.time > at:
                yield event


def erasures(customers: Iterable[CustomerRef], erased: Erased) -> dict[CustomerRef, datetime]:
    """When those of these customers who were erased were."""
    return {
        customer: at
        for some in batched(customers, ASKED_AT_ONCE, strict=False)
        for customer, at in erased(some).items()
    }


def _ask(customers: Sequence[CustomerRef], erased: Erased, known: dict[Id, datetime | None]) -> None:
    known.update(dict.fromkeys(map(_id, customers)))
    with ThreadPoolExecutor(THREADS) as pool:
        found = pool.map(erased, batched(customers, ASKED_AT_ONCE, strict=False))
        known.update((_id(customer), at) for each in found for customer, at in each.items())


def _id(customer: CustomerRef) -> Id:
    return customer.kind, customer.id

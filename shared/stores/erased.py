"""Events without those of the erased: for whoever keeps events apart from the table, and for whoever reads them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import batched, chain

from shared.domain.events import CustomerRef, Event

Erased = Callable[[Iterable[CustomerRef]], Mapping[CustomerRef, datetime]]
"""When those of these customers who were erased were."""
AT_ONCE = 20_000
ASKED_AT_ONCE = 500
THREADS = 8


def without_erased(events: Iterable[Event], erased: Erased) -> Iterator[Event]:
    """The events that no erasure takes. Each customer is asked about once."""
    known: dict[CustomerRef, datetime | None] = {}
    for some in batched(events, AT_ONCE, strict=False):
        _ask({event.customer for event in some} - known.keys(), erased, known)
        for event in some:
            at = known[event.customer]
            if at is None or event.time > at:
                yield event


def _ask(customers: set[CustomerRef], erased: Erased, known: dict[CustomerRef, datetime | None]) -> None:
    known.update(dict.fromkeys(customers))
    with ThreadPoolExecutor(THREADS) as pool:
        found = pool.map(erased, batched(customers, ASKED_AT_ONCE, strict=False))
        known.update(chain.from_iterable(each.items() for each in found))

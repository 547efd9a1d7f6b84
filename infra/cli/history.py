"""Importing a shop's history: the catalogue through the API, the events in bulk."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import NamedTuple

import httpx

from infra.cli.deployment import Deployment
from shared.domain.events import CustomerRef, Event
from shared.domain.items import Item
from shared.stores.events import MOST_EVENTS
from shared.stores.table import Table

ITEMS_A_CALL = 500
EVENTS_A_WRITE = 1_000
WRITERS = 4
SHIFTS = "SHIFT"
IMPORTS = "IMPORT"
Progress = Callable[[int, int], None]
"""(done, of how many)"""


class Imported(NamedTuple):
    """How much was imported: events in the archive, and those of them that serving reads from the table."""

    events: int
    served: int


class RefusedError(Exception):
    """The API refused what was imported; the message has its words."""


def put_items(api: httpx.Client, items: Sequence[Item], progress: Progress) -> None:
    """Put the catalogue through the API. Raises `RefusedError`."""

    def put(some: Sequence[Item]) -> None:
        body = {"items": [item.model_dump(mode="json", exclude_defaults=True) for item in some]}
        reply = api.put("/v1/items", json=body)
        if reply.status_code != httpx.codes.OK:
            raise RefusedError(f"PUT /v1/items answered {reply.status_code}: {reply.text[:500]}")

    _in_parallel(put, items, ITEMS_A_CALL, progress)


def put_events(deployment: Deployment, source: str, events: Iterable[Event], progress: Progress) -> Imported:
    """All events to the archive; of each customer's the latest ones, which serving reads, to the table as well.

    Importing the same source again writes the same objects and the same records.
    """
    everything = sorted(events, key=lambda event: (event.time, event.message_id))
    deployment.archive.append_import(source, everything)
    serving = sorted(_latest(everything), key=lambda event: (event.time, event.message_id))

    def put(some: Sequence[Event]) -> None:
        deployment.events.put(((event, {}) for event in some), archived=True)

    _in_parallel(put, serving, EVENTS_A_WRITE, progress)
    return Imported(len(everything), len(serving))


def _in_parallel[T](write: Callable[[Sequence[T]], None], things: Sequence[T], size: int, progress: Progress) -> None:
    """Write things in batches, a few at a time; the first error ends it."""
    batches = list(batched(things, size, strict=False))
    done = 0
    with ThreadPoolExecutor(WRITERS) as pool:
        for batch, _ in zip(batches, pool.map(write, batches), strict=True):
            done += len(batch)
            progress(done, len(things))


def _latest(events: Iterable[Event]) -> Iterator[Event]:
    """Each customer's last `MOST_EVENTS` of events in order of time."""
    latest: dict[CustomerRef, deque[Event]] = defaultdict(lambda: deque(maxlen=MOST_EVENTS))
    for event in events:
        latest[event.customer].append(event)
    for kept in latest.values():
        yield from kept


def shift_to_now(table: Table, source: str, last: datetime, now: datetime) -> timedelta:
    """How far to move a source's times so that it ends now, in whole weeks, so that weekdays stay.

    Decided once for a source and remembered in the table, so that importing again moves nothing again.
    """
    weeks = (now - last) // timedelta(weeks=1)
    table.put_if({"pk": SHIFTS, "sk": source, "weeks": weeks}, "attribute_not_exists(pk)")
    record = table.get(SHIFTS, source)
    return timedelta(weeks=int(record["weeks"]) if record else weeks)


def remember(table: Table, source: str, outcome: Imported) -> None:
    """Note that a source was imported to its end."""
    table.put({"pk": IMPORTS, "sk": source, **outcome._asdict()})


def was_imported(table: Table, source: str) -> bool:
    """Whether a source was imported to its end."""
    return table.get(IMPORTS, source) is not None


def now() -> datetime:
    return datetime.now(UTC)

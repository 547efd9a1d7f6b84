"""Importing a shop's history: the catalogue through the API, the events in bulk."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import NamedTuple

import httpx

from infra.cli.calls import call
from infra.cli.deployment import Deployment
from shared.domain.events import CustomerRef, Event
from shared.domain.items import Item
from shared.domain.retention import is_expired
from shared.stores.events import MOST_EVENTS
from shared.stores.table import Table

ITEMS_A_CALL = 500
BYTES_A_CALL = 900_000
EVENTS_A_WRITE = 1_000
WRITERS = 4
SHIFTS = "SHIFT"
IMPORTS = "IMPORT"
Progress = Callable[[int, int], None]
"""(done, of how many)"""


class Imported(NamedTuple):
    """How much was imported: events in the archive, those of them that serving reads from the table, and the others."""

    events: int
    served: int
    left_out: int = 0


def put_items(api: httpx.Client, items: Sequence[Item], progress: Progress) -> None:
    """Put the catalogue through the API. Raises `RefusedError`."""

    def put(some: Sequence[bytes]) -> None:
        body = b'{"items":[' + b",".join(some) + b"]}"
        call(api, "PUT", "/v1/items", content=body, headers={"Content-Type": "application/json"})

    calls = _calls([item.model_dump_json(exclude_defaults=True).encode() for item in items])
    _all_in_parallel(put, calls, len(items), progress)


def put_events(deployment: Deployment, source: str, events: Iterable[Event], progress: Progress) -> Imported:
    """All events to the archive; of each customer's the latest ones, which serving reads, to the table as well.

    Importing the same source again writes the same objects and the same records. What a customer did before an
    erasure stays out, and so does what is too old to count.
    """
    given = list(events)
    everything = sorted(_admitted(deployment, given), key=lambda event: (event.time, event.message_id))
    deployment.archive.append_import(source, everything)
    serving = sorted(_latest(everything), key=lambda event: (event.time, event.message_id))

    def put(some: Sequence[Event]) -> None:
        deployment.events.put(((event, {}) for event in some), archived=True)

    in_parallel(put, serving, EVENTS_A_WRITE, progress)
    return Imported(len(everything), len(serving), len(given) - len(everything))


def _admitted(deployment: Deployment, events: Sequence[Event]) -> Iterator[Event]:
    erased = deployment.tombstones.erased({event.customer for event in events})
    for event in events:
        forgotten = event.customer in erased and event.time <= erased[event.customer]
        if not forgotten and not is_expired(event, now()):
            yield event


def in_parallel[T](write: Callable[[Sequence[T]], None], things: Sequence[T], size: int, progress: Progress) -> None:
    """Write things in batches, a few at a time; the first error ends it."""
    _all_in_parallel(write, list(batched(things, size, strict=False)), len(things), progress)


def _all_in_parallel[T](
    write: Callable[[Sequence[T]], None], batches: Sequence[Sequence[T]], things: int, progress: Progress
) -> None:
    done = 0
    with ThreadPoolExecutor(WRITERS) as pool:
        for batch, _ in zip(batches, pool.map(write, batches), strict=True):
            done += len(batch)
            progress(done, things)


def _calls(items: Sequence[bytes]) -> list[list[bytes]]:
    """As many items to a call as it takes, by number and by size."""
    calls: list[list[bytes]] = []
    size = 0
    for item in items:
        size += len(item) + 1
        if not calls or len(calls[-1]) == ITEMS_A_CALL or size > BYTES_A_CALL:
            calls.append([])
            size = len(item) + 1
        calls[-1].append(item)
    return calls


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

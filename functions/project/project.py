"""The use case of project: from stream records to live counters, and to the queues of the rooms that need them."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from functions.project.categories import Categories
from functions.project.credits import Credits
from shared.domain.counting import Count, Series, counts
from shared.domain.errors import NotDoneError
from shared.domain.events import Event
from shared.domain.retention import is_expired
from shared.domain.vocabulary import UNDOING, EventName
from shared.stores.claims import ClaimStore
from shared.stores.counters import Change, CounterStore
from shared.stores.events import EVENT, ORDER, parse
from shared.stores.queues import EventQueue, Message
from shared.stores.stream import Inserted, StreamRecord, inserted

COUNTED = (EVENT, ORDER)


class Projected(NamedTuple):
    """What one stream record adds to the counters, and the event with its details where a queue is to have it."""

    counts: tuple[Count, ...]
    event: Event
    details: Mapping[str, Any] | None


class Targets(NamedTuple):
    """What project writes to. `queues` has the queue of each event name that one is for."""

    counters: CounterStore
    claims: ClaimStore
    categories: Categories
    queues: Mapping[EventName, EventQueue]
    credits: Credits


def reader(names: Iterable[str], now: datetime) -> Callable[[StreamRecord], Projected | None]:
    """What reads a stream record: what there is to count, and the details of the events called `names`.

    The counts are those of the record that serving reads. Details are in that one or, where they do not fit, in the
    event's other record, which has the whole; so each event has its details once.
    """
    named = frozenset(names)

    def read(record: StreamRecord) -> Projected | None:
        found = inserted(record)
        if found is None:
            return None
        event = parse(found)
        counted = found["sk"].startswith(COUNTED) and not is_expired(event, now)
        details = json.loads(found["details"]) if event.name in named and "details" in found else None
        return Projected(tuple(counts(event, now.date())) if counted else (), event, details)

    return read


def project(run: Sequence[Inserted[Projected]], part: str, targets: Targets) -> None:
    """Send to the queues, then count, then tell the offers. Sending is at least once; doing the rest again, in any cut,
    changes nothing.

    Raises `NotDoneError`, naming the first record that is not done.
    """
    stopped = _send(run, targets.queues)
    done = [each for each in run if stopped is None or _before(each, stopped)]
    _count(done, part, targets)
    targets.credits.give(Inserted(sequence, each.event) for sequence, each in done)
    if stopped:
        raise stopped


def _send(run: Sequence[Inserted[Projected]], queues: Mapping[EventName, EventQueue]) -> NotDoneError | None:
    """Send what is for a queue; the error that names the first record that was not sent."""
    stopped: NotDoneError | None = None
    for name, queue in queues.items():
        messages = [
            Message(sequence, each.event, each.details)
            for sequence, each in run
            if each.event.name == name and each.details is not None
        ]
        try:
            queue.send(messages)
        except NotDoneError as error:
            stopped = min(filter(None, (stopped, error)), key=lambda each: int(each.sequence))
    return stopped


def _count(run: Sequence[Inserted[Projected]], part: str, targets: Targets) -> None:
    """Count, each order once, even where the shop's page and its server both tell of it, and what it undoes."""
    run = list(_once(run, targets.claims))
    sold = {count.item for _, each in run for count in each.counts if count.series is Series.SOLD}
    categories = targets.categories.of(sold)
    targets.counters.include(
        part,
        (
            Change(sequence, count, categories[count.item] if count.series is Series.SOLD else None)
            for sequence, each in run
            for count in each.counts
        ),
    )


def _once(run: Sequence[Inserted[Projected]], claims: ClaimStore) -> Iterator[Inserted[Projected]]:
    """Without the orders, and the items given back, that an earlier event has counted."""
    counted = [each.event for _, each in run if each.counts]
    repeated = claims.lost([event for event in counted if event.name == EventName.ORDER_COMPLETED])
    undone = claims.undone_before([event for event in counted if event.name in UNDOING])
    for sequence, each in run:
        if each.event not in repeated:
            left = tuple(count for count in each.counts if (each.event, count.item) not in undone)
            yield Inserted(sequence, each._replace(counts=left))


def _before(each: Inserted[Projected], stopped: NotDoneError) -> bool:
    return int(each.sequence) < int(stopped.sequence)

"""The use case of ingest: take in a batch of records."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import NamedTuple

from pydantic import BaseModel

from functions.ingest.records import Accepted, RejectedEvent, Sorted
from shared.domain.events import CustomerRef
from shared.stores.events import EventStore
from shared.stores.links import LinkStore

Vouches = Callable[[CustomerRef, str | None], bool]
"""Whether the shop's server stands behind this customer: (customer, customer_token) -> yes or no."""


class EventReport(BaseModel):
    """How many records were accepted, and what was wrong with each of the others."""

    accepted: int
    rejected: list[RejectedEvent]


class Intake(NamedTuple):
    """Where accepted events go, and who may link ids."""

    vouches: Vouches
    events: EventStore
    links: LinkStore


THREADS = 8
"""For the conditional writes, of which DynamoDB takes no batches: a large batch must be done before the time-out."""


def take_in(found: Sorted, intake: Intake, now: datetime) -> EventReport:
    """Keep the good records, report the bad ones. What is counted as accepted has been written.

    Raises `StoreUnavailableError` when a good record could not be written: then the whole batch is to be sent again,
    which is safe, since every write is keyed by what came in.
    """
    accepted = found.accepted
    with ThreadPoolExecutor(THREADS) as pool:
        times = pool.map(lambda each: _time(each, intake.events, now), accepted)
        intake.events.put((each.event(time), each.details) for each, time in zip(accepted, times, strict=True))
        list(pool.map(lambda link: intake.links.claim(*link), _links(accepted, intake.vouches)))
    return report(found)


def report(found: Sorted) -> EventReport:
    """What is told of records that were sorted."""
    return EventReport(accepted=len(found.accepted), rejected=found.rejected)


def _time(record: Accepted, events: EventStore, now: datetime) -> datetime:
    return record.time or events.arrival(record.customer, record.message_id, now)


def _links(accepted: list[Accepted], vouches: Vouches) -> dict[tuple[str, CustomerRef], None]:
    """The links that open a known history, each once. An unvouched one stays on its event, for training only."""
    return {
        (each.anonymous_id, each.customer): None
        for each in accepted
        if each.anonymous_id is not None and vouches(each.customer, each.customer_token)
    }

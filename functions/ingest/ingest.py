"""The use case of ingest: take in a batch of records."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

from pydantic import BaseModel, Field

from functions.ingest.records import Accepted, RejectedEvent, Sorted
from shared.domain.events import CustomerRef
from shared.stores.intake import Arrived, Intake, Reason

Vouches = Callable[[CustomerRef, str | None], bool]
"""Whether the shop's server stands behind this customer: (customer, customer_token) -> yes or no."""


class EventReport(BaseModel):
    """How many records were accepted, what was wrong with each of the others, and what was not kept as it came."""

    accepted: int
    rejected: list[RejectedEvent]
    not_kept: dict[Reason, int] = Field(
        default={}, description="Of the accepted, how many were kept without identity or not at all, and why."
    )


class Sending(NamedTuple):
    """How a batch was sent: by a browser that objects to being known, and not for the first time."""

    objected: bool
    repeated: bool


def take_in(found: Sorted, vouches: Vouches, intake: Intake, now: datetime, sending: Sending) -> EventReport:
    """Keep the good records, report the bad ones. What is counted as accepted has been written.

    Raises `StoreUnavailableError` when a good record could not be written: then the whole batch is to be sent again,
    which is safe, since every write is keyed by what came in.
    """
    arrived = [_vouched(each, vouches) for each in found.accepted]
    return report(found, intake.take(arrived, now, **sending._asdict()))


def report(found: Sorted, not_kept: Mapping[Reason, int] = Counter()) -> EventReport:
    """What is told of records that were sorted."""
    return EventReport(accepted=len(found.accepted), rejected=found.rejected, not_kept=dict(not_kept))


def _vouched(record: Accepted, vouches: Vouches) -> Arrived:
    arrived, token = record
    return arrived._replace(vouched=arrived.anonymous_id is not None and vouches(arrived.customer, token))

"""Segment's wire format for track calls (spec: "Track" and "Ecommerce Events v2"), read into the domain's events."""

import hashlib
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from shared.domain.errors import FieldError
from shared.domain.events import (
    ANONYMOUS,
    EPOCH,
    KNOWN,
    MOST_MESSAGE_ID_BYTES,
    CustomerRef,
    Event,
    EventName,
    Id,
)

MOST_RECORD_BYTES = 32_768
AHEAD = timedelta(hours=1)
IDENTITY = {"type", "event", "userId", "anonymousId", "messageId", "timestamp", "writeKey"}
IN_TRANSIT = {"sentAt", "receivedAt", "originalTimestamp", "_metadata"}
"""These differ between deliveries of one message, so they are not kept."""


class Product(BaseModel):
    """What identifies a product; the rest of it is kept among the event's details."""

    product_id: Id


class Properties(BaseModel):
    """The properties that name items."""

    product_id: Id | None = None
    products: tuple[Product, ...] = ()

    def items(self) -> tuple[str, ...]:
        """The distinct items, in the order given."""
        one = (self.product_id,) if self.product_id else ()
        return tuple(dict.fromkeys([*one, *(product.product_id for product in self.products)]))


class Context(BaseModel):
    """Of the context only the token, by which the shop's server vouches for `userId` in a browser."""

    customer_token: str | None = None


class Track(BaseModel):
    """One track record. Fields that are not named here are kept among the event's details."""

    model_config = ConfigDict(extra="ignore")

    type: Literal["track"] = "track"
    event: Id
    userId: Id | None = None  # noqa: N815 - the wire's names
    anonymousId: Id | None = None  # noqa: N815
    messageId: str | None = Field(default=None, min_length=1, max_length=1024)  # noqa: N815
    timestamp: AwareDatetime | None = None
    properties: Properties = Properties()
    context: Context = Context()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.userId is None and self.anonymousId is None:
            raise ValueError("userId or anonymousId is required")
        if self.event in set(EventName) and not self.properties.items():
            raise ValueError(f"properties.product_id or properties.products is required for {self.event}")
        return self


class Accepted(NamedTuple):
    """A good record: its event (None for the time until it has one) and what else came with it."""

    customer: CustomerRef
    message_id: str
    time: datetime | None
    name: str
    items: tuple[str, ...]
    anonymous_id: str | None
    customer_token: str | None
    details: Mapping[str, Any]

    def event(self, time: datetime) -> Event:
        return Event(
            customer=self.customer,
            message_id=self.message_id,
            time=self.time or time,
            name=self.name,
            items=self.items,
            anonymous_id=self.anonymous_id,
        )


class RejectedEvent(BaseModel):
    """A bad record of a batch: where it stood, which field is wrong and why."""

    index: int
    message_id: str | None
    field: str
    message: str


def read(records: list[Any], now: datetime) -> tuple[list[Accepted], list[RejectedEvent]]:
    """Sort a batch's records into good ones and bad ones; each bad one is named with its first bad field."""
    accepted: list[Accepted] = []
    rejected: list[RejectedEvent] = []
    for index, record in enumerate(records):
        problem = _bounds(record) or next(_faults(record, now, accepted.append), None)
        if problem:
            rejected.append(RejectedEvent(index=index, message_id=_message_id(record), **problem._asdict()))
    return accepted, rejected


def _bounds(record: Any) -> FieldError | None:
    if not isinstance(record, dict):
        return FieldError("", "must be an object")
    try:
        size = len(_canonical(record))
    except (ValueError, RecursionError):
        return FieldError("", "has a number that is not finite, or is nested too deeply")
    if size > MOST_RECORD_BYTES:
        return FieldError("", f"is over {MOST_RECORD_BYTES:,} bytes")
    return None


def _faults(record: dict[str, Any], now: datetime, accept: Callable[[Accepted], None]) -> Iterator[FieldError]:
    try:
        track = Track.model_validate(record)
    except ValidationError as error:
        yield from (_fault(each) for each in error.errors(include_url=False))
        return
    if track.timestamp and track.timestamp > now + AHEAD:
        yield FieldError("timestamp", "is more than one hour in the future")
        return
    if track.timestamp and track.timestamp < EPOCH:
        yield FieldError("timestamp", "is before 1970")
        return
    accept(_accepted(track, record))


def _fault(error: Mapping[str, Any]) -> FieldError:
    message = str(error["msg"]).removeprefix("Value error, ")
    # The checks across fields begin with the field that they miss.
    field = ".".join(map(str, error["loc"])) or message.split(" ", 1)[0]
    return FieldError(field, message)


def _accepted(track: Track, record: dict[str, Any]) -> Accepted:
    known = CustomerRef(kind=KNOWN, id=track.userId) if track.userId else None
    customer = known or CustomerRef(kind=ANONYMOUS, id=str(track.anonymousId))
    return Accepted(
        customer=customer,
        message_id=_identity(track, record),
        time=track.timestamp.astimezone(UTC) if track.timestamp else None,
        name=track.event,
        items=track.properties.items(),
        anonymous_id=track.anonymousId if known else None,
        customer_token=track.context.customer_token,
        details=_details(record),
    )


def _details(record: dict[str, Any]) -> dict[str, Any]:
    """What came with the event, without what is kept apart, what changes in transit, and the token."""
    details = {name: value for name, value in record.items() if name not in IDENTITY | IN_TRANSIT}
    if "context" in details:
        details["context"] = {name: value for name, value in record["context"].items() if name != "customer_token"}
    return details


def _identity(track: Track, record: dict[str, Any]) -> str:
    """The message's own id, or the hash of one that is too long.

    Without one, a record with a time is known by its content; one without either is new.
    """
    if track.messageId:
        long = len(track.messageId.encode()) > MOST_MESSAGE_ID_BYTES
        return _hash(track.messageId.encode()) if long else track.messageId
    if track.timestamp:
        return _hash(_canonical({name: value for name, value in record.items() if name not in IN_TRANSIT}))
    return "new-" + secrets.token_hex(16)


def _hash(content: bytes) -> str:
    return "sha256-" + hashlib.sha256(content).hexdigest()[:32]


def _canonical(record: Mapping[str, Any]) -> bytes:
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode(errors="replace")


def _message_id(record: Any) -> str | None:
    value = record.get("messageId") if isinstance(record, dict) else None
    return value if isinstance(value, str) else None

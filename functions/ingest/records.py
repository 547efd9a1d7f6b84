"""What comes over the wire, sorted into good records and bad ones, whichever format it came in."""

import hashlib
import json
import secrets
from abc import abstractmethod
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, ClassVar, NamedTuple

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from functions.ingest.reviews import without_personal_data
from shared.domain.errors import FieldError
from shared.domain.events import ANONYMOUS, EPOCH, KNOWN, MOST_MESSAGE_ID_BYTES, CustomerRef, Id
from shared.domain.sales import sale_of
from shared.domain.vocabulary import EventName, canonical, mentions
from shared.stores.intake import Arrived

MOST_RECORD_BYTES = 32_768
AHEAD = timedelta(hours=1)
IN_TRANSIT = {"sentAt", "receivedAt", "originalTimestamp", "_metadata"}
"""These differ between deliveries of one message, so they are not kept."""


MaybeId = Annotated[Id | None, BeforeValidator(lambda value: None if value == "" else value)]
"""Many a page sends an empty id for who is not signed in."""


class Record(BaseModel):
    """What every record says. A format adds its own fields, and says where in it the rest stands."""

    model_config = ConfigDict(extra="ignore")
    KEPT_APART: ClassVar[frozenset[str]] = frozenset()
    """The fields that are not among the event's details, since the event has them itself."""
    MENTIONS_IN: ClassVar[str] = ""
    """What stands before the names of the fields that mention items."""
    ITEM_IN: ClassVar[str] = ""
    """The field to name where no item is mentioned."""

    customer_id: MaybeId = None
    anonymous_id: MaybeId = None
    message_id: Annotated[str, Field(min_length=1, max_length=1024)] | None = None
    timestamp: AwareDatetime | None = None

    @abstractmethod
    def name(self) -> str:
        """The event's name, as it was sent."""

    @abstractmethod
    def mentioning(self) -> Mapping[str, Any]:
        """The properties that may mention items, an order, a recommendation, and what was paid."""

    def linked_id(self) -> str | None:
        """The anonymous id that this record says is the known customer's."""
        return self.anonymous_id if self.customer_id else None

    def customer_token(self) -> str | None:
        """By which the shop's server vouches for the customer in a browser."""
        return None

    def details(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """What came with the event, without what is kept apart and what changes in transit."""
        apart = self.KEPT_APART | IN_TRANSIT
        details = {name: value for name, value in record.items() if name not in apart}
        renamed = {} if canonical(self.name()) == self.name() else {"event": self.name()}
        return details | renamed


class Accepted(NamedTuple):
    """A good record: its event, and the token by which the shop's server may vouch for its customer."""

    arrived: Arrived
    customer_token: str | None


class RejectedEvent(BaseModel):
    """A bad record of a batch: where it stood, which field is wrong and why."""

    index: int
    message_id: str | None
    field: str
    message: str


class Sorted(NamedTuple):
    """The good records, the bad ones, and how many there were of each kind of fault."""

    accepted: list[Accepted]
    rejected: list[RejectedEvent]
    reasons: Counter[str]


class BadRecordError(Exception):
    """A record that can never be accepted as it is; `reason` is one of a few words, to count by."""

    def __init__(self, field: str, message: str, reason: str = "invalid") -> None:
        super().__init__(message)
        self.field = field
        self.message = message
        self.reason = reason


def read(records: list[Any], model: type[Record], now: datetime) -> Sorted:
    """Sort a batch's records into good ones and bad ones; each bad one is named with its first bad field."""
    found = Sorted([], [], Counter())
    for index, record in enumerate(records):
        try:
            found.accepted.append(_accepted(record, model, now))
        except BadRecordError as bad:
            message_id = _message_id(record, model)
            found.rejected.append(
                RejectedEvent(index=index, message_id=message_id, field=bad.field, message=bad.message)
            )
            found.reasons[bad.reason] += 1
    return found


def spelled(model: type[Record], field: str) -> str:
    """A field's name as the format spells it."""
    return model.model_fields[field].alias or field


def _accepted(record: Any, model: type[Record], now: datetime) -> Accepted:
    _check_bounds(record)
    try:
        said = model.model_validate(record)
    except ValidationError as error:
        raise BadRecordError(*_fault(error.errors(include_url=False)[0])) from error
    name = canonical(said.name())
    found = mentions(name, said.mentioning())
    for fault in found.faults:
        raise BadRecordError(said.MENTIONS_IN + (fault.field or said.ITEM_IN), fault.message)
    _check_time(said.timestamp, now)
    # Before it is named by its content: from the hash of what is known, what was taken out could be guessed.
    kept = _without_personal_data(record) if name == EventName.PRODUCT_REVIEWED else record
    arrived = Arrived(
        customer=_customer(said, model),
        message_id=_identity(said, kept),
        time=said.timestamp.astimezone(UTC) if said.timestamp else None,
        name=name,
        items=found.items,
        anonymous_id=said.linked_id(),
        order_id=found.order_id,
        recommendation_id=found.recommendation_id,
        details=said.details(kept),
        sale=sale_of(name, said.mentioning()),
    )
    return Accepted(arrived, said.customer_token())


def _check_bounds(record: Any) -> None:
    if not isinstance(record, dict):
        raise BadRecordError("", "must be an object")
    try:
        size = len(_canonical(record))
    except (ValueError, RecursionError) as error:
        raise BadRecordError("", "has a number that is not finite, or is nested too deeply") from error
    if size > MOST_RECORD_BYTES:
        raise BadRecordError("", f"is over {MOST_RECORD_BYTES:,} bytes", "too_large")


def _without_personal_data(record: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return without_personal_data(record)
    except RecursionError as error:
        raise BadRecordError("", "is nested too deeply") from error


def _check_time(time: datetime | None, now: datetime) -> None:
    if time and time > now + AHEAD:
        raise BadRecordError("timestamp", "is more than one hour in the future", "future")
    if time and time < EPOCH:
        raise BadRecordError("timestamp", "is before 1970", "before_1970")


def _fault(error: Mapping[str, Any]) -> FieldError:
    message = str(error["msg"]).removeprefix("Value error, ")
    # The checks across fields begin with the field that they miss.
    field = ".".join(map(str, error["loc"])) or message.split(" ", 1)[0]
    return FieldError(field, message)


def _customer(said: Record, model: type[Record]) -> CustomerRef:
    if said.customer_id is not None:
        return CustomerRef(kind=KNOWN, id=said.customer_id)
    if said.anonymous_id is not None:
        return CustomerRef(kind=ANONYMOUS, id=said.anonymous_id)
    known, anonymous = spelled(model, "customer_id"), spelled(model, "anonymous_id")
    raise BadRecordError(known, f"{known} or {anonymous} is required")


def _identity(said: Record, record: Mapping[str, Any]) -> str:
    """The message's own id, or the hash of one that is too long.

    Without one, a record with a time is known by its content; one without either is new.
    """
    if said.message_id:
        long = len(said.message_id.encode()) > MOST_MESSAGE_ID_BYTES
        return _hash(said.message_id.encode()) if long else said.message_id
    if said.timestamp:
        return _hash(_canonical({name: value for name, value in record.items() if name not in IN_TRANSIT}))
    return "new-" + secrets.token_hex(16)


def _hash(content: bytes) -> str:
    return "sha256-" + hashlib.sha256(content).hexdigest()[:32]


def _canonical(record: Mapping[str, Any]) -> bytes:
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode(errors="replace")


def _message_id(record: Any, model: type[Record]) -> str | None:
    value = record.get(spelled(model, "message_id")) if isinstance(record, dict) else None
    return value if isinstance(value, str) else None

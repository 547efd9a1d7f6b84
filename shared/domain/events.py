"""What customers did: the pure types of an event, and who it belongs to."""

from datetime import UTC, datetime
from typing import Annotated, NamedTuple, Self, TypedDict

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    field_validator,
    model_validator,
)

from shared.domain.money import Amount, Currency, Money

MOST_ID_BYTES = 256
MOST_MESSAGE_ID_BYTES = 100
"""So that what serving reads of an event keeps within one write unit of the table, whatever its other ids are."""
MOST_ORDER_ID_BYTES = 100
MOST_ORDER_NAME_BYTES = 100
MOST_RECOMMENDATION_ID_BYTES = 32
"""As long as ours are; a longer one is not ours."""
MOST_QUANTITY = 1_000_000
MOST_COUPON_BYTES = 100
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Nothing happened before: an earlier time is a clock that was never set."""


def _at_most(most: int) -> AfterValidator:
    def bounded(value: str) -> str:
        if len(value.encode()) > most:
            raise ValueError(f"must be at most {most} bytes of UTF-8")
        return value

    return AfterValidator(bounded)


Id = Annotated[str, StringConstraints(min_length=1, max_length=MOST_ID_BYTES), _at_most(MOST_ID_BYTES)]
MessageId = Annotated[Id, _at_most(MOST_MESSAGE_ID_BYTES)]
OrderId = Annotated[Id, _at_most(MOST_ORDER_ID_BYTES)]
RecommendationId = Annotated[Id, _at_most(MOST_RECOMMENDATION_ID_BYTES)]
Coupon = Annotated[Id, _at_most(MOST_COUPON_BYTES)]


def _utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("is outside of the calendar in UTC") from None


Moment = Annotated[AwareDatetime, AfterValidator(_utc)]
"""A time with its offset, kept in UTC."""

KNOWN = "user"
ANONYMOUS = "anonymous"
NOBODY = "nobody"
"""Whose events those are that are kept without identity: they are counted, and nothing else."""


class CustomerRef(BaseModel):
    """Whose event it is: a known customer, an anonymous one, or nobody's. Written as `user:ID` and so on."""

    model_config = ConfigDict(frozen=True)

    kind: str = Field(pattern=f"^({KNOWN}|{ANONYMOUS}|{NOBODY})$")
    id: Id

    @classmethod
    def parse(cls, text: str) -> Self:
        """The reference that `str()` wrote; raises `ValueError` on anything else."""
        kind, _, id_ = text.partition(":")
        return cls(kind=kind, id=id_)

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"

    @property
    def is_known(self) -> bool:
        return self.kind == KNOWN


class Line(NamedTuple):
    """So many of one item in an order, and what was paid for each, where that is known."""

    item_id: Id
    quantity: Annotated[int, Field(ge=1, le=MOST_QUANTITY)] = 1
    price: Amount | None = None


class SpelledLine(TypedDict):
    """A line as a reply has it."""

    item_id: str
    quantity: int
    price: str | None


def _spelled(lines: tuple[Line, ...]) -> list[SpelledLine]:
    return [
        SpelledLine(item_id=item_id, quantity=quantity, price=None if price is None else format(price, "f"))
        for item_id, quantity, price in lines
    ]


Lines = Annotated[tuple[Line, ...], PlainSerializer(_spelled, when_used="json")]


class Event(BaseModel):
    """One thing that one customer did at one time. `customer` and `message_id` together are its identity.

    Of an order `lines` has what `items` has, with quantities and prices in `currency`, as far as these were told; the
    same item may stand in several. A customer's latest events, of which only so much is read, have them where they are
    short.
    """

    model_config = ConfigDict(frozen=True)

    customer: CustomerRef
    message_id: MessageId
    time: datetime
    name: Id
    items: tuple[Id, ...] = ()
    anonymous_id: Id | None = None
    order_id: OrderId | None = None
    recommendation_id: RecommendationId | None = None
    lines: Lines = ()
    paid: Money | None = None
    currency: Currency | None = None
    coupons: tuple[Coupon, ...] = ()

    @model_validator(mode="after")
    def _has_room_for_its_order(self) -> Self:
        """What serving reads of an event is bounded, and every name that goes with an order is short."""
        if self.order_id is not None and len(self.name.encode()) > MOST_ORDER_NAME_BYTES:
            raise ValueError(f"with an order_id, name must be at most {MOST_ORDER_NAME_BYTES} bytes of UTF-8")
        return self

    @field_validator("time")
    @classmethod
    def _in_utc(cls, value: datetime) -> datetime:
        if value.tzinfo is None:
            raise ValueError("a time needs its offset from UTC, as in 2026-05-01T12:00:00Z")
        if value < EPOCH:
            raise ValueError("is before 1970")
        return value.astimezone(UTC)

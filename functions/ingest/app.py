"""The ingest function: events in Segment's format and in our own, and a customer's events read back."""

import os
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Depends, Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from pydantic import BaseModel, Field, SkipValidation

from functions.ingest.ingest import EventReport, Sending, Vouches, report, take_in
from functions.ingest.limiter import Limiter
from functions.ingest.metrics import count_rejected
from functions.ingest.plain import PlainEvent
from functions.ingest.records import Record, Sorted, read
from functions.ingest.segment import SHORT, Call, Kind
from functions.ingest.settings import IngestSettings
from functions.ingest.start import library_settings
from shared.domain.errors import FieldError, StoreUnavailableError
from shared.domain.events import KNOWN, CustomerRef, Event, Id
from shared.domain.keys import is_customer_token
from shared.stores import clients
from shared.stores.deadline import DEADLINE
from shared.stores.events import EventStore
from shared.stores.intake import Intake
from shared.stores.keys import KeyStore
from shared.stores.links import LinkStore
from shared.stores.secrets import SecretStore
from shared.stores.table import Table
from shared.telemetry.log import observed
from shared.web.auth import Authenticator
from shared.web.batches import partly, reported
from shared.web.edge import Edge, new_app, now
from shared.web.routes import AnyCaller, Objected, Repeated, SecretCaller

MOST_BODY_BYTES = 500_000
MOST_RECORDS = 2_500
MOST_EVENTS_BYTES = 1_000_000
MOST_EVENTS = 1_000
PUBLIC = frozenset({"/v1/m", "/v1/projects/{write_key}/settings"})
"""Metrics carry no key and go nowhere; the settings have the key in their path."""
VALIDATE_ONLY = "Check the records, and store nothing."

app = new_app()


class Batch(BaseModel):
    """A batch in Segment's format; each record is checked by itself, so that a bad one never costs the good ones."""

    batch: list[SkipValidation[Call]] = Field(
        min_length=1, max_length=MOST_RECORDS, description="Calls, as for /v1/track and its kin, each with its `type`."
    )


class Events(BaseModel):
    """Events in plain snake_case; each is checked by itself, so that a bad one never costs the good ones."""

    events: list[SkipValidation[PlainEvent]] = Field(min_length=1, max_length=MOST_EVENTS)


class Discarded(BaseModel):
    """That something was read and not kept."""

    success: bool = True


class History(BaseModel):
    """A customer's latest events, newest first, those of linked anonymous ids among them."""

    events: list[Event]


@cache
def settings() -> IngestSettings:
    return IngestSettings.read(os.environ)


@cache
def table() -> Table:
    return Table(clients.dynamodb(), settings().table_name)


@cache
def secrets() -> SecretStore:
    return SecretStore(clients.ssm())


@cache
def authenticator() -> Authenticator:
    return Authenticator(KeyStore(table()).find, lambda: secrets().get(settings().pepper_parameter), now)


@cache
def limiter() -> Limiter:
    return Limiter()


def event_store() -> EventStore:
    return EventStore(table())


def link_store() -> LinkStore:
    return LinkStore(table())


def vouches(caller: AnyCaller) -> Vouches:
    """A secret key vouches for every customer, a publishable one with the customer's token."""

    def check(customer: CustomerRef, token: str | None) -> bool:
        if caller.is_trusted or token is None:
            return caller.is_trusted
        return is_customer_token(token, customer.id, secrets().get(settings().customer_token_parameter), now())

    return check


def intake() -> Intake:
    return Intake.on(table(), lambda: secrets().get(settings().pepper_parameter), settings().consent)


TakeIn = Callable[[Sorted], EventReport]


def taker(
    caller: AnyCaller,
    vouch: Annotated[Vouches, Depends(vouches)],
    into: Annotated[Intake, Depends(intake)],
    objected: Objected,
    repeated: Repeated,
) -> TakeIn:
    def take(found: Sorted) -> EventReport:
        if not caller.is_trusted:
            limiter().take(record.arrived.customer for record in found.accepted)
        return take_in(found, vouch, into, now(), Sending(objected, repeated))

    return take


def post_batch(
    body: Annotated[Batch, Body()],
    take: Annotated[TakeIn, Depends(taker)],
    validate_only: Annotated[bool, Query(description=VALIDATE_ONLY)] = False,
) -> Response[Any]:
    return _taken(body.batch, Call, take, validate_only)


for path in ("/v1/batch", "/v1/b"):
    summary = "Take in a batch of calls in Segment's format"
    app.post(path, summary=summary, tags=["ingest"], responses=partly(EventReport))(post_batch)


def post_call(kind: Kind) -> Callable[..., Response[Any]]:
    """The handler of one kind of call, which its path names."""

    def post(
        body: Annotated[dict[str, Any], Body(description=f"One {kind} call in Segment's format.")],
        take: Annotated[TakeIn, Depends(taker)],
    ) -> Response[Any]:
        return _taken([body | {"type": kind}], Call, take, False)

    return post


for kind, short in SHORT.items():
    for path in (f"/v1/{kind}", f"/v1/{short}"):
        app.post(path, summary=f"Take in one {kind} call", tags=["ingest"], responses=partly(EventReport))(
            post_call(kind)
        )


@app.post("/v1/m", summary="Take no notice of a browser library's own metrics", tags=["ingest"])
def post_metrics(_: Annotated[dict[str, Any], Body()]) -> Discarded:
    return Discarded()


@app.get("/v1/projects/<write_key>/settings", summary="What Segment's browser library starts with", tags=["ingest"])
def get_library_settings(write_key: Annotated[str, Path()]) -> dict[str, Any]:
    """They hold no secret, and without them the library sends nothing: a table that is down must not cost events."""
    with suppress(StoreUnavailableError):
        authenticator().caller(write_key)
    return library_settings(write_key, app.current_event.raw_event)


@app.post("/v1/events", summary="Take in events from a server", tags=["ingest"], responses=partly(EventReport))
def post_events(
    body: Annotated[Events, Body()],
    _: SecretCaller,
    take: Annotated[TakeIn, Depends(taker)],
    validate_only: Annotated[bool, Query(description=VALIDATE_ONLY)] = False,
) -> Response[Any]:
    return _taken(body.events, PlainEvent, take, validate_only)


@app.get("/v1/customers/<customer_id>/events", summary="A customer's latest events", tags=["ingest"])
def get_events(
    customer_id: Annotated[Id, Path()],
    _: SecretCaller,
    events: Annotated[EventStore, Depends(event_store)],
    links: Annotated[LinkStore, Depends(link_store)],
) -> History:
    known = CustomerRef(kind=KNOWN, id=customer_id)
    customers = links.linked(known)
    found = events.recent(customers, now()) + events.notes(customers, now())
    return History(events=sorted(found, key=lambda event: event.time, reverse=True))


def _taken(records: list[Any], model: type[Record], take: TakeIn, validate_only: bool) -> Response[Any]:
    found = read(records, model, now())
    if validate_only:
        return _reply(report(found))
    count_rejected(found.reasons)
    return _reply(take(found))


def _reply(told: EventReport) -> Response[Any]:
    bad = [FieldError(each.field, each.message) for each in told.rejected]
    return reported(app, told, told.accepted, bad, "No record was accepted", terse=True)


handler = observed("ingest")(
    Edge(
        app,
        authenticator,
        MOST_BODY_BYTES,
        PUBLIC,
        larger={"/v1/events": MOST_EVENTS_BYTES},
        key_in_body=True,
        within=DEADLINE.within,
    )
)

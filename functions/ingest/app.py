"""The ingest function: `POST /v1/batch`, `POST /v1/track`, and a customer's events read back."""

import os
from functools import cache
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Depends, Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path
from pydantic import BaseModel, Field

from functions.ingest.ingest import EventReport, Vouches, take_in
from functions.ingest.segment import Track
from functions.ingest.settings import IngestSettings
from shared.domain.errors import FieldError
from shared.domain.events import KNOWN, CustomerRef, Event, Id
from shared.domain.keys import is_customer_token
from shared.stores import clients
from shared.stores.events import EventStore
from shared.stores.keys import KeyStore
from shared.stores.links import LinkStore
from shared.stores.secrets import SecretStore
from shared.stores.table import Table
from shared.web.auth import Authenticator, Caller
from shared.web.edge import Edge, any_caller, new_app, now, partly, request_id, secret_caller
from shared.web.problems import problem

MOST_BODY_BYTES = 500_000
MOST_RECORDS = 2_500

app = new_app()


class Batch(BaseModel):
    """A batch in Segment's format; each record is checked by itself, so that a bad one never costs the good ones."""

    batch: list[Any] = Field(min_length=1, max_length=MOST_RECORDS, description="Track records, as for /v1/track.")


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


def event_store() -> EventStore:
    return EventStore(table())


def link_store() -> LinkStore:
    return LinkStore(table())


def vouches(caller: Annotated[Caller, Depends(any_caller)]) -> Vouches:
    """A secret key vouches for every customer, a publishable one with the customer's token."""

    def check(customer: CustomerRef, token: str | None) -> bool:
        if caller.is_trusted or token is None:
            return caller.is_trusted
        return is_customer_token(token, customer.id, secrets().get(settings().customer_token_parameter), now())

    return check


@app.post("/v1/batch", summary="Take in a batch of events", tags=["ingest"], responses=partly(EventReport))
def post_batch(
    body: Annotated[Batch, Body()],
    vouch: Annotated[Vouches, Depends(vouches)],
    events: Annotated[EventStore, Depends(event_store)],
    links: Annotated[LinkStore, Depends(link_store)],
) -> Response[Any]:
    return _reply(take_in(body.batch, vouch, events, links, now()))


@app.post("/v1/track", summary="Take in one event", tags=["ingest"], responses=partly(EventReport))
def post_track(
    body: Annotated[dict[str, Any], Body(description=Track.__doc__)],
    vouch: Annotated[Vouches, Depends(vouches)],
    events: Annotated[EventStore, Depends(event_store)],
    links: Annotated[LinkStore, Depends(link_store)],
) -> Response[Any]:
    return _reply(take_in([body], vouch, events, links, now()))


@app.get("/v1/customers/<customer_id>/events", summary="A customer's latest events", tags=["ingest"])
def get_events(
    customer_id: Annotated[Id, Path()],
    _: Annotated[Caller, Depends(secret_caller)],
    events: Annotated[EventStore, Depends(event_store)],
    links: Annotated[LinkStore, Depends(link_store)],
) -> History:
    known = CustomerRef(kind=KNOWN, id=customer_id)
    return History(events=events.recent(links.linked(known)))


def _reply(report: EventReport) -> Response[Any]:
    """200 when all were kept, 207 when some were bad, 400 when all were."""
    if report.accepted == 0:
        errors = [FieldError(bad.field, bad.message) for bad in report.rejected]
        detail = "No record was accepted; `rejected` says why."
        return problem(HTTPStatus.BAD_REQUEST, detail, request_id(app), errors, **report.model_dump())
    return Response(HTTPStatus.MULTI_STATUS if report.rejected else HTTPStatus.OK, "application/json", report)


handler = Edge(app, authenticator, MOST_BODY_BYTES)

"""The catalogue function: items put, patched, got, listed and deleted; the OpenAPI document; 404 for what is not."""

import os
from functools import cache
from http import HTTPStatus
from pathlib import Path as File
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Depends, Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from pydantic import BaseModel, Field, SkipValidation

from functions.catalogue import catalogue
from functions.catalogue.catalogue import ItemReport
from functions.catalogue.settings import CatalogueSettings
from shared.domain.errors import FieldError, InvalidInputError, NotFoundError
from shared.domain.events import Id
from shared.domain.items import Item, content
from shared.stores import clients
from shared.stores.deadline import DEADLINE
from shared.stores.items import ItemStore
from shared.stores.keys import KeyStore
from shared.stores.secrets import SecretStore
from shared.stores.table import Table
from shared.telemetry.log import observed
from shared.web.auth import Authenticator
from shared.web.batches import partly, reported
from shared.web.edge import Edge, new_app, now
from shared.web.routes import IfMatch, SecretCaller, tagged, version_in

MOST_BODY_BYTES = 1_000_000
MOST_ITEMS = 1_000
MOST_REPLY_BYTES = 1_500_000
"""A reply may have 6 MB, and what is not ASCII takes three times as much in it as in the table."""
OPENAPI = File(__file__).with_name("openapi.json")

app = new_app()


class ItemBatch(BaseModel):
    """Items to put; each is checked by itself, so that a bad one never costs the good ones."""

    items: list[SkipValidation[Item]] = Field(min_length=1, max_length=MOST_ITEMS)


class PatchBatch(BaseModel):
    """JSON merge patches (RFC 7396), each with the `item_id` of the item that it changes."""

    items: list[Any] = Field(min_length=1, max_length=MOST_ITEMS)


class ItemIds(BaseModel):
    """Which items."""

    item_ids: list[Id] = Field(min_length=1, max_length=MOST_ITEMS)


class Items(BaseModel):
    """The items asked for that exist, and the ids of those that do not."""

    items: list[Item]
    missing: list[str]


class Page(BaseModel):
    """One page of the catalogue; `next_cursor` is absent on the last."""

    items: list[Item]
    next_cursor: str | None = None


class Deleted(BaseModel):
    """How many ids were deleted or did not exist."""

    deleted: int


@cache
def settings() -> CatalogueSettings:
    return CatalogueSettings.read(os.environ)


@cache
def table() -> Table:
    return Table(clients.dynamodb(), settings().table_name)


@cache
def authenticator() -> Authenticator:
    secrets = SecretStore(clients.ssm())
    return Authenticator(KeyStore(table()).find, lambda: secrets.get(settings().pepper_parameter), now)


def item_store() -> ItemStore:
    return ItemStore(table())


Store = Annotated[ItemStore, Depends(item_store)]
Record = dict[str, Any]


@app.put("/v1/items", summary="Put items in bulk", tags=["catalogue"], responses=partly(ItemReport))
def put_items(body: Annotated[ItemBatch, Body()], _: SecretCaller, store: Store) -> Response[Any]:
    return _reported(catalogue.put(body.items, store, now()))


@app.post("/v1/items/patch", summary="Change items in bulk", tags=["catalogue"], responses=partly(ItemReport))
def patch_items(body: Annotated[PatchBatch, Body()], _: SecretCaller, store: Store) -> Response[Any]:
    return _reported(catalogue.patch(body.items, store, now()))


def _reported(report: ItemReport) -> Response[Any]:
    bad = [FieldError(f"items.{each.index}.{each.field}", each.message) for each in report.rejected]
    return reported(app, report, report.accepted, bad, "No item was accepted")


@app.get("/v1/items", summary="List the catalogue", tags=["catalogue"])
def list_items(
    _: SecretCaller,
    store: Store,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str | None, Query(max_length=1024)] = None,
) -> Page:
    items, next_cursor = store.page(limit, cursor)
    return Page(items=items, next_cursor=next_cursor)


@app.post("/v1/items/get", summary="Get items in bulk", tags=["catalogue"])
def get_items(body: Annotated[ItemIds, Body()], _: SecretCaller, store: Store) -> Items:
    found = store.get(body.item_ids)
    wanted = dict.fromkeys(body.item_ids)
    items = [found[item_id] for item_id in wanted if item_id in found]
    if sum(len(content(item).encode()) for item in items) > MOST_REPLY_BYTES:
        errors = [FieldError("item_ids", "fewer, please: these items are too large for one reply")]
        raise InvalidInputError(f"These items are over {MOST_REPLY_BYTES:,} bytes together.", errors)
    return Items(items=items, missing=[item_id for item_id in wanted if item_id not in found])


@app.get("/v1/items/<item_id>", summary="Get one item", tags=["catalogue"])
def get_item(item_id: Annotated[Id, Path()], _: SecretCaller, store: Store) -> Response[Item]:
    found = store.get([item_id])
    if item_id not in found:
        raise NotFoundError(f"There is no item {item_id}.")
    return tagged(found[item_id])


@app.put("/v1/items/<item_id>", summary="Put one item", tags=["catalogue"])
def put_item(
    item_id: Annotated[Id, Path()],
    body: Annotated[Record, Body()],
    _: SecretCaller,
    store: Store,
    if_match: IfMatch = None,
) -> Response[Item]:
    return tagged(catalogue.put_one(item_id, body, version_in(if_match), store, now()))


@app.patch("/v1/items/<item_id>", summary="Change one item by a JSON merge patch (RFC 7396)", tags=["catalogue"])
def patch_item(
    item_id: Annotated[Id, Path()],
    body: Annotated[Record, Body()],
    _: SecretCaller,
    store: Store,
    if_match: IfMatch = None,
) -> Response[Item]:
    return tagged(catalogue.patch_one(item_id, body, version_in(if_match), store, now()))


@app.delete("/v1/items/<item_id>", summary="Delete one item", tags=["catalogue"])
def delete_item(item_id: Annotated[Id, Path()], _: SecretCaller, store: Store, if_match: IfMatch = None) -> Deleted:
    catalogue.delete_one(item_id, version_in(if_match), store, now())
    return Deleted(deleted=1)


@app.post("/v1/items/delete", summary="Delete items in bulk", tags=["catalogue"])
def delete_items(body: Annotated[ItemIds, Body()], _: SecretCaller, store: Store) -> Deleted:
    wanted = dict.fromkeys(body.item_ids)
    store.delete(wanted)
    return Deleted(deleted=len(wanted))


@app.get("/v1/openapi.json", summary="This API's description", tags=["catalogue"])
def get_openapi() -> Response[Any]:
    return Response(HTTPStatus.OK, "application/json", OPENAPI.read_text())


handler = observed("catalogue")(
    Edge(app, authenticator, MOST_BODY_BYTES, public=frozenset({"/v1/openapi.json"}), within=DEADLINE.within)
)

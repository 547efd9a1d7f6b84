"""The recommend function: `POST /v1/recommendations`."""

import os
from functools import cache
from typing import Annotated

from aws_lambda_powertools.event_handler import Depends
from aws_lambda_powertools.event_handler.openapi.params import Body

from functions.recommend.champion import Champion
from functions.recommend.history import objection, readable
from functions.recommend.live import Live
from functions.recommend.recommend import Known, Recommendations, Request, recommend
from functions.recommend.settings import RecommendSettings
from functions.recommend.shelf import Shelf
from shared.domain.orders import net
from shared.stores import clients
from shared.stores.consents import ConsentStore
from shared.stores.counters import CounterStore
from shared.stores.events import EventStore
from shared.stores.items import ItemStore
from shared.stores.keys import KeyStore
from shared.stores.links import LinkStore
from shared.stores.models import ModelStore
from shared.stores.secrets import SecretStore
from shared.stores.table import Table
from shared.web.auth import Authenticator, Caller
from shared.web.edge import Edge, any_caller, new_app, now, objects

MOST_BODY_BYTES = 20_000

app = new_app()


@cache
def settings() -> RecommendSettings:
    return RecommendSettings.read(os.environ)


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
def champion() -> Champion:
    return Champion(ModelStore(table(), clients.s3(), settings().bucket_name))


@cache
def live() -> Live:
    return Live(CounterStore(table()))


def token_secret() -> str:
    return secrets().get(settings().customer_token_parameter)


@cache
def shelf() -> Shelf:
    return Shelf(ItemStore(table()))


def known_of(body: Request, caller: Caller, *, objected: bool) -> Known:
    """What may be used to answer this caller."""
    links = LinkStore(table())
    customers = readable(body, caller, links, token_secret, now())
    declined = objection(customers, links, ConsentStore(table()), settings().consent, objected=objected)
    history = [] if declined else net(EventStore(table()).recent(customers, now()))
    today = now().date()
    return Known(
        history,
        champion().scorer(),
        lambda: live().trending(today),
        lambda days, category: live().sold(today, days, category),
        now(),
        declined,
    )


@app.post("/v1/recommendations", summary="Recommend items, with reasons", tags=["recommend"])
def post_recommendations(
    body: Annotated[Request, Body()],
    caller: Annotated[Caller, Depends(any_caller)],
    objected: Annotated[bool, Depends(objects)],
) -> Recommendations:
    return recommend(body, known_of(body, caller, objected=objected), shelf())


handler = Edge(app, authenticator, MOST_BODY_BYTES)

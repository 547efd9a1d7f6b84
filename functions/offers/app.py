"""The offers function: the owner's offers, at most one for each customer, their codes, and what they have brought."""

import os
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated

from aws_lambda_powertools.event_handler import Depends, Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path

from functions.offers.asking import Rights, answer
from functions.offers.book import OfferBook
from functions.offers.codes import redeem, verify
from functions.offers.offers import Desk
from functions.offers.person import Stores
from functions.offers.request import (
    OfferDeleted,
    OfferList,
    OfferReply,
    OfferRequest,
    Redeemed,
    RedeemRequest,
    Verified,
    VerifyRequest,
)
from functions.offers.results import OfferResults, results
from functions.offers.settings import OffersSettings
from shared.domain.events import Id
from shared.domain.items import Item
from shared.domain.offers import Offer, OfferBody
from shared.stores import clients
from shared.stores.budgets import BudgetStore
from shared.stores.consents import ConsentStore
from shared.stores.deadline import DEADLINE
from shared.stores.decisions import DecisionStore
from shared.stores.events import EventStore
from shared.stores.items import ItemStore
from shared.stores.keys import KeyStore
from shared.stores.links import LinkStore
from shared.stores.offers import OfferStore
from shared.stores.secrets import SecretStore
from shared.stores.switch import Switch
from shared.stores.table import Table
from shared.stores.values import ValueStore
from shared.telemetry.log import observed
from shared.web.auth import Authenticator
from shared.web.edge import Edge, new_app, now
from shared.web.routes import AnyCaller, IfMatch, Objected, SecretCaller, tagged, version_in

MOST_BODY_BYTES = 64_000

app = new_app()


@cache
def settings() -> OffersSettings:
    return OffersSettings.read(os.environ)


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
def switch() -> Switch:
    return Switch(BudgetStore(table()))


@cache
def book() -> OfferBook:
    return OfferBook(offer_store(), decision_store(), ValueStore(table()))


def token_secret() -> str:
    return secrets().get(settings().customer_token_parameter)


def offer_store() -> OfferStore:
    return OfferStore(table())


def decision_store() -> DecisionStore:
    return DecisionStore(table())


def items(item_ids: Sequence[str]) -> Mapping[str, Item]:
    """As of the catalogue's replicas: a price that changed this second is the checkout's business."""
    return ItemStore(table()).get(item_ids, consistent=False)


def desk() -> Desk:
    return Desk(book(), decision_store(), items, settings().offer_disclosure)


def stores() -> Stores:
    return Stores(decision_store(), EventStore(table()), ValueStore(table()), LinkStore(table()))


def rights() -> Rights:
    return Rights(LinkStore(table()), ConsentStore(table()), settings().consent, switch(), token_secret)


Offers = Annotated[OfferStore, Depends(offer_store)]


@app.post("/v1/offers", summary="At most one offer for a customer, with its code", tags=["offers"])
def post_offer(body: Annotated[OfferRequest, Body()], caller: AnyCaller, objected: Objected) -> OfferReply:
    return answer(body, caller, rights(), stores(), desk(), now(), objected=objected)


@app.post("/v1/offers/verify", summary="What a code takes off a cart", tags=["offers"])
def verify_code(body: Annotated[VerifyRequest, Body()], _: SecretCaller, store: Offers) -> Verified:
    return verify(body, items([each.item_id for each in body.cart]), decision_store(), store, now())


@app.post("/v1/offers/redeem", summary="Use a code for an order", tags=["offers"])
def redeem_code(body: Annotated[RedeemRequest, Body()], _: SecretCaller, store: Offers) -> Redeemed:
    return redeem(body, decision_store(), store, now())


@app.get("/v1/offers", summary="List the offers", tags=["offers"])
def list_offers(_: SecretCaller, store: Offers) -> OfferList:
    return OfferList(offers=store.all())


@app.get("/v1/offers/<offer_id>/results", summary="What an offer has brought", tags=["offers"])
def get_results(offer_id: Annotated[Id, Path()], _: SecretCaller, store: Offers) -> OfferResults:
    offer = store.get(offer_id)
    learned = book().learned(store.all())
    summary = learned.summary
    currency = offer.currency or (offer.budget and offer.budget.currency) or (summary and summary.currency)
    return results(offer, decision_store(), learned, currency or settings().shop_currency, now())


@app.get("/v1/offers/<offer_id>", summary="Get one offer", tags=["offers"])
def get_offer(offer_id: Annotated[Id, Path()], _: SecretCaller, store: Offers) -> Response[Offer]:
    return tagged(store.get(offer_id))


@app.put("/v1/offers/<offer_id>", summary="Put one offer", tags=["offers"])
def put_offer(
    offer_id: Annotated[Id, Path()],
    body: Annotated[OfferBody, Body()],
    _: SecretCaller,
    store: Offers,
    if_match: IfMatch = None,
) -> Response[Offer]:
    version = version_in(if_match, body.version)
    return tagged(store.put(Offer.model_validate(dict(body) | {"offer_id": offer_id, "version": version})))


@app.delete("/v1/offers/<offer_id>", summary="Delete one offer", tags=["offers"])
def delete_offer(
    offer_id: Annotated[Id, Path()], _: SecretCaller, store: Offers, if_match: IfMatch = None
) -> OfferDeleted:
    store.delete(offer_id, version_in(if_match), now())
    return OfferDeleted(offer_id=offer_id)


handler = observed("offers")(Edge(app, authenticator, MOST_BODY_BYTES, within=DEADLINE.within))

"""The quotes function: prices promised until a time, verified at checkout, redeemed once."""

import os
from datetime import timedelta
from functools import cache
from typing import Annotated

from aws_lambda_powertools.event_handler import Depends
from aws_lambda_powertools.event_handler.openapi.params import Body

from functions.quotes import quotes, tokens
from functions.quotes.coupons import Coupons
from functions.quotes.quotes import Asked, Desk, Presented, Quoted, RedeemedQuote, Redeeming
from functions.quotes.settings import QuotesSettings
from shared.domain.errors import ForbiddenError
from shared.domain.quotes import PriceQuote
from shared.stores import clients
from shared.stores.codes import CodeStore
from shared.stores.deadline import DEADLINE
from shared.stores.decisions import DecisionStore
from shared.stores.items import ItemStore
from shared.stores.keys import KeyStore
from shared.stores.links import LinkStore
from shared.stores.offers import OfferStore
from shared.stores.quotes import QuoteStore
from shared.stores.secrets import SecretStore
from shared.stores.table import Table
from shared.telemetry.log import observed
from shared.web.auth import Authenticator
from shared.web.edge import Edge, new_app, now
from shared.web.routes import AnyCaller, SecretCaller

MOST_BODY_BYTES = 262_144
"""The token of a hundred of the longest ids fits."""

app = new_app()


@cache
def settings() -> QuotesSettings:
    return QuotesSettings.read(os.environ)


@cache
def table() -> Table:
    return Table(clients.dynamodb(), settings().table_name)


@cache
def secret_store() -> SecretStore:
    return SecretStore(clients.ssm())


def pepper() -> str:
    return secret_store().get(settings().pepper_parameter)


@cache
def authenticator() -> Authenticator:
    return Authenticator(KeyStore(table()).find, pepper, now)


def item_store() -> ItemStore:
    return ItemStore(table())


def quote_store() -> QuoteStore:
    return QuoteStore(table())


def signing_key() -> bytes:
    return tokens.key_from(pepper(), "quotes")


def coupons() -> Coupons:
    decisions = DecisionStore(table())
    return Coupons(
        CodeStore(decisions, OfferStore(table())), decisions, LinkStore(table()), settings().offer_disclosure
    )


def desk() -> Desk:
    lifetime = timedelta(minutes=settings().quote_minutes)
    return Desk(item_store(), quote_store(), coupons(), signing_key(), lifetime)


Key = Annotated[bytes, Depends(signing_key)]
Quotes = Annotated[Desk, Depends(desk)]


@app.post("/v1/quotes", summary="Promise prices until a time", tags=["prices"])
def post_quote(body: Annotated[Asked, Body()], caller: AnyCaller, given: Quotes) -> Quoted:
    if body.customer_id is not None and not caller.is_trusted:
        raise ForbiddenError("customer_id needs a secret key: only the shop's server can say who is signed in.")
    return quotes.quote(body, given, now())


@app.post("/v1/quotes/verify", summary="Verify a quote", tags=["prices"])
def verify_quote(body: Annotated[Presented, Body()], _: AnyCaller, key: Key) -> PriceQuote:
    return quotes.verify(body, key, now())


@app.post("/v1/quotes/redeem", summary="Redeem a quote for an order", tags=["prices"])
def redeem_quote(body: Annotated[Redeeming, Body()], _: SecretCaller, given: Quotes) -> RedeemedQuote:
    return quotes.redeem(body, given, now())


handler = observed("quotes")(Edge(app, authenticator, MOST_BODY_BYTES, within=DEADLINE.within))

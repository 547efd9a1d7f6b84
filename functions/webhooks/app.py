"""The webhooks function: what Shopify and WooCommerce tell of orders, products and shoppers' rights."""

import os
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Depends

from functions.webhooks import deliveries
from functions.webhooks.deliveries import DeliveryReport, Stores
from functions.webhooks.metrics import count_delivery
from functions.webhooks.news import Shop
from functions.webhooks.products import LEASE_SECONDS, Catalogue
from functions.webhooks.senders import SHOPIFY, WOOCOMMERCE, Secrets, Sender, delivery, is_ping, verify
from functions.webhooks.settings import WebhooksSettings
from shared.stores import clients
from shared.stores.deadline import DEADLINE
from shared.stores.deliveries import DeliveryStore
from shared.stores.intake import Intake
from shared.stores.items import ItemStore
from shared.stores.jobs import PrivacyJobs
from shared.stores.keys import KeyStore
from shared.stores.lease import LeaseStore
from shared.stores.orders import OrderStore
from shared.stores.products import ProductStore
from shared.stores.secrets import SecretStore
from shared.stores.table import Table
from shared.telemetry.log import observed
from shared.web.auth import Authenticator
from shared.web.edge import Check, Edge, new_app, now

MOST_BODY_BYTES = 2_000_000
"""A product of 100 variants with its images is a few hundred KB."""

ANSWERED = (
    "The body is the sender's own, signed in a header. Whatever is signed is answered with 200 and what became of it, "
    "also where nothing can be made of it. A delivery that was carried out before is a `duplicate`."
)

app = new_app()


@cache
def settings() -> WebhooksSettings:
    return WebhooksSettings.read(os.environ)


@cache
def table() -> Table:
    return Table(clients.dynamodb(), settings().table_name)


@cache
def secret_store() -> SecretStore:
    return SecretStore(clients.ssm())


@cache
def secrets() -> Secrets:
    return Secrets(secret_store().find)


@cache
def authenticator() -> Authenticator:
    return Authenticator(KeyStore(table()).find, lambda: secret_store().get(settings().pepper_parameter), now)


def privacy_jobs() -> PrivacyJobs:
    return PrivacyJobs(table(), clients.sqs(), settings().queue_url)


def stores() -> Stores:
    return Stores(
        deliveries=DeliveryStore(table()),
        orders=OrderStore(table()),
        catalogue=Catalogue(ItemStore(table()), ProductStore(table()), LeaseStore(table(), LEASE_SECONDS)),
        intake=Intake.on(table(), lambda: secret_store().get(settings().pepper_parameter), settings().consent),
        jobs=privacy_jobs,
    )


def shop() -> Shop:
    return Shop(settings().shop_currency, settings().shop_url.rstrip("/"))


Into = Annotated[Stores, Depends(stores)]
Seller = Annotated[Shop, Depends(shop)]


@app.post("/v1/webhooks/shopify", summary="Take in a webhook of Shopify's", description=ANSWERED, tags=["webhooks"])
def post_shopify(into: Into, seller: Seller) -> DeliveryReport:
    return _taken(SHOPIFY, into, seller)


@app.post(
    "/v1/webhooks/woocommerce", summary="Take in a webhook of WooCommerce's", description=ANSWERED, tags=["webhooks"]
)
def post_woocommerce(into: Into, seller: Seller) -> DeliveryReport:
    return _taken(WOOCOMMERCE, into, seller)


def _taken(sender: Sender, into: Stores, seller: Shop) -> DeliveryReport:
    event: dict[str, Any] = app.current_event.raw_event
    body = event.get("body") or ""
    headers = event.get("headers") or {}
    if is_ping(sender, body.encode()):
        return DeliveryReport(status="ping")
    report = deliveries.take(delivery(sender, headers, body), seller, into, now())
    count_delivery(sender.source, report.status)
    return report


def signed_by(sender: Sender) -> Check:
    """The check of a sender's requests."""

    def check(headers: Mapping[str, str], body: bytes) -> None:
        parameter = f"{sender.source}_secret_parameter"
        verify(sender, headers, body, secrets().get(getattr(settings(), parameter)))

    return check


handler = observed("webhooks")(
    Edge(
        app,
        authenticator,
        MOST_BODY_BYTES,
        signed={f"/v1/webhooks/{sender.source}": signed_by(sender) for sender in (SHOPIFY, WOOCOMMERCE)},
        within=DEADLINE.within,
    )
)

"""The use case: a delivery is read, carried out once, and noted."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from pydantic import BaseModel

from functions.webhooks import orders, products, rights, shopify, woocommerce
from functions.webhooks.news import News, Nothing, OrderNews, ProductGone, ProductNews, Shop, UnmappedError
from functions.webhooks.payloads import parse
from functions.webhooks.products import Catalogue
from functions.webhooks.senders import Delivery
from shared.stores.deliveries import DeliveryStore
from shared.stores.intake import Intake
from shared.stores.jobs import PrivacyJobs
from shared.stores.orders import OrderStore
from shared.telemetry.log import logger

Status = Literal["done", "duplicate", "stale", "ignored", "unmapped", "ping"]

TOPICS = {shopify.SOURCE: shopify.TOPICS, woocommerce.SOURCE: woocommerce.TOPICS}
RETRIES_END = timedelta(days=3)
"""Shopify repeats a delivery for 4 hours, some of an older kind for 48."""


class DeliveryReport(BaseModel):
    """What became of a delivery. Senders look at the status only; this is for whoever looks into their logs."""

    status: Status
    reason: str | None = None
    events: int = 0
    items: int = 0
    job_id: str | None = None


class Stores(NamedTuple):
    """All that a delivery may change."""

    deliveries: DeliveryStore
    orders: OrderStore
    catalogue: Catalogue
    intake: Intake
    jobs: Callable[[], PrivacyJobs]


def take(delivery: Delivery, shop: Shop, stores: Stores, now: datetime) -> DeliveryReport:
    """Carry out a delivery, unless that was done. Raises `StoreUnavailableError`: then it may be sent again.

    It is noted when it is done, and not before: whatever fails half way is repeated whole, which changes nothing that
    was done, since all is keyed by what the delivery is about.
    """
    if stores.deliveries.is_done(delivery.source, delivery.key):
        return DeliveryReport(status="duplicate")
    try:
        report = _carried_out(delivery, news(delivery, shop), stores, now)
    except UnmappedError as error:
        logger.warning("unmapped webhook", extra={"source": delivery.source, "reason": str(error)})
        report = DeliveryReport(status="unmapped", reason=str(error))
    stores.deliveries.done(delivery.source, delivery.key, now)
    return report


def news(delivery: Delivery, shop: Shop) -> News:
    """What the delivery says. Raises `UnmappedError`."""
    read = TOPICS[delivery.source].get(delivery.topic)
    return read(parse(delivery.body), shop) if read else Nothing("no topic of ours")


def _carried_out(delivery: Delivery, told: News, stores: Stores, now: datetime) -> DeliveryReport:
    match told:
        case Nothing(reason):
            return DeliveryReport(status="ignored", reason=reason)
        case OrderNews():
            taken = orders.carry_out(delivery.source, told, stores.orders, stores.intake, now)
            return DeliveryReport(status="done", events=taken.events, reason=taken.reason)
        case ProductNews() if delivery.triggered_at and delivery.triggered_at < now - RETRIES_END:
            return DeliveryReport(status="stale", reason="triggered longer ago than its sender repeats deliveries")
        case ProductNews() | ProductGone():
            return _of_product(delivery.source, told, stores.catalogue, now)
        case _:
            job_id = rights.carry_out(delivery, told, stores.orders, stores.jobs(), now)
            return DeliveryReport(status="done", job_id=job_id)


def _of_product(source: str, told: ProductNews | ProductGone, catalogue: Catalogue, now: datetime) -> DeliveryReport:
    changed = products.carry_out(source, told, catalogue, now)
    if changed.is_stale:
        return DeliveryReport(status="stale", reason="something newer was said of this product")
    reason = f"{changed.bad} of its items cannot be kept" if changed.bad else None
    return DeliveryReport(status="done", items=changed.items, reason=reason)

"""Carrying out what a shopper may ask for: to be erased, and to be told what is known. Never too old, never ignored."""

from collections.abc import Sequence
from datetime import datetime

from functions.webhooks.news import DataRequest, Redaction, Rights, UnmappedError
from functions.webhooks.senders import Delivery
from shared.domain.events import CustomerRef
from shared.stores.jobs import PrivacyJobs
from shared.stores.orders import OrderStore


def carry_out(delivery: Delivery, told: Rights, orders: OrderStore, jobs: PrivacyJobs, now: datetime) -> str:
    """Have it done, by a job that the delivery is the key of; the job's id. Raises `StoreUnavailableError`."""
    key = f"{delivery.source}:{delivery.key}"
    match told:
        case Redaction(customers, order_ids):
            job_id = jobs.request_erasure(_everyone(delivery.source, customers, order_ids, orders), now, key)
            # Whose the orders are is left to the job: a delivery that is repeated must name the same customers.
            for order_id in order_ids:
                orders.settle(delivery.source, order_id, orders.waiting(delivery.source, order_id))
            return job_id
        case DataRequest(customers, order_ids):
            return jobs.request_export(_everyone(delivery.source, customers, order_ids, orders), now, key)
    return jobs.request_shop_erasure(now, key)


def _everyone(
    source: str, customers: Sequence[CustomerRef], order_ids: Sequence[str], orders: OrderStore
) -> list[CustomerRef]:
    """The customers, and as whom they bought as a guest."""
    owners = [owner for order_id in order_ids if (owner := orders.owner(source, order_id))]
    everyone = [*dict.fromkeys([*customers, *owners])]
    if not everyone:
        raise UnmappedError("nobody is named whom we could know")
    return everyone

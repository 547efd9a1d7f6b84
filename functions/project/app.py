"""The project function: the table's stream of events -> live counters, what offers have brought, and the queues."""

import os
from datetime import UTC, datetime
from functools import cache
from typing import Any

from functions.project.categories import Categories
from functions.project.credits import Credits
from functions.project.project import Projected, Targets, project, reader
from functions.project.settings import ProjectSettings
from shared.domain.vocabulary import EventName
from shared.stores import clients
from shared.stores.claims import ClaimStore
from shared.stores.counters import CounterStore
from shared.stores.decisions import DecisionStore
from shared.stores.items import ItemStore
from shared.stores.links import LinkStore
from shared.stores.offers import OfferStore
from shared.stores.poison import PoisonStore
from shared.stores.queues import EventQueue
from shared.stores.stream import Delivery, Inserted
from shared.stores.table import Table
from shared.telemetry.log import observed


@cache
def settings() -> ProjectSettings:
    return ProjectSettings.read(os.environ)


@cache
def targets() -> Targets:
    table = Table(clients.dynamodb(), settings().table_name)
    queues = {EventName.PRODUCT_REVIEWED: EventQueue(clients.sqs(), settings().feedback_queue_url)}
    credits_ = Credits(OfferStore(table), DecisionStore(table), LinkStore(table), ItemStore(table))
    return Targets(CounterStore(table), ClaimStore(table), Categories(ItemStore(table)), queues, credits_)


@observed("project")
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Work through a delivery of stream records; what cannot be done now, the stream delivers again.

    AWS names the shard only to functions with a tumbling window, so the template asks for one; its state is not used.
    The local stack has a single shard and does not name it.
    """
    delivery = Delivery.read("project", event)

    def act(run: list[Inserted[Projected]]) -> None:
        project(run, delivery.part, targets())

    read = reader(targets().queues, datetime.now(UTC))
    failures = delivery.work(read, act, PoisonStore(clients.quick_s3(), settings().bucket_name))
    return {"batchItemFailures": failures, "state": {}}

"""The fulfil function: carries out exports and erasures, a message of the queue at a time."""

import os
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from functions.fulfil.erase import Office, erase
from functions.fulfil.export import Desk, export
from functions.fulfil.reach import Places
from functions.fulfil.settings import FulfilSettings
from shared.stores import clients
from shared.stores.archive import ArchiveStore
from shared.stores.exports import ExportStore
from shared.stores.jobs import JobStore, Kind, PrivacyJobs, Request
from shared.stores.lease import LeaseStore
from shared.stores.leftovers import PoisonedRecords
from shared.stores.models import ModelStore
from shared.stores.rewriting import ArchiveRewriter
from shared.stores.secrets import SecretStore
from shared.stores.shoppers import ShopperStore
from shared.stores.table import Table
from shared.stores.tombstones import TombstoneStore
from shared.telemetry.log import logger, observed


def now() -> datetime:
    return datetime.now(UTC)


@cache
def settings() -> FulfilSettings:
    return FulfilSettings.read(os.environ)


@cache
def table() -> Table:
    return Table(clients.dynamodb(), settings().table_name)


@cache
def archive() -> ArchiveStore:
    return ArchiveStore(clients.s3(), settings().bucket_name)


@cache
def exports() -> ExportStore:
    return ExportStore(table(), clients.s3(), settings().bucket_name)


@cache
def tombstones() -> TombstoneStore:
    secrets = SecretStore(clients.ssm())
    return TombstoneStore(table(), lambda: secrets.get(settings().pepper_parameter))


@cache
def places() -> Places:
    poison = PoisonedRecords(clients.s3(), settings().bucket_name)
    rewriter = ArchiveRewriter(archive(), LeaseStore(table()))
    return Places(ShopperStore(table()), rewriter, poison, exports(), tombstones())


@cache
def office() -> Office:
    queue = PrivacyJobs(table(), clients.sqs(), settings().queue_url)
    models = ModelStore(table(), clients.s3(), settings().bucket_name)
    delay = timedelta(seconds=settings().sweep_delay_seconds)
    return Office(JobStore(table()), queue, places(), models.champion, now, delay)


@observed("fulfil")
def handler(event: dict[str, Any], _context: Any) -> None:
    """Do what the messages ask for; a failure raises, and the queue delivers the message again."""
    for message in event["Records"]:
        request = Request.model_validate_json(message["body"])
        logger.info("job", extra={"job_id": request.job_id, "kind": request.kind})
        if request.kind == Kind.EXPORT:
            export(request, Desk(JobStore(table()), ShopperStore(table()), archive(), exports()), now())
        else:
            erase(request, office())

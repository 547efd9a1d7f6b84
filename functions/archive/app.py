"""The archive function: the table's stream of events -> objects in the bucket."""

import os
from functools import cache
from typing import Any

from functions.archive.settings import ArchiveSettings
from shared.stores import clients
from shared.stores.archive import ArchiveStore
from shared.stores.erased import without_erased
from shared.stores.secrets import SecretStore
from shared.stores.stream import inserted_events, not_archived
from shared.stores.table import Table
from shared.stores.tombstones import TombstoneStore


@cache
def settings() -> ArchiveSettings:
    return ArchiveSettings.read(os.environ)


@cache
def archive() -> ArchiveStore:
    return ArchiveStore(clients.s3(), settings().bucket_name)


@cache
def tombstones() -> TombstoneStore:
    secrets = SecretStore(clients.ssm())
    table = Table(clients.dynamodb(), settings().table_name)
    return TombstoneStore(table, lambda: secrets.get(settings().pepper_parameter))


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Append a batch of stream records; a failure raises, and the stream delivers the batch again."""
    inserted = inserted_events(not_archived(event["Records"]))
    written = archive().append(without_erased(inserted, tombstones().erased))
    return {"objects": written, "batchItemFailures": []}

"""The archive function: the table's stream of events -> objects in the bucket."""

import os
from functools import cache
from typing import Any

from functions.archive.settings import ArchiveSettings
from shared.stores import clients
from shared.stores.archive import ArchiveStore
from shared.stores.stream import inserted_events, not_archived


@cache
def archive() -> ArchiveStore:
    return ArchiveStore(clients.s3(), ArchiveSettings.read(os.environ).bucket_name)


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Append a batch of stream records; a failure raises, and the stream delivers the batch again."""
    written = archive().append(inserted_events(not_archived(event["Records"])))
    return {"objects": written, "batchItemFailures": []}

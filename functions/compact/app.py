"""The compact function, nightly: many small objects of the archive -> few large ones, without what has expired."""

import os
from datetime import UTC, datetime
from functools import cache
from typing import Any

from functions.compact.compact import compact
from functions.compact.settings import CompactSettings
from shared.stores import clients
from shared.stores.archive import ArchiveStore
from shared.stores.lease import LeaseStore
from shared.stores.rewriting import ArchiveRewriter
from shared.stores.table import Table
from shared.telemetry.log import logger, observed

TIME_FOR_ONE_MERGE_MS = 120_000


@cache
def rewriter() -> ArchiveRewriter:
    settings = CompactSettings.read(os.environ)
    leases = LeaseStore(Table(clients.dynamodb(), settings.table_name))
    return ArchiveRewriter(ArchiveStore(clients.s3(), settings.bucket_name), leases)


@observed("compact")
def handler(_event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Merge for as long as there is time; what is left is the next night's."""
    done = compact(
        rewriter(), datetime.now(UTC), lambda: context.get_remaining_time_in_millis() > TIME_FOR_ONE_MERGE_MS
    )
    logger.info("compacted", extra=done._asdict())
    return done._asdict()

"""The project function: the table's stream of events -> live counters."""

import os
from datetime import UTC, datetime
from functools import cache
from typing import Any

from functions.project.project import count
from functions.project.settings import ProjectSettings
from shared.stores import clients
from shared.stores.table import Table
from shared.stores.trending import TrendingStore


@cache
def counters() -> TrendingStore:
    return TrendingStore(Table(clients.dynamodb(), ProjectSettings.read(os.environ).table_name))


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Count a batch of stream records; a failure raises, and the stream delivers the batch again.

    AWS names the shard only to functions with a tumbling window, so the template asks for one; its state is not used.
    The local stack has a single shard and does not name it.
    """
    count(event["Records"], event.get("shardId", "single"), counters(), datetime.now(UTC).date())
    return {"batchItemFailures": [], "state": {}}

"""The project function: the table's stream of events -> live counters."""

import os
from functools import cache
from typing import Any

from functions.project.project import count
from functions.project.settings import ProjectSettings
from shared.stores import clients
from shared.stores.table import Table
from shared.stores.trending import TrendingStore
from shared.web.edge import now


@cache
def counters() -> TrendingStore:
    return TrendingStore(Table(clients.dynamodb(), ProjectSettings.read(os.environ).table_name))


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Count a batch of stream records; a failure raises, and the stream delivers the batch again."""
    count(event["Records"], event["shardId"], counters(), now().date())
    return {"batchItemFailures": []}

"""The use case of project: from stream records to live counters."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from shared.domain.trending import WINDOW_DAYS, daily_weights
from shared.stores.stream import inserted_events
from shared.stores.trending import TrendingStore

MOST_RECORDS = 100
"""Records counted in one go: with 256 buckets, the items of so many orders fit in DynamoDB's update expressions."""


def count(records: Sequence[dict[str, Any]], shard: str, counters: TrendingStore, today: date) -> None:
    """Add what these records insert to the counters of their days. Counting the same batch again changes nothing."""
    for start in range(0, len(records), MOST_RECORDS):
        some = records[start : start + MOST_RECORDS]
        recent = (event for event in inserted_events(some) if _is_recent(event.time.date(), today))
        for day, weights in daily_weights(recent).items():
            counters.add(day, weights, shard, some[-1]["dynamodb"]["SequenceNumber"])


def _is_recent(day: date, today: date) -> bool:
    return timedelta(0) <= today - day + timedelta(days=1) and today - day < timedelta(days=WINDOW_DAYS)

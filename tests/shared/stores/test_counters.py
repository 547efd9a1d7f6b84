"""Live counters: a batch counts once, however often it comes."""

from datetime import UTC, date, datetime

import pytest

from shared.stores import clients
from shared.stores.table import Table
from shared.stores.trending import TrendingStore

TODAY = date(2026, 5, 1)


@pytest.fixture
def counters(table: Table) -> TrendingStore:
    return TrendingStore(table)


def today(counters: TrendingStore) -> dict[str, int]:
    return dict(counters.read([TODAY])[TODAY])


def test_weights_add_up(counters: TrendingStore) -> None:
    counters.add(TODAY, {"lamp": 5, "vase": 1}, "shard-1", "100")
    counters.add(TODAY, {"lamp": 3}, "shard-1", "101")
    assert today(counters) == {"lamp": 8, "vase": 1}


def test_the_same_batch_twice_counts_once(counters: TrendingStore) -> None:
    for _ in range(3):
        counters.add(TODAY, {"lamp": 5, "vase": 1}, "shard-1", "100")
    assert today(counters) == {"lamp": 5, "vase": 1}


def test_an_older_sequence_number_is_included_already(counters: TrendingStore) -> None:
    """They are numbers: 9 is before 10, and 21 digits are more than 20."""
    counters.add(TODAY, {"lamp": 1}, "shard-1", "1" + "0" * 20)
    counters.add(TODAY, {"lamp": 1}, "shard-1", "9" * 20)
    assert today(counters) == {"lamp": 1}
    counters.add(TODAY, {"lamp": 1}, "shard-1", "1" + "0" * 21)
    assert today(counters) == {"lamp": 2}


def test_shards_count_by_themselves_and_are_read_together(counters: TrendingStore) -> None:
    counters.add(TODAY, {"lamp": 1}, "shard-1", "500")
    counters.add(TODAY, {"lamp": 2}, "shard-2", "3")
    assert today(counters) == {"lamp": 3}


def test_days_are_apart_and_a_day_without_events_is_empty(counters: TrendingStore) -> None:
    yesterday, before = date(2026, 4, 30), date(2026, 4, 29)
    counters.add(TODAY, {"lamp": 1}, "shard-1", "1")
    counters.add(yesterday, {"lamp": 4}, "shard-1", "1")
    assert counters.read([TODAY, yesterday, before]) == {TODAY: {"lamp": 1}, yesterday: {"lamp": 4}, before: {}}


def test_many_items_and_odd_ids_at_once(counters: TrendingStore) -> None:
    weights = {f"item {n} ü/#.": n + 1 for n in range(300)} | {"last_sequence": 7, "pk": 8, "": 9}
    counters.add(TODAY, weights, "shard-1", "1")
    assert today(counters) == weights


def test_counters_expire_after_they_stop_counting(counters: TrendingStore, table: Table) -> None:
    counters.add(TODAY, {"lamp": 1}, "shard-1", "1")
    (record,) = clients.dynamodb().scan(TableName=table.name)["Items"]
    assert datetime.fromtimestamp(int(record["expires_at"]["N"]), UTC) == datetime(2026, 5, 10, tzinfo=UTC)

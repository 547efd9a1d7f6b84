"""From a write through the stream's filter into the live counters: each insert counts once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from shared.domain.trending import WINDOW_DAYS
from shared.stores.trending import TrendingStore

from functions.project.project import MOST_RECORDS
from shared.domain.errors import StoreUnavailableError
from shared.domain.events import KNOWN, CustomerRef, Event
from shared.stores import clients
from shared.stores.events import EventStore
from shared.stores.table import Table
from tests.functions.api import Stream, app
from tests.shared.stores.faults import refusing

NOW = datetime.now(UTC)
TODAY = NOW.date()

Deliver = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("keys")


@pytest.fixture
def deliver(table: Table) -> Deliver:
    """Call the function with records of one of the stream's shards."""
    assert table
    handler = app("project").handler

    def call(records: list[dict[str, Any]], shard: str = "shard-1") -> Any:
        return handler({"Records": records, "shardId": shard, "window": {}, "state": {}}, None)

    return call


def event(n: int, name: str = "Product Viewed", item: str = "lamp", **ago: int) -> Event:
    customer = CustomerRef(kind=KNOWN, id=f"c{n}")
    return Event(customer=customer, message_id=f"m{n}", time=NOW - timedelta(**ago), name=name, items=(item,))


def put(table: Table, *events: Event) -> None:
    EventStore(table).put((each, {}) for each in events)


def counted(table: Table) -> dict[str, int]:
    """The weights of all days around today, in one sum."""
    days = [TODAY + timedelta(days=n) for n in range(-30, 3)]
    total: dict[str, int] = {}
    for weights in TrendingStore(table).read(days).values():
        for item, weight in weights.items():
            total[item] = total.get(item, 0) + weight
    return total


def test_what_was_written_is_counted_by_its_weight(table: Table, deliver: Deliver) -> None:
    put(table, event(1), event(2, "Order Completed"), event(3, "Product Added", "vase"), event(4, "Article Read"))
    assert deliver(Stream("project").new())["batchItemFailures"] == []
    assert counted(table) == {"lamp": 6, "vase": 3}


def test_ten_deliveries_of_a_batch_count_once(table: Table, deliver: Deliver) -> None:
    put(table, *(event(n) for n in range(MOST_RECORDS * 2 + 50)))
    records = Stream("project").new()
    for _ in range(10):
        deliver(records)
    assert counted(table) == {"lamp": MOST_RECORDS * 2 + 50}


def test_an_event_written_again_is_not_counted_again(table: Table, deliver: Deliver) -> None:
    stream = Stream("project")
    for _ in range(3):
        put(table, event(1))
        deliver(stream.new())
    assert counted(table) == {"lamp": 1}


def test_a_batch_that_failed_halfway_is_completed_when_it_comes_again_in_halves(table: Table, deliver: Deliver) -> None:
    put(table, *(event(n, item=f"item-{n % 7}") for n in range(42)))
    records = Stream("project").new()
    with refusing(clients.dynamodb(), "UpdateItem", after=3), pytest.raises(StoreUnavailableError):
        deliver(records)
    deliver(records)
    deliver(records[:21])
    deliver(records[21:])
    assert counted(table) == {f"item-{n}": 6 for n in range(7)}


def test_two_shards_add_up(table: Table, deliver: Deliver) -> None:
    put(table, *(event(n) for n in range(10)))
    records = Stream("project").new()
    deliver(records[:4], "shard-1")
    deliver(records[4:], "shard-2")
    deliver(records[:4], "shard-1")
    assert counted(table) == {"lamp": 10}


def test_a_serving_record_is_counted_and_its_detail_is_not(table: Table, deliver: Deliver) -> None:
    large = event(1).model_copy(update={"items": tuple(f"item-{n:04d}" for n in range(150))})
    put(table, large)
    deliver(Stream("project").new())
    assert set(counted(table).values()) == {1}
    assert 0 < len(counted(table)) < 150


def test_history_older_than_the_window_is_not_counted(table: Table, deliver: Deliver) -> None:
    put(table, event(1, days=WINDOW_DAYS + 1), event(2, item="vase", days=WINDOW_DAYS - 2))
    deliver(Stream("project").new())
    assert counted(table) == {"vase": 1}


def test_the_local_stack_names_no_shard_and_the_last_call_of_a_window_brings_nothing(table: Table) -> None:
    put(table, event(1))
    handler = app("project").handler
    for records in (Stream("project").new(), []):
        assert handler({"Records": records}, None) == {"batchItemFailures": [], "state": {}}
    assert counted(table) == {"lamp": 1}

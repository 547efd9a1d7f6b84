"""From a write through the stream's filter into the archive, and what repetition and failure do to it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain.errors import NotDoneError
from shared.domain.events import KNOWN, CustomerRef, Event
from shared.domain.items import Item
from shared.stores import clients
from shared.stores.archive import ArchiveStore
from shared.stores.events import EventStore
from shared.stores.items import ItemStore
from shared.stores.links import LinkStore
from shared.stores.poison import PoisonStore
from shared.stores.table import Table
from tests.conftest import BUCKET
from tests.functions.api import Stream, app
from tests.shared.stores.faults import DOWN, refusing

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("keys")


@pytest.fixture
def deliver(table: Table) -> Callable[[list[dict[str, Any]]], Any]:
    """Call the function with records of the stream."""
    assert table
    handler = app("archive").handler
    return lambda records: handler({"Records": records}, None)


def event(n: int, **changes: Any) -> Event:
    fields = {"customer": CustomerRef(kind=KNOWN, id=f"c{n}"), "message_id": f"m{n}", "name": "Viewed"}
    return Event.model_validate(fields | {"time": NOON + timedelta(hours=n), "items": ("lamp",)} | changes)


def archived() -> list[Event]:
    return sorted(ArchiveStore(clients.s3(), BUCKET).read(), key=lambda each: (each.message_id, len(each.items)))


def objects() -> set[str]:
    return {each["Key"] for each in clients.s3().list_objects_v2(Bucket=BUCKET).get("Contents", [])}


def test_what_was_written_is_in_the_archive(table: Table, deliver: Callable[..., Any]) -> None:
    stream = Stream("archive")
    EventStore(table).put((event(n), {"price": "1"}) for n in range(30))
    assert deliver(stream.new())["batchItemFailures"] == []
    assert archived() == sorted((event(n) for n in range(30)), key=lambda each: each.message_id)


def test_what_names_nothing_and_what_undoes_an_order_are_archived_too(
    table: Table, deliver: Callable[..., Any]
) -> None:
    stream = Stream("archive")
    link = event(1, name="Customer Identified", items=(), anonymous_id="phone")
    refund = event(2, name="Order Refunded", items=(), order_id="o1", recommendation_id="ab" * 16)
    EventStore(table).put([(link, {}), (refund, {})])
    deliver(stream.new())
    assert archived() == [link, refund]


def test_a_replay_of_the_same_batch_makes_the_same_objects(table: Table, deliver: Callable[..., Any]) -> None:
    stream = Stream("archive")
    EventStore(table).put((event(n), {}) for n in range(30))
    records = stream.new()
    deliver(records)
    before = objects()
    for _ in range(9):
        deliver(records)
    assert objects() == before
    assert len(archived()) == 30


def test_an_event_written_again_is_not_in_the_stream_again(table: Table, deliver: Callable[..., Any]) -> None:
    stream = Stream("archive")
    for _ in range(2):
        EventStore(table).put([(event(1), {})])
        deliver(stream.new())
    assert archived() == [event(1)]


def test_an_event_that_serving_keeps_only_in_part_is_archived_whole(table: Table, deliver: Callable[..., Any]) -> None:
    large = event(1, items=tuple(f"item-{n:04d}" for n in range(150)))
    EventStore(table).put([(large, {})])
    deliver(Stream("archive").new())
    assert archived()[-1] == large


def test_imported_events_and_whatever_is_no_event_are_passed_over(table: Table, deliver: Callable[..., Any]) -> None:
    stream = Stream("archive")
    EventStore(table).put([(event(1), {})], archived=True)
    EventStore(table).arrival(event(1).customer, "m1", NOON)
    ItemStore(table).put([Item(item_id="lamp", title="Lamp")])
    LinkStore(table).claim("phone", event(1).customer, NOON)
    assert deliver(stream.new())["objects"] == 0
    assert archived() == []


def test_a_failure_is_raised_so_that_the_stream_delivers_again(table: Table, deliver: Callable[..., Any]) -> None:
    EventStore(table).put((event(n), {}) for n in range(5))
    records = Stream("archive").new()
    with refusing(clients.quick_s3(), "PutObject", DOWN, after=2), pytest.raises(NotDoneError):
        deliver(records)
    assert not [key for key in objects() if key.startswith("poison/")]
    deliver(records[:2])
    deliver(records[2:])
    assert {each.message_id for each in archived()} == {f"m{n}" for n in range(5)}


def test_poison_is_set_aside_whole_and_the_rest_archived(
    table: Table, deliver: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    EventStore(table).put((event(n), {}) for n in range(5))
    records = json.loads(json.dumps(Stream("archive").new()))
    records[2]["dynamodb"]["NewImage"]["items"] = {"S": "[not JSON"}
    for _ in range(2):
        assert deliver(records)["batchItemFailures"] == []
    assert len({each.message_id for each in archived()}) == 4
    store = PoisonStore(clients.s3(), BUCKET)
    (poison,) = store.all()
    assert poison.consumer == "archive"
    assert store.get(poison.key) == records[2]
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "PoisonRecords" in line]
    assert [(line["function"], line["PoisonRecords"]) for line in lines] == [("archive", [1.0])] * 2


def test_where_poison_cannot_be_set_aside_the_delivery_comes_again_from_it(
    table: Table, deliver: Callable[..., Any]
) -> None:
    EventStore(table).put((event(n, customer=CustomerRef(kind=KNOWN, id="ann"), time=NOON), {}) for n in range(4))
    records = json.loads(json.dumps(Stream("archive").new()))
    records[2]["dynamodb"]["NewImage"]["items"] = {"S": "[not JSON"}
    with refusing(clients.quick_s3(), "PutObject", DOWN, after=1):
        assert deliver(records)["batchItemFailures"] == [{"itemIdentifier": records[2]["dynamodb"]["SequenceNumber"]}]
    assert len(archived()) == 2
    deliver(records[2:])
    assert len(archived()) == 3


def test_an_empty_batch_is_nothing(deliver: Callable[..., Any]) -> None:
    assert deliver([]) == {"objects": 0, "batchItemFailures": []}

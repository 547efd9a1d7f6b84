"""From a write through the stream's filter into the live counters and the queues: each insert counts once."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain.counting import WINDOW_DAYS, Series
from shared.domain.errors import NotDoneError
from shared.domain.events import ANONYMOUS, KNOWN, CustomerRef, Event
from shared.domain.items import Item
from shared.stores import clients
from shared.stores.counters import CounterStore, category_key
from shared.stores.events import EventStore
from shared.stores.items import ItemStore
from shared.stores.poison import PoisonStore
from shared.stores.table import Table
from tests.conftest import BUCKET
from tests.functions.api import Stream, app
from tests.shared.stores.faults import refusing

NOW = datetime.now(UTC)
TODAY = NOW.date()
VIEW, ADD, ORDER, REVIEW = "Product Viewed", "Product Added", "Order Completed", "Product Reviewed"

Deliver = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("keys")


@pytest.fixture
def deliver(table: Table) -> Deliver:
    """Call the function with records of one of the stream's shards."""
    assert table
    handler = app("project").handler

    def call(records: list[dict[str, Any]], shard: str = "shard-1", **event: Any) -> Any:
        return handler({"Records": records, "shardId": shard, "window": {}, "state": {}} | event, None)

    return call


def event(n: int, name: str = VIEW, *items: str, order_id: str | None = None, **ago: int) -> Event:
    customer = CustomerRef(kind=KNOWN, id=f"c{n}")
    time = NOW - timedelta(**ago)
    return Event(
        customer=customer, message_id=f"m{n}", time=time, name=name, items=items or ("lamp",), order_id=order_id
    )


def put(table: Table, *events: Event, details: Mapping[str, Any] | None = None) -> None:
    EventStore(table).put((each, details or {}) for each in events)


def counted(table: Table, series: Series = Series.TRENDING) -> dict[str, int]:
    """The counts of all days around today, in one sum."""
    total: Counter[str] = Counter()
    for n in range(-35, 3):
        for each, count in CounterStore(table).read(series, TODAY + timedelta(days=n)).items():
            total[each.item] += count
    return dict(total)


def poisoned(records: list[dict[str, Any]], *positions: int) -> list[dict[str, Any]]:
    """Copies of stream records, of which those at `positions` cannot be read."""
    copies: list[dict[str, Any]] = json.loads(json.dumps(records))
    for n in positions:
        copies[n]["dynamodb"]["NewImage"]["items"] = {"S": "[not JSON"}
    return copies


def aside() -> list[tuple[str, Any]]:
    store = PoisonStore(clients.s3(), BUCKET)
    return [(each.key.rsplit("/", 1)[1], store.get(each.key)) for each in store.all()]


# --- counting


def test_what_was_written_is_counted_by_its_weight(table: Table, deliver: Deliver) -> None:
    put(table, event(1), event(2, ORDER), event(3, ADD, "vase"), event(4, "Article Read"))
    assert deliver(Stream("project").new()) == {"batchItemFailures": [], "state": {}}
    assert counted(table) == {"lamp": 6, "vase": 3}
    assert counted(table, Series.SOLD) == {"lamp": 1}


def test_what_is_sold_is_kept_by_the_catalogues_category(table: Table, deliver: Deliver) -> None:
    ItemStore(table).put([Item(item_id="lamp", title="Lamp", category="Lights"), Item(item_id="vase", title="Vase")])
    put(table, event(1, ORDER, "lamp", "vase", "unknown"), event(2, ORDER, "lamp"))
    deliver(Stream("project").new())
    found = {(each.item, each.category): n for each, n in CounterStore(table).read(Series.SOLD, TODAY).items()}
    assert found == {("lamp", category_key("Lights")): 2, ("vase", ""): 1, ("unknown", ""): 1}


def test_an_item_that_cannot_be_read_has_no_category_and_holds_up_nothing(table: Table, deliver: Deliver) -> None:
    ItemStore(table).put([Item(item_id="lamp", title="Lamp", category="Lights")])
    table.put({"pk": "ITEM#bad", "sk": "ITEM", "item_id": "bad", "body": "{}"})
    put(table, event(1, ORDER, "lamp", "bad"))
    deliver(Stream("project").new())
    found = {(each.item, each.category): n for each, n in CounterStore(table).read(Series.SOLD, TODAY).items()}
    assert found == {("lamp", category_key("Lights")): 1, ("bad", ""): 1}


def test_an_order_that_page_and_server_both_tell_of_counts_once(table: Table, deliver: Deliver) -> None:
    page = event(1, ORDER, order_id="o1").model_copy(update={"customer": CustomerRef(kind=ANONYMOUS, id="phone")})
    put(table, page, event(2, ORDER, order_id="o1"), event(3, ORDER, order_id="o2"), event(4, ORDER))
    records = Stream("project").new()
    for start in (0, 1, 2, 0):
        deliver(records[start:])
    assert counted(table, Series.SOLD) == {"lamp": 3}
    assert counted(table) == {"lamp": 15}


def test_what_is_cancelled_and_refunded_is_taken_off_once(table: Table, deliver: Deliver) -> None:
    """Shopify tells of both when a paid order is cancelled."""
    stream = Stream("project")
    put(table, event(1, ORDER, "lamp", "vase", order_id="o1"))
    put(table, event(2, "Order Cancelled", "lamp", "vase", order_id="o1"))
    put(table, event(3, "Order Refunded", "lamp", order_id="o1"), event(4, "Order Refunded", "lamp", order_id="o1"))
    records = stream.new()
    for _ in range(3):
        deliver(records)
    assert counted(table, Series.SOLD) in ({}, {"lamp": 0, "vase": 0})


def test_ten_deliveries_of_a_batch_count_once(table: Table, deliver: Deliver) -> None:
    put(table, *(event(n) for n in range(250)))
    records = Stream("project").new()
    for _ in range(10):
        deliver(records)
    assert counted(table) == {"lamp": 250}


def test_an_event_written_again_is_not_counted_again(table: Table, deliver: Deliver) -> None:
    stream = Stream("project")
    for _ in range(3):
        put(table, event(1))
        deliver(stream.new())
    assert counted(table) == {"lamp": 1}


@pytest.mark.parametrize("cuts", [[(0, 42)], [(0, 21), (21, 42)], [(3, 10), (0, 30), (29, 42)]])
def test_a_batch_that_failed_halfway_is_completed_in_whatever_cut_it_comes_again(
    table: Table, deliver: Deliver, cuts: list[tuple[int, int]]
) -> None:
    put(table, *(event(n, VIEW, f"item-{n % 7}") for n in range(42)))
    records = Stream("project").new()
    with refusing(clients.dynamodb(), "UpdateItem", after=3):
        (failure,) = deliver(records)["batchItemFailures"]
    done = [each["dynamodb"]["SequenceNumber"] for each in records].index(failure["itemIdentifier"])
    assert done == 3
    for start, end in cuts:
        deliver(records[min(start, done) : end])
    assert counted(table) == {f"item-{n}": 6 for n in range(7)}


def test_a_store_that_is_down_fails_the_delivery_and_skips_nothing(table: Table, deliver: Deliver) -> None:
    put(table, event(1, ORDER, order_id="o1"))
    records = Stream("project").new()
    for operation in ("BatchGetItem", "PutItem", "UpdateItem"):
        with refusing(clients.dynamodb(), operation), pytest.raises(NotDoneError):
            deliver(records)
    assert aside() == []
    deliver(records)
    assert counted(table) == {"lamp": 5}


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


def test_history_older_than_its_window_is_not_counted(table: Table, deliver: Deliver) -> None:
    trending, sold = (WINDOW_DAYS[series] for series in (Series.TRENDING, Series.SOLD))
    put(table, event(1, days=trending + 1), event(2, VIEW, "vase", days=trending - 2))
    put(table, event(3, ORDER, "tea", days=trending + 1), event(4, ORDER, "mug", days=sold + 1))
    deliver(Stream("project").new())
    assert counted(table) == {"vase": 1}
    assert counted(table, Series.SOLD) == {"tea": 1}


def test_an_event_that_has_outlived_its_time_is_not_counted(
    table: Table, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(table, event(1, days=2), event(2, VIEW, "vase"))
    monkeypatch.setattr("shared.domain.retention.MEDIUM", timedelta(days=1))
    deliver(Stream("project").new())
    assert counted(table) == {"vase": 1}


def test_the_local_stack_names_no_shard_and_the_last_call_of_a_window_brings_nothing(table: Table) -> None:
    put(table, event(1))
    handler = app("project").handler
    for records in (Stream("project").new(), []):
        assert handler({"Records": records}, None) == {"batchItemFailures": [], "state": {}}
    assert counted(table) == {"lamp": 1}


# --- poison and redrive


def test_poison_is_set_aside_whole_and_the_rest_is_counted(
    table: Table, deliver: Deliver, capsys: pytest.CaptureFixture[str]
) -> None:
    put(table, *(event(n) for n in range(10)))
    records = poisoned(Stream("project").new(), 3, 7)
    for _ in range(2):
        assert deliver(records)["batchItemFailures"] == []
    assert counted(table) == {"lamp": 8}
    names = [f"shard-1-{records[n]['dynamodb']['SequenceNumber']}.json" for n in (3, 7)]
    assert aside() == [(names[0], records[3]), (names[1], records[7])]
    assert '"PoisonRecords":[1.0]' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("attribute", "value"),
    [("items", "1"), ("items", '[""]'), ("items", '["' + "x" * 300 + '"]'), ("order_id", "o" * 101), ("name", "")],
)
def test_impossible_values_are_poison(table: Table, deliver: Deliver, attribute: str, value: str) -> None:
    put(table, event(1), event(2))
    records = Stream("project").new()
    records[0] = json.loads(json.dumps(records[0]))
    records[0]["dynamodb"]["NewImage"][attribute] = {"S": value}
    deliver(records)
    assert len(aside()) == 1
    assert counted(table) == {"lamp": 1}


def test_where_poison_cannot_be_set_aside_the_delivery_comes_again_from_it(table: Table, deliver: Deliver) -> None:
    put(table, *(event(n) for n in range(6)))
    records = poisoned(Stream("project").new(), 2)
    with refusing(clients.quick_s3(), "PutObject"):
        assert deliver(records)["batchItemFailures"] == [{"itemIdentifier": records[2]["dynamodb"]["SequenceNumber"]}]
    assert (counted(table), aside()) == ({"lamp": 2}, [])
    deliver(records[2:])
    assert (counted(table), len(aside())) == ({"lamp": 5}, 1)


def test_a_redriven_record_counts_once_however_often_it_is_tried(table: Table, deliver: Deliver) -> None:
    put(table, event(1, ORDER, "lamp", "vase", "rug"), *(event(n) for n in range(2, 5)))
    records = Stream("project").new()
    (at,) = [n for n, each in enumerate(records) if "ORDER#" in each["dynamodb"]["Keys"]["sk"]["S"]]
    deliver(poisoned(records, at))
    assert counted(table) == {"lamp": 3}
    with pytest.raises(NotDoneError):
        deliver(poisoned(records, at)[at : at + 1], redrive=True)
    with refusing(clients.dynamodb(), "UpdateItem", after=2), pytest.raises(NotDoneError):
        deliver(records[at : at + 1], redrive=True)
    for _ in range(3):
        deliver(records[at : at + 1], redrive=True)
    assert counted(table) == {"lamp": 8, "vase": 5, "rug": 5}
    assert counted(table, Series.SOLD) == {"lamp": 1, "vase": 1, "rug": 1}


# --- queues


def received() -> list[Any]:
    url = clients.sqs().get_queue_url(QueueName="feedback")["QueueUrl"]
    found: list[Any] = []
    while messages := clients.sqs().receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        found += [json.loads(each["Body"]) for each in messages]
    return found


def review(n: int, items: tuple[str, ...] = ("lamp",)) -> Event:
    return event(n, REVIEW).model_copy(update={"items": items})


@pytest.mark.parametrize("items", [("lamp",), ()], ids=["of an item", "of the shop"])
@pytest.mark.parametrize("length", [10, 30_000], ids=["short", "long"])
def test_a_review_goes_to_the_feedback_queue_whole_and_once(
    table: Table, deliver: Deliver, items: tuple[str, ...], length: int
) -> None:
    put(table, event(1), details={"properties": {"text": "no review"}})
    put(table, review(2, items), details={"properties": {"text": "x" * length}})
    deliver(Stream("project").new())
    (message,) = received()
    assert (message["id"], message["items"]) == ("user:c2#m2", list(items))
    assert message["details"]["properties"]["text"] == "x" * length


def test_other_notes_and_details_do_not_come_to_project_at_all(table: Table) -> None:
    put(table, event(1, "Page Viewed").model_copy(update={"items": ()}), event(2), details={"text": "x" * 2000})
    assert [each["dynamodb"]["Keys"]["sk"]["S"][:6] for each in Stream("project").new()] == ["EVENT#"]


def test_a_review_that_the_queue_does_not_take_comes_again_and_what_precedes_it_is_counted(
    table: Table, deliver: Deliver
) -> None:
    put(table, event(1), event(2), details={"price": "1"})
    put(table, review(3), details={"text": "Good."})
    records = Stream("project").new()
    with refusing(clients.sqs(), "SendMessageBatch"):
        assert deliver(records)["batchItemFailures"] == [{"itemIdentifier": records[2]["dynamodb"]["SequenceNumber"]}]
    assert (counted(table), received()) == ({"lamp": 2}, [])
    deliver(records[2:])
    assert len(received()) == 1

"""How a delivery is worked through: in order, what cannot be read set aside whole, what fails named."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import NotDoneError, StoreUnavailableError
from shared.domain.events import KNOWN, CustomerRef, Event
from shared.stores.events import records
from shared.stores.stream import Delivery, Inserted, StreamRecord, inserted
from shared.stores.table import pack

EVENT = Event(
    customer=CustomerRef(kind=KNOWN, id="ann"),
    message_id="m1",
    time=datetime(2026, 5, 1, tzinfo=UTC),
    name="Viewed",
    items=("lamp",),
)


def change(kind: str, event: Event = EVENT) -> dict[str, Any]:
    (record,) = records(event, {"price": "1"})
    image = {} if kind == "REMOVE" else {"NewImage": pack(record)}
    keys = {name: pack(record)[name] for name in ("pk", "sk")}
    return {"eventName": kind, "dynamodb": {"Keys": keys, "SequenceNumber": "1", **image}}


def test_an_insert_is_the_tables_record() -> None:
    assert inserted(change("INSERT")) == records(EVENT, {"price": "1"})[0]


@pytest.mark.parametrize("kind", ["MODIFY", "REMOVE"])
def test_other_changes_are_passed_over(kind: str) -> None:
    assert inserted(change(kind)) is None


def test_what_is_no_event_is_passed_over() -> None:
    other = change("INSERT")
    other["dynamodb"]["Keys"]["sk"] = {"S": "OWNER"}
    assert inserted(other) is None


class Aside:
    """Where records are set aside; refuses while it is down."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.down = False

    def put(self, consumer: str, name: str, record: StreamRecord) -> None:
        if self.down:
            raise ConnectionError
        assert record["dynamodb"]["SequenceNumber"] == name.rpartition("-")[2]
        self.names.append(f"{consumer}/{name}")


class Consumer:
    """Reads letters, fails at some, and remembers in which order it did what."""

    def __init__(self, letters: str, failing: str = "") -> None:
        self.records: list[dict[str, Any]] = [
            {"letter": each, "dynamodb": {"SequenceNumber": str(n)}} for n, each in enumerate(letters, 10)
        ]
        self.failing = failing
        self.aside: Any = Aside()
        self.done: list[str] = []

    def read(self, record: StreamRecord) -> str | None:
        match record["letter"]:
            case "!":
                raise ValueError("not a letter")
            case " ":
                return None
        return str(record["letter"])

    def act(self, run: list[Inserted[str]]) -> None:
        for sequence, letter in run:
            if letter in self.failing:
                raise NotDoneError(sequence) from StoreUnavailableError("no")
            self.done.append(letter)

    def work(self, **event: Any) -> list[dict[str, str]]:
        return Delivery.read("test", {"Records": self.records} | event).work(self.read, self.act, self.aside)


def test_good_records_are_acted_on_and_the_rest_set_aside_or_passed_over(capsys: pytest.CaptureFixture[str]) -> None:
    consumer = Consumer("ab!c d!")
    assert consumer.work(shardId="shard-1") == []
    assert (consumer.done, consumer.aside.names) == (list("abcd"), ["test/shard-1-12", "test/shard-1-16"])
    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    assert [each["PoisonRecords"] for each in metrics] == [[1.0]] * 2


def test_the_log_says_what_and_where_and_nothing_of_the_record(caplog: pytest.LogCaptureFixture) -> None:
    consumer = Consumer("a!")
    consumer.records[1]["secret"] = "ann@example.com"
    consumer.work()
    (entry,) = caplog.records
    assert (vars(entry)["sequence"], vars(entry)["error"]) == ("11", "ValueError")
    assert "ann@example.com" not in str(vars(entry))


def test_the_first_record_that_is_not_done_is_named() -> None:
    consumer = Consumer("abcd", failing="c")
    assert consumer.work() == [{"itemIdentifier": "12"}]
    assert consumer.done == ["a", "b"]


def test_where_nothing_is_done_the_function_fails() -> None:
    with pytest.raises(NotDoneError) as caught:
        Consumer("abc", failing="a").work()
    assert isinstance(caught.value.__cause__, StoreUnavailableError)


def test_poison_is_not_set_aside_before_what_precedes_it_is_done() -> None:
    consumer = Consumer("ab!", failing="b")
    consumer.work()
    assert consumer.aside.names == []


def test_what_cannot_be_set_aside_is_not_passed() -> None:
    consumer = Consumer("ab!c")
    consumer.aside.down = True
    assert consumer.work() == [{"itemIdentifier": "12"}]
    assert consumer.done == ["a", "b"]
    consumer.records = consumer.records[2:]
    with pytest.raises(NotDoneError):
        consumer.work()
    consumer.aside.down = False
    assert consumer.work() == []
    assert (consumer.done, consumer.aside.names) == (list("abc"), ["test/stream-12"])


def test_a_fault_of_ours_is_no_poison() -> None:
    consumer = Consumer("abc")
    consumer.act = lambda _: 1 / 0  # type: ignore[assignment, method-assign]
    with pytest.raises(NotDoneError):
        consumer.work()
    assert consumer.aside.names == []


def test_a_redriven_record_that_still_cannot_be_read_fails_and_is_not_set_aside_again() -> None:
    consumer = Consumer("!")
    with pytest.raises(NotDoneError):
        consumer.work(redrive=True)
    assert consumer.aside.names == []


def test_a_redriven_record_is_a_part_of_its_own() -> None:
    records = Consumer("ab").records
    assert Delivery.read("test", {"Records": records, "shardId": "s"}).part == "s"
    assert Delivery.read("test", {"Records": records[:1], "shardId": "s", "redrive": True}).part == "redrive-10"
    with pytest.raises(ValueError, match="unpack"):
        assert Delivery.read("test", {"Records": records, "shardId": "s", "redrive": True}).part


def test_an_empty_delivery_is_nothing() -> None:
    assert Consumer("").work() == []


@given(letters=st.text("ab! x", max_size=12), down=st.booleans())
def test_every_record_is_done_set_aside_or_comes_again(letters: str, down: bool) -> None:
    consumer = Consumer(letters, failing="x" if down else "")
    left = consumer.records
    for _ in range(len(letters) + 1):
        try:
            failures = consumer.work()
        except NotDoneError as stopped:
            failures = [{"itemIdentifier": stopped.sequence}]
        if not failures:
            break
        left = [
            each for each in consumer.records if int(each["dynamodb"]["SequenceNumber"]) >= int(*failures[0].values())
        ]
        consumer.records, consumer.failing = left, ""
    assert consumer.done == [each for each in letters if each not in "! "]
    assert len(consumer.aside.names) == letters.count("!")

"""The whole of project under any cut, repetition and failure of the stream, with poison in it that is redriven."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from functions.project.credits import Credits
from functions.project.project import Projected, Targets, project, reader
from shared.domain.counting import Series, counts
from shared.domain.errors import NotDoneError, StoreUnavailableError
from shared.domain.events import KNOWN, CustomerRef, Event
from shared.domain.vocabulary import EventName
from shared.stores.claims import ClaimStore
from shared.stores.counters import CounterStore
from shared.stores.events import records
from shared.stores.queues import Message
from shared.stores.stream import Delivery, Inserted
from shared.stores.table import pack
from tests.shared.stores.memory import Memory

NOW = datetime(2026, 5, 10, 12, tzinfo=UTC)
NAMES = [EventName.PRODUCT_VIEWED, EventName.ORDER_COMPLETED, EventName.ORDER_REFUNDED, EventName.PRODUCT_REVIEWED]
happenings = st.fixed_dictionaries(
    {
        "name": st.sampled_from(NAMES),
        "items": st.sets(st.sampled_from(["lamp", "vase", "rug"]), min_size=1),
        "days": st.sampled_from([0, 1, 8, 40]),
        "broken": st.sampled_from([False, False, False, True]),
    }
)
faults = st.lists(st.sampled_from(["", "", "", "before", "after"]), max_size=8)
attempts = st.lists(st.tuples(st.integers(1, 10), st.integers(0, 8), faults), max_size=20)


class World:
    """What project writes to, all of which may fail."""

    def __init__(self) -> None:
        self.table = Memory()
        self.sent: list[str] = []
        self.aside: dict[str, Any] = {}
        stores: Any = self
        table: Any = self.table
        queues = {EventName.PRODUCT_REVIEWED: stores}
        credits_ = Credits(stores, stores, stores, stores)
        self.targets = Targets(CounterStore(table), ClaimStore(table), stores, queues, credits_)

    def of(self, item_ids: Iterable[str]) -> Mapping[str, str | None]:
        self.table.get("", "")
        return dict.fromkeys(item_ids)

    def has_any(self) -> bool:
        """A shop without offers."""
        return self.table.get("", "") is not None

    def send(self, messages: Iterable[Message]) -> None:
        for message in messages:
            try:
                self.table.get("", "")
            except StoreUnavailableError as error:
                raise NotDoneError(message.sequence) from error
            self.sent.append(message.event.message_id)

    def put(self, _consumer: str, name: str, record: Any) -> None:
        self.table.get("", "")
        self.aside[name] = record

    def deliver(self, some: list[Any], **event: Any) -> str | None:
        """The first record that is not done, if there is one."""
        delivery = Delivery.read("project", {"Records": some, "shardId": "s"} | event)

        def act(run: list[Inserted[Projected]]) -> None:
            project(run, delivery.part, self.targets)

        stores: Any = self
        try:
            failures = delivery.work(reader(self.targets.queues, NOW), act, stores)
        except NotDoneError as stopped:
            return stopped.sequence
        return failures[0]["itemIdentifier"] if failures else None

    def counted(self) -> dict[tuple[str, int, str], int]:
        days = range(-1, 45)
        return {
            (series.value, day, each.item): n
            for series in Series
            for day in days
            for each, n in self.targets.counters.read(series, (NOW - timedelta(days=day)).date()).items()
        }


def stream_of(drawn: list[dict[str, Any]]) -> tuple[list[Event], list[Any]]:
    """Events, and the stream records of their inserts."""
    events: list[Event] = []
    for n, each in enumerate(drawn):
        customer = CustomerRef(kind=KNOWN, id=f"c{n}")
        time = NOW - timedelta(days=each["days"], minutes=n)
        order_id = f"o{n}" if each["name"] == EventName.ORDER_COMPLETED else None
        items = tuple(sorted(each["items"]))
        event = Event(customer=customer, message_id=f"m{n}", time=time, name=each["name"], items=items)
        events.append(event.model_copy(update={"order_id": order_id}))
    found = []
    for n, event in enumerate(events):
        (record,) = records(event, {"text": "Good."})
        change = {"Keys": pack({name: record[name] for name in ("pk", "sk")}), "NewImage": pack(record)}
        found.append({"eventName": "INSERT", "dynamodb": change | {"SequenceNumber": str(95 + n)}})
    return events, found


def broken(record: Any) -> Any:
    copy = json.loads(json.dumps(record))
    copy["dynamodb"]["NewImage"]["items"] = {"S": "[not JSON"}
    return copy


@settings(max_examples=150, deadline=None)
@given(drawn=st.lists(happenings, min_size=1, max_size=10), attempts=attempts, tries=faults)
def test_whatever_happens_on_the_way_all_is_counted_once(drawn: Any, attempts: Any, tries: Any) -> None:
    events, good = stream_of(drawn)
    stream = [broken(record) if each["broken"] else record for each, record in zip(drawn, good, strict=True)]
    world = World()
    done = 0

    def deliver(start: int, end: int) -> None:
        nonlocal done
        stopped = world.deliver(stream[start:end])
        done = max(done, int(stopped) - 95 if stopped else end)

    for size, back, failing in attempts:
        world.table.refused = iter(failing)
        start = max(0, done - back)
        deliver(start, min(start + size, len(stream)))
    world.table.refused = iter(())
    deliver(done, len(stream))
    assert world.counted() == expected(event for event, each in zip(events, drawn, strict=True) if not each["broken"])
    assert world.aside == {f"s-{95 + n}": stream[n] for n, each in enumerate(drawn) if each["broken"]}
    for name in world.aside:
        world.table.refused = iter(tries)
        record = good[int(name.rpartition("-")[2]) - 95]
        while world.deliver([record], redrive=True):
            pass
        world.deliver([record], redrive=True)
    assert world.counted() == expected(events)
    assert set(world.sent) == {event.message_id for event in events if event.name == EventName.PRODUCT_REVIEWED}


def expected(events: Iterable[Event]) -> dict[tuple[str, int, str], int]:
    total: Counter[tuple[str, int, str]] = Counter()
    for each in (count for event in events for count in counts(event, NOW.date())):
        total[each.series.value, (NOW.date() - each.day).days, each.item] += each.by
    return dict(total)

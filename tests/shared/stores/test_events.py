"""Events in the table: what a record weighs, what serving reads, and what that read costs."""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.errors import StoreUnavailableError
from shared.domain.events import ANONYMOUS, EPOCH, KNOWN, CustomerRef, Event, Line
from shared.domain.sales import NO_SALE
from shared.stores import clients
from shared.stores.events import MOST_BROWSED, MOST_EVENTS, EventStore, parse, partition, records, size
from shared.stores.links import MOST_LINKS
from shared.stores.table import Table, pack, unpack
from tests.shared.stores.faults import refusing

ANN = CustomerRef(kind=KNOWN, id="ann")
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
NOW = NOON + timedelta(days=1)


def text(most_bytes: int) -> st.SearchStrategy[str]:
    """Text of up to so many bytes of UTF-8, often of just as many."""
    letters = st.characters(codec="utf-8")
    long = st.builds(lambda letter: letter * (most_bytes // len(letter.encode())), letters)
    return st.one_of(st.text(letters, min_size=1, max_size=most_bytes // 4), long)


ids = text(256)
plain_events = st.builds(
    Event,
    customer=st.builds(CustomerRef, kind=st.sampled_from([KNOWN, ANONYMOUS]), id=ids),
    message_id=text(100),
    time=st.datetimes(EPOCH.replace(tzinfo=None), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    name=ids,
    items=st.lists(ids, max_size=40).map(tuple),
    anonymous_id=st.none() | ids,
    recommendation_id=st.none() | text(32),
)
amounts = st.decimals(0, 10**13, places=2)
sales = st.fixed_dictionaries(
    {"currency": st.just("EUR")},
    optional={
        "lines": st.lists(st.builds(Line, ids, st.integers(1, 1_000_000), st.none() | amounts), max_size=20),
        "paid": st.fixed_dictionaries({"amount": amounts, "currency": st.just("EUR")}),
        "coupons": st.lists(text(100), max_size=10),
    },
)
orders = st.builds(
    lambda event, name, order_id, sale: Event.model_validate(
        event.model_dump() | {"name": name, "order_id": order_id} | sale
    ),
    plain_events,
    text(100),
    text(100),
    sales | st.just({}),
)
events = plain_events | orders
details = st.dictionaries(ids, st.text() | st.integers() | st.lists(st.floats(allow_nan=False)), max_size=5)


def dynamodb_size(item: Mapping[str, Any]) -> int:
    """By the Developer Guide ("Item sizes and formats"): names and strings in UTF-8; a list 3 and 1 an element."""

    def value(typed: Mapping[str, Any]) -> int:
        match typed:
            case {"S": str(string)}:
                return len(string.encode())
            case {"BOOL": _}:
                return 1
            case {"N": digits}:
                return 1 + (len(digits) + 1) // 2
            case {"L": elements}:
                return 3 + sum(1 + value(each) for each in elements)
        raise TypeError(f"no event has a {typed}")

    return sum(len(name.encode()) + value(typed) for name, typed in item.items())


def event(n: int = 0, customer: CustomerRef = ANN, **changes: Any) -> Event:
    fields = {"customer": customer, "message_id": f"m{n:03d}", "time": NOON + timedelta(minutes=n), "name": "Viewed"}
    return Event.model_validate(fields | {"items": ("lamp",)} | changes)


def largest(n: int, customer: CustomerRef = ANN) -> Event:
    """An event whose record for serving is as large as it may be."""
    return event(n, customer, items=tuple(f"{i:020d}" for i in range(46)))


def order(n: int, customer: CustomerRef = ANN, **changes: Any) -> Event:
    return event(n, customer, name="Order Completed", **changes)


def largest_order(n: int, customer: CustomerRef = ANN) -> Event:
    return order(n, customer, message_id=f"o{n:03d}", items=largest(n).items)


def everything(table: Table) -> list[dict[str, Any]]:
    return [unpack(item) for item in clients.dynamodb().scan(TableName=table.name)["Items"]]


@given(event=events, details=details)
def test_the_size_is_dynamodbs_own(event: Event, details: dict[str, Any]) -> None:
    for record in records(event, details):
        texts = {name: value for name, value in record.items() if name != "expires_at"}
        assert size(texts) == dynamodb_size(pack(texts))


@given(event=events, details=details)
def test_what_serving_reads_of_any_event_is_one_write_unit(event: Event, details: dict[str, Any]) -> None:
    serving = records(event, details)[0] | {"archived": True}
    assert dynamodb_size(pack(serving)) <= 1024


@given(event=events, details=details)
def test_the_last_record_of_an_event_has_all_of_it(event: Event, details: dict[str, Any]) -> None:
    first, last = records(event, details)[0], records(event, details)[-1]
    assert parse(unpack(pack(last))) == event
    assert ("details" in last) == bool(details)
    kept = parse(first).items
    sale = {} if first == last else NO_SALE._asdict()
    assert parse(first) == event.model_copy(update={"items": kept} | sale)
    assert event.items[: len(kept)] == kept


def test_what_was_sold_is_in_one_record_and_never_pushes_items_out_of_what_serving_reads() -> None:
    items = largest(0).items
    sale: dict[str, Any] = {
        "lines": [Line(each, 2, Decimal("9.50")) for each in items],
        "currency": "EUR",
        "coupons": ("SPRING",),
    }
    serving, whole = records(order(0, items=items, **sale), {})
    assert serving == records(order(0, items=items), {})[0]
    assert ("sale" in serving, "sale" in whole) == (False, True)
    (alone,) = records(order(0, **sale | {"lines": [Line("lamp", 2, Decimal("9.50"))]}), {"note": "x"})
    assert json.loads(alone["sale"]) == {"lines": [["lamp", 2, "9.50"]], "currency": "EUR", "coupons": ["SPRING"]}


def test_an_older_release_reads_what_this_one_wrote_and_this_one_what_a_later_wrote() -> None:
    """The one before looked at no field that it did not know; one to come may say more of a line."""
    said = order(0, lines=[Line("lamp", 2)], paid={"amount": "19", "currency": "EUR"}, currency="EUR")
    (record,) = records(said, {})
    assert parse({name: value for name, value in record.items() if name != "sale"}) == order(0)
    later = {"lines": [["lamp", 2, None, {"gift": True}]], "paid": "19", "currency": "EUR", "points": 3}
    assert parse(record | {"sale": json.dumps(later)}) == said


def test_an_event_is_filled_up_with_items_as_far_as_they_go() -> None:
    serving, whole = records(largest(0), {})
    assert 900 < dynamodb_size(pack(serving)) <= 1024 - len("archived") - 1
    assert serving["sk"].removeprefix("EVENT#") == whole["sk"].removeprefix("DETAIL#")


def test_writing_an_event_twice_is_writing_it_once(table: Table) -> None:
    store = EventStore(table)
    store.put([(event(), {"price": "1"}), (event(), {"price": "1"}), (largest(1), {})])
    before = everything(table)
    store.put([(event(), {"price": "1"}), (largest(1), {})])
    assert everything(table) == before
    assert len(before) == 3


def test_the_latest_come_first_and_no_more_than_are_read(table: Table) -> None:
    store = EventStore(table)
    store.put((order(n), {}) for n in range(MOST_EVENTS + 20))
    found = store.recent([ANN], NOW)
    assert [each.message_id for each in found] == [f"m{n:03d}" for n in range(MOST_EVENTS + 19, 19, -1)]


def test_an_evening_of_browsing_does_not_push_out_what_was_bought(table: Table) -> None:
    store = EventStore(table)
    store.put((order(n), {}) for n in range(MOST_EVENTS))
    store.put((event(n), {}) for n in range(100, 400))
    found = [each.name for each in store.recent([ANN], NOW)]
    assert found.count("Viewed") == MOST_BROWSED
    assert found.count("Order Completed") == MOST_EVENTS - MOST_BROWSED


def test_an_event_is_forgotten_when_its_time_has_come_and_an_order_later(table: Table) -> None:
    store = EventStore(table)
    store.put([(event(1), {}), (order(2), {}), (event(3, name="Page Viewed", items=()), {})])
    days = {each["name"]: (int(each["expires_at"]) - NOON.timestamp()) // 86_400 for each in everything(table)}
    assert days == {"Viewed": 1095, "Order Completed": 1825, "Page Viewed": 760}
    later = NOW + timedelta(days=1095)
    assert [each.message_id for each in store.recent([ANN], later)] == ["m002"]
    assert store.notes([ANN], NOW + timedelta(days=758)) != []
    assert store.notes([ANN], NOW + timedelta(days=760)) == []


def test_what_names_nothing_does_not_push_out_what_does(table: Table) -> None:
    store = EventStore(table)
    store.put([(event(0), {}), (event(1, name="Order Cancelled", items=(), order_id="o1"), {})])
    store.put((event(n, name="Page Viewed", items=()), {}) for n in range(2, MOST_EVENTS + 20))
    assert [each.message_id for each in store.recent([ANN], NOW)] == ["m001", "m000"]
    assert len(store.notes([ANN], NOW)) == MOST_EVENTS


def test_events_at_one_time_and_of_several_ids_are_in_one_order(table: Table) -> None:
    store, phone = EventStore(table), CustomerRef(kind=ANONYMOUS, id="phone")
    store.put([(event(1), {}), (event(2, phone), {}), (event(3, phone), {}), (event(4, time=NOON), {})])
    store.put([(event(5, phone, time=NOON), {})])
    assert [each.message_id for each in store.recent([ANN, phone], NOW)] == ["m003", "m002", "m001", "m005", "m004"]


def test_nobodys_history_is_empty(table: Table) -> None:
    assert EventStore(table).recent([ANN], NOW) == []
    assert EventStore(table).recent([], NOW) == []


@pytest.mark.parametrize("linked", [1, 3, MOST_LINKS + 1, MOST_LINKS + 2])
def test_reading_a_history_costs_at_most_20_units_however_many_ids_it_has(table: Table, linked: int) -> None:
    customers = [CustomerRef(kind=ANONYMOUS, id=f"device-{n}") for n in range(linked)]
    largest_ones = [
        some(n, each) for some in (largest, largest_order) for each in customers for n in range(MOST_EVENTS)
    ]
    EventStore(table).put(((each, {}) for each in largest_ones), archived=True)
    units: list[int] = []

    def note(parsed: Any, **_: Any) -> None:
        units.append(math.ceil(sum(map(dynamodb_size, parsed["Items"])) / 4096))

    clients.dynamodb().meta.events.register("after-call.dynamodb.Query", note)
    found = EventStore(table).recent(customers, NOW)
    assert len(units) == 2 * linked
    assert sum(units) <= 20
    assert MOST_EVENTS - 4 * linked < len(found) <= MOST_EVENTS


def test_a_message_keeps_the_time_of_its_first_delivery(table: Table) -> None:
    store = EventStore(table)
    assert store.arrival(ANN, "m1", NOON) == NOON
    assert store.arrival(ANN, "m1", NOON + timedelta(hours=1)) == NOON
    assert store.arrival(ANN, "m2", NOON + timedelta(hours=1)) == NOON + timedelta(hours=1)
    assert store.recent([ANN], NOW) == []


def test_a_refused_write_is_said(table: Table) -> None:
    with refusing(clients.dynamodb(), "BatchWriteItem"), pytest.raises(StoreUnavailableError):
        EventStore(table).put([(event(), {})])
    assert everything(table) == []


@settings(max_examples=30)
@given(first=events, second=events)
def test_the_order_of_sort_keys_is_the_order_of_time(first: Event, second: Event) -> None:
    keys = [records(each, {})[0]["sk"].partition("#")[2] for each in (first, second)]
    if first.time != second.time:
        assert (first.time < second.time) == (keys[0] < keys[1])


def test_a_customers_partition_is_theirs_alone() -> None:
    customers = [CustomerRef(kind=kind, id=id_) for kind in (KNOWN, ANONYMOUS) for id_ in ("a", "A", "a:b", "user:a")]
    assert len({partition(customer) for customer in customers}) == len(customers)


def test_linked_ids_without_events_cost_the_known_history_nothing(table: Table) -> None:
    known, *devices = [CustomerRef.parse("user:ann"), *(CustomerRef(kind=ANONYMOUS, id=f"d{n}") for n in range(7))]
    store = EventStore(table)
    store.put(((order(n, known), {}) for n in range(MOST_EVENTS)), archived=True)
    assert len(store.recent([known, *devices], NOW)) == MOST_EVENTS
    store.put([(event(1, devices[6]), {})])
    assert devices[6] in {each.customer for each in store.recent([known, *devices], NOW)}

"""What feedback says of items: replaced as a whole, read as a whole, whatever happens in between."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain.errors import StoreUnavailableError
from shared.domain.opinions import ItemSentiment
from shared.stores import clients, opinions
from shared.stores.opinions import CURRENT, PARTITION, ItemSentimentStore
from shared.stores.table import Table
from tests.bench import meter
from tests.shared.stores.faults import refusing

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)


def said(item_id: str, score: float = -0.45, count: int = 12, days: int = 60) -> ItemSentiment:
    return ItemSentiment(item_id=item_id, score=score, count=count, days=days)


@pytest.fixture
def store(table: Table) -> ItemSentimentStore:
    return ItemSentimentStore(table)


def test_what_was_put_is_there_and_nothing_before_it(store: ItemSentimentStore) -> None:
    assert (store.all(), store.current()) == ({}, None)
    assert store.replace([said("mug"), said("tëa", 0.12346, 1)], NOW) == 2
    assert store.all() == {"mug": said("mug"), "tëa": said("tëa", 0.1235, 1)}


def test_the_next_set_replaces_the_whole_one_before(store: ItemSentimentStore) -> None:
    store.replace([said("mug"), said("tea")], NOW)
    store.replace([said("rug", 0.5)], NOW + timedelta(days=1))
    assert store.all() == {"rug": said("rug", 0.5)}
    store.replace([], NOW + timedelta(days=2))
    assert store.all() == {}


def test_twice_is_once(store: ItemSentimentStore, table: Table) -> None:
    store.replace([said("tea"), said("mug")], NOW)
    once = list(table.query_all(PARTITION))
    store.replace([said("mug"), said("tea"), said("mug")], NOW)
    assert list(table.query_all(PARTITION)) == once


def test_an_older_set_that_comes_late_does_not_count(store: ItemSentimentStore) -> None:
    store.replace([said("mug", 0.5)], NOW)
    store.replace([said("mug", -0.5)], NOW - timedelta(minutes=1))
    assert store.all()["mug"].score == 0.5


@pytest.mark.parametrize("operation", ["BatchWriteItem", "PutItem"])
def test_a_writer_that_dies_leaves_the_whole_set_before(store: ItemSentimentStore, operation: str) -> None:
    store.replace([said("mug")], NOW)
    with refusing(clients.dynamodb(), operation), pytest.raises(StoreUnavailableError):
        store.replace([said("rug"), said("tea")], NOW + timedelta(days=1))
    assert set(store.all()) == {"mug"}


def test_one_who_has_read_the_pointer_still_finds_its_set_while_the_next_is_written(
    store: ItemSentimentStore, table: Table
) -> None:
    store.replace([said("mug")], NOW)
    pointer = table.get(PARTITION, CURRENT)
    store.replace([said("rug")], NOW + timedelta(days=1))
    assert pointer is not None
    assert set(store._rows(pointer["generation"], pointer) or ()) == {"mug"}


def test_a_set_of_many_records_is_read_in_their_order(
    store: ItemSentimentStore, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opinions, "PART_CHARACTERS", 100)
    many = [said(f"item-{n * 7919:08d}", n / 1000, n) for n in range(1, 400)]
    store.replace(many, NOW)
    assert len(list(table.query_all(PARTITION))) > 10
    assert store.all() == {each.item_id: each for each in many}


def test_a_set_without_one_of_its_parts_or_of_nonsense_is_none(
    store: ItemSentimentStore, table: Table, caplog: pytest.LogCaptureFixture
) -> None:
    store.replace([said("mug")], NOW)
    part = next(record for record in table.query_all(PARTITION) if record["sk"] != CURRENT)
    table.put(part | {"body": "~~~"})
    assert store.current() is None
    table.write_many(deletes=[(PARTITION, part["sk"])])
    assert store.current() is None
    assert "cannot be read" in caplog.text
    assert "incomplete" in caplog.text


def test_what_is_known_already_costs_one_small_read(store: ItemSentimentStore) -> None:
    store.replace([said(f"item-{n}") for n in range(1_000)], NOW)
    with meter.metered() as units:
        first = store.current()
    assert {operation for operation, _ in units} == {"GetItem", "BatchGetItem"}
    store.replace([said(f"item-{n}") for n in range(1_000)], NOW + timedelta(days=1))
    with meter.metered() as units:
        again = store.current(first)
    assert first is not None
    assert again is not None
    assert (again.rows is first.rows, again.as_of) == (True, NOW + timedelta(days=1))
    assert {operation for operation, _ in units} == {"GetItem"}


@pytest.mark.parametrize("bound", [{"MOST_ITEMS": 2}, {"MOST_BYTES": 50}])
def test_of_too_many_those_with_the_least_feedback_go_and_the_log_says_so(
    store: ItemSentimentStore, bound: dict[str, Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name, value in bound.items():
        monkeypatch.setattr(opinions, name, value)
    assert store.replace([said("a", count=1), said("b", count=9), said("c", count=8)], NOW) == 2
    assert set(store.all()) == {"b", "c"}
    assert "least feedback" in caplog.text


def test_as_many_items_as_a_set_may_have_are_few_records(store: ItemSentimentStore, table: Table) -> None:
    store.replace((said(f"{n * 7919 % 10**8:08d}", (n % 2001 - 1000) / 1000, n % 50) for n in range(100_000)), NOW)
    assert len(list(table.query_all(PARTITION))) <= 6
    assert len(store.all()) == 100_000


def test_the_memory_of_a_set_is_that_of_numbers(store: ItemSentimentStore) -> None:
    store.replace([said("mug", -0.2)], NOW)
    current = store.current()
    assert current is not None
    assert (str(current.score("mug")), current.count("mug")) == ("-0.2000", 12)
    assert (current.score("rug"), current.count("rug"), current.of("rug")) == (None, None, None)

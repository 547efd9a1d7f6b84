"""Live counters: each change counts once, however the stream is cut and however often its parts come again."""

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.counting import Count, Series
from shared.domain.errors import NotDoneError
from shared.stores import clients
from shared.stores.counters import MOST_ITEMS, Change, Counted, CounterStore, category_key
from shared.stores.table import Table
from tests.shared.stores.memory import Memory

TODAY, YESTERDAY = date(2026, 5, 1), date(2026, 4, 30)


@pytest.fixture
def counters(table: Table) -> CounterStore:
    return CounterStore(table)


def change(sequence: int | str, item: str = "lamp", by: int = 1, **fields: Any) -> Change:
    added = Count(fields.get("series", Series.TRENDING), fields.get("day", TODAY), item, by)
    return Change(str(sequence), added, fields.get("category"))


def today(counters: CounterStore, series: Series = Series.TRENDING) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each, n in counters.read(series, TODAY).items():
        total[each.item] += n
    return dict(total)


# --- any cut, any repetition, any failure


ITEMS = ("lamp", "vase", "rug", "tea")
record_changes = st.lists(
    st.tuples(st.sampled_from(ITEMS), st.integers(-5, 5), st.sampled_from([TODAY, YESTERDAY]), st.sampled_from(Series)),
    max_size=3,
)
faults = st.lists(st.sampled_from(["", "", "", "before", "after"]), max_size=6)
attempts = st.lists(st.tuples(st.integers(1, 12), st.integers(0, 8), faults), max_size=25)


@settings(max_examples=200, deadline=None)
@given(stream=st.lists(record_changes, min_size=1, max_size=12), attempts=attempts)
def test_any_cut_repetition_and_failure_of_the_stream_counts_once(stream: Any, attempts: Any) -> None:
    """As AWS delivers: ranges in order, from anywhere up to the first record not done, on to anywhere."""
    memory: Any = Memory()
    counters = CounterStore(memory)
    records = [
        [change(9 + n, item, by, day=day, series=series) for item, by, day, series in each]
        for n, each in enumerate(stream)
    ]
    done = 0

    def deliver(start: int, end: int) -> None:
        nonlocal done
        try:
            counters.include("shard", [each for record in records[start:end] for each in record])
        except NotDoneError as stopped:
            done = max(done, int(stopped.sequence) - 9)
        else:
            done = max(done, end)

    for size, back, failing in attempts:
        start = max(0, done - back)
        memory.refused = iter(failing)
        deliver(start, min(start + size, len(records)))
    memory.refused = iter(())
    deliver(done, len(records))
    once: dict[tuple[Series, date], Counter[str]] = {}
    for each in (each for record in records for each in record):
        once.setdefault((each.added.series, each.added.day), Counter())[each.added.item] += each.added.by
    for series in Series:
        for day in (TODAY, YESTERDAY):
            found = {each.item: n for each, n in counters.read(series, day).items()}
            assert found == dict(once.get((series, day), {}))


def test_a_batch_that_comes_again_longer_shorter_and_in_parts_counts_once(counters: CounterStore) -> None:
    """The same on DynamoDB's own expressions."""
    changes = [change(n, f"item-{n % 7}", n) for n in range(1, 60)]
    for start, end in [(0, 20), (10, 30), (0, 5), (29, 30), (20, 59), (0, 59), (58, 59)]:
        counters.include("shard", changes[start:end])
    expected = Counter[str]()
    for each in changes:
        expected[each.added.item] += each.added.by
    assert today(counters) == dict(expected)


def test_a_counter_that_another_advances_meanwhile_is_read_again(counters: CounterStore, table: Table) -> None:
    """A first delivery that timed out may still be writing while the second one counts."""
    counters.include("shard", [change(1)])
    late = CounterStore(table)
    read = table.get

    def overtaken(pk: str, sk: str, *, consistent: bool = True) -> Any:
        found = read(pk, sk, consistent=consistent)
        table.get = read  # type: ignore[method-assign]
        late.include("shard", [change(2), change(3)])
        return found

    table.get = overtaken  # type: ignore[method-assign]
    counters.include("shard", [change(n) for n in (1, 2, 3, 4)])
    assert today(counters) == {"lamp": 4}


# --- numbers, parts, days


def test_sequence_numbers_are_numbers(counters: CounterStore) -> None:
    """9 is before 10, and 21 digits are more than 20."""
    counters.include("shard", [change("1" + "0" * 20)])
    counters.include("shard", [change("9" * 20)])
    assert today(counters) == {"lamp": 1}
    counters.include("shard", [change("1" + "0" * 21)])
    assert today(counters) == {"lamp": 2}


def test_parts_count_by_themselves_and_are_read_together(counters: CounterStore) -> None:
    counters.include("shard-1", [change(500)])
    counters.include("shard-2", [change(3, by=2)])
    for _ in range(3):
        counters.include("redrive-7", [change(7, by=4)])
    assert today(counters) == {"lamp": 7}


def test_days_and_series_are_apart(counters: CounterStore) -> None:
    counters.include("shard", [change(1), change(1, by=4, day=YESTERDAY), change(1, by=2, series=Series.SOLD)])
    assert today(counters) == {"lamp": 1}
    assert today(counters, Series.SOLD) == {"lamp": 2}
    assert counters.read(Series.TRENDING, YESTERDAY) == {Counted("lamp", ""): 4}
    assert counters.read(Series.TRENDING, date(2026, 4, 1)) == {}


def test_a_category_is_kept_with_the_item(counters: CounterStore) -> None:
    sold: Any = {"series": Series.SOLD}
    counters.include("shard", [change(1, category="Lamps & more", **sold), change(2, category=None, **sold)])
    counters.include("shard", [change(3, category="Garden", **sold)])
    assert counters.read(Series.SOLD, TODAY) == {
        Counted("lamp", category_key("Lamps & more")): 1,
        Counted("lamp", ""): 1,
        Counted("lamp", category_key("Garden")): 1,
    }
    assert len({category_key(each) for each in (None, "", "a", "A", "x" * 256)}) == 5


def test_a_category_that_changes_between_two_attempts_does_not_count_twice(counters: CounterStore) -> None:
    for category in ("Lamps", "Garden"):
        counters.include("shard", [change(1, series=Series.SOLD, category=category)])
    assert counters.read(Series.SOLD, TODAY) == {Counted("lamp", category_key("Lamps")): 1}


# --- what DynamoDB takes


def test_many_items_of_one_bucket_and_odd_ids_at_once(counters: CounterStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.stores.counters.BUCKETS", dict.fromkeys(Series, 1))
    weights = {f"item {n} ü/#.:": n + 1 for n in range(3 * MOST_ITEMS)} | {"last_sequence": 7, "pk": 8, "sk:": 9}
    changes = [change(n // 3, item, by) for n, (item, by) in enumerate(weights.items())]
    counters.include("shard", changes)
    counters.include("shard", changes[100:])
    assert today(counters) == weights


def test_a_full_counter_holds_up_nothing(counters: CounterStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when somebody sends events of invented items."""
    monkeypatch.setattr("shared.stores.counters.BUCKETS", dict.fromkeys(Series, 1))
    counters.include("shard", [change(1)])
    for n in range(2, 20):
        counters.include("shard", [change(n, f"{n}-{m}-" + "x" * 240) for m in range(MOST_ITEMS)])
    counters.include("shard", [change(20), change(21, day=YESTERDAY)])
    assert today(counters)["lamp"] == 2
    assert len(today(counters)) < 18 * MOST_ITEMS
    assert counters.read(Series.TRENDING, YESTERDAY) == {Counted("lamp", ""): 1}


def test_counters_expire_after_they_stop_counting(counters: CounterStore, table: Table) -> None:
    counters.include("shard", [change(1), change(1, series=Series.SOLD)])
    found = clients.dynamodb().scan(TableName=table.name)["Items"]
    times = sorted(datetime.fromtimestamp(int(each["expires_at"]["N"]), UTC) for each in found)
    assert times == [datetime(2026, 5, 10, tzinfo=UTC), datetime(2026, 6, 2, tzinfo=UTC)]

"""Compaction: few large objects in the end, lines rewritten few times, nothing fresh touched, the expired dropped."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.compact.compact import (
    FAN_IN,
    LARGE,
    QUIET,
    ROUND_DAYS,
    TARGET_BYTES,
    Compacted,
    compact,
    groups,
    tier,
)
from shared.domain.events import KNOWN, CustomerRef, Event
from shared.domain.retention import MEDIUM, SHORT
from shared.domain.vocabulary import EventName
from shared.stores import clients
from shared.stores.archive import SHARDS, ArchiveObject, ArchiveStore, all_shards, columns_key
from shared.stores.lease import LeaseStore
from shared.stores.rewriting import ArchiveRewriter
from shared.stores.table import Table
from tests.conftest import BUCKET
from tests.functions.api import app
from tests.gateway import Context

NOW = datetime(2026, 5, 10, 2, tzinfo=UTC)
OLD = NOW - QUIET - timedelta(hours=1)


def an_object(n: int, size: int = 5_000, modified: datetime = OLD) -> ArchiveObject:
    return ArchiveObject(f"events/shard=00/day=2026-05-01/{n:05d}.jsonl.gz", size, modified)


def event(n: int, **changes: Any) -> Event:
    fields = {"customer": CustomerRef(kind=KNOWN, id=f"c{n % 40}"), "message_id": f"m{n}", "name": "Product Viewed"}
    return Event.model_validate(fields | {"items": ("lamp",), "time": NOW - timedelta(days=3)} | changes)


def test_small_objects_of_one_size_are_one_group() -> None:
    few = [an_object(n) for n in range(FAN_IN - 1)]
    assert list(groups(few, NOW)) == []
    assert list(groups([*few, an_object(99)], NOW)) == [sorted(each.key for each in [*few, an_object(99)])]


def test_what_may_still_be_written_is_left_alone() -> None:
    fresh = [an_object(n, modified=NOW - QUIET) for n in range(50)]
    assert list(groups(fresh, NOW)) == []


def test_small_ones_are_not_merged_into_a_large_one_night_by_night() -> None:
    large = [an_object(99, size=3_000_000)]
    assert all(large[0].key not in group for group in groups([*large, *map(an_object, range(20))], NOW))


def test_a_group_is_about_as_large_as_the_target() -> None:
    found = list(groups([an_object(n, size=900_000) for n in range(99)], NOW))
    assert sum(map(len, found)) == 99
    assert {len(group) for group in found} == {TARGET_BYTES // 900_000 + 1}


def test_every_large_object_has_its_turn_once_a_round() -> None:
    large = [an_object(n, size=TARGET_BYTES) for n in range(60)]
    turns = [key for day in range(ROUND_DAYS) for (key,) in groups(large, NOW + timedelta(days=day))]
    assert sorted(turns) == sorted(each.key for each in large)


@pytest.mark.parametrize(("size", "which"), [(0, 0), (15_624, 0), (15_625, 1), (125_000, 2), (4_000_000, LARGE)])
def test_tiers(size: int, which: int) -> None:
    assert tier(size) == which


def test_a_year_of_nights_leaves_few_objects_and_rewrites_a_line_few_times() -> None:
    """The plan alone: an object every minute of 300 days, of 4 kB each, as a busy shop's shard has them."""
    objects: list[ArchiveObject] = []
    rewritten = written = 0
    for day in range(300):
        now = NOW + timedelta(days=day)
        objects += [an_object(day * 100 + n, 4_000, now) for n in range(100)]
        written += 100 * 4_000
        for group in list(groups(objects, now)):
            if len(group) == 1:
                continue
            size = sum(each.size for each in objects if each.key in set(group))
            rewritten += size
            objects = [each for each in objects if each.key not in set(group)]
            objects.append(ArchiveObject(f"events/shard=00/merged/{day}-{group[0][-20:]}", size, now))
    settled = [each for each in objects if now - each.modified > QUIET]
    assert sum(each.size for each in objects) == written
    assert len(settled) < 60
    assert rewritten < 4 * written


@pytest.fixture
def archive(table: Table) -> ArchiveStore:
    assert table
    return ArchiveStore(clients.s3(), BUCKET)


@pytest.fixture
def rewriter(table: Table, archive: ArchiveStore) -> ArchiveRewriter:
    return ArchiveRewriter(archive, LeaseStore(table), patience_seconds=0)


def later() -> datetime:
    """A night after which what these tests write is no longer fresh."""
    return datetime.now(UTC) + QUIET + timedelta(days=1)


def nightly(rewriter: ArchiveRewriter, now: datetime = NOW) -> tuple[Compacted, Counter[str]]:
    """One night, and the calls of AWS that it made."""
    calls: Counter[str] = Counter()

    def count(model: Any, **_: Any) -> None:
        calls[f"{model.service_model.service_name} {model.name}"] += 1

    for client in (clients.s3(), clients.dynamodb()):
        client.meta.events.register_first("before-call", count)
    try:
        return compact(rewriter, now, lambda: True), calls
    finally:
        for client in (clients.s3(), clients.dynamodb()):
            client.meta.events.unregister("before-call", count)


def test_nothing_is_lost_and_what_has_expired_is_dropped(archive: ArchiveStore, rewriter: ArchiveRewriter) -> None:
    night = later()
    kept = [event(n, time=night - timedelta(days=30)) for n in range(200)]
    past = night - MEDIUM - timedelta(days=1)
    order = event(900, time=past, name=EventName.ORDER_COMPLETED, order_id="o1")
    expired = [event(n, time=past) for n in range(300, 500)]
    pages = [event(n, time=night - SHORT, items=(), name="Page Viewed") for n in range(500, 600)]
    everything = [*kept, order, *expired, *pages]
    for n in range(0, len(everything), 5):
        archive.append(everything[n : n + 5])
    before = sum(len(archive.objects(shard)) for shard in all_shards())
    done = compact(rewriter, night, lambda: True)
    assert done.deleted == before
    assert done.skipped == []
    assert sorted(archive.read(), key=repr) == sorted([*kept, order], key=repr)
    assert sum(len(archive.objects(shard)) for shard in all_shards()) <= len(all_shards())


def test_without_time_nothing_is_begun(archive: ArchiveStore, rewriter: ArchiveRewriter) -> None:
    for n in range(60):
        archive.append([event(n)])
    assert compact(rewriter, later(), lambda: False).deleted == 0
    assert len(list(archive.read())) == 60


def test_a_shard_that_another_rewrites_is_left_to_the_next_night(
    table: Table, archive: ArchiveStore, rewriter: ArchiveRewriter
) -> None:
    for n in range(300):
        archive.append([event(n)])
    with LeaseStore(table).hold("shard=03", 0):
        assert compact(rewriter, later(), lambda: True).skipped == ["shard=03"]
    assert compact(rewriter, later(), lambda: True).skipped == []


def test_a_night_without_anything_to_do_only_looks(archive: ArchiveStore, rewriter: ArchiveRewriter) -> None:
    for n in range(0, 200, 5):
        archive.append([event(each) for each in range(n, n + 5)])
    assert nightly(rewriter) == ((0, 0, []), Counter({"s3 ListObjectsV2": 2}))
    (done, *_), calls = nightly(rewriter, later())
    assert done
    assert calls["dynamodb PutItem"] >= SHARDS
    assert nightly(rewriter, later()) == ((0, 0, []), Counter({"s3 ListObjectsV2": 2}))
    assert len(list(archive.read())) == 200


def test_columns_of_a_shard_that_has_no_object_any_more_are_swept(rewriter: ArchiveRewriter) -> None:
    orphan = columns_key("events/shard=05/merged/gone.jsonl.gz")
    clients.s3().put_object(Bucket=BUCKET, Key=orphan, Body=b"")
    compact(rewriter, NOW, lambda: True)
    assert clients.s3().list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0


def test_what_is_no_shard_of_ours_is_left_alone(archive: ArchiveStore, rewriter: ArchiveRewriter) -> None:
    archive.append([event(1)])
    for n in range(3 * FAN_IN):
        clients.s3().put_object(Bucket=BUCKET, Key=f"events/backup/{n}.csv", Body=b"of another")
    assert nightly(rewriter, later()) == ((0, 0, []), Counter({"s3 ListObjectsV2": 2}))


@pytest.mark.usefixtures("keys")
def test_the_handler_says_what_it_did(archive: ArchiveStore, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime(2099, 1, 1, tzinfo=tz)

    archive.append([event(n, time=datetime(2098, 12, 1, tzinfo=UTC)) for n in range(3)])
    module = app("compact")
    monkeypatch.setattr(module, "datetime", Clock)
    monkeypatch.setattr(Context, "get_remaining_time_in_millis", lambda _: 900_000, raising=False)
    assert json.loads(json.dumps(module.handler({}, Context()))) == {
        "deleted": 0,
        "columns": 0,
        "skipped": [],
    }

"""Rewriting the archive: whatever is merged, erased and appended at once, nothing is lost and nothing comes back."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain.errors import ConflictError, StoreUnavailableError
from shared.domain.events import ANONYMOUS, KNOWN, CustomerRef, Event
from shared.domain.rights import Cut
from shared.stores import clients
from shared.stores.archive import SHARDS, ArchiveStore, all_shards, head, head_of, shard_of
from shared.stores.lease import LeaseStore
from shared.stores.rewriting import ArchiveRewriter, of_customers, of_everyone
from shared.stores.table import Table
from tests.conftest import BUCKET

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
CUT = Cut(NOON)


def everybody(objects: list[Any]) -> Iterator[list[str]]:
    yield [each.key for each in objects]


def nothing(_: bytes) -> bool:
    return False


@pytest.fixture
def archive(table: Table) -> ArchiveStore:
    assert table
    return ArchiveStore(clients.s3(), BUCKET)


@pytest.fixture
def rewriter(table: Table, archive: ArchiveStore) -> ArchiveRewriter:
    return ArchiveRewriter(archive, LeaseStore(table), patience_seconds=0)


def same_shard(count: int) -> list[CustomerRef]:
    """Customers of one shard."""
    found = (CustomerRef(kind=KNOWN, id=f"c{n}") for n in range(1000))
    return [each for each in found if shard_of(each) == "shard=00"][:count]


ANN, BOB = same_shard(2)


def event(customer: CustomerRef, n: int, **changes: Any) -> Event:
    fields = {"customer": customer, "message_id": f"m{n}", "time": NOON - timedelta(days=n), "name": "Viewed"}
    return Event.model_validate(fields | {"items": ("lamp",)} | changes)


def test_a_line_begins_with_its_customer_whoever_that_is(archive: ArchiveStore) -> None:
    odd = ['a","message_id":"x', "\\", '"', "é", "💡", "a,b", " ", "user:x"]
    for id_ in odd:
        for kind in (KNOWN, ANONYMOUS):
            customer = CustomerRef(kind=kind, id=id_)
            archive.append([event(customer, 1)])
            (line,) = [
                line
                for _, lines in archive.contents([each.key for each in archive.objects(shard_of(customer))])
                for line in lines or []
                if head_of(line) == head(customer)
            ]
            assert list(archive.read_of([customer])) == [event(customer, 1)], line


def test_erasing_takes_the_customers_lines_up_to_the_cut(archive: ArchiveStore, rewriter: ArchiveRewriter) -> None:
    new = event(ANN, 0, time=NOON + timedelta(seconds=1), message_id="new")
    archive.append([event(ANN, 1), event(BOB, 1), new, event(ANN, 0)])
    archive.append_import("history", [event(ANN, 2), event(BOB, 2)])
    untouched = archive.append([event(BOB, 3)])
    doomed = of_customers([ANN], CUT)
    before = {each.key for each in archive.objects("shard=00")}
    assert (rewriter.count("shard=00", doomed), untouched) == (3, 1)
    rewriter.erase("shard=00", doomed)
    assert rewriter.count("shard=00", doomed) == 0
    left = sorted(archive.read(), key=lambda each: each.message_id)
    assert left == [event(BOB, 1), event(BOB, 2), event(BOB, 3), new]
    after = {each.key for each in archive.objects("shard=00")}
    assert len(before & after) == 1


def test_an_object_of_nothing_but_the_erased_is_gone(archive: ArchiveStore, rewriter: ArchiveRewriter) -> None:
    archive.append([event(ANN, 1)])
    rewriter.erase("shard=00", of_customers([ANN], CUT))
    assert archive.objects("shard=00") == []


def test_everyone(archive: ArchiveStore, rewriter: ArchiveRewriter) -> None:
    new = event(BOB, 0, time=NOON + timedelta(seconds=1))
    archive.append([event(ANN, 1), new])
    assert rewriter.customers("shard=00") == {ANN, BOB}
    rewriter.erase("shard=00", of_everyone(CUT))
    assert list(archive.read()) == [new]


def test_merged_is_the_same_once_and_in_one_object(archive: ArchiveStore, rewriter: ArchiveRewriter) -> None:
    events = [event(customer, n) for n in range(20) for customer in (ANN, BOB)]
    for each in events:
        archive.append([each])
    archive.append(events[:4])
    assert rewriter.merge("shard=00", everybody, nothing) > 20
    assert len(archive.objects("shard=00")) == 1
    assert sorted(archive.read(), key=repr) == sorted(events, key=repr)
    assert rewriter.merge("shard=00", everybody, nothing) == 0


def test_merging_drops_what_is_doomed(archive: ArchiveStore, rewriter: ArchiveRewriter) -> None:
    archive.append([event(ANN, 1), event(BOB, 1)])
    rewriter.merge("shard=00", everybody, of_customers([ANN], CUT))
    assert list(archive.read()) == [event(BOB, 1)]


def test_a_delete_that_the_bucket_refuses_is_not_passed_over(archive: ArchiveStore, rewriter: ArchiveRewriter) -> None:
    archive.append([event(ANN, 1)])
    answer = {"Errors": [{"Key": "x", "Code": "InternalError"}], "ResponseMetadata": {"HTTPStatusCode": 200}}
    with answering("DeleteObjects", answer), pytest.raises(StoreUnavailableError):
        rewriter.erase("shard=00", of_customers([ANN], CUT))


@contextmanager
def answering(operation: str, reply: dict[str, Any]) -> Iterator[None]:
    def answer(**_: Any) -> Any:
        return type("Http", (), {"status_code": 200})(), reply

    clients.s3().meta.events.register_first(f"before-call.s3.{operation}", answer)
    try:
        yield
    finally:
        clients.s3().meta.events.unregister(f"before-call.s3.{operation}", answer)


@contextmanager
def before(operation: str, act: Callable[[], object], call: int = 0) -> Iterator[None]:
    """Do something just before the `call`th call of an operation of the bucket."""
    count = iter(range(10_000))

    def interrupt(**_: Any) -> None:
        if next(count) == call:
            act()

    clients.s3().meta.events.register_first(f"before-call.s3.{operation}", interrupt)
    try:
        yield
    finally:
        clients.s3().meta.events.unregister(f"before-call.s3.{operation}", interrupt)


def test_a_reader_follows_what_is_merged_under_its_eyes(archive: ArchiveStore, rewriter: ArchiveRewriter) -> None:
    events = [event(BOB, n) for n in range(20)]
    for each in events:
        archive.append([each])
    with before("GetObject", lambda: rewriter.merge("shard=00", everybody, nothing), call=10):
        found = {each.message_id for each in archive.read()}
    assert found == {each.message_id for each in events}


def test_two_never_rewrite_a_shard_at_once(archive: ArchiveStore, rewriter: ArchiveRewriter) -> None:
    for n in range(3):
        archive.append([event(ANN, n + 1), event(BOB, n)])
    refused: list[str] = []

    def erase() -> None:
        try:
            rewriter.erase("shard=00", of_customers([ANN], CUT))
        except ConflictError as error:
            refused.append(error.detail)

    with before("PutObject", erase):
        rewriter.merge("shard=00", everybody, nothing)
    assert len(refused) == 1
    erase()
    assert {each.customer for each in archive.read()} == {BOB}


def test_one_who_lost_the_lease_writes_nothing_back(table: Table, archive: ArchiveStore) -> None:
    """A compaction reads, sleeps beyond its lease while an erasure runs, and wakes up."""
    clock = [1_000_000.0]
    leases = LeaseStore(table, seconds=120, clock=lambda: clock[0])
    rewriter = ArchiveRewriter(archive, leases, patience_seconds=0)
    for n in range(3):
        archive.append([event(ANN, n + 1), event(BOB, n)])

    def plan(objects: list[Any]) -> Iterator[list[str]]:
        yield from everybody(objects)

    def oversleep(line: bytes) -> bool:
        if clock[0] == 1_000_000.0:
            clock[0] += 500
            rewriter.erase("shard=00", of_customers([ANN], CUT))
        return nothing(line)

    with pytest.raises(ConflictError):
        rewriter.merge("shard=00", plan, oversleep)
    assert sorted(each.message_id for each in archive.read()) == ["m0", "m1", "m2"]
    assert {each.customer for each in archive.read()} == {BOB}


@pytest.mark.parametrize("seed", range(6))
def test_merges_erasures_appends_and_crashes_in_any_order(table: Table, archive: ArchiveStore, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - test data
    clock = [1_000_000.0]
    leases = LeaseStore(table, clock=lambda: clock[0])
    rewriter = ArchiveRewriter(archive, leases, patience_seconds=0)
    kept: set[str] = set()
    for step in range(40):
        some = [event(BOB, 100 * step + n, time=NOON) for n in range(chance.randrange(1, 4))]
        kept |= {each.message_id for each in some}
        archive.append([*some, event(ANN, 100 * step, time=NOON)])
        try:
            with dying(chance.randrange(1, 30)):
                if chance.random() < 0.5:
                    rewriter.merge("shard=00", everybody, nothing)
                else:
                    rewriter.erase("shard=00", of_customers([ANN], CUT))
        except DeadError:
            clock[0] += 200
    rewriter.erase("shard=00", of_customers([ANN], CUT))
    left = list(archive.read())
    assert {each.message_id for each in left} == kept
    assert {each.customer for each in left} == {BOB}


def test_two_erasures_a_compaction_and_appends_at_once(table: Table, archive: ArchiveStore) -> None:
    ann, bob, carol = same_shard(3)
    rewriter = ArchiveRewriter(archive, LeaseStore(table), patience_seconds=120)
    for n in range(30):
        archive.append([event(each, n) for each in (ann, bob, carol)])

    def append() -> None:
        for n in range(100, 160):
            archive.append([event(bob, n)])

    def compact() -> None:
        for _ in range(4):
            rewriter.merge("shard=00", everybody, nothing)

    jobs = [
        append,
        compact,
        lambda: rewriter.erase("shard=00", of_customers([ann], CUT)),
        lambda: rewriter.erase("shard=00", of_customers([carol], CUT)),
    ]
    with ThreadPoolExecutor(len(jobs)) as pool:
        for done in [pool.submit(job) for job in jobs]:
            done.result()
    left = list(archive.read())
    assert {each.customer for each in left} == {bob}
    assert {each.message_id for each in left} == {f"m{n}" for n in (*range(30), *range(100, 160))}


class DeadError(Exception):
    pass


@contextmanager
def dying(after: int) -> Iterator[None]:
    left = iter(range(after))

    def answer(**_: Any) -> None:
        if next(left, None) is None:
            raise DeadError

    pairs = [(clients.s3().meta.events, "before-call.s3"), (clients.dynamodb().meta.events, "before-call.dynamodb")]
    for events, name in pairs:
        events.register_first(name, answer)
    try:
        yield
    finally:
        for events, name in pairs:
            events.unregister(name, answer)


def test_shards_are_all(archive: ArchiveStore) -> None:
    archive.append([event(CustomerRef(kind=KNOWN, id=f"x{n}"), 1) for n in range(200)])
    assert len(all_shards()) == SHARDS
    assert sum(len(archive.objects(shard)) for shard in all_shards()) == SHARDS

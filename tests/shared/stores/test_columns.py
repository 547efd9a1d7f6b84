"""Columns: what training needs of an object, the same parsed or unpacked, and never without its object."""

import gzip
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.events import KNOWN, CustomerRef, Event, Line
from shared.domain.rights import Cut
from shared.stores import clients, columns
from shared.stores.archive import BESIDE, ArchiveObject, ArchiveStore, all_shards, columns_key, shard_of
from shared.stores.columns import NONE, WORDS, Columns, of_events, of_lines, packed, unpacked
from shared.stores.lease import LeaseStore
from shared.stores.rewriting import ArchiveRewriter, Plan, Wanted, of_customers
from shared.stores.table import Table
from tests.conftest import BUCKET
from tests.shared.stores.test_archive import events

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def always(*_: object) -> bool:
    return True


def never(*_: object) -> bool:
    return False


def event(n: int, customer: str = "ann", **changes: Any) -> Event:
    fields = {"customer": CustomerRef(kind=KNOWN, id=customer), "message_id": f"m{n}", "name": "Viewed"}
    return Event.model_validate(fields | {"time": NOON - timedelta(days=n), "items": ("lamp",)} | changes)


@pytest.fixture
def archive(table: Table) -> ArchiveStore:
    assert table
    return ArchiveStore(clients.s3(), BUCKET)


@pytest.fixture
def rewriter(table: Table, archive: ArchiveStore) -> ArchiveRewriter:
    return ArchiveRewriter(archive, LeaseStore(table), patience_seconds=0)


def same(left: Columns, right: Columns) -> bool:
    """Whether they are equal, where what is unknown equals what is unknown."""
    words = all(mine == theirs for mine, theirs in zip(left[:WORDS], right[:WORDS], strict=True))
    arrays: Any = zip(left[WORDS:], right[WORDS:], strict=True)
    return words and all(mine.tobytes() == theirs.tobytes() for mine, theirs in arrays)


def messages(archive: ArchiveStore) -> list[int]:
    """The digests of all messages, as columns tell of them."""
    return sorted(each for shard in all_shards() for found in archive.columns(shard) for each in found.message)


def lay(rewriter: ArchiveRewriter) -> int:
    return sum(rewriter.lay_columns(shard, always, always) for shard in all_shards())


def laid() -> set[str]:
    found = clients.s3().list_objects_v2(Bucket=BUCKET, Prefix=BESIDE).get("Contents", [])
    return {each["Key"] for each in found}


@settings(max_examples=40)
@given(some=st.lists(events, max_size=6))
def test_lines_events_and_what_was_packed_are_the_same_columns(some: list[Event]) -> None:
    held: dict[str, bytes] = {}
    bucket: Any = type("Bucket", (), {"put_object": lambda _, **put: held.update({put["Key"]: put["Body"]})})()
    ArchiveStore(bucket, "memory").append(some)
    for body in held.values():
        parsed = of_lines(gzip.decompress(body).splitlines())
        assert same(unpacked(packed(parsed)), parsed)
    assert same(unpacked(packed(of_events(some))), of_events(some))
    assert sorted(m for body in held.values() for m in of_lines(gzip.decompress(body).splitlines()).message) == sorted(
        of_events(some).message
    )


def test_what_an_event_holds_is_in_its_columns() -> None:
    told = of_events([event(1, items=("b", "a", "b"), order_id="o1"), event(2, "bob", items=(), anonymous_id="phone")])
    assert (told.customers, told.names, told.items) == (("user:ann", "user:bob"), ("Viewed",), ("b", "a"))
    assert (told.customer.tolist(), told.size.tolist(), told.item.tolist()) == ([0, 1], [2, 0], [0, 1])
    assert told.time.tolist() == [(NOON - timedelta(days=n)).timestamp() for n in (1, 2)]
    assert told.order.tolist() == [columns.digest("o1"), NONE]
    assert told.anonymous.tolist() == [NONE, columns.digest("phone")]


def test_what_was_sold_stands_beside_each_item() -> None:
    lines = (Line("b", 2, Decimal("9.50")), Line("b", 1, Decimal("6.50")), Line("a", 3), Line("not in items", 7))
    bought = event(1, items=("b", "a", "c"), lines=lines, currency="EUR", paid={"amount": "25.50", "currency": "EUR"})
    told = of_events([event(2, items=("a",)), bought])
    assert [str(each) for each in told.quantity] == ["nan", "3.0", "3.0", "nan"]
    assert [str(each) for each in told.price] == ["nan", "8.5", "nan", "nan"]
    assert ([str(each) for each in told.paid], told.currencies) == (["nan", "25.5"], ("", "EUR"))
    assert told.currency.tolist() == [0, 1]


@pytest.mark.parametrize("content", [b"", b"text", packed(of_events([event(1)]))[:-9]])
def test_what_is_no_columns_is_said(content: bytes) -> None:
    with pytest.raises(ValueError, match="no columns"):
        unpacked(content)


def test_training_reads_what_lies_beside_and_lines_where_nothing_does(
    archive: ArchiveStore, rewriter: ArchiveRewriter
) -> None:
    archive.append([event(1), event(2, "bob")])
    before = messages(archive)
    assert lay(rewriter) == 2
    assert lay(rewriter) == 0
    archive.append([event(3)])
    for each in laid():
        clients.s3().put_object(Bucket=BUCKET, Key=each, Body=packed(of_events([event(7), event(8)])))
    assert messages(archive) == sorted(of_events([event(7), event(8), event(7), event(8), event(3)]).message)
    for each in laid():
        clients.s3().put_object(Bucket=BUCKET, Key=each, Body=b"cut off")
    assert messages(archive) == sorted([*before, columns.digest("m3")])


def test_only_what_is_wanted_gets_columns_while_there_is_time(archive: ArchiveStore, rewriter: ArchiveRewriter) -> None:
    archive.append([event(1)])
    shard = shard_of(event(1).customer)
    assert rewriter.lay_columns(shard, never, always) == rewriter.lay_columns(shard, always, never) == 0
    assert laid() == set()
    assert rewriter.lay_columns(shard, lambda each: each.size > 10, always) == 1


def test_an_erasure_leaves_no_columns_of_the_erased(archive: ArchiveStore, rewriter: ArchiveRewriter) -> None:
    archive.append([event(1), event(1, "bob", message_id="stays")])
    archive.append_import("history", [event(9)])
    lay(rewriter)
    ann = event(1).customer
    rewriter.erase(shard_of(ann), of_customers([ann], Cut(NOON)))
    assert messages(archive) == [columns.digest("stays")]
    bodies = [clients.s3().get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in laid()]
    assert not [body for body in bodies if "user:ann" in unpacked(body).customers]
    standing = {columns_key(each.key) for shard in all_shards() for each in archive.objects(shard)}
    assert laid() <= standing


def test_columns_that_outlived_their_object_are_swept(archive: ArchiveStore, rewriter: ArchiveRewriter) -> None:
    """As if one who lost the lease had laid them after the erasure."""
    archive.append([event(1)])
    shard = shard_of(event(1).customer)
    orphan = columns_key(f"events/{shard}/merged/gone.jsonl.gz")
    older = columns_key(archive.objects(shard)[0].key).replace(".v", ".v0")
    for sweep in (lay, lambda each: each.erase(shard, never)):
        for key in (orphan, older):
            clients.s3().put_object(Bucket=BUCKET, Key=key, Body=b"")
        sweep(rewriter)
        assert not laid() & {orphan, older}


def test_a_shard_is_unsettled_for_as_long_as_there_is_something_to_do(
    archive: ArchiveStore, rewriter: ArchiveRewriter
) -> None:
    archive.append([event(1)])
    shard = shard_of(event(1).customer)

    def unsettled(plan: Plan = lambda _: [], wanted: Wanted = always) -> bool:
        found = list(rewriter.unsettled(plan, wanted))
        assert found in ([], [shard])
        return bool(found)

    assert not unsettled(wanted=never)
    assert unsettled(lambda objects: [[each.key for each in objects]], never)
    assert unsettled()
    lay(rewriter)
    assert not unsettled()
    archive._delete([each.key for each in archive.objects(shard)])
    assert unsettled()
    lay(rewriter)
    assert not unsettled()


def test_columns_go_before_their_object(archive: ArchiveStore, rewriter: ArchiveRewriter) -> None:
    """What is left of a deletion that dies halfway is an object without columns, never the reverse."""
    archive.append([event(1)])
    lay(rewriter)
    shard = shard_of(event(1).customer)
    calls = iter([True, False])

    def dies(**_: Any) -> None:
        if not next(calls):
            raise RuntimeError("dead")

    hooks = clients.s3().meta.events
    hooks.register_first("before-call.s3.DeleteObjects", dies)
    with pytest.raises(RuntimeError, match="dead"):
        archive.delete([each.key for each in archive.objects(shard)])
    hooks.unregister("before-call.s3.DeleteObjects", dies)
    assert laid() == set()
    assert len(archive.objects(shard)) == 1


def test_what_is_merged_while_columns_are_read_is_read(archive: ArchiveStore, rewriter: ArchiveRewriter) -> None:
    for n in range(12):
        archive.append([event(n)])
    lay(rewriter)
    expected, shard = messages(archive), shard_of(event(0).customer)

    def everything(objects: list[ArchiveObject]) -> list[list[str]]:
        return [[each.key for each in objects]]

    found: list[int] = []
    for n, each in enumerate(archive.columns(shard)):
        if n == 0:
            rewriter.merge(shard, everything, never)
        found += each.message
    assert set(found) == set(expected)

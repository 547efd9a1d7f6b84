"""The archive: nothing is lost, nothing grows by repetition, and one customer lies in one shard."""

import gzip
import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.events import ANONYMOUS, EPOCH, KNOWN, CustomerRef, Event, Line
from shared.domain.money import Money
from shared.stores import clients
from shared.stores.archive import SHARDS, ArchiveStore
from shared.stores.table import Table
from tests.conftest import BUCKET

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)

letters = st.characters(codec="utf-8")
ids = st.text(letters, min_size=1, max_size=20)
amounts = st.decimals(0, 10**6, places=2)
events = st.builds(
    Event,
    customer=st.builds(CustomerRef, kind=st.sampled_from([KNOWN, ANONYMOUS]), id=ids),
    message_id=ids,
    time=st.datetimes(EPOCH.replace(tzinfo=None), timezones=st.just(UTC)),
    name=ids,
    items=st.lists(ids, max_size=3).map(tuple),
    anonymous_id=st.none() | ids,
    order_id=st.none() | ids,
    recommendation_id=st.none() | st.text("0123456789abcdef", min_size=1, max_size=32),
    lines=st.lists(st.builds(Line, ids, st.integers(1, 9), st.none() | amounts), max_size=3).map(tuple),
    paid=st.none() | st.builds(Money, amount=amounts, currency=st.just("EUR")),
    currency=st.just("EUR"),
    coupons=st.lists(ids, max_size=2).map(tuple),
)


@pytest.fixture
def archive(table: Table) -> ArchiveStore:
    assert table
    return ArchiveStore(clients.s3(), BUCKET)


class Bucket:
    """S3 in memory, as far as the archive needs it."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put_object(self, **put: Any) -> None:
        self.objects[put["Key"]] = put["Body"]

    def get_object(self, **get: Any) -> Any:
        return {"Body": type("Body", (), {"read": lambda _: self.objects[get["Key"]]})()}

    def get_paginator(self, _: str) -> Any:
        page = {
            "Contents": [{"Key": key, "Size": len(self.objects[key]), "LastModified": NOON} for key in self.objects]
        }
        return type("Pages", (), {"paginate": lambda *_, **__: [page]})()


def event(n: int, customer: str = "ann", **changes: Any) -> Event:
    fields = {"customer": CustomerRef(kind=KNOWN, id=customer), "message_id": f"m{n}", "time": NOON, "name": "Viewed"}
    return Event.model_validate(fields | {"items": ("lamp",)} | changes)


def objects() -> dict[str, bytes]:
    """Every object of the bucket, with its content."""
    client = clients.s3()
    names = [entry["Key"] for entry in client.list_objects_v2(Bucket=BUCKET).get("Contents", [])]
    return {name: client.get_object(Bucket=BUCKET, Key=name)["Body"].read() for name in names}


@settings(max_examples=30)
@given(some=st.lists(events, max_size=8))
def test_what_is_appended_is_read_back(some: list[Event]) -> None:
    bucket: Any = Bucket()
    archive = ArchiveStore(bucket, "memory")
    archive.append(some)
    assert sorted(archive.read(), key=repr) == sorted(some, key=repr)
    archive.append_import("history", some)
    assert len(list(archive.read())) == 2 * len(some)


def test_the_same_batch_twice_makes_the_same_objects(archive: ArchiveStore) -> None:
    batch = [event(n, f"c{n % 5}", time=NOON + timedelta(days=n % 3)) for n in range(30)]
    written = archive.append(batch)
    before = objects()
    assert archive.append(batch) == written == len(before)
    assert objects() == before
    assert {body[4:8] for body in before.values()} == {bytes(4)}  # gzip's own date
    assert len(list(archive.read())) == 30


def test_a_customer_lies_in_one_shard_whatever_the_way_in(archive: ArchiveStore) -> None:
    archive.append([event(n, time=NOON + timedelta(days=n)) for n in range(5)])
    archive.append_import("history", [event(9)])
    found = [re.fullmatch(r"events/shard=(\d\d)/(day|import)=[^/]+/[^/]+\.jsonl\.gz", name) for name in objects()]
    assert len(found) == 6
    assert len({match and match[1] for match in found}) == 1


def test_customers_spread_over_the_shards(archive: ArchiveStore) -> None:
    assert archive.append_import("history", [event(1, f"c{n}") for n in range(100)]) == SHARDS


def test_importing_again_writes_over_the_first_import(archive: ArchiveStore) -> None:
    history = [event(n, f"c{n}") for n in range(40)]
    archive.append_import("shop", history)
    before = objects()
    archive.append_import("shop", history)
    assert objects() == before
    archive.append_import("other", history[:1])
    assert len(list(archive.read())) == 41


def test_an_empty_archive_is_empty(archive: ArchiveStore) -> None:
    assert archive.append([]) == 0
    assert list(archive.read()) == []


def test_other_objects_of_the_bucket_are_passed_over(archive: ArchiveStore) -> None:
    clients.s3().put_object(Bucket=BUCKET, Key="models/m1/card.json", Body=b"{}")
    archive.append([event(1)])
    assert list(archive.read()) == [event(1)]


def test_another_import_of_the_same_name_stands_beside_the_first(archive: ArchiveStore) -> None:
    archive.append_import("purchases", [event(1), event(2)])
    archive.append_import("purchases", [event(3)])
    assert {each.message_id for each in archive.read()} == {"m1", "m2", "m3"}


def test_an_older_release_passes_over_what_was_sold_and_its_lines_are_read_as_they_are(archive: ArchiveStore) -> None:
    """The one before made an event of a line's fields, and left out those that its events did not have."""
    sold = event(1, lines=[Line("lamp", 2, Decimal("9.50"))], paid={"amount": "19", "currency": "EUR"}, currency="EUR")
    archive.append([sold, event(2)])
    (body,) = objects().values()
    with_sale, without = map(json.loads, gzip.decompress(body).splitlines())
    assert with_sale.keys() - without.keys() == {"lines", "paid", "currency"}
    assert event(2) in archive.read()
    assert Event.model_config.get("extra", "ignore") == "ignore"

"""The ledger of a load sees what is lost and what is doubled: on the API in this process, whole and then broken."""

from collections.abc import Callable, Iterable
from typing import Any

import httpx
import pytest

from functions.ingest import records
from functions.ingest.limiter import Limiter
from shared.domain.errors import StoreUnavailableError
from shared.stores import clients
from shared.stores.archive import ArchiveStore
from shared.stores.events import EventStore
from shared.stores.table import Table
from tests.bench.load import A_BATCH, Ledger, Load, Shape, found, wrong
from tests.conftest import BUCKET, Keys
from tests.functions.api import Api, Stream, app
from tests.functions.http import transport

SHORT = Shape("short", 1000, 0.05)


@pytest.fixture
def api(keys: Keys) -> Api:
    return Api(keys)


def judged(api: Api, table: Table, key: str = "") -> tuple[Ledger, list[str]]:
    """A short load, one request after the other, since moto loses updates; then the stream's readers; then the look."""
    headers = {"authorization": f"Bearer {key or api.keys.secret}"}
    with httpx.Client(transport=transport(api), base_url="https://api.example", headers=headers) as client:
        load = Load(client)
        ledger = load.drive(SHORT, senders=1)
    for reader in ("archive", "project"):
        deliveries = Stream(reader).new()
        for _ in range(2):  # as after a failure, each comes again
            assert app(reader).handler({"Records": deliveries, "shardId": "s"}, None)["batchItemFailures"] == []
    return ledger, wrong(ledger, found(load.run, table, ArchiveStore(clients.s3(), BUCKET)))


def test_nothing_is_lost_and_nothing_double(api: Api, table: Table) -> None:
    ledger, faults = judged(api, table)
    assert faults == []
    assert len(ledger.accepted) > 50
    assert ledger.seen["replies lost"] > 0
    assert all(ledger.latency.values())


def test_what_is_refused_is_repeated_until_it_is_taken(api: Api, table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every third write fails when it is half done."""
    monkeypatch.setattr("tests.bench.load.time.sleep", lambda _: None)
    put, calls = EventStore.put, iter(range(10_000))

    def half(store: EventStore, events: Iterable[Any]) -> None:
        events = list(events)
        is_bad = next(calls) % 3 == 0
        put(store, events[:2] if is_bad else events)
        if is_bad:
            raise StoreUnavailableError("no")

    monkeypatch.setattr(EventStore, "put", half)
    ledger, faults = judged(api, table)
    assert faults == []
    assert ledger.seen["503"] > 5


def test_who_sends_too_much_is_held_back_and_loses_nothing(
    api: Api, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a publishable key and room for one batch of a customer at once."""
    now = [0.0]
    monkeypatch.setattr("functions.ingest.limiter.AT_ONCE", A_BATCH)
    monkeypatch.setattr("functions.ingest.limiter.A_SECOND", 1)
    monkeypatch.setattr("tests.bench.load.CUSTOMERS", 2)
    monkeypatch.setattr("tests.bench.load.time.sleep", lambda seconds: now.append(now[-1] + seconds))
    limiter = Limiter(lambda: now[-1])
    monkeypatch.setattr(api.apps["ingest"], "limiter", lambda: limiter)
    ledger, faults = judged(api, table, api.keys.publishable)
    assert faults == []
    assert ledger.seen["429"] > 5


def without_idempotency(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message is another one each time that it comes."""
    numbers = iter(range(10_000))
    identity = records._identity
    monkeypatch.setattr(records, "_identity", lambda *said: f"{identity(*said)}~{next(numbers)}")


def dropping(monkeypatch: pytest.MonkeyPatch) -> None:
    """One event of each batch is accepted and not written."""
    put = EventStore.put
    monkeypatch.setattr(EventStore, "put", lambda store, events: put(store, list(events)[1:]))


def counting_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The counters' memory of what they include is gone, and each delivery comes twice."""
    numbers = iter(f"{n:040d}" for n in range(100_000))
    monkeypatch.setattr("shared.stores.counters._padded", lambda _: next(numbers))


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (without_idempotency, "too many in the table"),
        (dropping, "lost in the table"),
        (counting_twice, "too many counted as sold"),
    ],
)
def test_what_is_broken_is_seen(
    api: Api,
    table: Table,
    monkeypatch: pytest.MonkeyPatch,
    broken: Callable[[pytest.MonkeyPatch], None],
    words: str,
) -> None:
    broken(monkeypatch)
    _, faults = judged(api, table)
    assert any(words in fault for fault in faults), faults

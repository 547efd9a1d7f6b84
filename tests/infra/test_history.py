"""Importing in bulk: all of it to the archive, the latest of each customer for serving."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from infra.cli import calls
from infra.cli.history import put_events, put_items, remember, shift_to_now, was_imported
from shared.domain.errors import StoreUnavailableError
from shared.domain.events import KNOWN, CustomerRef, Event
from shared.domain.items import Item
from shared.stores.events import MOST_EVENTS
from shared.stores.table import Table
from tests.conftest import Keys
from tests.functions.api import Stream, app
from tests.infra.shop import InProcess
from tests.shared.stores.faults import refusing

NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=60)


def event(n: int, customer: str = "ann") -> Event:
    who = CustomerRef(kind=KNOWN, id=customer)
    return Event(
        customer=who, message_id=f"m{n:04d}", time=NOON + timedelta(hours=n), name="Order Completed", items=("lamp",)
    )


def unseen(_done: int, _of: int) -> None:
    """Progress that nobody looks at."""


def test_all_events_are_archived_and_the_latest_of_each_customer_served(keys: Keys) -> None:
    deployment = InProcess(keys)
    many = [event(n) for n in reversed(range(MOST_EVENTS + 30))] + [event(n, "bob") for n in range(3)]
    assert put_events(deployment, "shop", many, unseen) == (MOST_EVENTS + 33, MOST_EVENTS + 3, 0)
    assert len(list(deployment.archive.read())) == MOST_EVENTS + 33
    recent = deployment.events.recent([CustomerRef(kind=KNOWN, id="ann")], datetime.now(UTC))
    assert [each.message_id for each in recent] == [f"m{n:04d}" for n in range(MOST_EVENTS + 29, 29, -1)]


def test_what_is_too_old_or_was_erased_stays_out_and_is_counted(keys: Keys) -> None:
    deployment = InProcess(keys)
    deployment.tombstones.write(CustomerRef(kind=KNOWN, id="ann"), NOON + timedelta(hours=1))
    old = event(0, "bob").model_copy(update={"time": NOON - timedelta(days=5 * 365)})
    assert put_events(deployment, "shop", [event(1), event(2), event(3, "bob"), old], unseen) == (2, 2, 2)
    assert {each.message_id for each in deployment.archive.read()} == {"m0002", "m0003"}


def test_imported_events_are_not_archived_a_second_time_by_the_stream(keys: Keys) -> None:
    stream = Stream("archive")
    deployment = InProcess(keys)
    put_events(deployment, "shop", [event(1)], unseen)
    app("archive").handler({"Records": stream.new()}, None)
    assert list(deployment.archive.read()) == [event(1)]


def test_a_catalogue_goes_in_by_batches_with_progress_to_its_end(keys: Keys) -> None:
    seen: list[tuple[int, int]] = []
    deployment = InProcess(keys)
    with deployment.api() as api:
        items = [Item(item_id=f"item-{n}", title="Thing") for n in range(501)]
        put_items(api, items, lambda done, of: seen.append((done, of)))
        assert seen == [(500, 501), (501, 501)]
        assert api.get("/v1/items/item-500").json()["title"] == "Thing"
        put_items(api, [], unseen)


def test_a_write_that_fails_ends_the_import(keys: Keys) -> None:
    deployment = InProcess(keys)
    client: Any = deployment.table._client
    with refusing(client, "BatchWriteItem"), pytest.raises(StoreUnavailableError):
        put_events(deployment, "shop", [event(1)], unseen)


@pytest.mark.parametrize(("days", "weeks"), [(0, 0), (6, 0), (7, 1), (400, 57)])
def test_a_shift_is_whole_weeks_and_never_into_the_future(table: Table, days: int, weeks: int) -> None:
    assert shift_to_now(table, "shop", NOON, NOON + timedelta(days=days)) == timedelta(weeks=weeks)


def test_a_shift_is_decided_once_for_each_source(table: Table) -> None:
    first = shift_to_now(table, "shop", NOON, NOON + timedelta(weeks=10))
    assert shift_to_now(table, "shop", NOON, NOON + timedelta(weeks=20)) == first
    assert shift_to_now(table, "other", NOON, NOON + timedelta(weeks=20)) == timedelta(weeks=20)


def test_an_import_is_remembered_at_its_end(keys: Keys, table: Table) -> None:
    outcome = put_events(InProcess(keys), "shop", [event(1)], unseen)
    assert not was_imported(table, "shop")
    remember(table, "shop", outcome)
    assert was_imported(table, "shop")
    assert not was_imported(table, "other")


@pytest.mark.parametrize("status", [429, 503, 504])
def test_a_busy_api_is_asked_again_when_it_says(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    replies = iter([httpx.Response(status, headers={"Retry-After": "7"}), httpx.Response(status), httpx.Response(200)])
    waits: list[float] = []
    monkeypatch.setattr(calls, "sleep", waits.append)
    with httpx.Client(base_url="https://x.example", transport=httpx.MockTransport(lambda _: next(replies))) as api:
        assert calls.call(api, "PUT", "/v1/items").status_code == 200
    assert waits == [7, 2]


@pytest.mark.parametrize(("status", "times"), [(503, calls.ATTEMPTS), (400, 1), (207, 1)])
def test_an_api_that_stays_busy_or_refuses_ends_the_import(
    monkeypatch: pytest.MonkeyPatch, status: int, times: int
) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(status, text="no")

    monkeypatch.setattr(calls, "sleep", lambda _: None)
    with (
        httpx.Client(base_url="https://x.example", transport=httpx.MockTransport(answer)) as api,
        pytest.raises(calls.RefusedError, match=f"PUT /v1/items answered {status}: no"),
    ):
        calls.call(api, "PUT", "/v1/items")
    assert len(asked) == times

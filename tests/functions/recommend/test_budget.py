"""A budget that is used up: popular items with a word why, and everything as before once it is lifted."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.domain.budget import SAVING, Level, Standing
from shared.stores import clients
from shared.stores.budgets import PARTITION, BudgetStore
from shared.stores.switch import FRESH_SECONDS
from shared.stores.table import Table
from tests.bench import meter
from tests.functions.recommend.conftest import Shop, ids
from tests.shared.stores.faults import refusing

NOW = datetime.now(UTC)


def stand(table: Table, level: Level) -> None:
    BudgetStore(table).record(Standing(month="2026-11", budget=10, spent=10, level=level, measured=NOW))


@pytest.mark.parametrize("surface", ["for-you", "buy-again", "similar", "bought-together", "cart"])
@pytest.mark.parametrize("level", [Level.REDUCED, Level.STOPPED])
def test_popular_items_are_shown_until_it_is_lifted(modelled: Shop, table: Table, surface: str, level: Level) -> None:
    request: dict[str, Any] = (
        {"item_id": "lamp"} if surface in ("similar", "bought-together") else {"customer_id": "ann"}
    )
    modelled.track("Order Completed" if surface == "buy-again" else "Product Added", "lamp")
    before = modelled.ask(surface, **request)
    stand(table, level)
    modelled.seconds += FRESH_SECONDS
    saving = modelled.ask(surface, **request)
    stand(table, Level.WARNED)
    modelled.seconds += FRESH_SECONDS
    after = modelled.ask(surface, **request)
    assert (saving["served_by"], saving["personalised"], saving["note"]) == ("popularity", False, SAVING)
    assert ids(saving)[:2] == ["mug", "tea"]
    assert before["served_by"] == after["served_by"] == "model"
    assert ids(before) == ids(after) != ids(saving)
    assert SAVING not in (before["note"], after["note"])


@pytest.mark.parametrize("surface", ["trending", "popular", "new"])
def test_surfaces_without_a_model_go_on_as_they_are(modelled: Shop, table: Table, surface: str) -> None:
    before = modelled.ask(surface)
    stand(table, Level.REDUCED)
    modelled.seconds += FRESH_SECONDS
    after = modelled.ask(surface)
    assert (ids(after), after["note"]) == (ids(before), before["note"])


def test_events_go_on(modelled: Shop, table: Table) -> None:
    stand(table, Level.REDUCED)
    modelled.track("Product Viewed", "lamp")
    assert modelled.api.server.get("/v1/customers/ann/events").json()["events"]


def test_it_is_read_once_in_half_a_minute_and_saves_the_reading_of_histories(modelled: Shop, table: Table) -> None:
    modelled.track("Product Added", "lamp")
    with budget_read() as reads, meter.metered() as personal:
        for _ in range(3):
            modelled.ask("for-you", customer_id="ann")
        assert len(reads) == 1
        stand(table, Level.REDUCED)
        modelled.seconds += FRESH_SECONDS - 1
        assert modelled.ask("for-you", customer_id="ann")["personalised"]
        assert len(reads) == 1
        modelled.seconds += 1
        assert not modelled.ask("for-you", customer_id="ann")["personalised"]
        assert len(reads) == 2
    with meter.metered() as saving:
        modelled.ask("for-you", customer_id="ann")
    assert personal["Query", ""] > 0
    assert "Query" not in {operation for operation, _ in saving}


@contextmanager
def budget_read() -> Iterator[list[Any]]:
    """The calls meanwhile that ask for the budget."""
    found: list[Any] = []

    def note(params: Any, **_: Any) -> None:
        if params["Key"]["pk"]["S"] == PARTITION:
            found.append(params)

    events = clients.dynamodb().meta.events
    events.register("provide-client-params.dynamodb.GetItem", note)
    yield found
    events.unregister("provide-client-params.dynamodb.GetItem", note)


def test_a_budget_that_cannot_be_read_changes_nothing(modelled: Shop, table: Table) -> None:
    stand(table, Level.REDUCED)
    modelled.seconds += FRESH_SECONDS
    assert modelled.ask("for-you", customer_id="ann")["note"] == SAVING
    modelled.seconds += FRESH_SECONDS
    with refusing(clients.dynamodb(), "GetItem"):
        reply = modelled.ask("for-you", customer_id="ann")
    assert reply["served_by"] == "popularity"

"""Suggestions: a night replaces the one before, a decision is taken once, and what the owner rejected stays away."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.domain.errors import ConflictError, InvalidInputError, NotFoundError, StoreUnavailableError
from shared.domain.money import Money
from shared.domain.suggestions import (
    NOT_AGAIN,
    VALID,
    Elasticity,
    Estimate,
    Suggestion,
    SuggestionStatus,
    suggestion_id,
)
from shared.stores import clients
from shared.stores.suggestions import LIST, SuggestionStore
from shared.stores.table import Table
from tests.shared.stores.faults import refusing

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
DAY = timedelta(days=1)


def usd(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="USD")


def made(
    item_id: str, profit: float | None = 1.0, suggested: str = "10.50", now: datetime = NOW, **more: Any
) -> Suggestion:
    estimate = Estimate(value=0, low=-1, high=1)
    fields: dict[str, Any] = {
        "suggestion_id": suggestion_id(item_id, usd("10"), usd(suggested), now.date()),
        "item_id": item_id,
        "title": item_id.title(),
        "created": now,
        "expires": now + VALID,
        "current": usd("10"),
        "suggested": usd(suggested),
        "units": estimate,
        "revenue": estimate,
        "profit": None if profit is None else Estimate(value=profit, low=0, high=2 * profit),
        "elasticity": Elasticity(value=-2, low=-3, high=-1.5, weeks=13, prices=2, own_share=0.4),
        "reasons": (),
        "model_id": "demand-1",
    }
    return Suggestion.model_validate(fields | more)


@pytest.fixture
def store(table: Table) -> SuggestionStore:
    return SuggestionStore(table)


def ids(store: SuggestionStore, now: datetime = NOW, **more: Any) -> list[str]:
    return [each.item_id for each in store.page(100, now, **more)[0]]


def test_those_that_promise_the_most_come_first(store: SuggestionStore) -> None:
    assert store.replace([made("mug", 1), made("tea", None), made("rug", 250.5), made("jar", 0.02)], NOW) == 4
    assert ids(store) == ["rug", "mug", "jar", "tea"]
    assert store.get("rug", NOW) == made("rug", 250.5)
    with pytest.raises(NotFoundError):
        store.get("cup", NOW)


def test_pages_follow_each_other_to_the_end(store: SuggestionStore) -> None:
    store.replace([made(f"item {n:02}", 100 - n) for n in range(60)], NOW)
    found: list[str] = []
    cursor: str | None = None
    for _ in range(9):
        page, cursor = store.page(7, NOW, cursor)
        found += [each.item_id for each in page]
        if cursor is None:
            break
    assert found == [f"item {n:02}" for n in range(60)]
    with pytest.raises(InvalidInputError):
        store.page(7, NOW, "nonsense")


def test_a_page_may_be_of_one_category_or_of_one_status(store: SuggestionStore) -> None:
    store.replace([made("mug", category="cups"), made("tea", category="food"), made("rug")], NOW)
    assert ids(store, category="food") == ["tea"]
    store.decide("mug", made("mug").suggestion_id, SuggestionStatus.APPROVED, NOW)
    assert ids(store, category="cups") == []
    assert ids(store, status=SuggestionStatus.APPROVED) == ["mug"]


def test_the_same_night_twice_is_once(store: SuggestionStore, table: Table) -> None:
    night = [made("mug"), made("tea")]
    store.replace(night, NOW)
    once = list(table.scan("SUGGESTION"))
    assert store.replace(night, NOW) == 0
    assert list(table.scan("SUGGESTION")) == once


def test_what_the_next_night_says_again_stands_and_what_it_does_not_say_expires(store: SuggestionStore) -> None:
    store.replace([made("mug"), made("tea"), made("rug", suggested="9.50")], NOW)
    later = NOW + DAY
    assert store.replace([made("mug", now=later), made("rug", suggested="9.60", now=later)], later) == 1
    assert store.get("mug", later).created == NOW
    assert store.get("tea", later).status is SuggestionStatus.EXPIRED
    assert store.get("rug", later).suggested == usd("9.60")
    assert sorted(ids(store, later)) == ["mug", "rug"]
    with pytest.raises(ConflictError):
        store.decide("tea", made("tea").suggestion_id, SuggestionStatus.APPROVED, later)
    with pytest.raises(ConflictError, match="Another"):
        store.decide("rug", made("rug", suggested="9.50").suggestion_id, SuggestionStatus.APPROVED, later)


def test_one_that_is_said_for_days_is_made_anew_before_it_expires(store: SuggestionStore) -> None:
    store.replace([made("mug")], NOW)
    later = NOW + VALID / 2
    assert store.replace([made("mug", now=later)], later) == 1
    assert store.get("mug", later).expires == later + VALID


def test_after_a_week_nobody_can_approve_it(store: SuggestionStore) -> None:
    store.replace([made("mug")], NOW)
    assert store.get("mug", NOW + VALID).status is SuggestionStatus.EXPIRED
    assert ids(store, NOW + VALID) == []
    with pytest.raises(ConflictError, match="expired"):
        store.decide("mug", made("mug").suggestion_id, SuggestionStatus.APPROVED, NOW + VALID)


def test_a_decision_is_taken_once(store: SuggestionStore) -> None:
    store.replace([made("mug")], NOW)
    name = made("mug").suggestion_id
    approved = store.decide("mug", name, SuggestionStatus.APPROVED, NOW)
    assert store.decide("mug", name, SuggestionStatus.APPROVED, NOW + DAY) == approved == store.get("mug", NOW)
    with pytest.raises(ConflictError, match="approved"):
        store.decide("mug", name, SuggestionStatus.REJECTED, NOW)


@pytest.mark.parametrize(("other", "lost"), [(SuggestionStatus.REJECTED, True), (SuggestionStatus.APPROVED, False)])
def test_of_two_at_once_one_decides(
    store: SuggestionStore, monkeypatch: pytest.MonkeyPatch, other: SuggestionStatus, lost: bool
) -> None:
    store.replace([made("mug")], NOW)
    name = made("mug").suggestion_id
    read = SuggestionStore._get

    def overtaken(self: SuggestionStore, item_id: str) -> Suggestion:
        before = read(self, item_id)
        monkeypatch.setattr(SuggestionStore, "_get", read)
        self.decide(item_id, name, other, NOW)
        return before

    monkeypatch.setattr(SuggestionStore, "_get", overtaken)
    if lost:
        with pytest.raises(ConflictError):
            store.decide("mug", name, SuggestionStatus.APPROVED, NOW)
    else:
        assert store.decide("mug", name, SuggestionStatus.APPROVED, NOW).status is SuggestionStatus.APPROVED
    assert store.get("mug", NOW).status is other


def test_the_night_does_not_write_over_a_decision_taken_meanwhile(
    store: SuggestionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.replace([made("mug")], NOW)
    read = store.known(["mug"])
    store.decide("mug", made("mug").suggestion_id, SuggestionStatus.APPROVED, NOW)
    monkeypatch.setattr(store, "known", lambda _: read)
    assert store.replace([made("mug", suggested="9.50", now=NOW + DAY)], NOW + DAY) == 0
    assert store.get("mug", NOW + DAY).status is SuggestionStatus.APPROVED


def test_what_was_rejected_is_not_suggested_for_four_weeks_unless_the_price_has_changed(store: SuggestionStore) -> None:
    store.replace([made("mug")], NOW)
    store.decide("mug", made("mug").suggestion_id, SuggestionStatus.REJECTED, NOW)
    soon, late = NOW + DAY, NOW + NOT_AGAIN
    assert store.replace([made("mug", suggested="10.40", now=soon)], soon) == 0
    assert ids(store, soon, status=SuggestionStatus.REJECTED) == ["mug"]
    other = made("mug", now=soon, current=usd("11"))
    assert not store.get("mug", soon).holds_back(other, soon)
    assert store.replace([made("mug", now=late)], late) == 1


def test_a_change_that_the_owner_has_taken_back_is_not_suggested_again(store: SuggestionStore) -> None:
    """The price is what it was before the approval, so somebody has set it by hand."""
    store.replace([made("mug")], NOW)
    store.decide("mug", made("mug").suggestion_id, SuggestionStatus.APPROVED, NOW, by_autopilot=True)
    soon, late = NOW + DAY, NOW + NOT_AGAIN
    assert store.replace([made("mug", suggested="10.40", now=soon)], soon) == 0
    assert store.replace([made("mug", now=soon, current=usd("10.50"), suggested="11")], soon) == 1
    store.decide("mug", store.get("mug", soon).suggestion_id, SuggestionStatus.APPROVED, soon)
    assert store.replace([made("mug", now=late + DAY, current=usd("10.50"))], late + DAY) == 1


def test_what_is_snoozed_is_quiet_until_its_day(store: SuggestionStore) -> None:
    store.replace([made("mug"), made("tea")], NOW)
    store.decide("mug", made("mug").suggestion_id, SuggestionStatus.SNOOZED, NOW, snoozed_until=date(2026, 11, 24))
    store.decide("tea", made("tea").suggestion_id, SuggestionStatus.SNOOZED, NOW, snoozed_until=date(2026, 12, 24))
    assert ids(store) == []
    assert sorted(ids(store, status=SuggestionStatus.SNOOZED)) == ["mug", "tea"]
    assert store.replace([made("mug", now=NOW + DAY)], NOW + DAY) == 0
    awake = NOW + 2 * DAY
    assert ids(store, awake) == ["mug"]
    assert store.decide("mug", made("mug").suggestion_id, SuggestionStatus.APPROVED, awake).snoozed_until is None
    assert store.get("tea", NOW + VALID).status is SuggestionStatus.SNOOZED


@pytest.mark.parametrize("operation", ["PutItem", "BatchWriteItem"])
def test_a_night_that_dies_is_made_good_by_the_next(store: SuggestionStore, operation: str) -> None:
    store.replace([made("mug")], NOW)
    night = [made("tea", 2), made("rug", 1, suggested="9.50")]
    with refusing(clients.dynamodb(), operation), pytest.raises(StoreUnavailableError):
        store.replace(night, NOW + DAY)
    store.replace(night, NOW + DAY)
    assert ids(store) == ["tea", "rug"]


def test_records_go_by_themselves(store: SuggestionStore, table: Table) -> None:
    store.replace([made("mug")], NOW)
    assert all(record["expires_at"] > (NOW + NOT_AGAIN + VALID).timestamp() for record in table.scan("SUGGESTION"))
    assert len(list(table.query_all(LIST))) == 1

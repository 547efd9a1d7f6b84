"""A night: suggestions that go the right way, inside limits, explained; autopilot only where it is allowed."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.domain.competitors import CompetitorPrice
from shared.domain.price_limits import Clearance, CompetitorRule, Limits
from shared.domain.suggestions import NOT_AGAIN, Suggestion, SuggestionStatus
from shared.inference.demand import DemandModel
from shared.stores.table import Table
from tests.training.pricing.night import (
    CHEAP,
    DEAR,
    LONELY,
    NOW,
    UNCOSTED,
    WEEKS,
    opened,
    sales,
    usd,
)
from training.pricing import rule
from training.pricing import run as night_of
from training.pricing.run import NO_SALES, Rooms, run


def found(rooms: Rooms) -> dict[str, Suggestion]:
    return {each.item_id: each for each in rooms.suggestions.page(100, NOW)[0]}


def test_what_is_too_cheap_rises_what_is_too_dear_falls_and_each_says_why(table: Table) -> None:
    rooms = opened(table)
    done = run(sales(), rooms, NOW)
    told = found(rooms)
    assert done["suggestions"] == done["new"] == len(told)
    assert usd("10.00").amount < told[CHEAP].suggested.amount <= Decimal("10.50")
    assert Decimal("9.50") <= told[DEAR].suggested.amount < usd("10.00").amount
    for name in (CHEAP, DEAR):
        each = told[name]
        assert each.profit is not None
        assert 0 < each.profit.value <= each.profit.high
        assert each.units.low <= each.units.value <= each.units.high
        assert (each.units.value < 0) is (name == CHEAP)
        assert -4 < each.elasticity.low < each.elasticity.value < each.elasticity.high < -1.2
        assert each.elasticity.weeks > 30
        assert "1% higher" in each.reasons[0].text
        assert each.would_change
        assert {each.current.amount, each.suggested.amount} <= {point.price for point in each.curve}
        units = [point.units.value for point in each.curve]
        assert units == sorted(units, reverse=True)
    assert DemandModel.read(rooms.models.files(done["model_id"])).model_id == told[CHEAP].model_id
    assert rooms.models.champion() == done["model_id"]


def test_each_item_without_a_suggestion_has_its_reason(table: Table) -> None:
    changes: dict[str, dict[str, Any]] = {DEAR: {"stock": 0}, "dear 1": {"price": None, "cost": None}}
    done = run(sales(), opened(table, **changes), NOW)
    none = done["none"]
    assert none["it was never sold, so nobody knows its demand"] == 1
    assert none["its cost is not known, so neither is its profit"] == 1
    assert none["it is out of stock"] == none["it has no price above zero"] == 1
    assert done["suggestions"] + sum(none.values()) == done["items"]


def test_a_rule_that_is_not_sure_of_anything_suggests_nothing(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule, "CAUTION", 0.0001)
    monkeypatch.setattr(rule, "MOST_LOSS", 0.0)
    done = run(sales(), opened(table), NOW)
    assert (done["suggestions"], done["none"]["no other price is sure enough to pay"]) == (0, 17)


def test_the_same_night_twice_changes_nothing(table: Table) -> None:
    rooms = opened(table)
    first = run(sales(), rooms, NOW)
    told = found(rooms)
    again = run(sales(), rooms, NOW + timedelta(hours=1))
    assert (again["model_id"], again["new"], found(rooms)) == (first["model_id"], 0, told)


def test_a_price_that_never_moved_says_so(table: Table) -> None:
    rooms = opened(table, **{LONELY: {"cost": usd("9.00")}})
    run(sales(), rooms, NOW)
    each = found(rooms)[LONELY]
    assert each.elasticity.prices == 1
    assert "never different" in next(reason.text for reason in each.reasons if reason.kind == "prior")
    assert any("never different" in text for text in each.would_change)


def test_a_cost_above_the_price_is_a_reason_of_its_own(table: Table) -> None:
    rooms = opened(table, **{LONELY: {"cost": usd("12.00")}})
    run(sales(), rooms, NOW)
    each = found(rooms)[LONELY]
    assert each.suggested == usd("12.00")
    assert each.reasons[0].kind == "margin_floor"
    assert "minimum_margin" in {bound.limit for bound in each.bounds}


def test_limits_hold_and_competitors_are_a_reason(table: Table) -> None:
    rooms = opened(table)
    rooms.limits.put(f"item:{CHEAP}", Limits(maximum=usd("10.20"), endings=("9",)), None)
    rooms.limits.put(f"item:{UNCOSTED}", Limits(competitors=CompetitorRule(above=Decimal("0.02"))), None)
    rival = CompetitorPrice(item_id=UNCOSTED, competitor="Rival", price=usd("9.50"), seen=NOW)
    rooms.competitors.put([rival], NOW)
    run(sales(), rooms, NOW)
    told = found(rooms)
    assert told[CHEAP].suggested == usd("10.19")
    assert {bound.limit for bound in told[CHEAP].bounds} == {"maximum", "endings"}
    assert (told[UNCOSTED].suggested, told[UNCOSTED].profit) == (usd("9.69"), None)
    assert told[UNCOSTED].reasons[0].kind == "competitor"


def test_stock_that_must_go_goes_and_stock_that_runs_out_gets_dearer(table: Table) -> None:
    rooms = opened(table, **{CHEAP: {"stock": 4000}, DEAR: {"stock": 10}, "dear 1": {"stock": 4000}})
    rooms.limits.put(f"item:{CHEAP}", Limits(clearance=Clearance(until=NOW.date() + timedelta(days=20))), None)
    rooms.limits.put(f"item:{DEAR}", Limits(fewest_days_of_cover=14), None)
    rooms.limits.put("item:dear 1", Limits(most_days_of_cover=60), None)
    run(sales(), rooms, NOW)
    told = found(rooms)
    assert [told[name].suggested for name in (CHEAP, DEAR, "dear 1")] == [usd("9.50"), usd("10.50"), usd("9.50")]
    assert [told[name].reasons[0].kind for name in (CHEAP, DEAR, "dear 1")] == ["clearance", "stock", "stock"]


def test_autopilot_changes_what_the_owner_has_let_it_and_nothing_else(table: Table) -> None:
    rooms = opened(table)
    rooms.limits.put(f"item:{CHEAP}", Limits(autopilot=True), None)
    done = run(sales(), rooms, NOW)
    assert done["autopilot"] == {"changed": 1}
    items = rooms.items.get([CHEAP, DEAR])
    last = rooms.suggestions.get(CHEAP, NOW)
    assert (items[CHEAP].price, items[DEAR].price) == (last.suggested, usd("10.00"))
    assert (last.status, last.by_autopilot) == (SuggestionStatus.APPROVED, True)
    assert [entry.amount for entry in rooms.ledger.read(CHEAP)] == [Decimal("10.00"), last.suggested.amount]
    again = run(sales(), rooms, NOW + timedelta(days=1))
    assert again["autopilot"] == {}
    assert len(rooms.ledger.read(CHEAP)) == 2


def test_autopilot_does_not_overrule_an_owner_who_edits_meanwhile(table: Table) -> None:
    rooms = opened(table)
    rooms.limits.put(f"item:{CHEAP}", Limits(autopilot=True), None)
    replace = rooms.suggestions.replace

    def meanwhile(told: list[Suggestion], _: object) -> int:
        made = replace(told, NOW)
        by_hand = {"price": usd("11.00")}
        rooms.items.edit({CHEAP: lambda item: item and item.model_copy(update=by_hand)}, NOW)
        return made

    rooms.suggestions.replace = meanwhile  # type: ignore[method-assign, assignment]
    done = run(sales(), rooms, NOW)
    assert done["autopilot"] == {"left: ConflictError": 1}
    assert rooms.items.get([CHEAP])[CHEAP].price == usd("11.00")


def test_autopilot_leaves_a_price_that_its_owner_has_put_back(table: Table) -> None:
    rooms = opened(table)
    rooms.limits.put(f"item:{CHEAP}", Limits(autopilot=True), None)
    assert run(sales(), rooms, NOW)["autopilot"] == {"changed": 1}
    rooms.items.edit({CHEAP: lambda item: item and item.model_copy(update={"price": usd("10.00")})}, NOW)
    for days in (1, 8, 15):
        assert run(sales(), rooms, NOW + timedelta(days=days))["autopilot"] == {}
    assert rooms.items.get([CHEAP])[CHEAP].price == usd("10.00")


def test_autopilot_leaves_a_price_that_was_changed_within_the_week(table: Table) -> None:
    """By whom ever: what its owner has just set by hand is not moved on the same night."""
    rooms = opened(table)
    rooms.limits.put(f"item:{CHEAP}", Limits(autopilot=True), None)
    by_hand = {"price": usd("10.10")}
    rooms.items.edit({CHEAP: lambda item: item and item.model_copy(update=by_hand)}, NOW - timedelta(days=2))
    assert run(sales(), rooms, NOW)["autopilot"] == {"left: RefusedError": 1}
    assert rooms.items.get([CHEAP])[CHEAP].price == usd("10.10")
    assert run(sales(), rooms, NOW + timedelta(days=6))["autopilot"] == {"changed": 1}


def test_what_the_owner_has_rejected_is_not_done_by_autopilot(table: Table) -> None:
    rooms = opened(table)
    run(sales(), rooms, NOW)
    rooms.suggestions.decide(CHEAP, found(rooms)[CHEAP].suggestion_id, SuggestionStatus.REJECTED, NOW)
    rooms.limits.put(f"item:{CHEAP}", Limits(autopilot=True), None)
    done = run(sales(), rooms, NOW + timedelta(days=1))
    assert done["autopilot"] == {}
    assert rooms.suggestions.get(CHEAP, NOW + NOT_AGAIN / 2).status is SuggestionStatus.REJECTED


def test_sales_in_another_currency_than_the_price_say_nothing_of_it(table: Table) -> None:
    done = run(sales(currency="EUR"), opened(table), NOW)
    assert (done["suggestions"], done["none"]["its sales are told in another currency"]) == (0, 18)


def test_without_a_whole_week_of_sales_there_is_no_demand_and_what_was_open_is_closed(table: Table) -> None:
    rooms = opened(table)
    run(sales(), rooms, NOW)
    early = NOW - timedelta(weeks=WEEKS)
    assert run(sales(), rooms, early) == {"model_id": None, "reason": NO_SALES}
    assert found(rooms) == {}


def test_a_week_that_had_a_larger_step_already_does_not_turn_the_way_round(table: Table) -> None:
    """Raised by a tenth by hand since the stock runs out: half of that is not the answer to the stock running out."""
    rooms = opened(table, **{DEAR: {"stock": 10}})
    rooms.limits.put(f"item:{DEAR}", Limits(fewest_days_of_cover=14), None)
    by_hand = {"price": usd("10.90")}
    rooms.items.edit({DEAR: lambda item: item and item.model_copy(update=by_hand)}, NOW - timedelta(days=2))
    run(sales(), rooms, NOW)
    assert DEAR not in found(rooms)
    run(sales(), rooms, NOW + timedelta(days=6))
    assert rooms.suggestions.get(DEAR, NOW + timedelta(days=6)).suggested.amount > Decimal("10.90")


def test_a_price_with_more_decimals_than_can_be_paid_is_no_reason_to_move(table: Table) -> None:
    rooms = opened(table, **{LONELY: {"price": usd("10.0040")}})
    run(sales(), rooms, NOW)
    assert LONELY not in found(rooms)


def test_of_too_many_those_that_promise_the_most_are_kept(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    rooms = opened(table)
    run(sales(), rooms, NOW)
    most = sorted((each.profit.value for each in found(rooms).values() if each.profit), reverse=True)
    monkeypatch.setattr(night_of, "MOST_SUGGESTIONS", 3)
    done = run(sales(), rooms, NOW)
    assert done["suggestions"] == 3
    assert [each.profit.value for each in found(rooms).values() if each.profit] == most[:3]


def test_of_the_nights_models_the_last_few_are_kept(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.pricing.run.EARLIER_MODELS", 1)
    monkeypatch.setattr("training.pricing.run.SETTLED", -timedelta(days=20_000))  # the bucket has a clock of its own
    rooms, sold = opened(table), sales()
    week = timedelta(weeks=1)
    made = [run(sold, rooms, NOW + n * week)["model_id"] for n in range(4)]
    assert len(set(made)) == 4
    done = run(sold, rooms, NOW + 4 * week)
    assert {each.model_id for each in rooms.models.versions()} == {made[3], done["model_id"]}
    assert set(rooms.models.files(rooms.models.champion() or "")) == {"curves.npz", "card.json"}

"""Decisions and their sums: exact whatever is repeated, never over the budget, which ended codes free again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain.decisions import Decision, Placed, Sold
from shared.domain.errors import ConflictError
from shared.domain.events import KNOWN, CustomerRef
from shared.domain.offers import Offer
from shared.stores.decisions import DecisionStore, Refused, new_code
from shared.stores.offers import OfferStore
from shared.stores.table import Table

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
LAMP = Sold(item_id="lamp", paid=5000, listed=5000, goods=2000, eligible=True)
FIVE = {"kind": "amount", "amount": {"amount": "5", "currency": "EUR"}}


def customer(n: int) -> CustomerRef:
    return CustomerRef(kind=KNOWN, id=f"c{n}")


def decision(**fields: Any) -> Decision:
    usual: dict[str, Any] = {
        "decision_id": "d",
        "offer_id": "o",
        "number": 1,
        "arm": "offered",
        "design": "x",
        "surface": "home",
        "time": NOW,
        "until": NOW + timedelta(days=7),
        "terms": {"discount": FIVE},
        "margin": 0.3,
        "currency": "EUR",
        "text": "t",
        "why": "w",
        "code": new_code(),
        "month": "2026-11",
        "reserved": 500,
    }
    return Decision.model_validate(usual | fields)


def test_a_decision_is_read_as_it_was_written(table: Table) -> None:
    store, made = DecisionStore(table), decision()
    assert store.add(customer(1), made, None) is None
    assert store.of(customer(1)) == [made]
    assert made.code is not None
    assert store.by_code(made.code) == (customer(1), made)


def test_the_same_number_is_given_once_and_counted_once(table: Table) -> None:
    store, first = DecisionStore(table), decision()
    store.add(customer(1), first, 1000)
    assert store.add(customer(1), decision(), 1000) == Refused(is_there=True)
    assert store.of(customer(1)) == [first]
    assert store.figures("o")["x"].offered.customers == 1
    assert store.budget.month("o", "2026-11") == (0, 500)


def test_a_budget_holds_what_it_can_and_frees_what_ended(table: Table) -> None:
    store = DecisionStore(table)
    refused = [store.add(customer(n), decision(), 1000) for n in range(3)]
    assert refused == [None, None, Refused(is_there=False)]
    assert store.figures("o")["x"].offered.customers == 2
    for days, room in ((7, False), (8, False), (9, True)):
        later = NOW + timedelta(days=days)
        made = store.add(customer(3), decision(time=later, until=later + timedelta(days=7)), 1000)
        assert (made is None) == room, days
    assert store.budget.month("o", "2026-11") == (0, 500)


def test_what_a_code_of_november_costs_in_december_is_novembers(table: Table) -> None:
    store, last = DecisionStore(table), datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)
    made = decision(time=last, until=last + timedelta(days=7), month="2026-11")
    order = Placed(time=last + timedelta(seconds=2), lines=(LAMP,), coupons=(str(made.code),))
    store.add(customer(1), made, 500)
    store.change(
        customer(1), "o", 1, lambda each: each.model_copy(update={"orders": {"o1": order}, "redeemed_by": "o1"})
    )
    assert store.budget.month("o", "2026-11") == (500, 500)
    assert store.budget.month("o", "2026-12") == (0, 0)
    late = last + timedelta(days=60)
    assert store.add(customer(2), decision(time=late, until=late + timedelta(days=7)), 500) == Refused(is_there=False)
    assert store.add(customer(2), decision(time=late, until=late + timedelta(days=7), month="2027-01"), 500) is None


def test_two_who_ask_for_the_last_of_a_budget_at_once_get_one_code(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, transact = DecisionStore(table), Table.transact
    refused: list[Refused | None] = []

    def overtaken(self: Table, writes: Any) -> Any:
        monkeypatch.setattr(Table, "transact", transact)
        refused.append(store.add(customer(2), decision(), 500))
        return transact(self, writes)

    monkeypatch.setattr(Table, "transact", overtaken)
    refused.append(store.add(customer(1), decision(), 500))
    assert refused == [None, Refused(is_there=False)]
    assert (store.of(customer(1)), store.budget.month("o", "2026-11")) == ([], (0, 500))


def test_a_budget_smaller_than_one_code_has_room_for_none(table: Table) -> None:
    assert DecisionStore(table).add(customer(1), decision(), 499) == Refused(is_there=False)


def test_a_change_that_meets_another_is_made_anew_on_what_that_one_left(table: Table) -> None:
    store = DecisionStore(table)
    store.add(customer(1), decision(), None)

    def also(each: Decision) -> Decision:
        if not each.applied:
            store.change(customer(1), "o", 1, lambda other: other.model_copy(update={"applied": ("a",)}))
        return each.model_copy(update={"applied": (*each.applied, "b")})

    assert store.change(customer(1), "o", 1, also)
    assert store.of(customer(1))[0].applied == ("a", "b")


def test_what_was_erased_is_not_changed(table: Table) -> None:
    assert not DecisionStore(table).change(customer(1), "o", 1, lambda each: each)


def test_an_offer_goes_on_from_its_version_and_codes_are_unique(table: Table) -> None:
    store = OfferStore(table)
    body = {"name": "n", "text": "t", "discount": FIVE, "public": True, "code": "HELLO"}
    assert not store.has_any()
    first = store.put(Offer.model_validate(body | {"offer_id": "a"}))
    with pytest.raises(ConflictError):
        store.put(first.model_copy(update={"version": 7}))
    with pytest.raises(Exception, match="Another offer has this code"):
        store.put(Offer.model_validate(body | {"offer_id": "b"}))
    store.delete("a", 1, NOW)
    assert store.all() == []
    assert store.has_any()
    assert store.put(Offer.model_validate(body | {"offer_id": "a"})).version == 3

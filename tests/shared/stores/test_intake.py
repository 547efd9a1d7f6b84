"""How events get in: consent and erasure are honoured, whichever of a person's ids they are about."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain.consent import Decision, Policy, Purpose
from shared.domain.errors import StoreUnavailableError
from shared.domain.events import ANONYMOUS, KNOWN, CustomerRef
from shared.stores import clients
from shared.stores.intake import Arrived, Intake
from shared.stores.table import Table, unpack
from tests.shared.stores.faults import refusing

ANN = CustomerRef(kind=KNOWN, id="ann")
PHONE = CustomerRef(kind=ANONYMOUS, id="phone")
NOON = datetime(2026, 5, 1, 12, 34, 56, tzinfo=UTC)
NOW = NOON + timedelta(hours=2)


def intake(table: Table, **policy: Any) -> Intake:
    return Intake.on(table, lambda: "pepper", Policy.model_validate(policy))


def viewed(**changes: Any) -> Arrived:
    return Arrived(ANN, "m1", NOON, "Product Viewed", ("lamp",), details={"ip": "10.0.0.1"})._replace(**changes)


def decide(into: Intake, granted: bool, customer: CustomerRef = ANN, hours: int = 0) -> None:
    time = NOON + timedelta(hours=hours)
    into.consents.decide(
        customer, [Decision(purpose=Purpose.ANALYTICS, granted=granted, version="1", time=time, source="banner")]
    )


def stored(table: Table) -> list[dict[str, Any]]:
    found = (unpack(each) for each in clients.dynamodb().scan(TableName=table.name)["Items"])
    return [
        each for each in found if each["sk"].startswith(("EVENT#", "ORDER#", "NOTE#", "MESSAGE#", "LINK#", "OWNER"))
    ]


def test_without_any_decision_the_policy_holds(table: Table) -> None:
    assert not intake(table).take([viewed()], NOW)
    (kept,) = stored(table)
    assert (kept["pk"], kept["items"]) == ("CUSTOMER#user:ann", '["lamp"]')
    assert intake(table, unasked="denied").take([viewed(message_id="m2")], NOW) == {"no_consent": 1}


@pytest.mark.parametrize("customer", [ANN, PHONE])
def test_without_consent_an_event_is_nobodys_and_holds_nothing_personal(table: Table, customer: CustomerRef) -> None:
    into = intake(table)
    decide(into, False, customer)
    event = viewed(anonymous_id="phone", recommendation_id="r1", vouched=True)
    for _ in range(2):
        assert into.take([event], NOW) == {"no_consent": 1}
    (kept,) = stored(table)
    assert kept["pk"].startswith("CUSTOMER#nobody:")
    assert kept["sk"].startswith("EVENT#2026-05-01T12:00:00.000000Z#")
    assert set(kept) == {"pk", "sk", "name", "items", "expires_at"}
    assert "m1#" not in kept["sk"] + "#"


def test_without_a_time_it_is_once_all_the_same(table: Table) -> None:
    into = intake(table)
    decide(into, False)
    for hours in range(3):
        into.take([viewed(time=None)], NOW + timedelta(hours=hours))
    kept = [each["sk"][:6] for each in stored(table)]
    assert sorted(kept) == ["EVENT#", "MESSAG"]
    assert "ann" not in str(stored(table))


def test_or_it_is_not_kept_at_all(table: Table) -> None:
    into = intake(table, without_analytics="drop")
    decide(into, False)
    assert into.take([viewed(), viewed(message_id="m2", customer=PHONE)], NOW) == {"no_consent": 1}
    assert [each["pk"] for each in stored(table)] == ["CUSTOMER#anonymous:phone"]


def test_a_withdrawal_holds_from_the_next_event_and_so_does_a_yes(table: Table) -> None:
    into = intake(table, without_analytics="drop")
    told = []
    for hours, granted in enumerate([True, False, True]):
        decide(into, granted, hours=hours)
        told.append(into.take([viewed(message_id=f"m{hours}")], NOW))
    assert told == [{}, {"no_consent": 1}, {}]
    assert len(stored(table)) == 2


def test_the_latest_word_counts_under_whichever_id(table: Table) -> None:
    into = intake(table)
    decide(into, False, PHONE, hours=0)
    decide(into, True, ANN, hours=1)
    assert not into.take([viewed(anonymous_id="phone")], NOW)


def test_a_browser_that_objects_is_heard(table: Table) -> None:
    into = intake(table)
    decide(into, True)
    assert into.take([viewed()], NOW, objected=True) == {"global_privacy_control": 1}
    assert "ann" not in str(stored(table))


@pytest.mark.parametrize("customer", [ANN, PHONE])
def test_what_was_done_before_an_erasure_stays_out_and_what_comes_after_is_kept(
    table: Table, customer: CustomerRef
) -> None:
    into = intake(table)
    into.tombstones.write(customer, NOON)
    before = viewed(customer=customer)
    after = before._replace(message_id="m2", time=NOON + timedelta(seconds=1))
    assert into.take([before, after], NOW) == {"erased": 1}
    assert [each["sk"].rpartition("#")[2] for each in stored(table)] == ["m2"]


def test_what_another_person_did_on_an_erased_device_is_kept_without_it(table: Table) -> None:
    into = intake(table)
    into.tombstones.write(PHONE, NOON)
    assert not into.take([viewed(anonymous_id="phone", vouched=True)], NOW)
    (kept,) = stored(table)
    assert kept["pk"] == "CUSTOMER#user:ann"
    assert "phone" not in str(kept)


@pytest.mark.parametrize("linked_first", [True, False])
def test_what_a_customer_decided_holds_on_every_linked_device(table: Table, linked_first: bool) -> None:
    into = intake(table, without_analytics="drop")
    steps: list[Callable[[], object]] = [lambda: into.links.claim("phone", ANN, NOON), lambda: decide(into, False)]
    for step in steps if linked_first else reversed(steps):
        step()
    assert into.take([viewed(customer=PHONE)], NOW) == {"no_consent": 1}
    decide(into, True, PHONE, hours=1)
    assert not into.take([viewed(customer=PHONE)], NOW)
    decide(into, False, ANN, hours=2)
    assert into.take([viewed(customer=PHONE, message_id="m2")], NOW) == {"no_consent": 1}


def test_a_name_of_the_shops_own_is_not_kept_for_nobody(table: Table) -> None:
    into = intake(table)
    decide(into, False)
    into.take([viewed(name="Signed up ann@example.com", items=())], NOW)
    (kept,) = stored(table)
    assert kept["name"] == "Custom Event"


def test_what_is_too_old_to_count_is_not_kept(table: Table) -> None:
    old = viewed(time=NOW - timedelta(days=1095))
    assert intake(table).take([old, viewed(message_id="m2")], NOW) == {"expired": 1}
    assert len(stored(table)) == 1


@pytest.mark.parametrize("operation", ["BatchGetItem", "BatchWriteItem", "TransactWriteItems"])
def test_what_cannot_be_looked_up_or_written_is_said(table: Table, operation: str) -> None:
    event = viewed(anonymous_id="phone", vouched=True)
    with refusing(clients.dynamodb(), operation), pytest.raises(StoreUnavailableError):
        intake(table).take([event], NOW)
    intake(table).take([event], NOW)
    assert len(stored(table)) == 3


@pytest.mark.parametrize("vouched", [True, False])
def test_what_comes_again_under_another_id_is_kept_once_and_its_link_is_made(table: Table, vouched: bool) -> None:
    into = intake(table)
    into.take([viewed(customer=PHONE)], NOW)
    again = [viewed(anonymous_id="phone", vouched=vouched), viewed(message_id="m2", anonymous_id="phone")]
    into.take(again, NOW, repeated=True)
    found = [each["pk"] for each in stored(table) if each["sk"].startswith("EVENT#")]
    assert sorted(found) == ["CUSTOMER#anonymous:phone", "CUSTOMER#user:ann"]
    assert into.links.owner(PHONE) == (ANN if vouched else None)

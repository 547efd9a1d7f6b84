"""Consent at the moment of recommending: a withdrawal changes the next list."""

from datetime import timedelta
from typing import Any

import pytest

from shared.domain.consent import Decision, Purpose
from shared.domain.events import ANONYMOUS, KNOWN, CustomerRef
from shared.stores import clients
from shared.stores.consents import ConsentStore
from shared.stores.table import Table
from tests.functions.recommend.conftest import NOW, Shop, ids
from tests.shared.stores.faults import refusing

ANN = CustomerRef(kind=KNOWN, id="ann")
PHONE = CustomerRef(kind=ANONYMOUS, id="phone")


def decide(table: Table, granted: bool, customer: CustomerRef = ANN, minutes: int = 0) -> None:
    time = NOW + timedelta(minutes=minutes)
    decision = Decision(purpose=Purpose.PERSONALISATION, granted=granted, version="1", time=time, source="banner")
    ConsentStore(table).decide(customer, [decision])


@pytest.mark.parametrize("surface", ["for-you", "buy-again"])
def test_a_withdrawal_holds_from_the_next_request(modelled: Shop, table: Table, surface: str) -> None:
    modelled.track("Order Completed", "lamp")
    personal = modelled.ask(surface, customer_id="ann")
    decide(table, False)
    plain = modelled.ask(surface, customer_id="ann")
    decide(table, True, minutes=1)
    again = modelled.ask(surface, customer_id="ann")
    assert [each["personalised"] for each in (personal, plain, again)] == [True, False, True]
    assert ids(personal) == ids(again) != ids(plain)
    assert plain["note"] == "Not personalised: there is no consent to it."
    assert "lamp" not in str([each["reasons"] for each in plain["items"]])


def test_the_device_objects_for_its_user(modelled: Shop, table: Table) -> None:
    modelled.track("Product Viewed", "lamp", userId=None, anonymousId="phone")
    assert modelled.ask("for-you", anonymous_id="phone")["personalised"]
    decide(table, False, PHONE)
    assert not modelled.ask("for-you", anonymous_id="phone")["personalised"]


def test_global_privacy_control_is_honoured_and_said(modelled: Shop) -> None:
    modelled.track("Order Completed", "lamp")
    body: dict[str, Any] = {"surface": "for-you", "customer_id": "ann"}
    objecting = modelled.api.server.call("POST", "/v1/recommendations", body, headers={"sec-gpc": "1"}).json()
    assert not objecting["personalised"]
    assert "Global Privacy Control" in objecting["note"]
    assert modelled.api.server.post("/v1/recommendations", body).json()["personalised"]


def test_consent_that_cannot_be_read_is_not_taken_for_given(modelled: Shop) -> None:
    modelled.track("Order Completed", "lamp")
    with refusing(clients.dynamodb(), "BatchGetItem"):
        reply = modelled.api.server.post("/v1/recommendations", {"surface": "for-you", "customer_id": "ann"})
    assert reply.status == 503


def test_what_a_customer_said_holds_for_the_linked_device(modelled: Shop, table: Table) -> None:
    modelled.track("Product Viewed", "lamp", userId="ann", anonymousId="phone")
    modelled.track("Product Viewed", "lamp", userId=None, anonymousId="phone")
    assert modelled.ask("for-you", anonymous_id="phone")["personalised"]
    decide(table, False)
    assert not modelled.ask("for-you", anonymous_id="phone")["personalised"]

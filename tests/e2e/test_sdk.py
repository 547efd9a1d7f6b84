"""Segment's own libraries for servers against the deployed artefacts: the host is changed, and the key is ours."""

from datetime import UTC, datetime

import pytest

from infra.cli.keys import make_key
from shared.domain.events import KNOWN, CustomerRef
from shared.domain.keys import KeyKind
from tests.e2e.conftest import Running
from tests.network import flaky
from tests.sdks import node, python

pytestmark = pytest.mark.local


def names(running: Running, customer: str) -> list[str]:
    with running.deployment.api() as api:
        return [event["name"] for event in api.get(f"/v1/customers/{customer}/events").json()["events"]]


def test_what_the_library_tells_is_kept_once_and_under_one_customer(running: Running) -> None:
    key = make_key(running.deployment, KeyKind.SECRET, "sdk")
    customer = python.tell(running.deployment.access.api_url, key)
    assert sorted(names(running, customer)) == sorted(python.NAMES)
    history = running.deployment.events.recent([CustomerRef(kind=KNOWN, id=customer)], datetime.now(UTC))
    (order,) = [event for event in history if event.order_id]
    assert (order.order_id, order.items) == ("o1", ("toys-1", "toys-2"))


def test_a_network_that_fails_before_and_after_loses_nothing_and_doubles_nothing(running: Running) -> None:
    key = make_key(running.deployment, KeyKind.SECRET, "sdk")
    with flaky(running.deployment.access.api_url, ["before", "after", "after"]) as network:
        customer = python.tell(network.url, key)
    assert sorted(names(running, customer)) == sorted(python.NAMES)
    assert network.statuses[:3] == [503, 503, 503]
    assert set(network.statuses[3:]) == {200}


def test_node_tells_the_same(running: Running) -> None:
    key = make_key(running.deployment, KeyKind.SECRET, "node")
    with flaky(running.deployment.access.api_url, ["after", "busy"]) as network:
        told = node.tell(network.url, key, views=20, flushAt=10)
    assert told.failed == []
    assert sorted(names(running, told.customer)) == sorted([*python.NAMES, *["Product Viewed"] * 20])
    assert network.statuses[-1] == 200

"""Segment's own library for Node, unmodified, against the handler: what it sends, repeats and gives up."""

from collections import Counter
from typing import Any

import pytest

from tests.functions.api import Api
from tests.functions.http import transport
from tests.functions.ingest import kept
from tests.network import Failure, flaky
from tests.sdks import node, python

EVERY_FAILURE: list[Failure] = ["before", "after", "busy", "throttled", "cut", "silent"]


def history(api: Api, customer: str) -> dict[str, dict[str, Any]]:
    events = api.server.get(f"/v1/customers/{customer}/events").json()["events"]
    return {event["name"]: event for event in events}


def test_a_day_arrives_with_its_meaning(api: Api) -> None:
    with flaky("http://api.test", [], transport(api)) as network:
        told = node.tell(network.url, api.keys.secret)
    assert kept.messages() == Counter(told.sent)
    found = history(api, told.customer)
    assert set(found) == python.NAMES
    assert (found["Order Completed"]["order_id"], found["Order Completed"]["items"]) == ("o1", ["toys-1", "toys-2"])
    viewed = found["Product Viewed"]
    assert (viewed["customer"]["kind"], viewed["items"]) == ("anonymous", ["toys-1"])
    assert {call.path for call in network.calls} == {"/v1/batch"}


def test_500_events_are_kept_once_whatever_fails(api: Api) -> None:
    with flaky("http://api.test", EVERY_FAILURE, transport(api)) as network:
        told = node.tell(network.url, api.keys.secret, views=492, flushAt=50, httpRequestTimeout=3000)
    assert (len(told.sent), told.failed) == (500, [])
    assert kept.messages() == Counter(told.sent)
    assert network.failures == [], "each has hit a batch"


@pytest.mark.parametrize(("failure", "seconds", "heeded"), [("busy", 3, True), ("before", 60, False)])
def test_retry_after_is_heeded_with_429_only(api: Api, failure: Failure, seconds: int, heeded: bool) -> None:
    """After a 503 the library comes back by its own back-off, of 1 to 2 s at first: of the 60 s it takes no notice."""
    with flaky("http://api.test", [failure], transport(api), retry_after=seconds) as network:
        told = node.tell(network.url, api.keys.secret, flushAt=100)
    first, again = network.calls[0], network.calls[1]
    assert (again.time - first.time > seconds - 0.1) == heeded
    assert again.headers["x-retry-count"] == "1"
    assert kept.messages() == Counter(told.sent)


def test_a_key_that_is_not_ours_is_told_and_not_repeated(api: Api) -> None:
    with flaky("http://api.test", [], transport(api)) as network:
        told = node.tell(network.url, "pk_not_ours", flushAt=100)
    assert set(told.failed) == {"Error: [401] Unauthorized"}
    assert len(told.failed) == len(told.sent)
    assert set(network.statuses) == {401}
    assert len(network.statuses) == 2, "one for each flush"
    assert kept.messages() == Counter()


def test_a_batch_that_the_library_made_too_large_is_told_and_not_repeated(api: Api) -> None:
    """As the README warns: it measures no batch, and `flushAt` alone bounds it."""
    with flaky("http://api.test", [], transport(api)) as network:
        told = node.tell(network.url, api.keys.secret, views=1500, flushAt=2000)
    assert network.statuses == [413, 200], "all but the last event went in one batch"
    assert set(told.failed) == {"Error: [413] Content Too Large"}
    assert list(kept.messages()) == told.sent[-1:]

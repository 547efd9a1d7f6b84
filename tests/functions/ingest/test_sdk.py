"""Segment's own library for Python against the handler, with the bodies as an HTTP API hands on what is no text."""

import pytest

from tests.functions.api import Api
from tests.functions.http import transport
from tests.functions.ingest.test_wire import message_ids
from tests.network import Failure, flaky
from tests.sdks import python


@pytest.mark.parametrize("gzip", [False, True])
@pytest.mark.parametrize("failures", [[], ["before", "after"]])
def test_what_the_library_tells_is_kept_once_whatever_fails(api: Api, gzip: bool, failures: list[Failure]) -> None:
    with flaky("http://api.test", failures, transport(api)) as network:
        customer = python.tell(network.url, api.keys.publishable, gzip=gzip)
    kept = api.server.get(f"/v1/customers/{customer}/events").json()["events"]
    # By a publishable key the phone's own event is not linked: its history stays closed.
    assert sorted(event["name"] for event in kept) == sorted(python.NAMES - {"Product Viewed"})
    assert network.statuses[: len(failures)] == [503] * len(failures)
    assert network.statuses[-1] == 200


def test_a_key_that_is_not_ours_is_told_and_not_repeated(api: Api) -> None:
    with flaky("http://api.test", [], transport(api)) as network, pytest.raises(AssertionError, match="malformed"):
        python.tell(network.url, "pk_not_ours")
    assert network.statuses == [401]
    assert message_ids(api, "nobody") == []


def test_retry_after_is_heeded_with_503(api: Api) -> None:
    with flaky("http://api.test", ["before"], transport(api), retry_after=2) as network:
        python.tell(network.url, api.keys.publishable)
    first, again = network.calls[:2]
    assert again.time - first.time > 1.9

"""Segment's own library for Python against the handler, with the bodies as an HTTP API hands on what is no text."""

import httpx
import pytest

from tests import sdk
from tests.functions.api import Api
from tests.functions.ingest.test_wire import message_ids
from tests.network import Moment, flaky


def gateway(api: Api) -> httpx.MockTransport:
    """The functions in this process, as something that speaks HTTP."""

    def answer(request: httpx.Request) -> httpx.Response:
        names = ("authorization", "content-type", "content-encoding")
        headers = {name: request.headers[name] for name in names if name in request.headers}
        reply = api.caller(None).call(request.method, request.url.path, request.content, headers=headers)
        return httpx.Response(reply.status, headers=reply.headers, text=reply.text)

    return httpx.MockTransport(answer)


@pytest.mark.parametrize("gzip", [False, True])
@pytest.mark.parametrize("failures", [[], ["before", "after"]])
def test_what_the_library_tells_is_kept_once_whatever_fails(api: Api, gzip: bool, failures: list[Moment]) -> None:
    with flaky("http://api.test", failures, gateway(api)) as network:
        customer = sdk.tell(network.url, api.keys.publishable, gzip=gzip)
    kept = api.server.get(f"/v1/customers/{customer}/events").json()["events"]
    # By a publishable key the phone's own event is not linked: its history stays closed.
    assert sorted(event["name"] for event in kept) == sorted(sdk.NAMES - {"Product Viewed"})
    assert network.statuses[: len(failures)] == [503] * len(failures)
    assert network.statuses[-1] == 200


def test_a_key_that_is_not_ours_is_told_and_not_repeated(api: Api) -> None:
    with flaky("http://api.test", [], gateway(api)) as network, pytest.raises(AssertionError, match="malformed"):
        sdk.tell(network.url, "pk_not_ours")
    assert network.statuses == [401]
    assert message_ids(api, "nobody") == []

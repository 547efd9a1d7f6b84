"""Segment's own library for browsers, unmodified, in Chromium on a page of the shop's, against the handler."""

from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from shared.domain.keys import sign_customer
from shared.stores import clients
from tests.cors import Cors
from tests.functions.api import Api
from tests.functions.http import transport
from tests.functions.ingest import kept
from tests.network import Failure, Flaky, flaky
from tests.sdks.browser import ELSEWHERE, SHOP, Visit, shoppers_browser
from tests.shared.stores.faults import refusing

pytestmark = pytest.mark.browser

FAILURES: list[Failure] = ["before", "after", "busy", "throttled", "cut"]
POST = """([url, key]) => fetch(url, {method: "POST", headers: {authorization: "Bearer " + key}, body: "{}"})
    .then((reply) => reply.status, (error) => error.name)"""
LAMP = {"product_id": "lamp"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with shoppers_browser() as started:
        yield started


@pytest.fixture
def shopper(browser: Browser) -> Iterator[BrowserContext]:
    """A shopper whose browser remembers nothing of another test."""
    context = browser.new_context()
    yield context
    context.close()


def api_at_work(api: Api, *failures: Failure, retry_after: int = 1) -> AbstractContextManager[Flaky]:
    cors = Cors(SHOP)
    return flaky("http://api.test", list(failures), transport(api), cors=cors, retry_after=retry_after)


def batches(seconds: float) -> dict[str, Any]:
    """Ten events in one call, or what there is after so many seconds."""
    return {"strategy": "batching", "config": {"size": 10, "timeout": int(seconds * 1000)}}


def visit(shopper: BrowserContext, api: Api, network: Flaky, origin: str = SHOP, **segment: Any) -> Visit:
    """The library loaded as the README says: with our host, and nothing else that is not Segment's own."""
    options = {"integrations": {"Segment.io": segment}} if segment else {}
    return Visit(shopper, {"writeKey": api.keys.publishable, "cdnURL": network.url}, options, origin)


def history(api: Api, customer: str) -> dict[str, dict[str, Any]]:
    events = api.server.get(f"/v1/customers/{customer}/events").json()["events"]
    return {event["name"]: event for event in events}


@pytest.mark.parametrize("vouched", [True, False])
def test_a_visit_arrives_with_its_meaning(api: Api, shopper: BrowserContext, vouched: bool) -> None:
    """With the customer's token, identify makes what came before theirs; without it, that stays the browser's own."""
    token = sign_customer("ann", datetime.now(UTC) + timedelta(hours=1), api.keys.token_secret)
    options = {"context": {"customer_token": token}} if vouched else {}
    bought = {"order_id": "o1", "products": [LAMP, {"product_id": "shade"}]}
    with api_at_work(api) as network:
        page = visit(shopper, api, network)
        sent = [
            page.tell("track", "Product Viewed", LAMP),
            page.tell("identify", "ann", {"plan": "gold"}, options),
            page.tell("track", "Order Completed", bought, {"context": {"campaign": {"name": "spring"}}}),
            page.tell("page", "docs", "Home"),
            page.tell("screen", "app", "Home"),
            page.tell("group", "club", {"tier": "first"}),
            page.tell("alias", "ann", "phone", options),
        ]
    assert kept.messages() == Counter(sent)
    found = history(api, "ann")
    order = found["Order Completed"]
    assert (order["order_id"], order["items"]) == ("o1", ["lamp", "shade"])
    assert ("Product Viewed" in found) == vouched
    named = {"Customer Identified", "Page Viewed", "Screen Viewed", "Group Joined", "Customer Aliased"}
    assert named < set(found)
    assert {call.path[4:] for call in network.calls if call.method == "POST"} == set("tipsga")
    assert all(token not in str(details) for details in kept.details())
    assert kept.details("Order Completed")[0]["context"]["campaign"] == {"name": "spring"}
    assert kept.details("Page Viewed")[0]["context"]["page"]["url"] == f"{SHOP}/"


def test_the_settings_say_where_to_send_unless_the_page_does(api: Api, shopper: BrowserContext) -> None:
    with api_at_work(api) as network, api_at_work(api) as other:
        sent = [visit(shopper, api, network).tell("track", "Product Viewed", LAMP)]
        where = {"apiHost": other.url.removeprefix("http://") + "/v1", "protocol": "http"}
        sent.append(visit(shopper, api, network, **where).tell("track", "Product Viewed", LAMP))
    assert [len(each.statuses) for each in (network, other)] == [1, 1]
    assert kept.messages() == Counter(sent)


def test_a_page_may_bring_the_settings_itself_and_metrics_are_answered(api: Api, shopper: BrowserContext) -> None:
    with api_at_work(api) as network:
        host = network.url.removeprefix("http://") + "/v1"
        where = {"apiKey": api.keys.publishable, "apiHost": host}
        given = {"integrations": {"Segment.io": where}, "metrics": {"host": host, "sampleRate": 1, "flushTimer": 100}}
        no_tls = {"integrations": {"Segment.io": {"protocol": "http"}}}
        page = Visit(shopper, {"writeKey": api.keys.publishable, "cdnSettings": given}, no_tls)
        sent = page.tell("track", "Product Viewed", LAMP)
        page.until(lambda: any(call.path == "/v1/m" for call in network.calls))
    assert {(call.method, call.path, call.status) for call in network.calls} == {
        ("OPTIONS", "/v1/t", 204),
        ("POST", "/v1/t", 200),
        ("POST", "/v1/m", 200),
    }
    assert kept.messages() == Counter([sent])


def test_a_table_that_is_down_when_the_page_opens_costs_nothing(api: Api, shopper: BrowserContext) -> None:
    """The library drops what a page tells where it gets no settings, so it gets them; it repeats the rest itself."""
    with api_at_work(api) as network:
        with refusing(clients.dynamodb()):
            page = visit(shopper, api, network)
            page.tell_and_go("track", "Product Viewed", LAMP)
            page.until(lambda: 503 in network.statuses)
        page.until(lambda: 200 in network.statuses)
    assert sorted(kept.messages().values()) == [1]


def test_everything_is_kept_once_whatever_fails(api: Api, shopper: BrowserContext) -> None:
    with api_at_work(api, *FAILURES) as network:
        page = visit(shopper, api, network)
        sent = [page.tell("identify", "ann"), page.tell("page")]
        sent += [page.tell("track", "Product Viewed", {"product_id": f"toys-{n}"}) for n in range(8)]
        page.until(lambda: len(kept.messages()) == len(sent) and network.statuses.count(200) == len(sent))
    assert kept.messages() == Counter(sent)
    assert Counter(network.statuses) == {503: 2, 429: 2, None: 1, 200: 10}


def test_an_event_whose_reply_was_lost_is_not_kept_for_the_customer_once_more(
    api: Api, shopper: BrowserContext
) -> None:
    """The library writes the ids into a call when it sends it, not when it was made."""
    with api_at_work(api, "after") as network:
        page = visit(shopper, api, network)
        viewed = page.tell("track", "Product Viewed", LAMP)
        page.tell("identify", "ann")
        page.until(lambda: network.statuses.count(200) == 2)
    assert kept.messages()[viewed] == 1


@pytest.mark.parametrize(("failure", "seconds", "heeded"), [("busy", 2, True), ("before", 60, False)])
def test_retry_after_is_heeded_with_429_only(
    api: Api, shopper: BrowserContext, failure: Failure, seconds: int, heeded: bool
) -> None:
    """After a 503 the library comes back within a second, and then by its own back-off."""
    with api_at_work(api, failure, retry_after=seconds) as network:
        page = visit(shopper, api, network)
        sent = page.tell("track", "Product Viewed", LAMP)
        page.until(lambda: network.statuses[1:] == [200])
    first, again = (call for call in network.calls if call.method == "POST")
    assert (again.time - first.time > seconds - 0.1) == heeded
    assert again.headers["x-retry-count"] == "1"
    assert kept.messages() == Counter([sent])


def test_what_is_told_offline_comes_with_the_next_visit(api: Api, shopper: BrowserContext) -> None:
    with api_at_work(api) as network:
        page = visit(shopper, api, network)
        page.tell("track", "Product Viewed", LAMP)
        shopper.set_offline(True)
        missed = [page.tell("track", "Product Added", LAMP) for _ in range(3)]
        page.leave()
        shopper.set_offline(False)
        assert not set(missed) & set(kept.messages())
        page = visit(shopper, api, network)
        page.until(lambda: set(missed) <= set(kept.messages()))
    assert set(kept.messages().values()) == {1}


def test_what_was_on_its_way_when_the_page_went_comes_again_and_is_kept_once(api: Api, shopper: BrowserContext) -> None:
    with api_at_work(api, "silent") as network:
        page = visit(shopper, api, network)
        page.tell_and_go("track", "Product Viewed", LAMP)
        page.until(lambda: network.statuses == [None])
        page.leave()
        visit(shopper, api, network).until(lambda: network.statuses == [None, 200])
    assert list(kept.messages().values()) == [1]


def test_batches_go_with_the_page(api: Api, shopper: BrowserContext) -> None:
    """They are to wait for ten minutes, so that only leaving the page can have sent them."""
    with api_at_work(api) as network:
        page = visit(shopper, api, network, deliveryStrategy=batches(600))
        sent = [page.tell("track", "Product Viewed", {"product_id": f"toys-{n}"}) for n in range(3)]
        assert network.statuses == []
        page.leave()
        page.until(lambda: network.statuses == [200])
    assert {call.path for call in network.calls if call.method == "POST"} == {"/v1/b"}
    assert kept.messages() == Counter(sent)


def test_batches_are_kept_once_whatever_fails(api: Api, shopper: BrowserContext) -> None:
    """A batch that failed goes again when the next one is due."""
    with api_at_work(api, "after", "busy", "cut") as network:
        page = visit(shopper, api, network, deliveryStrategy=batches(0.5))
        sent = [page.tell("track", "Product Viewed", {"product_id": f"toys-{n}"}) for n in range(24)]
        page.until(lambda: len(kept.messages()) == len(sent) and network.statuses[-1] == 200)
    assert network.failures == []
    assert kept.messages() == Counter(sent)


def test_a_page_of_another_origin_is_told_nothing_and_sends_nothing(api: Api, shopper: BrowserContext) -> None:
    with api_at_work(api) as network:
        page = visit(shopper, api, network, ELSEWHERE)
        page.tell_and_go("track", "Product Viewed", LAMP)
        page.until(lambda: len(network.calls) == 1)
        told = page.page.evaluate(POST, [network.url + "/v1/t", api.keys.publishable])
    assert told == "TypeError"
    assert [call.method for call in network.calls] == ["GET", "OPTIONS"], "no event ever left the page"
    assert kept.messages() == Counter()

"""Segment's own library for browsers, in Chromium on a page of the shop's, against the deployed artefacts."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser

from infra.cli.keys import make_key
from shared.domain.keys import KeyKind, sign_customer
from tests.e2e.conftest import Running
from tests.sdks.browser import ELSEWHERE, SHOP, Visit, shoppers_browser

pytestmark = [pytest.mark.local, pytest.mark.browser]

LAMP = {"product_id": "lamp"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with shoppers_browser() as started:
        yield started


def kept(running: Running, customer: str) -> Counter[str]:
    with running.deployment.api() as api:
        events = api.get(f"/v1/customers/{customer}/events").json()["events"]
    return Counter(event["message_id"] for event in events)


@pytest.mark.parametrize("delivery", [{}, {"deliveryStrategy": {"strategy": "batching", "config": {"size": 3}}}])
def test_a_visit_is_kept_once_and_under_one_customer(
    running: Running, browser: Browser, delivery: dict[str, Any]
) -> None:
    """The settings name the host that the emulator knows the API by, which no browser finds: the page says another."""
    customer = f"browser-{uuid4()}"
    access = running.deployment.access
    secret = running.deployment.secrets.get(running.deployment.token_secret_name)
    token = {"context": {"customer_token": sign_customer(customer, datetime.now(UTC) + timedelta(hours=1), secret)}}
    key = make_key(running.deployment, KeyKind.PUBLISHABLE, "browser")
    where = {"apiHost": access.api_url.removeprefix("http://") + "/v1", "protocol": "http"}
    context = browser.new_context()
    page = Visit(
        context,
        {"writeKey": key, "cdnURL": access.api_url},
        {"integrations": {"Segment.io": where | delivery}},
    )
    sent = [
        page.tell("track", "Product Viewed", LAMP),
        page.tell("identify", customer, {"plan": "gold"}, token),
        page.tell("page", "docs", "Home"),
    ]
    page.until(lambda: kept(running, customer) == Counter(sent))
    context.close()


def test_only_the_shops_pages_are_let_in(running: Running) -> None:
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,x-retry-count"}
    with httpx.Client(base_url=running.deployment.access.api_url, trust_env=False) as client:
        shop, other = (client.options("/v1/t", headers=asked | {"origin": each}) for each in (SHOP, ELSEWHERE))
        posted = client.post("/v1/t", headers={"origin": SHOP}, json={})
    assert shop.headers["access-control-allow-origin"] == SHOP
    assert {"authorization", "x-retry-count"} <= set(
        shop.headers["access-control-allow-headers"].replace(" ", "").split(",")
    )
    assert posted.headers["access-control-expose-headers"] == "retry-after"
    assert "access-control-allow-origin" not in other.headers

"""Webhooks through the deployed artefacts: what Shopify signs arrives byte for byte, and a redaction really erases."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from infra.cli.webhooks import ShopSystem, keep, urls
from shared.domain.signatures import sign
from tests.e2e.conftest import Running
from tests.e2e.test_privacy import eventually, traces
from tests.functions.webhooks.senders import payload

pytestmark = pytest.mark.local

SECRET = "shpss_of_the_deployment"
CUSTOMER = 7011223399


def deliver(running: Running, topic: str, body: dict[str, Any], secret: str = SECRET) -> httpx.Response:
    raw = json.dumps(body, ensure_ascii=False, indent=1).encode()
    headers = {
        "content-type": "application/json",
        "x-shopify-topic": topic,
        "x-shopify-hmac-sha256": sign(raw, secret),
        "x-shopify-webhook-id": str(uuid4()),
    }
    return httpx.post(urls(running.deployment)["shopify"], content=raw, headers=headers, timeout=60)


def bought(running: Running) -> list[list[str]]:
    with running.deployment.api() as api:
        events = api.get(f"/v1/customers/{CUSTOMER}/events").json()["events"]
    return [event["items"] for event in events]


def test_an_order_arrives_and_a_redaction_takes_it_away_again(running: Running) -> None:
    keep(running.deployment, ShopSystem.SHOPIFY, SECRET, at_once=True)
    order = payload("shopify-order", note="Grüße, 💡")
    order["customer"] = {"id": CUSTOMER, "email": "ann.e2e@example.com"}
    order["note_attributes"] = []
    assert deliver(running, "orders/create", order, "another").status_code == 401
    assert bought(running) == []
    reply = deliver(running, "orders/create", order)
    assert (reply.status_code, reply.json()["status"]) == (200, "done"), reply.text
    (items,) = bought(running)
    assert items
    redaction = payload("shopify-redact", customer={"id": CUSTOMER, "email": "ann.e2e@example.com"})
    assert deliver(running, "customers/redact", redaction).status_code == 200
    eventually(lambda: not bought(running) and not traces(running, str(CUSTOMER)))

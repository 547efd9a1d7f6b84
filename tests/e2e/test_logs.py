"""The logs of the deployed functions: every line says whose it is, and none holds anything of a shopper.

Canaries come in by every way there is, good and bad; what the other tests of this run sent is looked through too.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from infra.cli.webhooks import ShopSystem, keep
from shared.stores.poison import Poison
from tests.canaries import ADDRESS, CUSTOMER, DEVICE, EMAIL, ORDER, PERSON, REVIEW, UNKNOWN_KEY, leaks, unstructured
from tests.e2e.conftest import Running, written
from tests.e2e.test_privacy import done, eventually
from tests.e2e.test_webhooks import SECRET, deliver
from tests.functions.webhooks.senders import payload

pytestmark = pytest.mark.local

NOW = datetime.now(UTC)


def record(**changes: Any) -> dict[str, Any]:
    told = {"type": "track", "event": "Product Reviewed", "userId": CUSTOMER, "anonymousId": DEVICE}
    properties = {"product_id": "toys-1", "review_body": REVIEW, "order_id": ORDER}
    more = {"messageId": str(uuid4()), "properties": properties, "context": {"ip": ADDRESS, "traits": PERSON}}
    return told | more | changes


def by_ingest(running: Running) -> None:
    future = (NOW + timedelta(days=2)).isoformat()
    batch = [record(), record(timestamp=future), record(timestamp=EMAIL), record(properties=REVIEW), EMAIL]
    with running.deployment.api() as api:
        headers = {"x-forwarded-for": ADDRESS, "user-agent": EMAIL}
        assert api.post("/v1/batch", json={"batch": batch}, headers=headers).status_code == 207
        assert api.post("/v1/identify", json=record(type="identify", traits=PERSON)).status_code == 200
        assert api.post("/v1/batch", content=f'{{"batch": "{EMAIL}').status_code == 400
        assert api.get(f"/v1/nothing/{EMAIL}").status_code == 404
    with running.deployment.api(UNKNOWN_KEY) as stranger:
        assert stranger.get(f"/v1/customers/{CUSTOMER}/events").status_code == 401


def by_recommend(running: Running) -> None:
    with running.deployment.api() as api:
        assert api.post("/v1/recommendations", json={"surface": "for-you", "customer_id": CUSTOMER}).status_code == 200
        assert api.post("/v1/recommendations", json={"surface": EMAIL, "customer_id": CUSTOMER}).status_code == 400


def by_webhooks(running: Running) -> None:
    keep(running.deployment, ShopSystem.SHOPIFY, SECRET, at_once=True)
    customer = {"id": 7011229999, "email": EMAIL, "first_name": PERSON["name"], "default_address": PERSON["address"]}
    order = payload("shopify-order", id=4711, email=EMAIL, customer=customer, browser_ip=ADDRESS) | {"name": ORDER}
    assert deliver(running, "orders/create", order, "another").status_code == 401
    assert deliver(running, "orders/create", order | {"id": EMAIL}).json()["status"] == "unmapped"
    assert deliver(running, "orders/create", order).status_code == 200


def by_privacy(running: Running) -> None:
    with running.deployment.api() as api:
        decision = {"purpose": EMAIL, "granted": True, "version": "1", "source": "banner"}
        assert api.post("/v1/consent", json={"customer_id": CUSTOMER, "decisions": [decision]}).status_code == 400
        export = api.post("/v1/exports", json={"customer_id": CUSTOMER}).json()["export_id"]
        eventually(lambda: done(api, f"/v1/exports/{export}"))


def set_aside(running: Running) -> list[Poison] | None:
    """What both readers of the stream have set aside, as soon as they have."""
    found = list(running.deployment.poison.all())
    return found if {each.consumer for each in found} == {"archive", "project"} else None


def by_failing(running: Running) -> None:
    """What none of our own clients sends: each of these makes a function fail, or set aside what it was given."""
    key = {"pk": {"S": f"CUSTOMER#user:{CUSTOMER}"}, "sk": {"S": "EVENT#canary"}}
    item = key | {"time": {"S": EMAIL}, "name": {"S": REVIEW}}
    table = running.deployment.access.table_name
    running.stack.client("dynamodb").put_item(TableName=table, Item=item)
    client = running.stack.client("lambda")
    for function in client.list_functions()["Functions"]:
        if any(name in function["FunctionName"] for name in ("Ingest", "Privacy", "Fulfil", "Project")):
            event = {"Records": [{"body": json.dumps({"job_id": [EMAIL]})}], "rawPath": CUSTOMER, "body": REVIEW}
            reply = client.invoke(FunctionName=function["FunctionName"], Payload=json.dumps(event).encode())
            assert reply["FunctionError"]
            assert leaks([reply["Payload"].read().decode()]) == []
    aside = eventually(lambda: set_aside(running))
    for each in aside:
        running.deployment.poison.delete(each.key)


def test_no_log_holds_anything_of_a_shopper(running: Running) -> None:
    by_ingest(running)
    by_recommend(running)
    by_webhooks(running)
    by_privacy(running)
    by_failing(running)
    found = list(written(running.deployment))
    told = {name for name, line in found if line.startswith("{")}
    assert {"ingest", "recommend", "webhooks", "privacy", "fulfil", "archive", "project", "catalogue"} <= told
    assert leaks([line for _, line in found]) == []
    lines = [(name, line) for name, line in found if line.startswith("{")]
    assert unstructured(line for _, line in lines) == []
    assert [line for name, line in lines if json.loads(line)["function"] != name] == []

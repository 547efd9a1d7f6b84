"""Export and erasure through the deployed artefacts: routes, queue, worker, stream and archive."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.e2e.conftest import Running

pytestmark = pytest.mark.local

PATIENCE_SECONDS = 90.0


def eventually[T](ask: Callable[[], T | None]) -> T:
    """What `ask` gives once it gives anything."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := ask()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.5)
    return found


def done(api: httpx.Client, url: str) -> Any:
    job = api.get(url).json()
    return job if job["status"] == "done" else None


def traces(running: Running, word: str) -> list[str]:
    """Every record, and every line of the archive, in which the word stands."""
    client = running.stack.client("dynamodb")
    pages = client.get_paginator("scan").paginate(TableName=running.deployment.access.table_name)
    records = [str(item) for page in pages for item in page["Items"]]
    archived = [str(event) for event in running.deployment.archive.read()]
    return [each for each in [*records, *archived] if word in each]


def test_a_shopper_is_exported_and_erased(running: Running) -> None:
    customer, device = f"shopper-{uuid4()}", f"device-{uuid4()}"
    asked = datetime.now(UTC)
    late = {
        "event": "Product Viewed",
        "userId": customer,
        "anonymousId": device,
        "messageId": str(uuid4()),
        "timestamp": (asked - timedelta(minutes=5)).isoformat(),
        "properties": {"product_id": "toys-1"},
    }
    anonymous = {name: value for name, value in late.items() if name != "userId"} | {"messageId": str(uuid4())}
    with running.deployment.api() as api:
        for record in (late, anonymous):
            assert api.post("/v1/track", json=record).json()["accepted"] == 1
        archived = running.deployment.archive
        eventually(lambda: {late["messageId"], anonymous["messageId"]} <= {each.message_id for each in archived.read()})

        export = api.post("/v1/exports", json={"customer_id": customer})
        assert export.status_code == 202, export.text
        told = eventually(lambda: done(api, f"/v1/exports/{export.json()['export_id']}"))
        assert {each["message_id"] for each in told["data"]["events"]} == {late["messageId"], anonymous["messageId"]}

        erasure = api.post("/v1/erasures", json={"customer_id": customer}).json()
        receipt = eventually(lambda: done(api, f"/v1/erasures/{erasure['erasure_id']}"))
        assert receipt["sweeps"][-1]["found"] == 0
        assert receipt["removed"]["archived events"] == 2
        assert traces(running, customer) == []
        assert traces(running, device) == []

        assert api.post("/v1/track", json=late).json()["not_kept"] == {"erased": 1}
        assert traces(running, customer) == []
        again = late | {"messageId": str(uuid4()), "timestamp": datetime.now(UTC).isoformat()}
        assert "not_kept" not in api.post("/v1/track", json=again).json()
        assert len(api.get(f"/v1/customers/{customer}/events").json()["events"]) == 1
        assert api.get(f"/v1/exports/{export.json()['export_id']}").status_code == 404


def test_the_deployed_compaction_runs_and_loses_nothing(running: Running) -> None:
    """It leaves alone what is as fresh as all is here; what it merges is the unit tests' business."""
    before = sorted(map(str, running.deployment.archive.read()))
    functions = running.stack.client("lambda").list_functions()["Functions"]
    (name,) = (each["FunctionName"] for each in functions if "CompactFunction" in each["FunctionName"])
    reply = running.stack.client("lambda").invoke(FunctionName=name, Payload=b"{}")
    assert json.loads(reply["Payload"].read()) == {"columns": 0, "deleted": 0, "skipped": []}
    assert sorted(map(str, running.deployment.archive.read())) == before

"""The main job through the deployed artefacts: events in, a model trained, recommendations with reasons out."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from infra.cli.live import Shop
from tests.e2e.conftest import Running
from tests.e2e.shop import department_of

pytestmark = pytest.mark.local

PATIENCE_SECONDS = 30.0


def eventually(happens: Callable[[], bool]) -> bool:
    """Whether something that follows the stream comes true in time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happens():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def ids(reply: dict[str, Any]) -> list[str]:
    return [each["item"]["item_id"] for each in reply["items"]]


def test_a_tracked_event_is_read_back_and_archived(running: Running) -> None:
    customer, message_id = f"new-{uuid4()}", str(uuid4())
    record = {"event": "Product Viewed", "userId": customer, "messageId": message_id, "timestamp": datetime.now(UTC).isoformat(),
              "properties": {"product_id": "toys-1"}}
    with running.deployment.api() as api:
        assert api.post("/v1/track", json=record).json() == {"accepted": 1, "rejected": []}
        events = api.get(f"/v1/customers/{customer}/events").json()["events"]
    assert [event["message_id"] for event in events] == [message_id]
    assert eventually(lambda: message_id in {event.message_id for event in running.deployment.archive.read()})


def test_every_customer_is_recommended_their_department(browser_shop: Shop) -> None:
    right = total = 0
    for customer in range(12):
        reply = browser_shop.recommend("for-you", f"c{customer}", limit=5)
        assert reply["personalised"], reply
        right += sum(item_id.startswith(department_of(customer)) for item_id in ids(reply))
        total += 5
    assert right > 0.7 * total


def test_reasons_add_up_to_the_score(browser_shop: Shop) -> None:
    for each in browser_shop.recommend("for-you", "c1")["items"]:
        told = sum(reason["contribution"] for reason in each["reasons"]) + each["other_terms"]
        assert told == pytest.approx(each["score"], abs=1e-5)


def test_similar_items_are_of_one_department(browser_shop: Shop) -> None:
    reply = browser_shop.recommend("similar", item_id="pets-3", limit=5)
    assert "pets-3" not in ids(reply)
    assert sum(item_id.startswith("pets") for item_id in ids(reply)) >= 4

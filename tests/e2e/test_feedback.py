"""Feedback through the deployed artefacts: what is said comes in, is understood, kept, summed up, and can be erased."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from rich.console import Console

from infra.cli import reviewed
from infra.cli.reviewed import Reviewers
from infra.datasets import reviews
from shared.domain.items import Item
from tests.e2e.conftest import Running
from tests.e2e.test_privacy import done, eventually, traces

pytestmark = pytest.mark.local

QUIET = Console(quiet=True)


@pytest.fixture(scope="module")
def server(running: Running) -> Iterator[httpx.Client]:
    with running.deployment.api() as client:
        yield client


def said(text: str, **fields: Any) -> dict[str, Any]:
    """A review of now, with an id of its own."""
    return {"feedback_id": str(uuid4()), "source": "review", "text": text, "time": _now().isoformat()} | fields


def send(server: httpx.Client, *feedback: dict[str, Any]) -> Any:
    reply = server.post("/v1/feedback", json={"feedback": feedback})
    assert reply.status_code == 200, reply.text
    return reply.json()


def listed(server: httpx.Client, item_id: str) -> list[dict[str, Any]]:
    reply = server.get("/v1/feedback", params={"item_id": item_id})
    assert reply.status_code == 200, reply.text
    found: list[dict[str, Any]] = reply.json()["feedback"]
    return found


def total(server: httpx.Client, item_id: str) -> dict[str, Any]:
    reply = server.get("/v1/feedback/summary", params={"item_id": item_id, "period": "week"})
    assert reply.status_code == 200, reply.text
    figures: dict[str, Any] = reply.json()["total"]
    return figures


def _now() -> datetime:
    return datetime.now(UTC)


def test_feedback_comes_in_is_understood_and_summed_up(server: httpx.Client) -> None:
    item = f"item-{uuid4()}"
    good = said("The milk tastes wonderful and the delivery was fast.", item_id=item, rating=5)
    bad = said("Horrible! It was rotten and the driver was rude.", item_id=item, rating=1)
    assert send(server, good, bad)["accepted"] == 2
    assert send(server, good)["known"] == 1
    found = {each["feedback_id"]: each for each in listed(server, item)}
    assert (found[good["feedback_id"]]["label"], found[bad["feedback_id"]]["label"]) == ("positive", "negative")
    assert found[bad["feedback_id"]]["score"] < -0.3 < 0.3 < found[good["feedback_id"]]["score"]
    assert "delivery" in {each["aspect"] for each in found[good["feedback_id"]]["aspects"]}
    figures = eventually(lambda: each if (each := total(server, item))["count"] == 2 else None)
    assert (figures["positive"], figures["negative"], figures["mean_rating"]) == (1, 1, 3.0)


def test_how_a_text_feels_is_told_and_nothing_kept(running: Running, server: httpx.Client) -> None:
    word = f"canary{uuid4().hex}"
    reply = server.post("/v1/sentiment", json={"texts": [f"I love this, {word}!", "Broke after a day."]})
    assert [each["label"] for each in reply.json()["results"]] == ["positive", "negative"]
    assert traces(running, word) == []


def test_what_is_personal_is_nowhere_but_its_absence_is_told(running: Running, server: httpx.Client) -> None:
    item, name = f"item-{uuid4()}", f"jo{uuid4().hex[:8]}"
    send(server, said(f"Great. Write to {name}@example.com or call (555) 010-1234.", item_id=item))
    (found,) = listed(server, item)
    assert found["redacted"] == {"email": 1, "phone": 1}
    assert "Great" in found["text"]
    assert traces(running, name) == []
    assert traces(running, "010-1234") == []


def test_a_review_that_came_as_an_event_is_feedback_too(server: httpx.Client) -> None:
    item = f"item-{uuid4()}"
    event = {
        "event": "Product Reviewed",
        "userId": f"shopper-{uuid4()}",
        "messageId": str(uuid4()),
        "timestamp": _now().isoformat(),
        "properties": {"product_id": item, "review_body": "Terrible, it broke on the first day.", "rating": "1"},
    }
    assert server.post("/v1/track", json=event).json()["accepted"] == 1
    (found,) = eventually(lambda: listed(server, item))
    assert (found["label"], found["rating"], found["source"]) == ("negative", 1.0, "review")


def test_erasing_a_shopper_erases_what_they_said(running: Running, server: httpx.Client) -> None:
    item, shopper, word = f"item-{uuid4()}", f"shopper-{uuid4()}", f"canary{uuid4().hex}"
    send(server, said(f"Lovely bread, {word}.", item_id=item, customer_id=shopper), said("Fine.", item_id=item))
    assert traces(running, word)
    erasure = server.post("/v1/erasures", json={"customer_id": shopper}).json()
    receipt = eventually(lambda: done(server, f"/v1/erasures/{erasure['erasure_id']}"))
    assert receipt["sweeps"][-1]["found"] == 0
    assert traces(running, word) == traces(running, shopper) == []
    assert [each["text"] for each in listed(server, item)] == ["Fine."]

"""The main job through the deployed artefacts: events in, a model trained, recommendations with reasons out."""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import numpy as np
import pytest

from infra.cli import sources
from infra.cli.history import put_events
from infra.cli.keys import make_key
from infra.cli.live import Shop
from shared.domain.events import CustomerRef, Event
from shared.domain.keys import KeyKind
from shared.stores.models import POINTER
from tests.e2e import shop
from tests.e2e.conftest import Running
from tests.e2e.shop import department_of
from training.interactions import collect

pytestmark = pytest.mark.local

PATIENCE_SECONDS = 45.0
KNOWN_C2 = CustomerRef.parse("user:c2")


def eventually(happens: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> bool:
    """Whether something that follows the stream, or what a warm function remembers, comes true in time."""
    deadline = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def ids(reply: dict[str, Any]) -> list[str]:
    return [each["item"]["item_id"] for each in reply["items"]]


def test_a_tracked_event_is_read_back_and_archived(running: Running) -> None:
    customer, message_id = f"new-{uuid4()}", str(uuid4())
    record = {
        "event": "Product Viewed",
        "userId": customer,
        "messageId": message_id,
        "timestamp": datetime.now(UTC).isoformat(),
        "properties": {"product_id": "toys-1"},
    }
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


def test_buy_again_is_what_was_bought_most_and_last(browser_shop: Shop, trained: Running) -> None:
    reply = browser_shop.recommend("buy-again", "c2", limit=3)
    bought = Counter(
        item for event in trained.deployment.events.recent([KNOWN_C2], datetime.now(UTC)) for item in event.items
    )
    assert reply["personalised"]
    assert {each["item"]["item_id"] for each in reply["items"]} & {item for item, _ in bought.most_common(2)}
    assert re.match(r"You bought this \d+ times, last on", reply["items"][0]["reasons"][0]["text"])


def test_a_live_event_changes_the_next_list(browser_shop: Shop) -> None:
    before = ids(browser_shop.recommend("for-you", "c6", limit=5))
    browser_shop.track("Product Viewed", "c6", "tools-9")
    after = browser_shop.recommend("for-you", "c6", limit=5)
    assert ids(after) != before
    reasons = [reason["text"] for each in after["items"] for reason in each["reasons"]]
    assert "Because you looked at Tools item 9" in reasons


def test_trending_follows_the_stream(browser_shop: Shop) -> None:
    assert ids(browser_shop.recommend("trending", limit=1)) != ["garden-33"]
    for customer in range(40):
        browser_shop.track("Order Completed", f"crowd-{customer}", "garden-33")
    assert eventually(lambda: ids(browser_shop.recommend("trending", limit=1)) == ["garden-33"])


def test_sold_out_and_deleted_items_are_gone_within_a_minute(browser_shop: Shop, trained: Running) -> None:
    def listed() -> list[str]:
        return ids(browser_shop.recommend("similar", item_id="dairy-5", limit=5))

    sold_out, deleted, *_ = listed()
    with trained.deployment.api() as api:
        found = api.post("/v1/items/get", json={"item_ids": [sold_out, deleted]}).json()["items"]
        # Without the versions, which rise meanwhile: with them nothing would be put back.
        put_back = [{name: value for name, value in each.items() if name != "version"} for each in found]
        api.put("/v1/items", json={"items": [{**put_back[0], "stock": 0}]})
        api.post("/v1/items/delete", json={"item_ids": [deleted]})
        assert eventually(lambda: {sold_out, deleted}.isdisjoint(listed()), seconds=60)
        assert len(listed()) == 5
        assert api.put("/v1/items", json={"items": put_back}).status_code == 200


def test_a_browser_without_a_token_sees_nothing_of_a_known_history(trained: Running) -> None:
    key = make_key(trained.deployment, KeyKind.PUBLISHABLE, "stranger")
    with trained.deployment.api(key) as api:
        reply = api.post("/v1/recommendations", json={"surface": "for-you", "customer_id": "c1"}).json()
        assert (reply["personalised"], reply["served_by"]) == (False, "popularity")
        assert api.get("/v1/customers/c1/events").status_code == 403
        forged = {"surface": "for-you", "customer_id": "c1", "customer_token": "9999999999.00"}
        assert api.post("/v1/recommendations", json=forged).status_code == 403


def test_importing_and_training_again_gives_the_same_matrix(
    trained: Running, tmp_path_factory: pytest.TempPathFactory
) -> None:
    first = collect(_imported(trained))
    files = shop.write(tmp_path_factory.mktemp("again"))
    events = list(sources.Files(*files).events())
    put_events(trained.deployment, "purchases", [*events, *reversed(events)], lambda _done, _of: None)
    again = collect(_imported(trained))
    assert len(first.item) > 10_000
    assert np.array_equal(first.item, again.item)
    assert np.array_equal(first.customer, again.customer)


def _imported(running: Running) -> Iterator[Event]:
    return (event for event in running.deployment.archive.read() if event.message_id.startswith("import-"))


def test_without_its_model_a_surface_says_so_and_serves_what_is_trending(trained: Running, browser_shop: Shop) -> None:
    table = trained.deployment.table
    champion = table.get(*POINTER)
    assert champion is not None
    table.write_many(deletes=[POINTER])
    try:
        assert eventually(lambda: browser_shop.recommend("for-you", "c1")["served_by"] == "trending")
        assert browser_shop.recommend("for-you", "c1")["note"] == "There is no model yet."
    finally:
        table.put(champion)
    assert eventually(lambda: browser_shop.recommend("for-you", "c1")["served_by"] == "model")

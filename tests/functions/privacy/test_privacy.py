"""The routes of exports and erasures, with the worker behind the queue."""

from typing import Any

import pytest

from functions.privacy import app as privacy_app
from shared.stores import clients
from shared.stores.tombstones import TombstoneStore
from tests.conftest import BUCKET
from tests.functions.api import Api, Stream, app
from tests.gateway import Context, Response

EVENT = {"event": "Product Viewed", "messageId": "m1", "timestamp": "2026-05-01T12:00:00Z"}


def view(message_id: str = "m1", **who: str) -> dict[str, Any]:
    return EVENT | {"messageId": message_id, "properties": {"product_id": "lamp"}} | who


def work(most: int = 20) -> int:
    """Deliver what is in the queue until it is empty; how many messages that were."""
    sqs, handler = clients.sqs(), app("fulfil").handler
    url = sqs.get_queue_url(QueueName="privacy-jobs")["QueueUrl"]
    for done in range(most):
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1).get("Messages", [])
        if not messages:
            return done
        handler({"Records": [{"body": messages[0]["Body"]}]}, Context())
        sqs.delete_message(QueueUrl=url, ReceiptHandle=messages[0]["ReceiptHandle"])
    raise AssertionError("the queue never empties")


def ask(api: Api, what: str, **who: str) -> Response:
    return api.server.post(f"/v1/{what}", who)


def test_an_erasure_from_request_to_receipt(api: Api) -> None:
    stream = Stream("archive")
    for record in (view(userId="ann", anonymousId="phone"), view("m2", anonymousId="phone"), view("m3", userId="bob")):
        assert api.server.post("/v1/track", record).status == 200
    app("archive").handler({"Records": stream.new()}, None)
    asked = ask(api, "erasures", customer_id="ann")
    assert (asked.status, asked.json()["status"]) == (202, "queued")
    assert work() == 2
    receipt = api.server.get(f"/v1/erasures/{asked.json()['erasure_id']}").json()
    assert receipt["status"] == "done"
    assert receipt["removed"] == {"events": 2, "links": 2, "archived events": 2}
    assert [sweep["found"] for sweep in receipt["sweeps"]] == [0, 0]
    assert receipt["models"]["without_from"] > receipt["completed_at"]
    assert "ann" not in str(receipt)
    assert api.server.get("/v1/customers/ann/events").json() == {"events": []}
    assert len(api.server.get("/v1/customers/bob/events").json()["events"]) == 1


def test_a_late_retry_stays_out_and_what_comes_afterwards_is_kept(api: Api) -> None:
    api.server.post("/v1/track", view(userId="ann"))
    ask(api, "erasures", customer_id="ann")
    work()
    assert api.server.post("/v1/track", view(userId="ann")).json()["not_kept"] == {"erased": 1}
    assert api.server.get("/v1/customers/ann/events").json() == {"events": []}
    new = {name: value for name, value in view("m2", userId="ann").items() if name != "timestamp"}
    assert "not_kept" not in api.server.post("/v1/track", new).json()
    assert [each["message_id"] for each in api.server.get("/v1/customers/ann/events").json()["events"]] == ["m2"]


def test_a_late_stream_record_is_not_archived(api: Api) -> None:
    """The archive gathers for a minute: what was written before the erasure may reach it afterwards."""
    stream = Stream("archive")
    api.server.post("/v1/track", view(userId="ann"))
    late = stream.new()
    ask(api, "erasures", customer_id="ann")
    work()
    assert app("archive").handler({"Records": late}, None)["objects"] == 0


def test_without_tombstones_it_would_be(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Stream("archive")
    api.server.post("/v1/track", view(userId="ann"))
    late = stream.new()
    ask(api, "erasures", customer_id="ann")
    work()
    monkeypatch.setattr(TombstoneStore, "erased", lambda *_: {})
    assert app("archive").handler({"Records": late}, None)["objects"] == 1


def test_an_export_from_request_to_data(api: Api) -> None:
    api.server.post("/v1/track", view(userId="ann"))
    asked = ask(api, "exports", customer_id="ann")
    url = f"/v1/exports/{asked.json()['export_id']}"
    assert (asked.status, api.server.get(url).json()["status"]) == (202, "queued")
    work()
    told = api.server.get(url).json()
    assert (told["status"], told["url"]) == ("done", None)
    assert [each["message_id"] for each in told["data"]["events"]] == ["m1"]


def test_a_large_export_is_an_address(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(privacy_app, "MOST_INLINE_BYTES", 10)
    asked = ask(api, "exports", anonymous_id="phone").json()
    work()
    told = api.server.get(f"/v1/exports/{asked['export_id']}").json()
    assert told["data"] is None
    assert f"{BUCKET}" in told["url"]
    assert f"exports/{asked['export_id']}.json" in told["url"]
    assert "X-Amz-Expires" in told["url"], "signed by version 4"


def test_an_export_whose_customer_was_erased_is_gone(api: Api) -> None:
    asked = ask(api, "exports", customer_id="ann").json()
    work()
    ask(api, "erasures", customer_id="ann")
    work()
    assert api.server.get(f"/v1/exports/{asked['export_id']}").status == 404


def test_an_id_of_one_kind_opens_nothing_of_the_other(api: Api) -> None:
    erasure = ask(api, "erasures", customer_id="ann").json()["erasure_id"]
    assert api.server.get(f"/v1/exports/{erasure}").status == 404


@pytest.mark.parametrize("body", [{}, {"customer_id": "ann", "anonymous_id": "phone"}, {"customer_id": ""}])
def test_it_must_be_one_customer(api: Api, body: dict[str, str]) -> None:
    assert api.server.post("/v1/erasures", body).status == 400


def test_a_customer_called_like_anonymous_one_is_another(api: Api) -> None:
    api.server.post("/v1/track", view(userId="x"))
    api.server.post("/v1/track", view("m2", anonymousId="x"))
    ask(api, "erasures", anonymous_id="x")
    work()
    assert len(api.server.get("/v1/customers/x/events").json()["events"]) == 1


def test_a_failed_message_is_delivered_again_and_goes_on(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    api.server.post("/v1/track", view(userId="ann"))
    ask(api, "erasures", customer_id="ann")
    monkeypatch.setenv("BUCKET_NAME", "there-is-no-such-bucket")
    with pytest.raises(Exception, match="NoSuchBucket"):
        work()
    monkeypatch.setenv("BUCKET_NAME", BUCKET)
    url = clients.sqs().get_queue_url(QueueName="privacy-jobs")["QueueUrl"]
    body = clients.sqs().receive_message(QueueUrl=url).get("Messages", [])
    assert body == []  # hidden until its time-out
    api.server.post("/v1/erasures", {"customer_id": "ann"})
    work()
    assert api.server.get("/v1/customers/ann/events").json() == {"events": []}

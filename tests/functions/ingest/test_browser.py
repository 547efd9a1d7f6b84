"""What a browser's library sends and asks for: its key in the body, compressed batches, settings, metrics."""

import gzip
import json
from typing import Any

import pytest

from infra.template import Template
from shared.domain.keys import KeyKind, new_key
from shared.stores import clients
from tests.functions.api import Api
from tests.functions.ingest.test_ingest import track
from tests.functions.ingest.test_wire import message_ids
from tests.gateway import Response

TEXT = {"content-type": "text/plain;charset=UTF-8"}


def beacon(api: Api, body: Any, path: str = "/v1/b") -> Response:
    """A call without an Authorization header."""
    return api.caller(None).call("POST", path, body, headers=TEXT)


@pytest.mark.parametrize("path", ["/v1/b", "/v1/batch"])
def test_the_key_may_be_in_the_body(api: Api, path: str) -> None:
    assert beacon(api, {"writeKey": api.keys.publishable, "batch": [track()]}, path).json()["accepted"] == 1
    assert beacon(api, track(messageId="m2", writeKey=api.keys.publishable), "/v1/t").json()["accepted"] == 1
    assert sorted(message_ids(api)) == ["m1", "m2"]


@pytest.mark.parametrize(
    "key",
    [
        {},
        {"writeKey": None},
        {"writeKey": ""},
        {"writeKey": 7},
        {"writeKey": "pk_no"},
        {"writeKey": new_key(KeyKind.PUBLISHABLE)},
        {"writekey": new_key(KeyKind.PUBLISHABLE)},
    ],
)
def test_a_body_without_a_key_of_ours_is_refused(api: Api, key: dict[str, Any]) -> None:
    reply = beacon(api, key | {"batch": [track()]})
    assert (reply.status, reply.headers["content-type"]) == (401, "application/problem+json")
    assert message_ids(api) == []


def test_a_key_that_a_customer_typed_into_a_text_is_not_the_callers(api: Api) -> None:
    typed = f'"writeKey":"{api.keys.secret}"'
    assert beacon(api, {"batch": [track(properties={"product_id": "lamp", "note": typed})]}).status == 401


def test_the_header_counts_where_there_is_one(api: Api) -> None:
    body = {"writeKey": api.keys.publishable, "batch": [track()]}
    assert api.caller(new_key(KeyKind.PUBLISHABLE)).post("/v1/b", body).status == 401


def test_without_a_key_nothing_is_parsed_or_read(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    monkeypatch.setattr(json, "loads", lambda *_args, **_options: read.append("JSON"))
    clients.dynamodb().meta.events.register("before-call.dynamodb", lambda **_: read.append("table"))
    for key in ({}, {"writeKey": "pk_no"}):
        assert beacon(api, json.dumps(key | {"batch": [track()]})).status == 401
    assert read == []


def test_only_ingest_takes_the_key_from_the_body(api: Api) -> None:
    body = {"writeKey": api.keys.secret, "item_ids": ["lamp"]}
    assert beacon(api, body, "/v1/items/get").status == 401


def test_a_compressed_batch_is_taken_with_the_key_in_either_place(api: Api) -> None:
    headers = {"content-encoding": "gzip"}
    with_key = gzip.compress(json.dumps({"writeKey": api.keys.publishable, "batch": [track()]}).encode())
    assert api.caller(None).call("POST", "/v1/batch", with_key, headers=headers).json()["accepted"] == 1
    without = gzip.compress(json.dumps({"batch": [track(messageId="m2")]}).encode())
    assert api.browser.call("POST", "/v1/batch", without, headers=headers).json()["accepted"] == 1
    assert sorted(message_ids(api)) == ["m1", "m2"]


def test_a_bomb_is_too_large_whatever_its_key(api: Api) -> None:
    bomb = gzip.compress(b'{"writeKey":"' + bytes(100_000_000))
    for caller in (api.browser, api.caller(None)):
        reply = caller.call("POST", "/v1/batch", bomb, headers={"content-encoding": "gzip"})
        assert (reply.status, reply.headers["content-type"]) == (413, "application/problem+json")


def test_the_library_is_told_to_send_to_where_it_asked(api: Api) -> None:
    key = api.keys.publishable
    headers = {"host": "events.shop.example", "x-forwarded-proto": "https"}
    reply = api.caller(None).call("GET", f"/v1/projects/{key}/settings", headers=headers)
    told = reply.json()["integrations"]["Segment.io"]
    assert (told["apiKey"], told["apiHost"], told["protocol"]) == (key, "events.shop.example/v1", "https")
    assert reply.json()["metrics"]["sampleRate"] == 0


@pytest.mark.parametrize(
    "key", ["pk_no", new_key(KeyKind.PUBLISHABLE), "a/b", "%20"], ids=["short", "unknown", "path", "space"]
)
def test_there_are_no_settings_for_a_key_that_is_not_ours(api: Api, key: str) -> None:
    assert api.caller(None).get(f"/v1/projects/{key}/settings").status in {401, 404}


def test_metrics_are_answered_and_discarded(api: Api) -> None:
    assert beacon(api, {"series": [{"type": "Counter", "metric": "m"}]}, "/v1/m").json() == {"success": True}
    assert len(clients.dynamodb().scan(TableName="regulars-test")["Items"]) == 2, "the keys, and nothing else"


def test_a_shops_page_may_send_what_the_library_sends_and_read_when_to_retry() -> None:
    cors = Template.load().properties("Api")["CorsConfiguration"]
    assert {"authorization", "content-type", "x-retry-count"} <= set(cors["AllowHeaders"])
    assert {"GET", "POST"} <= set(cors["AllowMethods"])
    assert cors["ExposeHeaders"] == ["retry-after"]
    assert "*" not in str(cors["AllowOrigins"])


def test_of_two_spellings_of_one_name_the_last_counts(api: Api) -> None:
    """JSON leaves open what a repeated name means; here it never makes two events, or none."""
    body = json.dumps(track()).replace('"m1"', '"m0", "messageId": "m1"')
    assert api.server.post("/v1/track", body).json()["accepted"] == 1
    assert message_ids(api) == ["m1"]

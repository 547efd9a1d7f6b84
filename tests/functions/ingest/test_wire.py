"""What may come over the wire: any JSON at all, from any client, and none of it may cost a good record."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ingest.records import MOST_RECORD_BYTES, read
from functions.ingest.segment import Call
from shared.stores import clients
from shared.stores.table import Table
from tests.functions.api import Api
from tests.functions.ingest.test_ingest import track
from tests.gateway import Gateway
from tests.shared.stores.faults import DOWN, refusing

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec="utf-16"), max_size=20)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)
times = st.datetimes(timezones=st.timezones()).map(datetime.isoformat) | st.sampled_from(
    ["0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00", "2026-05-01", 0, -1, 1e400, "0"]
)
tracks = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["track", "identify", "page", "alias"]) | values,
        "event": st.sampled_from(["Product Viewed", "refund", "Article Read"]) | values,
        "previousId": st.text(min_size=1) | values,
        "userId": st.text(min_size=1, max_size=300) | values,
        "anonymousId": st.text(min_size=1) | values,
        "messageId": st.text(max_size=300) | values,
        "timestamp": times | values,
        "sentAt": values,
        "properties": st.fixed_dictionaries(
            {},
            optional={
                "product_id": st.text() | values,
                "products": values,
                "items": st.lists(st.fixed_dictionaries({"item_id": st.text() | values})) | values,
                "order_id": st.text() | values,
                "recommendation_id": st.text() | values,
            },
        )
        | values,
        "context": st.fixed_dictionaries({}, optional={"customer_token": st.text() | values}) | values,
        "extra": values,
    },
)


def post(api: Api, **changes: Any) -> dict[str, Any]:
    """Track one record by the server's key; the report, or the problem."""
    report: dict[str, Any] = api.server.post("/v1/track", track(**changes)).json()
    return report


def message_ids(api: Api, customer: str = "ann") -> list[str]:
    events = api.server.get(f"/v1/customers/{quote(customer, safe='')}/events").json()["events"]
    return [event["message_id"] for event in events]


@settings(max_examples=150)
@given(st.lists(tracks | values, max_size=5))
def test_every_record_is_either_an_event_or_is_named(records: list[Any]) -> None:
    accepted, rejected, _ = read(records, Call, NOW)
    assert len(accepted) + len(rejected) == len(records)
    assert all(0 <= each.index < len(records) and each.message for each in rejected)
    for each in accepted:
        assert each.arrived.event(NOW).time <= NOW + timedelta(hours=1)
        json.dumps(each.arrived.details, allow_nan=False)


def test_a_record_nested_too_deeply_costs_the_others_nothing() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    records = [track(), track(messageId="m2", properties={"product_id": "lamp", "deep": deep})]
    accepted, rejected, _ = read(records, Call, datetime.now(UTC))
    assert (len(accepted), [each.index for each in rejected]) == (1, [1])
    while deep:  # taken apart by hand: the interpreter's own way of it is recursive
        deep = deep[0]


@pytest.mark.parametrize("body", [{"batch": []}, {"batch": [{}] * 2_501}, {"batch": {}}, {"batch": None}, {}, []])
def test_a_batch_is_a_list_of_1_to_2500_records(api: Api, body: Any) -> None:
    reply = api.server.post("/v1/batch", body)
    assert (reply.status, reply.headers["content-type"]) == (400, "application/problem+json")
    assert reply.json()["errors"]


def test_records_that_are_no_objects_are_named(api: Api) -> None:
    reply = api.server.post("/v1/batch", {"batch": ["text", track(), 7, None, [], {}]})
    assert (reply.status, reply.json()["accepted"]) == (207, 1)
    assert [each["index"] for each in reply.json()["rejected"]] == [0, 2, 3, 4, 5]
    assert message_ids(api) == ["m1"]


def test_a_batch_without_a_good_record_is_a_problem_with_the_report_in_it(api: Api) -> None:
    reply = api.server.post("/v1/batch", {"batch": [track(event=None), track(userId=None)]})
    problem = reply.json()
    assert (reply.status, problem["status"], problem["accepted"]) == (400, 400, 0)
    assert [each["field"] for each in problem["rejected"]] == ["event", "userId"]


def test_a_body_over_500_kb_is_not_read(api: Api) -> None:
    assert api.server.post("/v1/batch", "x" * 500_001).status == 413
    assert api.server.post("/v1/batch", b"x" * 500_100).status == 413
    assert api.server.post("/v1/batch", "x" * 500_000).status == 400


def test_a_record_has_its_own_limit(api: Api) -> None:
    padding = "ü" * (MOST_RECORD_BYTES // 2)
    report = post(api, properties={"product_id": "lamp", "note": padding})
    assert [each["message"] for each in report["rejected"]] == ["is over 32,768 bytes"]
    assert post(api, properties={"product_id": "lamp", "note": padding[:-200]})["accepted"] == 1


def test_segments_libraries_authenticate_with_basic(api: Api) -> None:
    credentials = base64.b64encode(f"{api.keys.publishable}:".encode()).decode()
    headers = {"authorization": f"Basic {credentials}"}
    reply = api.caller(None).call("POST", "/v1/batch", {"batch": [track()]}, headers=headers)
    assert (reply.status, reply.json()["accepted"]) == (200, 1)


def test_a_beacon_says_that_it_is_text(api: Api) -> None:
    headers = {"content-type": "text/plain;charset=UTF-8"}
    body = json.dumps({"batch": [track()]})
    assert api.browser.call("POST", "/v1/batch", body, headers=headers).json()["accepted"] == 1
    assert api.browser.call("POST", "/v1/batch", body.encode(), headers=headers).json()["accepted"] == 1
    assert message_ids(api) == ["m1"]


@pytest.mark.parametrize("customer", ["a/b", "ü", "a b", "%", "%2F", "user:x", "#", "💡", "../ann", "events", "a+b"])
def test_a_customers_id_may_be_any_text(api: Api, customer: str) -> None:
    assert post(api, userId=customer)["accepted"] == 1
    assert message_ids(api, customer) == ["m1"]
    assert message_ids(api) == []


def test_custom_events_are_kept(api: Api) -> None:
    assert post(api, event="Quiz Finished", properties={"score": 7})["accepted"] == 1
    assert message_ids(api) == ["m1"]


def test_a_long_message_id_still_tells_a_replay(api: Api) -> None:
    for _ in range(2):
        post(api, messageId="ü" * 500)
    (kept,) = message_ids(api)
    assert kept.startswith("sha256-")


def test_without_a_message_id_the_content_tells_a_replay(api: Api) -> None:
    for sent_at in ("1", "2"):
        post(api, messageId=None, sentAt=sent_at)
    post(api, messageId=None, properties={"product_id": "vase"})
    assert len(message_ids(api)) == 2


def test_without_id_and_time_every_delivery_is_an_event(api: Api) -> None:
    for _ in range(2):
        post(api, messageId=None, timestamp=None)
    assert len(message_ids(api)) == 2


@pytest.mark.parametrize("timestamp", ["0001-01-01T00:00:00+23:00", "0999-01-01T00:00:00Z", "1969-12-31T23:59:59Z"])
def test_a_clock_that_was_never_set_is_named(api: Api, timestamp: str) -> None:
    report = post(api, timestamp=timestamp)
    assert [(each["field"], each["message"]) for each in report["rejected"]] == [("timestamp", "is before 1970")]
    assert message_ids(api) == []


def test_a_number_that_is_not_finite_is_named(api: Api) -> None:
    body = json.dumps({"batch": [track(), track(messageId="m2")]}).replace('"m2"', '"m2", "n": 1e400')
    reply = api.server.post("/v1/batch", body)
    assert (reply.status, [each["message_id"] for each in reply.json()["rejected"]]) == (207, ["m2"])
    assert message_ids(api) == ["m1"]


def test_tokens_and_keys_are_not_stored(api: Api, table: Table) -> None:
    post(api, writeKey="the write key", context={"customer_token": "the token", "ip": "192.0.2.1"})
    stored = json.dumps(clients.dynamodb().scan(TableName=table.name)["Items"])
    assert "192.0.2.1" in stored
    assert "the token" not in stored
    assert "the write key" not in stored


def test_a_link_that_cannot_be_written_makes_the_whole_batch_fail(api: Api) -> None:
    body = {"batch": [track(), track(messageId="m2", anonymousId="phone")]}
    with refusing(clients.dynamodb(), "TransactWriteItems", DOWN):
        reply = api.server.post("/v1/batch", body)
    assert (reply.status, reply.headers["content-type"]) == (503, "application/problem+json")
    assert "accepted" not in reply.json()
    assert api.server.post("/v1/batch", body).json() == {"accepted": 2, "rejected": []}
    assert sorted(message_ids(api)) == ["m1", "m2"]


def test_secrets_that_cannot_be_read_are_our_failure(api: Api) -> None:
    with refusing(clients.ssm(), "*", DOWN):
        reply = Gateway(api.apps["ingest"].handler, api.keys.secret).post("/v1/track", track())
    assert (reply.status, reply.headers["retry-after"]) == (503, "2")

"""`POST /v1/events`: a shop's server's events; what is checked only; what comes late, early or in disorder."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.stores import clients
from shared.stores.table import Table
from tests.functions.api import Api, Stream, app
from tests.functions.ingest.test_ingest import track
from tests.functions.ingest.test_wire import message_ids

NOW = datetime.now(UTC)


def event(**changes: Any) -> dict[str, Any]:
    fields = {
        "event": "Order Completed",
        "customer_id": "ann",
        "message_id": "m1",
        "timestamp": NOW.isoformat(),
        "order_id": "o1",
        "items": [{"item_id": "lamp", "quantity": 2}, {"item_id": "vase"}],
    }
    return {name: value for name, value in (fields | changes).items() if value is not None}


def post(api: Api, *events: Any, query: str = "") -> Any:
    return api.server.post(f"/v1/events{query}", {"events": list(events)}).json()


def history(api: Api, customer: str = "ann") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.server.get(f"/v1/customers/{customer}/events").json()["events"]
    return found


def stored(table: Table) -> int:
    return len(clients.dynamodb().scan(TableName=table.name)["Items"])


def test_an_event_is_kept_with_its_order_and_all_that_came_with_it(api: Api, table: Table) -> None:
    sent = event(properties={"coupon": "MAY"}, recommendation_id="ab" * 16, extra=[1, None])
    assert post(api, sent, sent) == {"accepted": 2, "rejected": []}
    (kept,) = history(api)
    assert (kept["name"], kept["items"], kept["order_id"]) == ("Order Completed", ["lamp", "vase"], "o1")
    assert kept["recommendation_id"] == "ab" * 16
    (record,) = table.query("CUSTOMER#user:ann", "ORDER#", 10)
    details = json.loads(record["details"])
    assert details["items"] == sent["items"]
    assert (details["properties"], details["extra"]) == ({"coupon": "MAY"}, [1, None])


def test_both_formats_are_one_event_by_its_message_id(api: Api) -> None:
    post(api, event())
    properties = {"order_id": "o1", "items": event()["items"]}
    same = track(event="purchase", timestamp=NOW.isoformat(), properties=properties)
    assert api.server.post("/v1/track", same).json()["accepted"] == 1
    assert message_ids(api) == ["m1"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"customer_id": None}, "customer_id"),
        ({"event": None}, "event"),
        ({"items": []}, "items"),
        ({"items": [{"title": "Gift wrap"}, {}]}, "items.0.item_id"),
        ({"items": 7}, "items"),
        ({"timestamp": "2026-01-01"}, "timestamp"),
        ({"message_id": ""}, "message_id"),
        ({"event": "refund", "order_id": None}, "order_id"),
        ({"properties": []}, "properties"),
    ],
)
def test_a_bad_field_is_named_as_this_format_spells_it(api: Api, changes: dict[str, Any], field: str) -> None:
    told = post(api, event(message_id="good"), event(**changes))
    assert (told["accepted"], [(each["index"], each["field"]) for each in told["rejected"]]) == (1, [(1, field)])
    assert message_ids(api) == ["good"]


def test_up_to_1000_events_and_1_mb_are_taken_at_once(api: Api) -> None:
    def many(count: int, note: int) -> str:
        each = [event(event="Article Read", items=None, message_id=f"m{n}", note="x" * note) for n in range(count)]
        return json.dumps({"events": each})

    assert api.server.post("/v1/events?validate_only=true", many(1_000, 700)).json()["accepted"] == 1_000
    assert api.server.post("/v1/events", many(1_001, 1)).status == 400
    assert api.server.post("/v1/events", many(1_000, 1_000)).status == 413


def test_a_link_from_the_server_is_vouched_for(api: Api) -> None:
    post(api, event(customer_id=None, anonymous_id="phone", message_id="before"))
    post(api, event(anonymous_id="phone"))
    assert sorted(message_ids(api)) == ["before", "m1"]


@pytest.mark.parametrize(
    ("path", "body"),
    [("/v1/events", {"events": [event(), event(event=None)]}), ("/v1/batch", {"batch": [track(), track(event=None)]})],
)
def test_validate_only_tells_the_same_and_stores_nothing(
    api: Api, table: Table, capsys: pytest.CaptureFixture[str], path: str, body: Any
) -> None:
    before = stored(table)
    told = api.server.post(f"{path}?validate_only=true", body)
    assert stored(table) == before
    assert "RejectedEvents" not in capsys.readouterr().out
    really = api.server.post(path, body)
    assert (told.status, told.json()) == (207, really.json()) == (really.status, told.json())
    assert stored(table) > before


# --- clocks


def test_a_clock_ahead_is_rejected_and_counted_by_reason_with_nothing_personal(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    early = (NOW + timedelta(hours=3)).isoformat()
    told = post(api, event(), event(message_id="f1", timestamp=early), event(message_id="f2", timestamp=early), {})
    assert [each["message_id"] for each in told["rejected"]] == ["f1", "f2", None]
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "RejectedEvents" in line]
    counted = {line["reason"]: line["RejectedEvents"] for line in lines}
    assert counted == {"future": [2.0], "invalid": [1.0]}
    assert {line["_aws"]["CloudWatchMetrics"][0]["Namespace"] for line in lines} == {"Regulars/regulars-test"}
    assert not any(personal in json.dumps(lines) for personal in ("ann", "f1", "o1"))


def test_an_hour_ahead_is_still_taken(api: Api) -> None:
    assert post(api, event(timestamp=(NOW + timedelta(minutes=59)).isoformat()))["accepted"] == 1


def test_late_and_unordered_events_are_kept_in_their_place_and_are_not_recent(api: Api) -> None:
    times = {"now": NOW, "years ago": NOW - timedelta(days=731), "an hour ago": NOW - timedelta(hours=1)}
    for message_id, time in times.items():
        each = event(message_id=message_id, order_id=message_id, timestamp=time.isoformat())
        post(api, each | {"items": [{"item_id": message_id}]})
    assert message_ids(api) == ["now", "an hour ago", "years ago"]
    app("project").handler({"Records": Stream("project").new(), "shardId": "shard-1"}, None)
    for item_id in times:
        api.server.put("/v1/items", {"items": [{"item_id": item_id, "title": item_id}]})
    reply = api.server.post("/v1/recommendations", {"surface": "trending"}).json()
    trending = {each["item"]["item_id"] for each in reply["items"] if each["reasons"][0]["kind"] == "trending"}
    assert trending == {"now", "an hour ago"}

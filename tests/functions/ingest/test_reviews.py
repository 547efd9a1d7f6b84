"""Reviews that come in as events: what is personal in them is written nowhere."""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.ingest import reviews
from functions.ingest.reviews import without_personal_data
from shared.stores import clients
from shared.stores.poison import PoisonStore
from tests.conftest import BUCKET, TABLE, Keys, fresh
from tests.functions.api import Api, Stream, app
from tests.gateway import Gateway

NOW = datetime.now(UTC).replace(microsecond=0)
SECRETS = ("jane.doe", "example.org", "4111", "07700", "900123", "Acacia")
TEXT = "Awful. Mail jane.doe@<b></b>example.org or ring 07700 900123, card 4111 1111 1111 1111, 12 Acacia Avenue."


def segment(text: str = TEXT, **changes: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"type": "track", "event": "Product Reviewed", "userId": "ann", "messageId": "m1"}
    told |= {"timestamp": NOW.isoformat(), "properties": {"product_id": "lamp", "review_id": "07700900123"}}
    told["properties"] |= {"review_body": text, "rating": "4", "more": {"pros": [text, 3, None]}}
    return told | changes


def plain(text: str = TEXT) -> dict[str, Any]:
    told: dict[str, Any] = {"event": "Product Reviewed", "customer_id": "ann", "message_id": "m1", "review_title": text}
    return told | {"timestamp": NOW.isoformat(), "items": [{"item_id": "lamp"}], "properties": {"text": text}}


@pytest.fixture
def shop(keys: Keys) -> Gateway:
    return Gateway(fresh("functions.ingest.app").handler, keys.secret)


def table() -> str:
    """All that the table holds, as text."""
    pages = clients.dynamodb().get_paginator("scan").paginate(TableName=TABLE)
    return json.dumps([each for page in pages for each in page["Items"]], default=str)


def objects() -> Iterator[tuple[str, str]]:
    """Those of the bucket, unpacked."""
    for each in clients.s3().list_objects_v2(Bucket=BUCKET)["Contents"]:
        body = clients.s3().get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read()
        yield each["Key"], (gzip.decompress(body) if each["Key"].endswith(".gz") else body).decode()


def found_in(text: str) -> list[str]:
    return [each for each in SECRETS if each in text.replace('"07700900123"', "").replace("07700900123\\", "")]


@pytest.mark.parametrize(
    ("path", "body"),
    [("/v1/track", segment()), ("/v1/batch", {"batch": [segment()]}), ("/v1/events", {"events": [plain()]})],
)
@pytest.mark.parametrize("length", [1, 50])
def test_personal_data_in_a_review_is_never_written(
    shop: Gateway, path: str, body: Any, length: int, capsys: pytest.CaptureFixture[str]
) -> None:
    long = json.loads(json.dumps(body).replace(json.dumps(TEXT)[1:-1], json.dumps(" ".join([TEXT] * length))[1:-1]))
    assert shop.post(path, long).status == 200
    written = table()
    assert "[e-mail]" in written
    assert found_in(written) == []
    assert found_in(capsys.readouterr().out) == []


def test_the_test_sees_what_is_not_taken_out(shop: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviews, "_redacted", lambda text: text)
    shop.post("/v1/track", segment())
    assert set(found_in(table())) == set(SECRETS)


def test_nor_does_it_reach_the_archive_the_queue_or_what_is_set_aside(api: Api) -> None:
    archive, project = Stream("archive"), Stream("project")
    assert api.server.post("/v1/track", segment()).status == 200
    records = project.new()
    app("archive").handler({"Records": archive.new(), "shardId": "s"}, None)
    app("project").handler({"Records": records, "shardId": "s"}, None)
    PoisonStore(clients.s3(), BUCKET).put("project", "s-1", records[0])
    url = app("project").settings().feedback_queue_url
    queued = clients.sqs().receive_message(QueueUrl=url)["Messages"][0]["Body"]
    assert "[card]" in queued
    assert found_in(queued) == []
    written = {key.partition("/")[0]: content for key, content in objects()}
    assert set(written) == {"events", "poison"}
    assert "[card]" in written["poison"]
    assert [found_in(content) for content in written.values()] == [[], []]


def test_the_same_review_is_one_event_however_often_it_comes(shop: Gateway) -> None:
    unnamed = {name: value for name, value in segment().items() if name != "messageId"}
    shop.post("/v1/batch", {"batch": [segment(), unnamed]})
    before = table()
    for _ in range(3):
        assert shop.post("/v1/batch", {"batch": [segment(), unnamed]}).status == 200
    assert json.loads(table()) == json.loads(before)


def test_no_id_tells_what_was_taken_out(shop: Gateway) -> None:
    """A hash of the whole would, to whoever tries all numbers that there are."""
    for number in ("07700 900123", "07700 900124"):
        shop.post("/v1/track", {k: v for k, v in segment(f"Ring {number}").items() if k != "messageId"})
    assert len(shop.get("/v1/customers/ann/events").json()["events"]) == 1


def test_ids_stars_and_what_is_said_beside_them_stay() -> None:
    kept = without_personal_data(segment("Great <b>lamp</b>!", context={"ip": "192.0.2.1", "note": "a@b.com"}))
    assert kept["properties"]["review_id"] == "07700900123"
    assert kept["properties"]["rating"] == "4"
    assert kept["properties"]["review_body"] == "Great lamp!"
    assert kept["context"] == {"ip": "192.0.2.1", "note": "a@b.com"}
    assert without_personal_data(kept) == kept


def test_other_events_stay_as_they_came(shop: Gateway) -> None:
    shop.post("/v1/track", segment(event="Ticket Opened"))
    assert set(found_in(table())) == set(SECRETS)


def test_a_review_nested_too_deeply_costs_the_others_nothing(shop: Gateway) -> None:
    deep = segment(properties={"product_id": "lamp", "deep": "here"})
    for levels in (100, 400, 900, 3000):
        body = json.dumps({"batch": [segment(), deep | {"messageId": f"d{levels}"}]})
        body = body.replace('"here"', "[" * levels + '"jane.doe@example.org"' + "]" * levels)
        reply = shop.post("/v1/batch", body)
        assert reply.status in {200, 207}
        assert found_in(table()) == []

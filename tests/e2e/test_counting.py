"""The live counters through the deployed artefacts: what sells, and what is redriven, once."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from rich.console import Console

from infra.cli.redrive import Tally, redrive
from shared.domain.counting import Series
from shared.stores.counters import CounterStore
from tests.e2e.conftest import Running

pytestmark = pytest.mark.local

PATIENCE_SECONDS = 45.0
QUIET = Console(quiet=True)


def eventually(happens: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happens():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def order(running: Running, item: str) -> None:
    record = {"event": "Order Completed", "userId": str(uuid4()), "messageId": str(uuid4())}
    record |= {"timestamp": datetime.now(UTC).isoformat()}
    with running.deployment.api() as api:
        assert api.post("/v1/track", json=record | {"properties": {"product_id": item}}).json()["accepted"] == 1


def sold(running: Running, item: str) -> int:
    counts = CounterStore(running.deployment.table).read(Series.SOLD, datetime.now(UTC).date())
    return sum(n for each, n in counts.items() if each.item == item)


def popular(running: Running, **request: Any) -> list[str]:
    with running.deployment.api() as api:
        reply = api.post("/v1/recommendations", json={"surface": "popular"} | request).json()
    assert reply["served_by"] in {"popularity", "trending", "catalogue"}
    return [each["item"]["item_id"] for each in reply["items"]]


def test_popular_follows_the_orders_of_its_window_and_category(running: Running) -> None:
    items = [{"item_id": f"{each}-{uuid4()}", "title": each, "category": f"E2E {each}"} for each in ("kite", "drum")]
    kite, drum = (each["item_id"] for each in items)
    with running.deployment.api() as api:
        assert api.put("/v1/items", json={"items": items}).json()["accepted"] == 2
    for item, times in ((kite, 2), (drum, 3)):
        for _ in range(times):
            order(running, item)
    assert eventually(lambda: (sold(running, kite), sold(running, drum)) == (2, 3))
    assert eventually(lambda: popular(running, window_days=1, category="E2E kite") == [kite])
    assert eventually(lambda: popular(running, category="E2E drum") == [drum])


def stream_records(running: Running, item: str) -> tuple[str, str, list[Any]]:
    """The stream, its shard, and the records in it of events that name this item."""
    streams = running.deployment.streams
    arn = running.stack.client("dynamodb").describe_table(TableName=running.deployment.access.table_name)["Table"][
        "LatestStreamArn"
    ]
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    found: list[Any] = []
    following = iterator["ShardIterator"]
    while following and (page := streams.get_records(ShardIterator=following))["Records"]:
        found += page["Records"]
        following = page.get("NextShardIterator")
    return (
        arn,
        shard,
        [each for each in found if f'["{item}"]' in str(each["dynamodb"].get("NewImage", {}).get("items"))],
    )


def test_what_was_given_up_or_set_aside_is_redriven_once(running: Running) -> None:
    """The records were counted already, so a redrive adds them a second time, and however often not a third."""
    item = f"whistle-{uuid4()}"
    order(running, item)
    assert eventually(lambda: sold(running, item) == 1)
    arn, shard, (record,) = stream_records(running, item)
    number = record["dynamodb"]["SequenceNumber"]
    access = running.deployment.access
    info = {"streamArn": arn, "shardId": shard, "startSequenceNumber": number, "endSequenceNumber": number}
    function = f"arn:aws:lambda:us-east-1:1:function:{access.stream_functions['project']}:$LATEST"
    message = {"requestContext": {"functionArn": function}, "DDBStreamBatchInfo": info | {"batchSize": 1}}
    for _ in range(2):
        running.deployment.queues.send_message(QueueUrl=access.stream_failures_url, MessageBody=json.dumps(message))
        assert redrive(running.deployment, QUIET)["project"] == Tally(redriven=1)
    assert sold(running, item) == 2
    whole = json.loads(json.dumps(record, default=str))
    running.deployment.poison.put("project", f"{shard}-{number}", whole)
    assert redrive(running.deployment, QUIET)["project"] == Tally(redriven=1)
    assert redrive(running.deployment, QUIET)["project"] == Tally()
    assert sold(running, item) == 2
    whole["dynamodb"]["NewImage"]["items"] = {"S": "[not JSON"}
    running.deployment.poison.put("project", f"{shard}-{number}", whole)
    assert redrive(running.deployment, QUIET)["project"] == Tally(failed=1)
    (found,) = running.deployment.poison.all()
    running.deployment.poison.delete(found.key)

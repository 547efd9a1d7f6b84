"""What `regulars cost` reckons with: units, bytes and CPU time of the deployed handlers, printed as its own JSON.

Units by AWS's rules on what goes over the wire (meter.py), CPU of this process only: the table is the local stack's,
another process. `infra/cost/measured.json` is this output; times differ between machines and runs, the rest does not.
"""

import json
import os
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from datetime import date
from io import StringIO
from typing import Any, NamedTuple
from unittest.mock import patch

from rich.console import Console

from functions.recommend.served import count_list
from shared.stores.archive import _encoded
from shared.stores.events import parse
from shared.stores.items import _record as _item_record
from shared.stores.table import pack, unpack
from shared.telemetry.log import begin
from tests.bench import meter, traffic
from tests.bench.bench_ingest import _record, _written
from tests.bench.bench_recommend import item
from tests.bench.inprocess import shop
from tests.functions.api import Api, Stream, app

SIZES = (1, 20, 100)
CALLS = {1: 120, 20: 40, 100: 15}
WARM = 10
RECORD_OVERHEAD = 100
"""Bytes that DynamoDB adds to each record for what it stores."""
SHARD = "shard-1"

console = Console()


class Delivered(NamedTuple):
    """Calls of a handler: CPU milliseconds of each, and units of an event."""

    cpu_ms: float
    writes: float
    reads: float


def main() -> None:
    """Print what was measured, as JSON."""
    with shop() as api:
        found = {"measured": str(date.today()), "command": "python -m tests.bench.bench_cost"}  # noqa: DTZ011
        sizes = {str(size): _of(api, size) for size in SIZES}
        print(json.dumps(found | {"of_batches": sizes, "bytes": _bytes(api)}, indent=1))


def _of(api: Api, size: int) -> dict[str, Any]:
    """Batches of so many mixed events: taken in, counted, archived."""
    bodies = [traffic.batch(traffic.mixed(size)) for _ in range(CALLS[size])]
    batches: list[list[dict[str, Any]]] = []

    def send(body: traffic.Sent) -> None:
        with _written() as requests:
            reply = api.server.post("/v1/batch", body)
        assert reply.status == 200, reply.text
        batches.append([_record(request) for request in requests])

    taken = _measured(send, bodies, size)
    return {
        "ingest": taken._asdict(),
        "project": _stream("project", batches, size)._asdict(),
        "archive": _stream("archive", batches, size)._asdict(),
    }


def _stream(function: str, batches: Sequence[list[dict[str, Any]]], size: int) -> Delivered:
    """The same events, as the stream delivers them; units of an event of all kinds, though not all are let through."""
    stream, handler = Stream(function), app(function).handler
    events = [{"Records": stream.filtered(batch), "shardId": SHARD} for batch in batches]

    def deliver(event: dict[str, Any]) -> None:
        assert not handler(event, None)["batchItemFailures"]

    found = _measured(deliver, [event for event in events if event["Records"]], size)
    share = sum(1 for event in events if event["Records"]) / len(events)
    return found._replace(writes=found.writes * share, reads=found.reads * share)


def _measured[T](act: Callable[[T], None], inputs: Sequence[T], size: int) -> Delivered:
    cpu = []
    with meter.metered() as units:
        for each in inputs:
            started = time.process_time()
            act(each)
            cpu.append(time.process_time() - started)
    events = len(inputs) * size
    milliseconds = statistics.median(cpu[WARM if len(cpu) > 2 * WARM else 2 :]) * 1e3
    return Delivered(
        round(milliseconds, 2), round(meter.writes(units) / events, 3), round(meter.reads(units) / events, 3)
    )


def _bytes(api: Api) -> dict[str, float]:
    """Of an event in the table and in the archive, of an item, and of replies."""
    with _written() as requests:
        for _ in range(10):
            reply = api.server.post("/v1/batch", traffic.batch(traffic.mixed(100)))
    images = [request["PutRequest"]["Item"] for request in requests]
    records = sum(map(meter.size, images)) + RECORD_OVERHEAD * len(images)
    events = [parse(unpack(image)) for image in images if not image["sk"]["S"].startswith("DETAIL#")]
    (archived,) = _encoded({"one": events}).values()
    items = [item(n) for n in range(1, 21)]
    put = api.server.put(
        "/v1/items", {"items": [json.loads(each.model_dump_json(exclude_none=True)) for each in items]}
    )
    listed = api.server.post("/v1/recommendations", {"surface": "popular", "limit": 10})
    assert (put.status, len(listed.json()["items"])) == (200, 10), (put.text, listed.text)
    stored = [pack(_item_record(each.item_id, each, 1, None)) for each in items]
    return {
        "event_in_table": round(records / 1000, 1),
        "event_in_archive_unpacked": round(len(archived) / 1000, 1),
        "item_in_table": round(statistics.mean(meter.size(each) + RECORD_OVERHEAD for each in stored), 1),
        "reply_of_ingest": len(reply.text.encode()),
        "reply_of_recommend": len(listed.text.encode()),
        "metrics_of_a_list": len(_line_of_metrics().encode()),
    }


def _line_of_metrics() -> str:
    """As the log of a stack by the usual name has it."""
    with redirect_stdout(StringIO()) as told, patch.dict(os.environ, POWERTOOLS_METRICS_NAMESPACE="Regulars/regulars"):
        begin("recommend", "JKJaXmPLvHcESHA=")
        count_list("for-you", 123.4, fallback=False)
    return told.getvalue()


if __name__ == "__main__":
    main()

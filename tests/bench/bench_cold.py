"""The cold start of `recommend`, from its built artefact, beside a floor: `python -m tests.bench.bench_cold`.

Four minutes; needs `make .aws-sam/built-for-this-machine`. Each is a fresh interpreter, the project's own, with nothing
but the artefact on its path, in turns, 11 times: the floor imports numpy and onnxruntime and opens the same graph from
a file; "with libraries" imports the AWS client, pydantic and the resolver besides and makes three clients; the whole
imports the handler and answers its first request, with model, key and secrets from the local stack. CPU time, since
that is what the machine's other work leaves alone.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table as Printed

from infra.cli import local
from shared.inference.card import GRAPH, SIMILAR
from shared.inference.scorer import Scorer
from shared.stores import clients
from shared.stores.items import ItemStore
from shared.stores.models import ModelStore
from shared.stores.table import Table
from tests import conftest
from tests.bench import models, start
from tests.bench.bench_recommend import item
from tests.bench.inprocess import shop
from tests.functions.api import Api
from tests.gateway import http_event

SIZES = ((1_000, 100), (10_000, 100), (86_000, 48))
"""Items, and neighbours of each."""
RUNS = 11
WAYS = ("floor", "libraries", "whole")
ARTEFACT = local.BUILT.parent / "RecommendFunction"

console = Console(width=140)


class Start(NamedTuple):
    """Milliseconds of CPU until all was imported, and until the end; of wall until the end."""

    imported: float
    done: float
    wall: float


def main() -> None:
    """Print the table."""
    table = Printed(
        *("items", "MB", "floor", "with libraries", "whole", "of it imports"),
        *("of the floor", "of that with libraries", "wall: floor, whole"),
        box=None,
    )
    for items, width in SIZES:
        table.add_row(*_measured(items, width))
    console.print(table, f"medians of {RUNS}, milliseconds of CPU")


def _measured(items: int, width: int) -> list[str]:
    files = models.files(models.made(items, width))
    with shop() as api, tempfile.TemporaryDirectory() as folder:
        graph, request = Path(folder) / GRAPH, Path(folder) / "request.json"
        graph.write_bytes(files[GRAPH])
        request.write_text(json.dumps(_request(api, files)))
        arguments = {"floor": graph, "libraries": graph, "whole": request}
        starts: dict[str, list[Start]] = {way: [] for way in WAYS}
        for way in WAYS:
            _started(way, arguments[way])
        for _ in range(RUNS):
            for way in WAYS:
                starts[way].append(_started(way, arguments[way]))
    floor, libraries, whole = (_median(starts[way]) for way in WAYS)
    return [
        f"{items:,}",
        f"{len(files[GRAPH]) / 1e6:.0f}",
        *(f"{each.done:.0f}" for each in (floor, libraries, whole)),
        f"{whole.imported:.0f}",
        f"{whole.done / floor.done:.2f} x",
        f"{whole.done / libraries.done:.2f} x",
        f"{floor.wall:.0f}, {whole.wall:.0f}",
    ]


def _request(api: Api, files: dict[str, bytes]) -> dict[str, object]:
    """The gateway's event for a list beside an item, of a shop that has the model and what it would show."""
    table = Table(clients.dynamodb(), conftest.TABLE)
    store = ModelStore(table, clients.s3(), conftest.BUCKET)
    store.publish("m1", files, "")
    store.promote("m1", None)
    beside = "item-000005"
    shown = Scorer.load(files).score([(beside, 1.0)], (), 50, SIMILAR)
    ItemStore(table).put(item(int(each.item_id.partition("-")[2])) for each in shown)
    body = {"surface": "similar", "item_id": beside}
    return http_event("POST", "/v1/recommendations", body, api.keys.secret, "", {})


def _started(way: str, argument: Path) -> Start:
    command = [sys.executable, "-I", start.__file__, way, str(ARTEFACT), str(argument)]
    begun = time.perf_counter()
    done = subprocess.run(command, env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, check=True)
    wall = (time.perf_counter() - begun) * 1e3
    imported, end = json.loads(done.stdout.splitlines()[-1])
    return Start(imported, end, wall)


def _median(starts: list[Start]) -> Start:
    imported, done, wall = (statistics.median(each) for each in zip(*starts, strict=True))
    return Start(imported, done, wall)


if __name__ == "__main__":
    main()

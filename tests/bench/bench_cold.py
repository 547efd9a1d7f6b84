"""Cold starts of every built function, beside their floors: `python -m tests.bench.bench_cold`.

Four minutes; needs `make .aws-sam/built-for-this-machine`. Each is a fresh interpreter, the project's own, with nothing
but the artefact on its path, in turns, 7 times, and CPU time, since that is what the machine's other work leaves
alone. A cold start is until the first answer to the function's first smoke event (`tests/events`), with whatever of
key, secrets, model and records it takes from the local stack; but a webhook and an export are carried out in the run
that does not count, and then answered as done. The floor of a light function imports the boto3 that the
runtime would give it, precompiled, and makes one client of DynamoDB; that of `recommend` imports numpy and onnxruntime
and opens the same graph from a file, and "with libraries" imports the AWS client, pydantic and the resolver besides and
makes three clients.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import boto3
from rich.console import Console
from rich.table import Table as Printed

from infra.build import HEAVY
from infra.cli.local import BUILT
from infra.local.stack import LocalStack
from infra.template import Template
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
from tests.events import world
from tests.events.answers import ANSWERS, holds
from tests.functions.api import Api
from tests.gateway import http_event

SIZES = ((1_000, 100), (10_000, 100), (86_000, 48))
"""Items, and neighbours of each."""
RUNS = 7
TIMED_RUNS = 5
MOST_NAMED = 7
BUDGET, BUDGET_OF_RECOMMEND = 1.3, 4.0
"""In floors. What is beyond it gets an exclamation mark."""
SITE = Path(boto3.__file__).parents[1]
FUNCTIONS = Template.load().functions()
PYTHON = frozenset(sys.stdlib_module_names)

console = Console(width=160)


class Start(NamedTuple):
    """Milliseconds of CPU until all was imported, and until the end; of wall until the end; of CPU by module.

    And the most memory.
    """

    imported: float
    done: float
    wall: float
    own: Mapping[str, float]
    answer: Any
    peak_mb: float = 0.0


class Way(NamedTuple):
    """A way to start: `start`'s, with its path and arguments, and a folder for what Python compiles of others'."""

    name: str
    path: Path
    arguments: tuple[str, ...]
    cache: Path

    def started(self, environment: Mapping[str, str], *, timed: bool = False) -> Start:
        options = ["-I", "-S", "-X", f"pycache_prefix={self.cache}"] if self.path == SITE else ["-I", "-S"]
        script = [start.__file__, self.name, str(self.path), "timed" if timed else "", *self.arguments]
        begun = time.perf_counter()
        done = subprocess.run([sys.executable, *options, *script], env=environment, capture_output=True, check=False)
        wall = (time.perf_counter() - begun) * 1e3
        if done.returncode:
            raise RuntimeError(f"{self.name} {self.arguments} failed:\n{done.stderr.decode()[-2000:]}")
        told = json.loads(done.stdout.splitlines()[-1])
        return Start(told["imported"], told["done"], wall, told["own"], told["answer"], told["peak_mb"])


def main() -> None:
    """Print the tables."""
    each_function()
    recommend_by_size()


def each_function() -> None:
    """Every function on its first smoke event, and what its imports take."""
    with tempfile.TemporaryDirectory() as folder, LocalStack(Path(folder) / "stack") as stack:
        told = world.furnish(stack)
        floor = Way("light", SITE, (), Path(folder))
        ways = {name: _whole(name, Path(folder)) for name in FUNCTIONS}
        environments = {name: environment(told | dict(world.OTHERWISE.get(_first(name), {}))) for name in FUNCTIONS}
        starts = in_turns({"": floor} | ways, {"": environment(told)} | environments)
        for name, found in starts.items():
            assert not name or holds(found.answer, ANSWERS[_first(name)]), found.answer
        shares = {name: _shares(ways[name], environments[name]) for name in FUNCTIONS}
    _print_functions(starts, shares)


def _print_functions(starts: Mapping[str, Start], shares: Mapping[str, str]) -> None:
    floor = starts[""]
    table = Printed("function", "cold start", "of it imports", "of the floor", "wall", "imports by library", box=None)
    for name in sorted(FUNCTIONS):
        found = starts[name]
        ratio = found.done / floor.done
        told = "" if name in HEAVY else _told(ratio, BUDGET)
        table.add_row(name, f"{found.done:.0f}", f"{found.imported:.0f}", told, f"{found.wall:.0f}", shares[name])
    console.print(table)
    console.print(f"medians of {RUNS}, milliseconds of CPU; the floor of light functions: {floor.done:.0f}")


def _told(ratio: float, budget: float) -> str:
    return f"{ratio:.2f} x" + ("" if ratio <= budget else " !")


def _first(function: str) -> tuple[str, str]:
    """The function's first smoke event by name."""
    return next(each for each in world.events("smoke-") if each[0] == function)


def _whole(function: str, folder: Path) -> Way:
    artefact = BUILT.parent / f"{function.capitalize()}Function"
    event = world.FOLDER.joinpath(*_first(function)).with_suffix(".json")
    return Way("whole", artefact, (FUNCTIONS[function]["Handler"], str(event)), folder)


def environment(told: Mapping[str, str]) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1"} | dict(told)


def in_turns(ways: Mapping[str, Way], environments: Mapping[str, Mapping[str, str]]) -> dict[str, Start]:
    """The median start of each way; every run of all ways comes before the next, and the first does not count."""
    found: dict[str, list[Start]] = {name: [] for name in ways}
    for _ in range(RUNS + 1):
        for name, way in ways.items():
            found[name].append(way.started(environments[name]))
    return {name: _median(some) for name, some in found.items()}


def _median(starts: Sequence[Start]) -> Start:
    """Of all but the first, whose answer it keeps: a webhook and an export are carried out once."""
    first, *others = starts
    imported, done, wall = (statistics.median(each) for each in zip(*(one[:3] for one in others), strict=True))
    return Start(imported, done, wall, {}, first.answer, statistics.median(one.peak_mb for one in others))


def _shares(way: Way, environment: Mapping[str, str]) -> str:
    """What the libraries take of the CPU of the imports, the largest first."""
    runs = [way.started(environment, timed=True).own for _ in range(TIMED_RUNS)]
    by_library: defaultdict[str, float] = defaultdict(float)
    for module in {name for run in runs for name in run}:
        by_library[_library(module)] += statistics.median(run.get(module, 0.0) for run in runs)
    largest = sorted(by_library, key=by_library.__getitem__, reverse=True)[:MOST_NAMED]
    return ", ".join(f"{name} {by_library[name] / sum(by_library.values()):.0%}" for name in largest)


def _library(module: str) -> str:
    top = module.partition(".")[0]
    if top in {"functions", "shared", "training"}:
        return "ours"
    return {"pydantic_core": "pydantic", "aws_lambda_powertools": "powertools"}.get(
        top, "Python's own" if top in PYTHON else top
    )


def recommend_by_size() -> None:
    """`recommend` beside its own floor, with models of several sizes."""
    table = Printed(
        *("items", "MB", "floor", "with libraries", "cold start", "of it imports"),
        *("of the floor", "of that with libraries", "wall: floor, cold start"),
        box=None,
    )
    for items, width in SIZES:
        table.add_row(*_measured(items, width))
    console.print(table, f"recommend: medians of {RUNS}, milliseconds of CPU")


def _measured(items: int, width: int) -> list[str]:
    files = models.files(models.made(items, width))
    with shop() as api, tempfile.TemporaryDirectory() as folder:
        graph, request = Path(folder) / GRAPH, Path(folder) / "request.json"
        graph.write_bytes(files[GRAPH])
        request.write_text(json.dumps(_request(api, files)))
        artefact = BUILT.parent / "RecommendFunction"
        ways = {name: Way(name, artefact, (str(graph),), Path(folder)) for name in ("heavy", "libraries")}
        ways["whole"] = Way("whole", artefact, (FUNCTIONS["recommend"]["Handler"], str(request)), Path(folder))
        access = environment(os.environ)
        starts = in_turns(ways, dict.fromkeys(ways, access))
    floor, libraries, whole = starts.values()
    assert holds(whole.answer, {"statusCode": 200, "body": {"served_by": "model"}}), whole.answer
    return [
        f"{items:,}",
        f"{len(files[GRAPH]) / 1e6:.0f}",
        *(f"{each.done:.0f}" for each in (floor, libraries, whole)),
        f"{whole.imported:.0f}",
        _told(whole.done / floor.done, BUDGET_OF_RECOMMEND),
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


if __name__ == "__main__":
    main()

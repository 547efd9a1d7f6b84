"""Artefact sizes, and cold and warm times of each function behind the HTTP API of the local stack.

Cold is the first call after the emulator starts: process, imports, clients, secrets and, for recommend, the model.
Warm is the median of the calls after it. The emulator itself waits 50 ms for a log line of each call: the reply to an
unknown path, which reads nothing, shows it, and the warm times of the others are given less that.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from rich.console import Console
from rich.table import Table

from infra.cli import local, sources
from infra.cli.deployment import Deployment
from infra.cli.train import train
from infra.local.proxy import LocalProxy
from infra.local.stack import LocalStack
from infra.template import Template
from tests.e2e import shop

STARTS = 3
WARM_CALLS = 40
MEGABYTE = 1_000_000
ARTEFACTS = local.BUILT.parent

console = Console()
quiet = Console(quiet=True)


def view() -> dict[str, Any]:
    return {
        "event": "Product Viewed",
        "userId": "c1",
        "messageId": str(uuid4()),
        "properties": {"product_id": "toys-1"},
    }


CART = {"lines": [{"item_id": "toys-1", "quantity": 2}, {"item_id": "toys-2"}]}
CALLS: dict[str, Callable[[httpx.Client], httpx.Response]] = {
    "catalogue, unknown path": lambda api: api.get("/v1/nothing"),
    "catalogue, one item": lambda api: api.get("/v1/items/toys-1"),
    "ingest, one event": lambda api: api.post("/v1/track", json=view()),
    "prices, one item": lambda api: api.get("/v1/prices/toys-1"),
    "quotes, two lines": lambda api: api.post("/v1/quotes", json=CART),
    "recommend, for-you": lambda api: api.post("/v1/recommendations", json={"surface": "for-you", "customer_id": "c1"}),
}


def main() -> None:
    """Print both tables."""
    sizes()
    with tempfile.TemporaryDirectory() as folder:
        times(Path(folder))


def sizes() -> None:
    """Unzipped size of each artefact, against Lambda's limit of 250 MB."""
    table = Table("function", "unzipped MB", "of the limit", box=None, header_style="bold")
    for name in Template.load().functions():
        total = sum(
            path.stat().st_size for path in (ARTEFACTS / f"{name.capitalize()}Function").rglob("*") if path.is_file()
        )
        table.add_row(name, f"{total / MEGABYTE:.1f}", f"{total / (250 * MEGABYTE):.0%}")
    console.print(table)


def times(folder: Path) -> None:
    """Cold and warm calls, on the small shop of the end-to-end tests."""
    files = shop.write(folder)
    cold: dict[str, list[float]] = {name: [] for name in CALLS}
    warm: dict[str, list[float]] = {name: [] for name in CALLS}
    key: str | None = None
    for start in range(STARTS):
        with LocalStack(folder / "stack") as stack:
            outputs = local.deploy(stack, folder)
            with LocalProxy(stack.url, outputs.api_id or "") as proxy:
                deployment = local.deployment(stack, outputs, proxy, key)
                key = deployment.access.secret_key.get_secret_value() if deployment.access.secret_key else None
                if start == 0:
                    sources.run(deployment, sources.Files(*files), False, quiet)
                    train(deployment, quiet)
                _measure(deployment, cold if start else {}, warm)
    _print(cold, warm)


def _measure(deployment: Deployment, cold: dict[str, list[float]], warm: dict[str, list[float]]) -> None:
    with deployment.api() as api:
        for name, call in CALLS.items():
            first = _seconds(api, call)
            if name in cold:
                cold[name].append(first)
            warm[name].extend(_seconds(api, call) for _ in range(WARM_CALLS))


def _seconds(api: httpx.Client, call: Callable[[httpx.Client], httpx.Response]) -> float:
    start = time.perf_counter()
    call(api)
    return time.perf_counter() - start


def _print(cold: dict[str, list[float]], warm: dict[str, list[float]]) -> None:
    base = statistics.median(next(iter(warm.values())))
    table = Table("call", "cold ms", "warm ms (median)", "less the emulator's own", box=None, header_style="bold")
    for name in CALLS:
        middle = statistics.median(warm[name])
        table.add_row(
            name, f"{statistics.median(cold[name]) * 1e3:.0f}", f"{middle * 1e3:.1f}", f"{(middle - base) * 1e3:.1f}"
        )
    console.print(table)


if __name__ == "__main__":
    main()

"""The deployed ingest function behind the emulator's HTTP API, seen from outside: the artefact, as it was built."""

import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import httpx

from infra.cli import local
from infra.local.proxy import LocalProxy
from infra.local.stack import LocalStack
from tests.bench import traffic

STARTS = 2
CALLS = 60


class Through(NamedTuple):
    """What was seen from outside the local stack."""

    cold: list[float]
    own: list[float]
    """The emulator's own: calls that read nothing."""
    warm: dict[int, list[float]]
    megabytes: float


def through_the_stack(sizes: Sequence[int]) -> Through:
    """Deploy, and call with batches of these sizes, after two starts of the emulator."""
    seen = Through([], [], {size: [] for size in sizes}, 0.0)
    key: str | None = None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for _ in range(STARTS):
            with LocalStack(folder / "stack") as stack:
                outputs = local.deploy(stack, folder)
                with LocalProxy(stack.url, outputs.api_id or "") as proxy:
                    deployment = local.deployment(stack, outputs, proxy, key)
                    key = deployment.access.secret_key.get_secret_value() if deployment.access.secret_key else None
                    with deployment.api() as api:
                        _called(api, seen)
                    seen = seen._replace(megabytes=max(seen.megabytes, _peak(stack)))
    return seen


def _called(api: httpx.Client, seen: Through) -> None:
    """The first call, and the warm ones: the emulator's own among them, so that all meet the same load."""
    seen.cold.append(_post(api, 1))
    api.get("/v1/nothing")
    for _ in range(CALLS // STARTS):
        seen.own.append(_nothing(api))
        for size, times in seen.warm.items():
            times.append(_post(api, size))


def _post(api: httpx.Client, size: int) -> float:
    body = traffic.batch(traffic.mixed(size))
    start = time.perf_counter()
    reply = api.post("/v1/batch", json=body)
    assert reply.status_code == 200, reply.text
    return time.perf_counter() - start


def _peak(stack: LocalStack) -> float:
    """The largest resident memory of a process that runs the function, in MB."""
    peaks = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(process.name)) == stack.pid and "IngestFunction" in _setting(process):
                status = (process / "status").read_text()
                peaks.append(int(status.partition("VmHWM:")[2].split()[0]))
        except (OSError, IndexError):
            continue  # it ended meanwhile
    assert peaks, "no process of the function was found"
    return max(peaks) / 1024


def _setting(process: Path) -> str:
    return (process / "environ").read_text(errors="replace") + (process / "cmdline").read_text(errors="replace")


def _nothing(api: httpx.Client) -> float:
    start = time.perf_counter()
    api.get("/v1/nothing")
    return time.perf_counter() - start

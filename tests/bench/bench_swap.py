"""A hundred changes of the champion in one warm function: memory, and the request that waits for the new model.

Each size runs in a process of its own, with two real artefacts read from disk (so without the bucket's time) that take
turns as champion. A swap is the request that finds the pointer moved: it loads, checks, tries and takes the new model,
and scores one query. CPU time of the whole process, since the loading is on another thread. `main` fails where memory
grows.

Usage: .venv/bin/python -m tests.bench.bench_swap
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table

from functions.recommend.champion import POLL_SECONDS, Champion
from functions.recommend.patience import Patience
from shared.inference.card import MatrixRecipe
from shared.stores.models import ModelStore
from tests.functions.recommend.artefact import files_of
from training.matrix import ItemMatrix, width_of

SIZES = (10_000, 86_000)
SWAPS, BETWEEN = 100, 5
SETTLED = 20
"""The first swaps fill the allocator's pools; memory is compared after them."""
MOST_GROWTH = 0.05
"""Of the memory after `SETTLED` swaps, that much more may be in use after the last."""


class Measured(BaseModel):
    """Milliseconds of CPU and of the clock, and resident megabytes after each swap."""

    swap_cpu: list[float]
    swap_wall: list[float]
    plain_cpu: list[float]
    resident: list[float]
    peak: float
    model_mb: float

    def growth(self) -> float:
        """How much more memory the last swaps hold than those after which it should have settled."""
        settled = max(self.resident[SETTLED // 2 : SETTLED])
        return max(self.resident[-SETTLED:]) / settled - 1


class Disk:
    """Models in a folder, and a pointer that a bench moves."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.pointer = "m0"

    def put(self, model_id: str, files: Mapping[str, bytes]) -> None:
        (self._folder / model_id).mkdir()
        for name, body in files.items():
            (self._folder / model_id / name).write_bytes(body)

    def champion(self) -> str:
        return self.pointer

    def files(self, model_id: str, without: Collection[str] = ()) -> dict[str, bytes]:
        paths = (self._folder / model_id).iterdir()
        return {path.name: path.read_bytes() for path in paths if path.name not in without}


def main() -> None:
    table = Table(
        "items", "file MB", "", "p50 ms", "p99 ms", "p99 wall ms", "MB after 20, after 100 swaps, peak", box=None
    )
    for items in SIZES:
        found = measured(items, SWAPS)
        shown = f"{found.resident[SETTLED - 1]:.0f}, {found.resident[-1]:.0f}, {found.peak:.0f}"
        swap, wall = (np.percentile(each, [50, 99]) for each in (found.swap_cpu, found.swap_wall))
        plain = np.percentile(found.plain_cpu, [50, 99])
        table.add_row(f"{items:,}", f"{found.model_mb:.1f}", "swap", *_ms(swap), f"{wall[1]:.0f}", shown)
        table.add_row("", "", "other", *_ms(plain))
        if found.growth() > MOST_GROWTH:
            raise SystemExit(f"memory grows by {found.growth():.1%} over {SWAPS} swaps of {items:,} items")
    Console().print(table)


def _ms(values: Any) -> list[str]:
    return [f"{value:.1f}" for value in values]


def measured(items: int, swaps: int) -> Measured:
    """The figures of a process of its own."""
    command = [sys.executable, "-m", "tests.bench.bench_swap", str(items), str(swaps)]
    one_thread = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, env=one_thread, check=True, capture_output=True, text=True)
    return Measured.model_validate_json(done.stdout.splitlines()[-1])


def _child(items: int, swaps: int) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        disk = Disk(Path(folder))
        # Made in a process that ends, so that its memory is not counted here.
        subprocess.run([sys.executable, "-m", "tests.bench.bench_swap", "make", folder, str(items)], check=True)
        return _swapped(disk, items, swaps)


def _make(folder: str, items: int, seed: int) -> None:
    draw, width = np.random.default_rng(seed), width_of(MatrixRecipe(), items)
    ids = draw.integers(0, items, (2 * items, width), dtype=np.int32)
    weights = draw.integers(-127, 128, (2 * items, width), dtype=np.int8)
    scale, priors = (draw.random(2 * items, dtype=np.float32), draw.random((2, items), dtype=np.float32))
    matrix = ItemMatrix(np.arange(items, dtype=np.int32), ids, weights, scale, priors)
    names = [f"product-{number:08d}" for number in range(items)]
    files = files_of(matrix, names, names[:1000], [round(float(each), 7) for each in priors[0]], f"m{seed}")
    Disk(Path(folder)).put(f"m{seed}", files)


class _Request(NamedTuple):
    cpu: float
    wall: float


def _swapped(disk: Disk, items: int, swaps: int) -> Measured:
    now, draw = [0.0], np.random.default_rng(2)
    champion = Champion(cast(ModelStore, disk), lambda: now[0])
    swap: list[_Request] = []
    plain: list[_Request] = []
    resident: list[float] = []
    for number in range(swaps):
        disk.pointer = f"m{number % 2}"
        now[0] += POLL_SECONDS
        swap.append(_request(champion, draw, items, disk.pointer))
        plain.extend(_request(champion, draw, items, disk.pointer) for _ in range(BETWEEN))
        resident.append(_memory("VmRSS"))
    return Measured(
        swap_cpu=[each.cpu for each in swap[1:]],
        swap_wall=[each.wall for each in swap[1:]],
        plain_cpu=[each.cpu for each in plain],
        resident=resident,
        peak=_memory("VmHWM"),
        model_mb=sum(map(len, disk.files("m0").values())) / 1e6,
    )


def _request(champion: Champion, draw: np.random.Generator, items: int, expected: str) -> _Request:
    cpu, wall = time.process_time(), time.perf_counter()
    scorer = champion.scorer(Patience())
    while scorer is None or scorer.card.model_id != expected:  # a busy machine takes longer than one request waits
        scorer = champion.scorer(Patience())
    found = scorer.score([(f"product-{item:08d}", 0.05) for item in draw.integers(0, items, 20)], (), 10)
    if not found:
        raise SystemExit("a model that knows the items shows nothing")
    return _Request((time.process_time() - cpu) * 1000, (time.perf_counter() - wall) * 1000)


def _memory(what: str) -> float:
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(what)]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["make", folder, count]:
            for drawn in (0, 1):
                _make(folder, int(count), drawn)
        case [count, times]:
            print(_child(int(count), int(times)).model_dump_json())
        case _:
            main()

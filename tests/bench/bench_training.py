"""A nightly training by the size of the shop: `python -m tests.bench.bench_training [EVENTS ...] [--keep FOLDER]`.

The archive lies in a folder, as the nightly compaction leaves it; each step is a process of its own, so that its CPU
time and its peak memory are its own. The first night searches a recipe, the next one keeps it, as six of seven do. By
default 10,000, 100,000 and 1,000,000 events; 10,000,000 take fifteen CPU minutes, 3.4 GB of memory and 0.4 GB of disk.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table as Printed

from shared.domain.items import Item
from shared.inference.card import CARD, Card
from shared.stores.archive import ArchiveStore, all_shards
from shared.stores.tombstones import TombstoneStore
from tests.bench import shopcolumns
from tests.bench.shoplog import FolderBucket, Size, write
from training.archived import Archived
from training.train import train

EVENTS = (10_000, 100_000, 1_000_000)
END = datetime(2026, 11, 22, tzinfo=UTC)
ERASED = 1_000
LEAST_COLUMNS_BYTES = 100_000
"""As in `functions/compact`."""
MOST_LINES = 3_000_000
"""Larger archives are made of columns only: to write lines and to lay columns takes 35 CPU seconds a million."""
STEPS = {
    "write": "made up",
    "lines": "read lines",
    "lay": "laid columns",
    "quick": "made up, as columns only",
    "columns": "read columns",
    "train": "trained",
    "next": "trained again",
}
NIGHTS, NEXT = ("train", "next"), "the next night"
console = Console(width=160)


class Spent(NamedTuple):
    """A phase: its name, its CPU and wall seconds, and the process's peak memory after it."""

    name: str
    cpu: float
    wall: float
    peak_mb: float


class Meter:
    """Told of each phase as it ends, says what it took."""

    def __init__(self) -> None:
        self._cpu, self._wall = time.process_time(), time.perf_counter()

    def __call__(self, sentence: str) -> None:
        cpu, wall = time.process_time(), time.perf_counter()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        name = sentence.rpartition(": ")[0] if sentence.endswith(" s") else sentence
        print(json.dumps(Spent(name, cpu - self._cpu, wall - self._wall, peak)), flush=True)
        self._cpu, self._wall = cpu, wall


class Tombstones:
    """A table of tombstones of other customers."""

    def query_all(self, _: str, *, consistent: bool) -> Iterator[dict[str, str]]:
        assert consistent
        yield from ({"sk": f"{n:064x}", "erased_at": "2026-01-01T00:00:00+00:00"} for n in range(ERASED))


def step(name: str, folder: Path, size: Size) -> None:
    """One step, in this process."""
    bucket: Any = FolderBucket(folder)
    archive = ArchiveStore(bucket, "bench")
    table: Any = Tombstones()
    meter = Meter()
    match name:
        case "write":
            write(bucket, size, END)
        case "quick":
            shopcolumns.write(bucket, size, END)
        case "lay":
            for shard in all_shards():
                for each in archive.objects(shard):
                    if each.size >= LEAST_COLUMNS_BYTES:
                        archive.write_columns(each.key)
        case "lines" | "columns":
            erased = TombstoneStore(table, lambda: "pepper").all()
            Archived(archive, END, erased).rows()
        case "train" | "next":
            erased, card = TombstoneStore(table, lambda: "pepper").all(), folder / CARD
            champion = Card.model_validate_json(card.read_bytes()) if name == "next" else None
            artefact = train(Archived(archive, END, erased), catalogue(size), champion, meter, created=END)
            card.write_bytes(artefact.files[CARD])
            meter(f"{artefact.model_id}, {len(artefact.files['graph.onnx']) / 1e6:.1f} MB: 0 s")
            return
    meter(f"{STEPS[name]}: 0 s")


def catalogue(size: Size) -> list[Item]:
    """Every item, and one of a hundred that nobody has taken yet."""
    return [
        Item(item_id=f"item-{n}", title=f"Thing {n % 997} of kind {n // 43}", category=f"kind {n // 43}")
        for n in range(size.items + size.items // 100)
    ]


def measured(events: int, folder: Path) -> dict[str, Spent]:
    """All steps, each in a process of its own."""
    found: dict[str, Spent] = {}
    made = ("quick",) if events > MOST_LINES else ("write", "lines", "lay")
    read = ("columns", *NIGHTS)
    for name in read if folder.exists() else (*made, *read):
        command = [
            sys.executable,
            "-m",
            "tests.bench.bench_training",
            str(events),
            "--step",
            name,
            "--keep",
            str(folder),
        ]
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout or ():
                spent = Spent(*json.loads(line))
                console.log(f"{events:>10,} {spent.cpu:8.1f} CPU s {spent.peak_mb:7,.0f} MB  {spent.name[:110]}")
                found[f"{NEXT}: {spent.name}" if name == "next" else spent.name] = spent
        assert process.returncode == 0
    return found


def main(sizes: tuple[int, ...] = EVENTS, keep: Path | None = None) -> None:
    """Print what each step and phase takes, for each size."""
    with tempfile.TemporaryDirectory() as folder:
        found = {events: measured(events, (keep or Path(folder)) / str(events)) for events in sizes}
    phases = [name for name in found[sizes[-1]] if "serves" not in name and "graph" not in name]
    table = Printed("CPU seconds", *(f"{events:,}" for events in sizes), box=None, header_style="bold")
    for name in phases:
        table.add_row(name, *(f"{found[e][name].cpu:,.2f}" if name in found[e] else "" for e in sizes))
    for night in ("a night with a search", NEXT):
        of = [[s for n, s in found[e].items() if n.startswith(NEXT) == (night == NEXT)] for e in sizes]
        trained = [[each for each in some if each.name not in STEPS.values()] for some in of]
        table.add_row(f"{night}, in all", *(f"{sum(each.cpu for each in some):,.1f}" for some in trained))
        table.add_row("its wall seconds", *(f"{sum(each.wall for each in some):,.1f}" for some in trained))
        table.add_row("peak MB", *(f"{max(each.peak_mb for each in some):,.0f}" for some in trained))
    console.print(table)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("events", type=int, nargs="*", default=list(EVENTS))
    options.add_argument("--keep", type=Path, help="where archives are kept, and found again")
    options.add_argument("--step", choices=list(STEPS))
    given = options.parse_args()
    if given.step:
        step(given.step, given.keep, Size.of(given.events[0]))
    else:
        main(tuple(given.events), given.keep)

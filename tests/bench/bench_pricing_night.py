"""A whole night of `pricing` by the deployed handler: `python -m tests.bench.bench_pricing_night [ITEMS ...]
[untold]`; `untold` where orders do not tell prices, which then come from the ledgers.

Archive columns -> weekly sales -> demand -> artefact -> suggestions -> autopilot, over two years of a made-up shop
(`tests/bench/priced.py`) of 1,000, 10,000 and 100,000 items. The table and the bucket are the local stack's, another
process, so CPU and memory are ours alone: botocore and its requests over HTTP are in them, the emulator is not, and its
waiting times say nothing of AWS's. Each night is a process of its own on one thread of BLAS. The second night is the
next day's: a tenth of the items that had a suggestion are sold out, so that theirs are closed. With `week`, four
nights of 1,000 items one after the other, and the units of the table that each is charged for (meter.py).
"""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table as Printed

from shared.stores import clients
from shared.stores.items import ItemStore
from shared.stores.suggestions import LIST
from shared.stores.table import Table
from tests import conftest
from tests.bench.inprocess import shop
from tests.bench.priced import EVERY, make

SIZES = (1_000, 10_000, 100_000)
NIGHTS = {"first night": 0, "next night": 1}
WEEK = 4
LAMBDA_SECONDS, LAMBDA_MB = 900, 3008

console = Console(width=150)


def main(sizes: tuple[int, ...] = SIZES, *, told: bool = True) -> None:
    """Print a table for each size and night."""
    for items in sizes:
        with shop():
            table = Table(clients.dynamodb(), conftest.TABLE)
            began = time.perf_counter()
            made = make(table, items, datetime.now(UTC), told=told)
            seconds = time.perf_counter() - began
            console.print(f"[bold]{items:,} items[/bold], {made.lines:,} lines of orders, made in {seconds:.0f} s")
            for name, days in NIGHTS.items():
                if days:
                    _sell_out(table)
                _print(name, night(days))


def week() -> None:
    """What a usual night reads and writes; the first one, which finds nothing there, stands apart."""
    with shop():
        table = Table(clients.dynamodb(), conftest.TABLE)
        make(table, SIZES[0], datetime.now(UTC))
        for day in range(WEEK):
            told = night(day, metered=True)
            each = {name: round(told[name], 1) for name in ("reads", "writes")}
            console.print(day, each, told["done"]["suggestions"], told["done"]["new"], told["done"]["autopilot"])


def night(days: float, *, metered: bool = False) -> dict[str, Any]:
    """What one night told."""
    command = [sys.executable, "-m", "tests.bench.night", str(days), *(["metered"] if metered else [])]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the night failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    (line,) = (each for each in done.stdout.splitlines() if each.startswith("TOLD "))
    found: dict[str, Any] = json.loads(line.removeprefix("TOLD "))
    return found


def _sell_out(table: Table) -> None:
    """Of every tenth item with a suggestion there is nothing left."""
    named = sorted({str(each["item_id"]) for each in table.query_all(LIST)})[::EVERY]
    sold_out = {"stock": 0}
    edit = {name: (lambda item: item and item.model_copy(update=sold_out)) for name in named}
    ItemStore(table).edit(edit, datetime.now(UTC))


def _print(name: str, told: dict[str, Any]) -> None:
    printed = Printed("step", "CPU s", "peak MB", "wall s beside the emulator", title=name, box=None)
    for step, cpu in sorted(told["cpu"].items(), key=lambda pair: -pair[1]):
        printed.add_row(step, f"{cpu:.1f}", f"{told['peak_mb'][step]:,.0f}", f"{told['wall'][step]:.1f}")
    cpu, peak = sum(told["cpu"].values()), max(told["peak_mb"].values())
    calls = sum(told["calls"].values())
    console.print(printed)
    console.print(
        f"{cpu:.0f} s of CPU of {LAMBDA_SECONDS}, {peak:,.0f} MB of {LAMBDA_MB:,} (imports: {told['before_mb']:.0f}); "
        f"{calls:,} calls of AWS: {told['calls']}"
    )
    console.print(f"done: {told['done']}\n")


if __name__ == "__main__":
    asked = sys.argv[1:]
    if "week" in asked:
        week()
        sys.exit()
    main(tuple(int(each) for each in asked if each.isdigit()) or SIZES, told="untold" not in asked)

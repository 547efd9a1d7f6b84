"""One fit of made-up interactions on one machine and on Spark's local[2].

`.venv-spark/bin/python -m tests.bench.bench_spark 100000`, after `make spark-test`.

The CPU of Spark is that of its JVM and its Pythons, read from /proc while they live.
"""

import os
import sys
import time
from pathlib import Path

import numpy as np
from pyspark import SparkContext

from shared.inference.card import MatrixRecipe
from training.interactions import Interactions
from training.matrix import fit_parts
from training.spark import over
from training.sparse import spreading

TICKS = os.sysconf("SC_CLK_TCK")


def made(events: int) -> Interactions:
    """One item an event; customers as Pareto, items as Zipf."""
    draw = np.random.default_rng(1)
    owner = np.sort((draw.pareto(1.2, events) * events / 100).astype(np.int64) % max(1, events // 20))
    items = draw.zipf(1.15, events) % max(1, events // 12)
    return Interactions(
        customers=tuple(f"{n:08}" for n in range(events // 20)),
        items=tuple(f"{n:08}" for n in range(events // 12)),
        names=("Order Completed",),
        event_customer=owner.astype(np.int32),
        event_time=np.arange(events, dtype=np.float64) * 60,
        event_name=np.zeros(events, dtype=np.int32),
        item=items.astype(np.int32),
        event=np.arange(events, dtype=np.int32),
    )


def cpu() -> float:
    """Of this process and all that came of it, in seconds."""
    found, times = {os.getpid()}, {}
    for stat in sorted(Path("/proc").glob("[0-9]*/stat"), key=lambda path: int(path.parent.name)):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # It has ended meanwhile.
        times[int(stat.parent.name)] = (int(fields[1]), sum(map(int, fields[11:15])) / TICKS)
    while more := {pid for pid, (parent, _) in times.items() if parent in found} - found:
        found |= more
    return sum(times[pid][1] for pid in found if pid in times)


def main() -> None:
    view = made(int(sys.argv[1]))
    end = float(view.event_time.max()) + 1
    began, wall = cpu(), time.perf_counter()
    here = fit_parts(view, end, MatrixRecipe())
    print(f"one machine: {cpu() - began:.1f} CPU s, {time.perf_counter() - wall:.1f} s, {len(here.rows):,} items")
    began, wall = cpu(), time.perf_counter()
    context = SparkContext("local[2]", "bench")
    print(f"Spark's start: {cpu() - began:.1f} CPU s, {time.perf_counter() - wall:.1f} s")
    began, wall = cpu(), time.perf_counter()
    with spreading(over(context)):
        there = fit_parts(view, end, MatrixRecipe())
    print(f"local[2]: {cpu() - began:.1f} CPU s, {time.perf_counter() - wall:.1f} s")
    for name in ("ridge", "sequence", "together"):
        left, right = getattr(here, name), getattr(there, name)
        print(name, "equal" if np.array_equal(left.data, right.data) and (left != right).nnz == 0 else "differs")
    context.stop()


if __name__ == "__main__":
    main()

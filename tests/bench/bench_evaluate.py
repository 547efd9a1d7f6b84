"""`regulars evaluate` on a large made-up log: `python -m tests.bench.bench_evaluate [PROTOCOL ...]`.

1M events of 110,000 customers with 86,000 items in 2,000 groups over a year. Items are popular by Zipf's law within
their group, and groups among groups; a customer keeps to three groups, and one event in three is what usually follows
the last item. Prints time and memory of the whole, and the report's table.
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt

from infra.cli import show
from infra.evaluation.evaluate import Order, evaluate
from infra.evaluation.protocols import parse

EVENTS, CUSTOMERS, ITEMS, GROUPS = 1_000_000, 110_000, 86_000, 2_000
DAYS, BEGAN = 365, 1_700_000_000
FOLLOWS = 1 / 3
SEED = 4


def main(protocols: tuple[str, ...] = ("next-days:30",)) -> None:
    """Write the log, evaluate it by each protocol, and say what that took."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.csv"
        write(path, EVENTS, CUSTOMERS, ITEMS, GROUPS)
        for protocol in protocols:
            began = time.perf_counter()
            report = evaluate(Order(path, parse(protocol, repeat=False)), print)
            children = resource.getrusage(resource.RUSAGE_CHILDREN)
            own = resource.getrusage(resource.RUSAGE_SELF)
            cpu = children.ru_utime + children.ru_stime + own.ru_utime + own.ru_stime
            print(
                f"{protocol}: {time.perf_counter() - began:.0f} s, {cpu:.0f} CPU s, {own.ru_maxrss / 1024:.0f} MB read"
            )
            show.report(report, as_json=False)
            for name, model in report.models.items():
                print(name, model.cpu_seconds, f"{model.peak_memory_mb:.0f} MB", model.inference_ms, model.model_bytes)


def write(path: Path, events: int, customers: int, items: int, groups: int) -> None:
    """The log as CSV: customer, item, timestamp (seconds)."""
    draw = np.random.default_rng(SEED)
    lengths = draw.multinomial(events, _zipf(customers, 0.6))
    customer = np.repeat(np.arange(customers), lengths)
    group_of = np.sort(draw.integers(0, groups, items))
    starts = np.searchsorted(group_of, np.arange(groups + 1))
    likes = draw.choice(groups, (customers, 3), p=_zipf(groups, 0.8))
    group = likes[customer, draw.integers(0, 3, events)]
    sizes = np.maximum(1, starts[group + 1] - starts[group])
    # The rank in a group is drawn from a power law; the next item of a pair is a fixed neighbour of its forerunner.
    item = np.minimum(starts[group] + (sizes ** draw.random(events)).astype(np.int64) - 1, items - 1)
    successor = starts[group_of] + draw.permutation(items) % np.maximum(1, starts[group_of + 1] - starts[group_of])
    for at in np.flatnonzero((draw.random(events) < FOLLOWS) & np.append(False, customer[1:] == customer[:-1])):
        item[at] = successor[item[at - 1]]
    times = BEGAN + draw.integers(0, DAYS * 86_400, events)
    times = times[np.lexsort((times, customer))]
    lines = (f"c{a},i{b},{c}\n" for a, b, c in zip(customer.tolist(), item.tolist(), times.tolist(), strict=True))
    with path.open("w") as file:
        file.write("customer,item,timestamp\n")
        file.writelines(lines)


def _zipf(count: int, power: float) -> npt.NDArray[np.float64]:
    weights = np.arange(1, count + 1) ** -power
    return np.asarray(weights / weights.sum())


if __name__ == "__main__":
    main(*([tuple(sys.argv[1:])] if sys.argv[1:] else []))

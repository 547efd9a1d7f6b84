"""Runs each recommender in a process of its own, so that its CPU time and its peak of memory are its own."""

import resource
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from infra.evaluation.protocols import Cases
from training.interactions import Floats, Ints
from training.metrics import Judged, Ranking, judge
from training.sparse import blocks

BATCH = 256
TIMED = 1_000
"""How many questions are asked one by one for the percentiles of inference."""
SHOWN = 20


class Fitted(Protocol):
    """A fitted recommender: how many bytes it takes to keep, and its best `SHOWN` items for customers of its cases."""

    @property
    def bytes(self) -> int: ...

    def rank(self, who: Ints) -> Ranking: ...


type Chosen = dict[str, Any]


class Recommender(Protocol):
    """Something to judge. `choose` finds parameters on validation cases, `fit` fits on the training part of others."""

    def choose(self, validation: Cases | None) -> Chosen: ...

    def fit(self, cases: Cases, chosen: Chosen) -> Fitted: ...


class Cpu(NamedTuple):
    """CPU seconds, all threads, of each step; `tune` is 0 where there is nothing to choose."""

    tune: float
    fit: float
    predict: float


@dataclass(frozen=True)
class Run:
    """What came of one recommender: the rankings of all cases, and what they cost.

    `single_ms` is the CPU time of asking one question at a time, [at most `TIMED`]; `peak_mb` includes the
    interpreter and the data.
    """

    ranking: Ranking
    chosen: Chosen
    cpu: Cpu
    wall: float
    peak_mb: float
    bytes: int
    single_ms: Sequence[float]
    note: str = ""


def alone(work: Callable[..., Run], *arguments: object) -> Run:
    """The work in a new process, which is gone afterwards."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def run(recommender: Recommender, cases: Cases, validation: Cases | None) -> Run:
    """Choose, fit, ask all questions, and then some again one by one."""
    began, cpu = time.perf_counter(), [time.process_time()]
    chosen = recommender.choose(validation)
    cpu.append(time.process_time())
    fitted = recommender.fit(cases, chosen)
    cpu.append(time.process_time())
    who = cases.who
    ranking = np.concatenate([fitted.rank(who[part]) for part in blocks(len(who), BATCH)])
    cpu.append(time.process_time())
    return Run(
        ranking=ranking,
        chosen=chosen,
        cpu=Cpu(*(after - before for before, after in pairwise(cpu))),
        wall=time.perf_counter() - began,
        peak_mb=peak_mb(),
        bytes=fitted.bytes,
        single_ms=[_timed(fitted, who[at : at + 1]) for at in range(0, len(who), max(1, len(who) // TIMED))][:TIMED],
        note=getattr(fitted, "note", ""),
    )


def judged(ranking: Ranking, cases: Cases) -> Judged:
    """A ranking of all cases against their targets; coverage is of the items that the training part has."""
    who = cases.who
    return judge(ranking, cases.targets[who], who, len(cases.known))


def revenue_recall(ranking: Ranking, cases: Cases, prices: Floats) -> float | None:
    """Of what the targets of all cases cost, at `prices` [items] (NaN where none is known), the share that the lists
    name; None where no target has a price.
    """
    wanted = cases.targets[cases.who].tocoo()
    worth = np.nan_to_num(prices)[wanted.col]
    named = (ranking[wanted.row] == wanted.col[:, None]).any(axis=1)
    return round(float(worth[named].sum() / worth.sum()), 6) if worth.any() else None


def _timed(fitted: Fitted, who: Ints) -> float:
    began = time.process_time_ns()
    fitted.rank(who)
    return (time.process_time_ns() - began) / 1e6


def peak_mb() -> float:
    """The most memory that this process has held. The kernel's `ru_maxrss` would count the parent's as well."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

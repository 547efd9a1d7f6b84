"""Kills trainings and their publication by signal, 200 times at random: never is a bad model served.

The deployed training function's own handler runs in processes that are forked from a warm one, against the table and
the bucket of the local stack, so that what was written survives the kill. Most are killed at any moment of a training;
four in ten while they publish, which would else be hit too rarely. After each kill:

- the champion is the one from before, or the one that the killed training had made;
- its files are whole and answer; so do those of every published version;
- a function that has been warm all the time serves just that model, whole.

Usage: .venv/bin/python -m tests.bench.bench_kill [KILLS]
"""

import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection

import numpy as np
from rich.console import Console
from rich.table import Table as Grid

from functions.recommend.champion import POLL_SECONDS, Champion
from functions.recommend.patience import Patience
from shared.domain.events import Event
from shared.inference.scorer import Scorer
from shared.stores import clients
from shared.stores.archive import ArchiveStore
from shared.stores.items import ItemStore
from shared.stores.models import ModelStore
from shared.stores.table import Table
from shared.telemetry.log import logger
from tests.bench import inprocess
from tests.bench.victim import train_once
from tests.conftest import BUCKET, TABLE
from tests.training.shops import OPENED, catalogue, two_tastes

KILLS, WHILE_PUBLISHING = 200, 0.4
TRIALS = 3
LAST_PHASE = "drift:"
LONGEST_SECONDS = 300.0


def main(kills: int = KILLS) -> None:
    logger.setLevel("ERROR")
    with inprocess.shop():
        loop = Loop()
        loop.prepare()
        started = time.monotonic()
        for number in range(kills):
            loop.kill(publishing=number % 10 < 10 * WHILE_PUBLISHING)
            if number % 10 == 9:
                print(f"{number + 1} kills, {time.monotonic() - started:.0f} s", flush=True)
        loop.finish()
        Console().print(loop.told(kills, time.monotonic() - started))


@dataclass
class Run:
    """What a training said before it ended."""

    said: list[tuple[float, str]] = field(default_factory=list)

    @property
    def died_in(self) -> str:
        """The step that it was killed in."""
        last = self.said[-1][1] if self.said else ""
        if last.startswith("done"):
            return "not at all: it was done"
        if self.index(LAST_PHASE) is None:
            return "training: " + ("reading" if self.index("collect:") is None else "fitting, judging, exporting")
        calls = [what for _, what in self.said[self.index(LAST_PHASE) :] if what.startswith(">")]
        return "publishing: " + (f"at its call {len(calls)}, {calls[-1][2:]}" if calls else "before its first call")

    def index(self, start: str) -> int | None:
        return next((n for n, (_, what) in enumerate(self.said) if what.startswith(start)), None)

    @property
    def made(self) -> str | None:
        """The model of a training that came to its end."""
        return self.said[-1][1].split()[1] if self.said and self.said[-1][1].startswith("done") else None

    def seconds(self, start: str, end: str) -> float:
        first, last = self.index(start), self.index(end)
        return self.said[last][0] - self.said[first][0] if first is not None and last is not None else 0.0


class Loop:
    """The shop, its trainings, and what became of them."""

    def __init__(self) -> None:
        self._models = ModelStore(Table(clients.dynamodb(), TABLE), clients.s3(), BUCKET)
        self._draw = np.random.default_rng(int(time.time()))
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload(["tests.bench.warmed"])
        self._now = 0.0
        self._warm = Champion(self._models, lambda: self._now)
        self._events: list[Event] = []
        self._seconds = self._publishing = 0.0
        self.where: Counter[str] = Counter()
        self.champions: list[str] = []
        self.refused: list[str] = []

    def prepare(self) -> None:
        """A small shop with a champion, and how long a training and its publication take."""
        shift = datetime.now(UTC) - timedelta(days=70) - OPENED
        events = [event.model_copy(update={"time": event.time + shift}) for event in two_tastes(customers=30, days=60)]
        ItemStore(Table(clients.dynamodb(), TABLE)).put(catalogue(events))
        ArchiveStore(clients.s3(), BUCKET).append_import("bench", events)
        self._events = events
        for _ in range(TRIALS):
            self._more()
            run = self._started(None)
            if run.made is None:
                raise SystemExit(f"the training was not done after: {run.said[-3:]}")
            # The first one is slower than those that will be killed.
            self._seconds, self._publishing = run.seconds("began", "done"), run.seconds(LAST_PHASE, "done")
            self._check(run, run.made)
        self._more()

    def kill(self, *, publishing: bool) -> None:
        """One training that is killed, and everything looked at. New events come when the last ones are learnt."""
        before = self._models.champion()
        longest = self._publishing if publishing else self._seconds
        run = self._started(float(self._draw.uniform(0, longest)), after=LAST_PHASE if publishing else "began")
        self.where[run.died_in] += 1
        self._check(run, before)
        if self._models.champion() != before:
            self._more()

    def finish(self) -> None:
        """A training that nobody kills publishes its model, over whatever was left lying about."""
        self._more()
        run = self._started(None)
        if run.made is None or self._models.champion() != run.made:
            raise SystemExit("a training after all the kills did not become champion")
        self._check(run, run.made)

    def _more(self) -> None:
        """An order that nobody has made yet, so that the next model is another one."""
        order = self._events[len(self.champions) % len(self._events)]
        number = len(self.champions) + int(time.time() * 1000)
        self.champions.append(str(self._models.champion()))
        update = {"message_id": f"more-{number}", "time": datetime.now(UTC) - timedelta(minutes=1)}
        ArchiveStore(clients.s3(), BUCKET).append([order.model_copy(update=update)])

    def _started(self, kill_after: float | None, after: str = "began") -> Run:
        ours, theirs = self._processes.Pipe(duplex=False)
        process = self._processes.Process(target=train_once, args=(theirs,))
        process.start()
        theirs.close()
        run = Run()
        for _ in self._heard(ours, run, until=after):
            pass
        if kill_after is not None:
            time.sleep(kill_after)
            process.kill()
        for _ in self._heard(ours, run, until="done"):
            pass
        process.join(LONGEST_SECONDS)
        ours.close()
        return run

    def _heard(self, ours: Connection, run: Run, until: str) -> Iterator[str]:
        """What is said, up to a sentence or the end."""
        end = time.monotonic() + LONGEST_SECONDS
        while time.monotonic() < end:
            try:
                if ours.poll(0.05):
                    run.said.append((time.monotonic(), ours.recv()))
                    yield run.said[-1][1]
                    if run.said[-1][1].startswith(until):
                        return
            except (EOFError, OSError):
                return
        raise SystemExit(f"a training hung after: {run.said[-3:]}")

    def _check(self, run: Run, before: str | None) -> None:
        serving = self._models.champion()
        versions = {version.model_id for version in self._models.versions()}
        if serving is None or (serving != before and serving in self.champions):
            raise SystemExit(f"the champion is {serving}, and was {before}; killed {run.died_in}")
        if run.made is not None and serving != run.made:
            raise SystemExit(f"{run.made} was published, and {serving} serves")
        for model_id in {serving, *versions - set(self.champions)}:
            scorer = Scorer.load(self._models.files(model_id))
            if not scorer.score([("red-00", 1.0)], (), 5):
                raise SystemExit(f"{model_id} does not answer")
        self._now += POLL_SECONDS
        served = self._warm.scorer(Patience())
        while served is not None and served.card.model_id != serving and len(self.refused) < 50:
            self.refused.append(served.card.model_id)  # it is still loading: a busy machine
            served = self._warm.scorer(Patience())
        if served is None or served.card.model_id != serving:
            raise SystemExit(f"{serving} is the champion, and {served and served.card.model_id} is served")

    def told(self, kills: int, seconds: float) -> Grid:
        objects = clients.s3().list_objects_v2(Bucket=BUCKET, Prefix="models/")["Contents"]
        grid = Grid(title=f"{kills} kills in {seconds:.0f} s, no bad model", box=None, show_header=False)
        grid.add_row("a training, its publication", f"{self._seconds:.1f} s, {self._publishing:.2f} s")
        for where, count in sorted(self.where.items()):
            grid.add_row(where, str(count))
        grid.add_row("published versions, all whole", str(len(list(self._models.versions()))))
        whole = {f"models/{version.model_id}/" for version in self._models.versions()}
        stray = {each["Key"].rpartition("/")[0] + "/" for each in objects} - whole
        grid.add_row("publications that left objects without a version", str(len(stray)))
        grid.add_row("requests that were served by the old model meanwhile", str(len(self.refused)))
        return grid


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))

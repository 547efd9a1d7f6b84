"""One night of `pricing` in a process of its own: the deployed handler, what each step takes, and what it asks of AWS.

Started by `bench_pricing_night`, with the number of days that the night is ahead, and `metered` where the table's units
are to be counted (which takes CPU time itself). Prints JSON.
"""

import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from shared.stores import clients
from shared.stores.competitors import CompetitorStore
from shared.stores.models import ModelStore
from shared.stores.suggestions import SuggestionStore
from tests.bench import meter
from training.limits import resident_mb
from training.pricing import app, run

MEMORY_MB = 3008
STEPS: tuple[tuple[str, Any, str], ...] = (
    ("sales read from the archive", app, "weekly"),
    ("panel of weeks", run, "panel_of"),
    ("demand fitted", run, "fit"),
    ("artefact packed", run, "pack"),
    ("artefact published", ModelStore, "publish"),
    ("limits, items sorted", run, "sort"),
    ("competitors read", CompetitorStore, "get"),
    ("belief, safe prices", run, "night"),
    ("suggestions made", run, "_made"),
    ("suggestions written, closed", SuggestionStore, "replace"),
    ("autopilot", run, "autopilot"),
)
"""Each without those that it calls; the rest is the catalogue and the imports."""


class Context:
    """As much time as the emulator needs: Lambda's is judged by what was counted."""

    memory_limit_in_mb = str(MEMORY_MB)

    def get_remaining_time_in_millis(self) -> int:
        return 10**9


class Clock:
    """CPU and wall seconds of each step without the steps in it, and the most memory while it ran."""

    def __init__(self) -> None:
        self.cpu: defaultdict[str, float] = defaultdict(float)
        self.wall: defaultdict[str, float] = defaultdict(float)
        self.peak: defaultdict[str, float] = defaultdict(float)
        self._now = ["the rest"]
        self._at = time.process_time(), time.perf_counter()

    def told(self) -> None:
        """Charge what has passed to the step that is going on."""
        cpu, wall = time.process_time(), time.perf_counter()
        self.cpu[self._now[-1]] += cpu - self._at[0]
        self.wall[self._now[-1]] += wall - self._at[1]
        self.peak[self._now[-1]] = max(self.peak[self._now[-1]], _peak_mb())
        self._at = cpu, wall

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self.told()
        self._now.append(name)
        yield
        self.told()
        self._now.pop()

    def around(self, name: str, act: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*given: Any, **named: Any) -> Any:
            with self.step(name):
                return act(*given, **named)

        return timed


def _peak_mb() -> float:
    """The most since it was last asked."""
    status = Path("/proc/self/status").read_text().splitlines()
    (line,) = (each for each in status if each.startswith("VmHWM:"))
    Path("/proc/self/clear_refs").write_text("5")
    return int(line.split()[1]) * 1024 / 1e6


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """How often each operation of AWS is called."""
    calls: Counter[str] = Counter()

    def asked(model: Any, **_: Any) -> None:
        calls[model.name] += 1

    for client in (clients.dynamodb(), clients.s3()):
        client.meta.events.register("before-call", asked)
    yield calls


def later(days: float) -> Any:
    """The handler's clock, so many days ahead."""

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = UTC) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + timedelta(days=days)

    return Later


def main(days: float, *, metered: bool) -> None:
    clock, before = Clock(), resident_mb()
    for name, place, attribute in STEPS:
        setattr(place, attribute, clock.around(name, getattr(place, attribute)))
    counting: AbstractContextManager[meter.Units] = meter.metered() if metered else nullcontext({})
    with counted() as calls, patch.object(app, "datetime", later(days)), counting as units:
        done = app.handler({}, Context())
    clock.told()
    told = {
        "done": done,
        "cpu": clock.cpu,
        "wall": clock.wall,
        "peak_mb": clock.peak,
        "before_mb": before,
        "calls": calls,
        "reads": meter.reads(units),
        "writes": meter.writes(units),
    }
    print("TOLD " + json.dumps(told), flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]), metered="metered" in sys.argv)

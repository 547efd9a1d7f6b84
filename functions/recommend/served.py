"""How lists are served, told as metrics: nothing of the shopper."""

import time
from collections.abc import Callable
from datetime import datetime

from aws_lambda_powertools.metrics import MetricUnit

from shared.telemetry.metrics import Metric, tell

AGE_SECONDS = 300.0
"""How often an instance of the function tells the age of its model: as often as the dashboard has points."""


def count_list(surface: str, milliseconds: float, *, fallback: bool) -> None:
    """One more list of its surface: how long its shopper waited, and whether a simpler method stood in for its own.

    The share of the latter is a metric of all surfaces together; that of one is in the same lines, by `surface`.
    """
    tell(
        Metric("Latency", MetricUnit.Milliseconds, round(milliseconds, 1), ("surface", surface)),
        Metric("Fallbacks", MetricUnit.Count, int(fallback)),
    )


class Age:
    """Tells now and then how old the model is that serves, in hours."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told = -AGE_SECONDS

    def tell(self, created: datetime | None, now: datetime) -> None:
        if created is None or self._clock() - self._told < AGE_SECONDS:
            return
        self._told = self._clock()
        hours = (now - created).total_seconds() / 3600
        tell(Metric("ModelAge", MetricUnit.NoUnit, round(hours, 2)))

"""How lists are served, in CloudWatch's embedded metric format: a line of the log, no call, nothing of the shopper."""

import time
from collections.abc import Callable
from datetime import datetime

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

AGE_SECONDS = 300.0
"""How often an instance of the function tells the age of its model: as often as the dashboard has points."""


def count_list(surface: str, milliseconds: float, *, fallback: bool) -> None:
    """One more list of its surface: how long its shopper waited, and whether a simpler method stood in for its own."""
    metrics = EphemeralMetrics()
    metrics.add_dimension(name="surface", value=surface)
    metrics.add_metric(name="Latency", unit=MetricUnit.Milliseconds, value=milliseconds)
    metrics.add_metric(name="Fallbacks", unit=MetricUnit.Count, value=int(fallback))
    metrics.flush_metrics()


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
        metrics = EphemeralMetrics()
        metrics.add_metric(name="ModelAge", unit=MetricUnit.NoUnit, value=hours)
        metrics.flush_metrics()

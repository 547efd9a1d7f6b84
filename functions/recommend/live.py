"""What is trending, read from the live counters and remembered for a few seconds."""

import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from shared.domain.trending import WINDOW_DAYS, rank
from shared.stores.trending import TrendingStore

REFRESH_SECONDS = 10.0


class Trending:
    """The ranking of the last days, recomputed from the counters at most every `REFRESH_SECONDS`."""

    def __init__(self, store: TrendingStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._computed = -REFRESH_SECONDS
        self._ranked: Sequence[tuple[str, float]] = ()

    def ranked(self, today: date) -> Sequence[tuple[str, float]]:
        """Items with their decayed weights, best first."""
        if self._clock() - self._computed >= REFRESH_SECONDS:
            days = [today - timedelta(days=n) for n in range(WINDOW_DAYS)]
            self._ranked = rank(self._store.read(days), today)
            self._computed = self._clock()
        return self._ranked

"""What is trending and what sells, read from the live counters and remembered for a few seconds."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Lock

from cachetools import TTLCache

from shared.domain.clock import SteadyClock
from shared.domain.counting import WINDOW_DAYS, Series, decayed, summed
from shared.stores.counters import Counted, CounterStore, category_key

REFRESH_SECONDS = 10.0
OVER_SECONDS = 3600.0
"""A day that is over changes only by what arrives late."""
MOST_RANKINGS = 100
READERS = 8

Ranked = Sequence[tuple[str, float]]
Slot = tuple[Series, date]


class Live:
    """Rankings from the counters, at most `REFRESH_SECONDS` old; of days that are over, `OVER_SECONDS`."""

    def __init__(self, store: CounterStore, clock: Callable[[], float] | None = None) -> None:
        self._store = store
        self._clock = clock or SteadyClock()
        self._days: dict[Slot, tuple[float, Counter[Counted]]] = {}
        # A read that a request did not wait for may end while the next one is answered.
        self._lock = Lock()
        self._rankings: TTLCache[tuple[object, ...], Ranked] = TTLCache(
            MOST_RANKINGS, REFRESH_SECONDS, timer=self._clock
        )

    def trending(self, today: date) -> Ranked:
        """Items with their decayed weights, best first."""
        return self._ranked((Series.TRENDING, today), lambda: self._trending(today))

    def sold(self, today: date, window_days: int, category: str | None = None) -> Ranked:
        """Items with the number of orders that had them in the last days, best first; of one category, or of all."""
        key = (Series.SOLD, today, window_days, category)
        return self._ranked(key, lambda: self._sold(today, window_days, category))

    def _ranked(self, key: tuple[object, ...], rank: Callable[[], Ranked]) -> Ranked:
        with self._lock:
            found = self._rankings.get(key)
        if found is None:
            found = rank()
            with self._lock:
                self._rankings[key] = found
        return found

    def _trending(self, today: date) -> Ranked:
        days = self._read(Series.TRENDING, today, WINDOW_DAYS[Series.TRENDING])
        return decayed({day: {each.item: n for each, n in counts.items()} for day, counts in days.items()}, today)

    def _sold(self, today: date, window_days: int, category: str | None) -> Ranked:
        days = self._read(Series.SOLD, today, window_days).values()
        wanted = category_key(category)
        return summed(
            (each.item, n)
            for counts in days
            for each, n in counts.items()
            if category is None or each.category == wanted
        )

    def _read(self, series: Series, today: date, window_days: int) -> dict[date, Counter[Counted]]:
        days = [today - timedelta(days=n) for n in range(window_days)]
        self._refresh([(series, day) for day in days], today)
        with self._lock:
            return {day: self._days[series, day][1] for day in days}

    def _refresh(self, slots: Iterable[Slot], today: date) -> None:
        """Read the days that are not known well enough, and forget those that count for nothing any more."""
        now = self._clock()
        with self._lock:
            stale = [slot for slot in slots if self._is_stale(slot, today, now)]
        with ThreadPoolExecutor(READERS) as pool:
            read = list(pool.map(lambda slot: self._store.read(*slot), stale))
        with self._lock:
            self._days.update({slot: (now, counts) for slot, counts in zip(stale, read, strict=True)})
            for series, day in [slot for slot in self._days if (today - slot[1]).days >= WINDOW_DAYS[slot[0]]]:
                del self._days[series, day]

    def _is_stale(self, slot: Slot, today: date, now: float) -> bool:
        read_at, _ = self._days.get(slot, (None, None))
        return read_at is None or now - read_at >= (REFRESH_SECONDS if slot[1] >= today else OVER_SECONDS)

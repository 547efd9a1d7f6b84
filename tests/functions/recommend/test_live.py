"""What the warm function remembers of the live counters, and for how long."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from functions.recommend.live import OVER_SECONDS, REFRESH_SECONDS, Live
from shared.domain.counting import WINDOW_DAYS, Series
from shared.stores.counters import Counted, category_key

TODAY = date(2026, 5, 10)


class Counters:
    """Counts in memory, and what was read of them."""

    def __init__(self) -> None:
        self.counts: dict[tuple[Series, date], Counter[Counted]] = {}
        self.read_days: list[int] = []

    def add(self, series: Series, age: int, item: str, n: int, category: str | None = None) -> None:
        key = series, TODAY - timedelta(days=age)
        self.counts.setdefault(key, Counter())[Counted(item, category_key(category))] += n

    def read(self, series: Series, day: date) -> Counter[Counted]:
        self.read_days.append((TODAY - day).days)
        return Counter(self.counts.get((series, day), Counter()))


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def counters() -> Counters:
    return Counters()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def live(counters: Any, clock: Clock) -> Live:
    return Live(counters, clock)


def test_a_window_is_so_many_days_with_today(counters: Counters, live: Live) -> None:
    for age in (0, 1, 6, 7, 29, 30):
        counters.add(Series.SOLD, age, "lamp", 1)
    assert [live.sold(TODAY, days) for days in (1, 7, 30)] == [[("lamp", 1)], [("lamp", 3)], [("lamp", 5)]]


def test_a_category_is_only_its_own_and_all_is_the_sum(counters: Counters, live: Live) -> None:
    counters.add(Series.SOLD, 0, "lamp", 2, "Lights")
    counters.add(Series.SOLD, 1, "lamp", 1, "Garden")
    counters.add(Series.SOLD, 0, "tea", 4)
    assert live.sold(TODAY, 7, "Lights") == [("lamp", 2)]
    assert live.sold(TODAY, 7, "None") == []
    assert live.sold(TODAY, 7) == [("tea", 4), ("lamp", 3)]


def test_today_is_read_again_soon_and_a_day_that_is_over_is_not(counters: Counters, live: Live, clock: Clock) -> None:
    live.sold(TODAY, 7)
    assert sorted(counters.read_days) == list(range(7))
    counters.add(Series.SOLD, 0, "new", 1)
    counters.add(Series.SOLD, 3, "late", 1)
    assert live.sold(TODAY, 7) == []
    counters.read_days.clear()
    clock.seconds += REFRESH_SECONDS
    assert live.sold(TODAY, 7) == [("new", 1)]
    assert counters.read_days == [0]
    clock.seconds += OVER_SECONDS
    assert live.sold(TODAY, 7) == [("late", 1), ("new", 1)]


def test_categories_and_windows_share_what_was_read(counters: Counters, live: Live) -> None:
    live.sold(TODAY, 30)
    for category in (None, "Lights", "Garden"):
        for days in (1, 7, 30):
            live.sold(TODAY, days, category)
    assert sorted(counters.read_days) == list(range(30))


def test_the_next_day_forgets_what_left_the_window(counters: Counters, live: Live, clock: Clock) -> None:
    counters.add(Series.SOLD, 29, "old", 1)
    counters.add(Series.TRENDING, 6, "old", 1)
    assert (len(live.sold(TODAY, 30)), len(live.trending(TODAY))) == (1, 1)
    clock.seconds += REFRESH_SECONDS
    tomorrow = TODAY + timedelta(days=1)
    assert (live.sold(tomorrow, 30), live.trending(tomorrow)) == ([], [])
    assert len(live._days) == WINDOW_DAYS[Series.SOLD] + WINDOW_DAYS[Series.TRENDING]


def test_trending_decays(counters: Counters, live: Live) -> None:
    counters.add(Series.TRENDING, 0, "new", 4)
    counters.add(Series.TRENDING, 2, "old", 6)
    assert live.trending(TODAY) == [("new", 4.0), ("old", 3.0)]

"""Emerging issues, simulated: how long until a burst is told, and how often something is told that is none.

A restless shop: twice the feedback after a year, a season, a December, noisy days, themes whose share wanders from week
to week. Beside it a steady one, where only chance is at work. Ours is the function's own; the fixed rule tells a theme
with so many negative mentions in seven days, the ratio rule one with so many that are so many times the four weeks'
mean before. Each is taken as owners set it, and at the setting with at most our false alarms that finds bursts best.
What is told is not told again before four weeks have passed without it.

With `--unseen`, a second table has shops that no setting was picked on, by other seeds: themes that come in clumps,
weekdays far apart, shares that grow or fade over the year, and all of these.

Usage: .venv/bin/python -m tests.bench.bench_issues [--shops 16] [--unseen]
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from functions.themes.counting import PAST_WEEKS
from functions.themes.emerging import WINDOW_DAYS, Past, emerging, forecast, tail
from tests.bench.shopweeks import (
    PAST_DAYS,
    RESTLESS,
    STEADY,
    UNSEEN,
    YEAR_DAYS,
    Restless,
    Shop,
    shop,
    with_burst,
    with_new_theme,
)

SHOPS = 16
BURST_DAYS = 28
QUIET_DAYS = 28
BURSTS = {50: (2, 3, 5), 500: (4, 8, 15), 5_000: (10, 20, 40)}
"""Mentions more a week, by feedback a month."""
MIDDLE = 1
"""The burst that a rule's setting is chosen by."""
FRESH = 7_000
"""Where the seeds of the second table's shops begin."""
NEVER = 99.0

type Flags = NDArray[np.bool_]
type Counts = NDArray[np.float64]


class View(NamedTuple):
    """What is known on a day: the window's counts and feedback, and the weeks before."""

    day: int
    counts: Counts
    feedback: float
    past: Past


type Rule = Callable[[View], Flags]


class Found(NamedTuple):
    """Days until the bursts of one size were told, of themes there were and of new ones."""

    known: list[float]
    new: list[float]


def views(of: Shop) -> Iterator[View]:
    """Every day of the year."""
    mentions = np.concatenate([np.zeros((len(of.mentions), 1)), of.mentions.cumsum(axis=1)], axis=1)
    feedback = np.concatenate([[0.0], of.feedback.cumsum()])
    for day in range(PAST_DAYS, PAST_DAYS + YEAR_DAYS):
        ends = day + 1 - WINDOW_DAYS * np.arange(PAST_WEEKS, 0, -1)
        ends = ends[ends >= WINDOW_DAYS]
        past = Past(
            mentions[:, ends] - mentions[:, ends - WINDOW_DAYS], (feedback[ends] - feedback[ends - WINDOW_DAYS])[None]
        )
        last = day + 1 - WINDOW_DAYS
        yield View(day, mentions[:, day + 1] - mentions[:, last], float(feedback[day + 1] - feedback[last]), past)


def ours(view: View) -> Flags:
    of = forecast(view.past, np.array([view.feedback]))
    return emerging(view.counts, of, tail(view.counts, of))


def fixed(least: int) -> Rule:
    return lambda view: view.counts >= least


def ratio(least: int, times: float) -> Rule:
    return lambda view: (view.counts >= least) & (view.counts >= times * view.past.mentions[:, -4:].mean(axis=1))


USUAL: dict[str, Rule] = {"fixed, 3": fixed(3), "ratio, 3 and 2 times": ratio(3, 2.0)}
SETTINGS: dict[str, dict[str, Rule]] = {
    "fixed": {
        f"{least}": fixed(least) for least in (4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 70, 90, 120, 160, 220, 300)
    },
    "ratio": {
        f"{least} and {times} times": ratio(least, times)
        for least in (4, 6, 8, 10, 15, 20, 30)
        for times in (3.0, 5.0, 9.0, 15.0)
    },
}


def flags(rule: Rule, year: Sequence[View]) -> Flags:
    """Which themes the rule flags (themes, days)."""
    return np.stack([rule(view) for view in year], axis=1)


def told(flagged: Flags) -> int:
    """How many messages that makes."""
    count = 0
    for theme in flagged:
        days = np.flatnonzero(theme)
        count += int((np.diff(days, prepend=-YEAR_DAYS) > QUIET_DAYS).sum())
    return count


def delay(rule: Rule, of: Shop, theme: int, start: int) -> float:
    """Days until a burst is flagged while it lasts."""
    days = [at.day for at in views(of) if start <= at.day < start + BURST_DAYS and rule(at)[theme]]
    return float(days[0] - start + 1) if days else NEVER


def bursts(calm: Sequence[Shop], weekly: float, first: int = 0) -> list[tuple[Shop, Shop, int, int]]:
    """Each shop with a burst of a theme that it has, and with one of a new theme; which theme, and from when on."""
    made = []
    for seed, each in enumerate(calm, first):
        random = np.random.default_rng([seed, int(weekly)])
        theme, start = int(random.integers(len(each.mentions))), PAST_DAYS + int(random.integers(30, 300))
        wider = with_new_theme(each)
        known = with_burst(each, theme, start, weekly, BURST_DAYS, random)
        new = with_burst(wider, len(each.mentions), start, weekly, BURST_DAYS, random)
        made.append((known, new, theme, start))
    return made


def found(rule: Rule, made: Sequence[tuple[Shop, Shop, int, int]]) -> Found:
    """How soon each burst is told."""
    return Found(
        [delay(rule, known, theme, start) for known, _, theme, start in made],
        [delay(rule, new, len(new.mentions) - 1, start) for _, new, _, start in made],
    )


def alarms(rule: Rule, calm: Sequence[Sequence[View]]) -> list[int]:
    return [told(flags(rule, each)) for each in calm]


def tuned(kind: str, calm: Sequence[Sequence[View]], most: float, made: Sequence[tuple[Shop, Shop, int, int]]) -> str:
    """The setting that finds most bursts, and then soonest, of those with at most so many false alarms."""
    allowed = [name for name, rule in SETTINGS[kind].items() if np.mean(alarms(rule, calm)) <= most]

    def worth(name: str) -> float:
        delays = np.array([day for some in found(SETTINGS[kind][name], made) for day in some])
        return float(np.minimum(delays, 2 * BURST_DAYS).mean())

    return min(allowed, key=worth)


def row(
    name: str, rule: Rule, calm: Sequence[Sequence[View]], by_size: Sequence[Sequence[tuple[Shop, Shop, int, int]]]
) -> list[str]:
    """One rule's line."""
    cells = [name, _mean(alarms(rule, calm))]
    for made in by_size:
        cells += [_delays(each) for each in found(rule, made)]
    return cells


def _mean(counts: Sequence[int]) -> str:
    wide = 1.96 * np.std(counts, ddof=1) / np.sqrt(len(counts))
    return f"{np.mean(counts):.2f} ±{wide:.2f}"


def _delays(days: Sequence[float]) -> str:
    """Share told within the burst; the median day, with a bootstrap interval."""
    each = np.array(days)
    random = np.random.default_rng(0)
    drawn = np.median(each[random.integers(len(each), size=(2_000, len(each)))], axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return f"{(each < NEVER).mean():.0%} {_day(float(np.median(each)))} ({_day(low)}-{_day(high)})"


def _day(days: float) -> str:
    return "never" if days > BURST_DAYS else f"{days:.0f}"


def printed(name: str, monthly: int, how: Restless, shops: int, first: int, sizes: Sequence[int]) -> Table:
    """All rules on shops of one kind; the seeds begin with `first`."""
    calm = [shop(monthly, how, np.random.default_rng([seed, monthly])) for seed in range(first, first + shops)]
    by_size = [bursts(calm, weekly, first) for weekly in sizes]
    years = [list(views(each)) for each in calm]
    columns = [f"+{weekly} a week, {kind}" for weekly in sizes for kind in ("known", "new")]
    table = Table(f"{monthly:,} a month, {name}", "false alarms a year", *columns, box=None)
    table.add_row(*row("ours", ours, years, by_size))
    for usual, rule in USUAL.items():
        table.add_row(*row(usual, rule, years, by_size))
    most = float(np.mean(alarms(ours, years)))
    by = by_size[min(MIDDLE, len(sizes) - 1)][: shops // 2]
    for kind, settings in SETTINGS.items():
        best = tuned(kind, years[: shops // 2], most, by)
        table.add_row(*row(f"{kind}, tuned: {best}", settings[best], years, by_size))
    return table


def main(shops: int = SHOPS, *, unseen: bool = False) -> None:
    """Print the first table, or the second."""
    console = Console(width=220)
    kinds = UNSEEN if unseen else {"restless": RESTLESS, "steady": STEADY}
    for name, how in kinds.items():
        for monthly, sizes in BURSTS.items():
            some = sizes[MIDDLE : MIDDLE + 1] if unseen else sizes
            console.print(printed(name, monthly, how, shops, FRESH if unseen else 0, some))


if __name__ == "__main__":
    rest = [each for each in sys.argv[1:] if each != "--unseen"]
    main(int(rest[1]) if rest[:1] == ["--shops"] else SHOPS, unseen="--unseen" in sys.argv)

"""What is named more often than it used to be: themes, and themes on one item, which a large shop would hide."""

from typing import NamedTuple

import numpy as np

from functions.themes.counting import Counted
from functions.themes.emerging import Forecast, Prior, emerging, forecast, tail

LEAST_PAST = 20.0
LEAST_PAST_WEEKS = 3
"""So much feedback in so many weeks must there have been before anything can be more than usual."""
OF_THEME = 2.0
"""On an item, a theme is expected as often as on others, as if it had been named so often there."""
MOSTLY = 0.7
"""Where so much of a theme's excess is one item's, the item is the issue."""


class Signal(NamedTuple):
    """One theme, or one on an item: how often it was named, what was to be expected, and whether that stands out."""

    theme: int
    item: str | None
    mentions: int
    expected: float
    size: float
    exposure: float
    p_value: float
    stands_out: bool

    @property
    def excess(self) -> float:
        return self.mentions - self.expected


def signals(themes: Counted, items: Counted, loose: int) -> list[Signal]:
    """Of every theme, and of every theme on an item. `loose` is how many recent complaints belong to no theme.

    Each of those might have become one, so each counts as a test.
    """
    if not _has_past(themes):
        return []
    of = forecast(themes.past, themes.exposure)
    found = _signals(themes, of, len(themes.keys) + loose)
    if not items.keys:
        return found
    rates = of.mean / np.maximum(themes.exposure, 1.0)
    prior = Prior(OF_THEME, rates[[theme for theme, _ in items.keys]])
    return found + _signals(items, forecast(items.past, items.exposure, prior), len(items.keys))


def told_once(found: list[Signal]) -> list[Signal]:
    """Those that stand out, each theme as a whole or by its items, whichever says more."""
    out = [each for each in found if each.stands_out]
    whole = {each.theme: each for each in out if each.item is None}
    by_item = [each for each in out if each.item is not None]
    instead = {
        each.theme for each in by_item if each.theme in whole and each.excess >= MOSTLY * whole[each.theme].excess
    }
    kept = [each for theme, each in whole.items() if theme not in instead]
    return kept + [each for each in by_item if each.theme not in whole or each.theme in instead]


def _signals(counted: Counted, of: Forecast, tests: int) -> list[Signal]:
    p_values = tail(counted.counts, of)
    out = emerging(counted.counts, of, p_values, tests)
    return [
        Signal(key[0], key[1], int(count), float(mean), float(size), float(exposure), float(p), bool(told))
        for key, count, mean, size, exposure, p, told in zip(
            counted.keys, counted.counts, of.mean, of.size, counted.exposure, p_values, out, strict=True
        )
    ]


def _has_past(themes: Counted) -> bool:
    weeks = themes.past.exposure[0] if len(themes.keys) else np.zeros(0)
    return bool(weeks.sum() >= LEAST_PAST and (weeks > 0).sum() >= LEAST_PAST_WEEKS)

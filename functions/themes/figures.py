"""The figures of a theme: how its share of the talk changes, and how many stars less those give who speak of it."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from functions.themes.mentions import Voice
from shared.domain.feedback import RatingEffect, WeekCount

RECENT_DAYS = 28
LEAST_TO_COMPARE = 5
Z = 1.96
ITEM_WEIGHT = 5.0
"""An item's mean rating is drawn towards all items' as if it had so many ratings more."""

type Mask = NDArray[np.bool_]


class Trend(NamedTuple):
    """The ratio of shares, with its 95% interval."""

    ratio: float
    low: float
    high: float


def trend(days: NDArray[np.int64], of: Mask, today: int) -> Trend | None:
    """The theme's share of the last four weeks' feedback over that of the weeks before; None if there is too little."""
    recent = days > today - RECENT_DAYS
    new, old = int((of & recent).sum()), int((of & ~recent).sum())
    all_new, all_old = int(recent.sum()), int((~recent).sum())
    if new + old < LEAST_TO_COMPARE or min(all_new, all_old) < LEAST_TO_COMPARE:
        return None
    # Half a mention more on either side, so that none at all has an interval too.
    ratio = (new + 0.5) / (all_new + 0.5) * (all_old + 0.5) / (old + 0.5)
    wide = Z * float(np.sqrt(1 / (new + 0.5) - 1 / (all_new + 0.5) + 1 / (old + 0.5) - 1 / (all_old + 0.5)))
    return Trend(ratio, ratio * float(np.exp(-wide)), ratio * float(np.exp(wide)))


def surplus(voices: Sequence[Voice]) -> NDArray[np.float64]:
    """Each rating less what others gave the same item; not a number where there is no rating.

    Else a theme that is spoken of with a good item only would seem to raise ratings.
    """
    ratings = np.array([np.nan if each.rating is None else each.rating for each in voices], dtype=float)
    rated = ~np.isnan(ratings)
    items = {each.item_id: at for at, each in enumerate(voices) if each.item_id is not None}
    item = np.array([-1 if each.item_id is None else items[each.item_id] for each in voices], dtype=np.int64)
    mean = float(ratings[rated].mean()) if rated.any() else 0.0
    known = rated & (item >= 0)
    sums = np.bincount(item[known], ratings[known], minlength=len(voices) + 1)
    counts = np.bincount(item[known], minlength=len(voices) + 1)
    others = np.full(len(voices), mean)
    own = item[known]
    others[known] = (sums[own] - ratings[known] + ITEM_WEIGHT * mean) / (counts[own] - 1 + ITEM_WEIGHT)
    return np.asarray(ratings - others)


def rating_effect(surpluses: NDArray[np.float64], of: Mask) -> RatingEffect | None:
    """The difference of means, by Welch's standard error; None where there is too little on either side."""
    rated = ~np.isnan(surpluses)
    with_it, without = surpluses[of & rated], surpluses[~of & rated]
    if min(len(with_it), len(without)) < LEAST_TO_COMPARE:
        return None
    stars = float(with_it.mean() - without.mean())
    parts = [float(each.var(ddof=1)) / len(each) for each in (with_it, without)]
    wide = _t95(_freedom(parts, (len(with_it), len(without)))) * float(np.sqrt(sum(parts)))
    return RatingEffect(stars=stars, low=stars - wide, high=stars + wide, rated=len(with_it))


def weeks(days: NDArray[np.int64], of: Mask, today: int, count: int) -> tuple[WeekCount, ...]:
    """The last weeks, from Monday, the current one too."""
    monday = today - (date.fromordinal(today).weekday())
    week = (days - monday) // 7 + count - 1
    inside = (week >= 0) & (week < count)
    named = np.bincount(week[inside & of], minlength=count)
    total = np.bincount(week[inside], minlength=count)
    first = date.fromordinal(monday) - timedelta(weeks=count - 1)
    return tuple(
        WeekCount(week=first + timedelta(weeks=at), count=int(named[at]), total=int(total[at])) for at in range(count)
    )


def _freedom(parts: Sequence[float], sizes: Sequence[int]) -> float:
    """Welch's and Satterthwaite's degrees of freedom."""
    below = sum(part**2 / (size - 1) for part, size in zip(parts, sizes, strict=True))
    return sum(parts) ** 2 / below if below > 0 else float(sum(sizes) - 2)


def _t95(freedom: float) -> float:
    return float(stdtrit(max(freedom, 1.0), 0.975))

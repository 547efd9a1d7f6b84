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

type Mask = NDArray[np.bool_]


class Trend(NamedTuple):
    """The ratio of shares, with its 95% interval."""

    ratio: float
    low: float
    high: float


def trend(days: NDArray[np.int64], of: Mask, today: int, weights: NDArray[np.float64]) -> Trend | None:
    """The theme's share of the last four weeks' feedback over that of the weeks before; None if there is too little.

    Of a sample with unequal weights the shares are weighted, and their intervals are those of as many equal ones as it
    is worth (Kish, *Survey Sampling*, 1965).
    """
    recent = days > today - RECENT_DAYS
    if of.sum() < LEAST_TO_COMPARE or min(recent.sum(), (~recent).sum()) < LEAST_TO_COMPARE:
        return None
    all_new, all_old = _worth(weights[recent]), _worth(weights[~recent])
    new = all_new * float(weights[of & recent].sum() / weights[recent].sum())
    old = all_old * float(weights[of & ~recent].sum() / weights[~recent].sum())
    # Half a mention more on either side, so that none at all has an interval too.
    ratio = (new + 0.5) / (all_new + 0.5) * (all_old + 0.5) / (old + 0.5)
    wide = Z * float(np.sqrt(1 / (new + 0.5) - 1 / (all_new + 0.5) + 1 / (old + 0.5) - 1 / (all_old + 0.5)))
    return Trend(ratio, ratio * float(np.exp(-wide)), ratio * float(np.exp(wide)))


def _worth(weights: NDArray[np.float64]) -> float:
    """How many equal ones tell as much as these."""
    return float(weights.sum() ** 2 / (weights**2).sum())


class Ratings(NamedTuple):
    """The ratings there are: whose (`voice`), of which item (`item`), and how far an item's mean is taken off each.

    A theme that is spoken of with a good item only would else seem to raise ratings. All of the mean is taken off where
    an item has many ratings and items differ much, nothing where an item has one: a model with random effects.
    """

    voice: NDArray[np.int64]
    item: NDArray[np.int64]
    off: NDArray[np.float64]
    rating: NDArray[np.float64]

    def less(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Each value less what is to be taken off of its item's mean."""
        means = np.bincount(self.item, values) / np.maximum(np.bincount(self.item), 1)
        return np.asarray(values - self.off * means[self.item])


def ratings(voices: Sequence[Voice]) -> Ratings:
    """Those of the feedback that has any; what is of no item is of one of its own."""
    rated = np.array([at for at, each in enumerate(voices) if each.rating is not None], dtype=np.int64)
    names = {name: at for at, name in enumerate(dict.fromkeys(voices[at].item_id or (at,) for at in rated))}
    item = np.array([names[voices[at].item_id or (at,)] for at in rated], dtype=np.int64)
    rating = np.array([voices[at].rating for at in rated], dtype=float)
    return Ratings(rated, item, _off(rating, item), rating)


def _off(rating: NDArray[np.float64], item: NDArray[np.int64]) -> NDArray[np.float64]:
    """By analysis of variance, for each rating."""
    sizes = np.bincount(item).astype(float)
    if len(rating) <= len(sizes) or len(sizes) < 2:
        return np.zeros(len(rating))
    means = np.bincount(item, rating) / sizes
    within = max(float(((rating - means[item]) ** 2).sum()) / (len(rating) - len(sizes)), 1e-6)
    among = float((sizes * (means - rating.mean()) ** 2).sum()) / (len(sizes) - 1)
    typical = (len(rating) - float((sizes**2).sum()) / len(rating)) / (len(sizes) - 1)
    between = max((among - within) / max(typical, 1.0), 0.0)
    return np.asarray((1 - np.sqrt(within / (sizes * between + within)))[item])


def rating_effect(of: Ratings, theme: Mask) -> RatingEffect | None:
    """How many stars fewer or more, with an interval that holds whatever the variances; None with too little."""
    named = theme[of.voice].astype(float)
    if min(named.sum(), len(named) - named.sum()) < LEAST_TO_COMPARE:
        return None
    design = np.stack([1 - of.off, of.less(named)], axis=1)
    inverse = np.linalg.pinv(design.T @ design)
    rating = of.less(of.rating)
    fitted = inverse @ design.T @ rating
    meat = design * (rating - design @ fitted)[:, None]
    spread = np.sqrt(float((inverse @ meat.T @ meat @ inverse)[1, 1]) * len(rating) / max(len(rating) - 2, 1))
    wide = float(stdtrit(max(named.sum() - 1, 1.0), 0.975) * spread)
    stars = float(fitted[1])
    return RatingEffect(stars=stars, low=stars - wide, high=stars + wide, rated=int(named.sum()))


def weeks(
    days: NDArray[np.int64], of: Mask, today: int, count: int, weights: NDArray[np.float64]
) -> tuple[WeekCount, ...]:
    """The last weeks, from Monday, the current one too."""
    monday = today - (date.fromordinal(today).weekday())
    week = (days - monday) // 7 + count - 1
    inside = (week >= 0) & (week < count)
    named = np.bincount(week[inside & of], weights[inside & of], minlength=count)
    total = np.bincount(week[inside], weights[inside], minlength=count)
    first = date.fromordinal(monday) - timedelta(weeks=count - 1)
    return tuple(
        WeekCount(week=first + timedelta(weeks=at), count=round(of), total=round(there))
        for at, (of, there) in enumerate(zip(named, total, strict=True))
    )

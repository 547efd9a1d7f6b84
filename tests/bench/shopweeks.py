"""A made-up shop's feedback as daily counts: what a detector of issues sees of it, with bursts where wanted."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

type Counts = NDArray[np.float64]

PAST_DAYS, YEAR_DAYS = 182, 365
NEGATIVE_MENTIONS = 0.5
"""A piece of feedback has so many, of all themes together."""
THEMES = {50: 20, 500: 60, 5_000: 150}
WEEKDAYS = np.array([1.15, 1.05, 1.0, 1.0, 1.05, 0.9, 0.85])


class Restless(NamedTuple):
    """How far a shop is from one where every day is like every other.

    The last three were in no shop that the detector's settings were picked on: `clumps` is the shape of a gamma by
    which a theme's week is multiplied (0: by nothing), `weekly` how far weekdays are apart beyond the usual, each theme
    with a weekday of its own, `trend` the deviation of the logarithm by which a theme's share changes in a year.
    """

    growth: float = 2.0
    season: float = 0.3
    december: float = 1.8
    day_noise: float = 8.0
    share_noise: float = 0.3
    share_memory: float = 0.5
    seasonal_themes: float = 0.2
    seasonal_share: float = 0.5
    clumps: float = 0.0
    weekly: float = 0.0
    trend: float = 0.0


STEADY = Restless(1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0)
RESTLESS = Restless()
CALM = Restless(share_noise=0.0, seasonal_themes=0.0)
"""Restless in how much there is, not in what is spoken of: the noise of the shops below is another."""
UNSEEN = {
    "clumps": CALM._replace(clumps=3.0),
    "weekdays": CALM._replace(weekly=0.6),
    "trends": CALM._replace(trend=0.7),
    "all of these": RESTLESS._replace(clumps=4.0, weekly=0.4, trend=0.5, day_noise=3.0),
}


class Shop(NamedTuple):
    """Negative mentions (themes, days) and feedback (days); the first `PAST_DAYS` are the detector's past."""

    mentions: Counts
    feedback: Counts


def shop(monthly: int, how: Restless, random: np.random.Generator) -> Shop:
    """Half a year of past and a year."""
    days = np.arange(PAST_DAYS + YEAR_DAYS)
    volume = _volume(monthly, days, how, random)
    shares = random.gamma(0.7, size=THEMES[monthly])
    rates = NEGATIVE_MENTIONS * shares / shares.sum()
    return Shop(random.poisson(rates[:, None] * _moods(len(rates), days, how, random) * volume).astype(float), volume)


def with_burst(calm: Shop, theme: int, start: int, weekly: float, days: int, random: np.random.Generator) -> Shop:
    """So many mentions a week more from that day on; they come in feedback that there would have been anyway."""
    mentions = calm.mentions.copy()
    mentions[theme, start : start + days] += random.poisson(weekly / 7, days)
    return calm._replace(mentions=mentions)


def with_new_theme(calm: Shop) -> Shop:
    """One more theme, last, that nobody has spoken of."""
    return calm._replace(mentions=np.vstack([calm.mentions, np.zeros_like(calm.feedback)]))


def _volume(monthly: int, days: NDArray[np.int64], how: Restless, random: np.random.Generator) -> Counts:
    """Feedback a day; `monthly` is its mean in the year that is looked at, if nothing grows."""
    phase = random.integers(0, 365)
    of_year = (days + phase) % 365
    mean = monthly / 30 * how.growth ** ((days - PAST_DAYS) / 365)
    mean = mean * _week(WEEKDAYS, how, (days + phase) % 7) * (1 + how.season * np.sin(2 * np.pi * of_year / 365))
    mean = mean * np.where(of_year >= 320, how.december, 1.0)
    noise = random.gamma(how.day_noise, 1 / how.day_noise, len(days)) if how.day_noise else 1.0
    return np.asarray(random.poisson(mean * noise), dtype=np.float64)


def _moods(themes: int, days: NDArray[np.int64], how: Restless, random: np.random.Generator) -> Counts:
    """How each theme's share of the talk wanders: from week to week, and some with the season."""
    weeks = len(days) // 7 + 1
    steps = random.normal(0, how.share_noise, (themes, weeks))
    for week in range(1, weeks):
        steps[:, week] = how.share_memory * steps[:, week - 1] + np.sqrt(1 - how.share_memory**2) * steps[:, week]
    wander = np.exp(steps - how.share_noise**2 / 2)[:, days // 7]
    seasonal = random.random(themes) < how.seasonal_themes
    wave = how.seasonal_share * np.sin(2 * np.pi * (days / 365 + random.random((themes, 1))))
    return np.asarray(wander * (1 + seasonal[:, None] * wave) * _unseen(themes, days, how, random))


def _week(usual: Counts, how: Restless, days: NDArray[np.int64]) -> Counts:
    """The weekday's share of the week, from Monday."""
    return np.asarray(usual[days] * (1 + how.weekly * np.cos(2 * np.pi * days / 7)))


def _unseen(themes: int, days: NDArray[np.int64], how: Restless, random: np.random.Generator) -> Counts:
    """What the first shops have nothing of; it draws nothing where there is nothing of it, so that those stay."""
    found = np.ones((themes, len(days)))
    if how.clumps:
        found *= random.gamma(how.clumps, 1 / how.clumps, (themes, len(days) // 7 + 1))[:, days // 7]
    if how.weekly:
        found *= 1 + how.weekly * np.cos(2 * np.pi * (days + random.integers(7, size=(themes, 1))) / 7)
    if how.trend:
        found *= np.exp(random.normal(0, how.trend, (themes, 1)) * (days - PAST_DAYS) / 365)
    return found

"""Drift: whether the data's last week, or the lists made of it, are unlike what the champion was made of.

Fixed before any result was seen, and only here:

- the last week is compared with the means of the champion's last four, so that a change shows for weeks, not for one
  night, and a day of the week is never compared with another;
- distributions (items, sizes of baskets, best scores): population stability index, sum (p - q) ln(p / q), with half a
  count more in each bin. It is drift above `SHIFTED` (Siddiqi, Credit Risk Scorecards, 2006), and above what equal
  distributions reach by chance once in a thousand times: chi-squared of bins - 1 times (1/n + 1/m) (Yurdakul and
  Naranjo, Statistical properties of the population stability index, 2020). n and m are customers, not events, since
  one customer's events are no independent draws;
- shares (new customers, new items, customers with a list): the difference, above `SHARE` and above what the two-sample
  z-test takes for chance once in a thousand times;
- amounts (events a week by name, coverage): the ratio, below 1/`TIMES` or above `TIMES`, where at least
  `LEAST_EVENTS` of `LEAST_CUSTOMERS` were to be expected;
- days: three more without any event in the week, or since the last event, than before.

A drift changes nothing by itself: it is in the card and in the log, and the gate decides.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np

from shared.inference.card import Card, Drift, Measure, Profile
from shared.inference.scorer import Scorer
from training.artefact import Artefact
from training.interactions import Interactions
from training.profile import BASKETS, POPULAR, SCORES, Lists, Week, lists, profile, shares, weeks
from training.shop import Shop

SHIFTED = 0.25
SHARE = 0.15
TIMES = 2.0
DAYS = 3.0
ALIKE = 1.25
"""Coverage grows with the number of customers asked: it is compared where one is at most so many times the other."""
LEAST_EVENTS, LEAST_CUSTOMERS = 100, 30
Z = 3.29
"""Chance goes beyond it once in a thousand times, on both sides together."""
Z_ABOVE = 3.09
"""The same on one side."""


def watched(artefact: Artefact, shop: Shop, champion: Card | None) -> tuple[Profile | None, Drift]:
    """The artefact's own profile, and its drift against the champion's."""
    recent = weeks(shop.view, shop.end)
    found = lists(shop, Scorer.load(artefact.files), artefact.card.recipe)
    own = profile(shop.view, recent, found, artefact.card.recommendable)
    return own, drift(artefact.card, champion, shop.view, recent, found)


def drift(card: Card, champion: Card | None, view: Interactions, recent: list[Week], found: Lists) -> Drift:
    """What has drifted since the champion; measures without enough to compare are left out."""
    if champion is None:
        return Drift(against=None, reason="No comparison: there was no champion.")
    if not recent:
        return Drift(against=champion.model_id, reason="No comparison: there are less than two whole weeks of data.")
    if champion.profile is None:
        return Drift(against=champion.model_id, reason="No comparison: the champion's card has no profile of its data.")
    before, week = champion.profile, recent[0]
    measures = (
        *_amounts(before, week),
        *_shares(before, week),
        *_distributions(before, view, week),
        *_days(champion, before, card, week),
        *_of_lists(champion, before, found, card),
    )
    count = sum(measure.drifted for measure in measures)
    reason = f"{count or 'None'} of {len(measures)} measures drifted against {champion.model_id}."
    return Drift(against=champion.model_id, reason=reason, measures=measures)


class _Figure(NamedTuple):
    """What a measure is of, what it was and is, and that in a sentence's words."""

    name: str
    before: float
    now: float
    text: str


def _amounts(before: Profile, week: Week) -> Iterator[Measure]:
    for name in sorted(before.events.keys() | week.events.keys()):
        was, now = before.events.get(name, 0.0), week.events.get(name, 0)
        if max(was, now) >= LEAST_EVENTS and max(before.customers, week.customers) >= LEAST_CUSTOMERS:
            text = f"{now:,} in the last week, {was:,.0f} a week before"
            yield _ratio(_Figure(f"events: {name}", was, now, text))


def _shares(before: Profile, week: Week) -> Iterator[Measure]:
    active, touched = (before.customers * before.weeks, week.customers), (before.items * before.weeks, week.items)
    told = (
        ("new customers", before.new_customers, week.new_customers, active, "active customers"),
        ("new items", before.new_items, week.new_items, touched, "items in events"),
    )
    for name, was, new, counts, what in told:
        if min(counts) >= 1:
            now = new / counts[1]
            text = f"{now:.0%} of the {what} of the last week were new, {was:.0%} before"
            yield _difference(_Figure(name, was, now, text), counts)


def _distributions(before: Profile, view: Interactions, week: Week) -> Iterator[Measure]:
    customers = before.customers * before.weeks, week.customers
    if min(customers) < 1:
        return
    yield _psi(*_popular(before, view, week), customers)
    if len(week.sizes) and any(before.baskets):
        median = float(np.median(week.sizes))
        text = f"the median order has {median:g} items, {before.basket_median:g} before"
        figure = _Figure("basket sizes", before.basket_median, median, text)
        yield _psi(figure, before.baskets, shares(week.sizes, BASKETS), customers)


def _popular(before: Profile, view: Interactions, week: Week) -> tuple[_Figure, list[float], list[float]]:
    """The shares of what was popular, of what became so, and of the rest.

    Of the latter is known only that each had no more than the least of the former: so much is taken for what it was.
    """
    taken = week.taken / max(1.0, float(week.taken.sum()))
    top = {view.items[item]: float(taken[item]) for item in np.argsort(-taken, kind="stable")[:POPULAR]}
    least, number = min(before.popular.values()), {item: n for n, item in enumerate(view.items)}
    now = {item: float(taken[number[item]]) if item in number else 0.0 for item in before.popular}
    came = {item: share for item, share in top.items() if item not in now and share > least}
    moved = max([*now, *came], key=lambda item: abs((now | came)[item] - before.popular.get(item, least)))
    text = (
        f"most moved: {moved}, {(now | came)[moved]:.1%} of what customers took, "
        f"{'' if moved in now else 'at most '}{before.popular.get(moved, least):.1%} before"
    )
    figure = _Figure("popular items", sum(before.popular.values()), sum(now.values()), text)
    was = [*before.popular.values(), min(len(came) * least, 1.0 - figure.before)]
    return figure, _with_rest(was), _with_rest([*now.values(), sum(came.values())])


def _days(champion: Card, before: Profile, card: Card, week: Week) -> Iterator[Measure]:
    text = f"{week.silent_days} of the last 7 days without an event, {before.silent_days:.1f} before"
    yield _more(_Figure("silent days", before.silent_days, week.silent_days, text))
    was, now = (_age(each.created, each.window.last) for each in (champion, card))
    text = f"{now:.1f} days old when trained, {was:.1f} before"
    yield _more(_Figure("age of the last event", was, now, text))


def _age(created: datetime, last: datetime) -> float:
    return (created - last).total_seconds() / 86_400


def _of_lists(champion: Card, before: Profile, found: Lists, card: Card) -> Iterator[Measure]:
    asked = before.asked, found.asked
    if min(asked) < LEAST_CUSTOMERS:
        return
    now = len(found.best) / found.asked
    text = f"{now:.0%} of {found.asked} customers have a list of the model's, {before.answered:.0%} before"
    yield _difference(_Figure("customers with a list", before.answered, now, text), asked)
    if max(asked) <= ALIKE * min(asked):
        coverage = found.shown / max(1, card.recommendable)
        text = f"{coverage:.1%} of the items are in lists, {before.coverage:.1%} before"
        yield _ratio(_Figure("coverage", before.coverage, coverage, text))
    if len(found.best) and before.score_median > 0:
        yield _psi(*_scores(before, found, same_recipe=champion.recipe == card.recipe), asked)


def _scores(before: Profile, found: Lists, *, same_recipe: bool) -> tuple[_Figure, Sequence[float], Sequence[float]]:
    """Another recipe has scores of another size: then only how they spread is compared."""
    median = float(np.median(found.best))
    text = f"half of the best scores are above {median:.4f}, {before.score_median:.4f} before"
    if not same_recipe:
        text += "; by another recipe, so only their spread is compared"
    spread = shares(found.best / (before.score_median if same_recipe else median), SCORES)
    return _Figure("best scores", before.score_median, median, text), before.score_shares, spread


def _with_rest(values: Iterable[float]) -> list[float]:
    some = list(values)
    return [*some, max(0.0, 1.0 - sum(some))]


def _psi(figure: _Figure, was: Sequence[float], now: Sequence[float], counts: tuple[float, float]) -> Measure:
    p, q = (
        (np.array(spread) * n + 0.5) / (n + 0.5 * len(spread)) for spread, n in zip((was, now), counts, strict=True)
    )
    distance = float(((p - q) * np.log(p / q)).sum())
    chance = chi_squared(len(was) - 1) * (1 / counts[0] + 1 / counts[1])
    return _measure(figure, distance, max(SHIFTED, chance))


def chi_squared(freedom: int, z: float = Z_ABOVE) -> float:
    """The quantile at which a standard normal has `z`, by Wilson and Hilferty (1931)."""
    part = 2 / (9 * freedom)
    return freedom * (1 - part + z * math.sqrt(part)) ** 3


def _difference(figure: _Figure, counts: tuple[float, float]) -> Measure:
    """Of two shares, each of so many."""
    pooled = (figure.before * counts[0] + figure.now * counts[1]) / sum(counts)
    chance = Z * math.sqrt(pooled * (1 - pooled) * (1 / counts[0] + 1 / counts[1]))
    return _measure(figure, abs(figure.now - figure.before), max(SHARE, chance))


def _ratio(figure: _Figure) -> Measure:
    return _measure(figure, abs(math.log((figure.now + 1e-6) / (figure.before + 1e-6))), math.log(TIMES))


def _more(figure: _Figure) -> Measure:
    return _measure(figure, max(0.0, figure.now - figure.before), DAYS)


def _measure(figure: _Figure, distance: float, limit: float) -> Measure:
    before, now, far, most = (round(float(value), 4) for value in (figure.before, figure.now, distance, limit))
    return Measure(name=figure.name, before=before, now=now, distance=far, limit=most, text=figure.text)

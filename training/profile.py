"""A training's profile: the last weeks of the data and the lists made of it, in a few numbers that fit in a card."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from shared.domain.vocabulary import EventName
from shared.inference.card import FOR_YOU, Profile, Recipe
from shared.inference.query import query
from shared.inference.scorer import Scorer
from training.interactions import Floats, Interactions, Ints
from training.shop import Shop
from training.split import SECONDS_A_DAY, Histories

WEEK = 7 * SECONDS_A_DAY
"""Shops live by the week: any shorter stretch would mistake a Sunday for a change."""
MOST_WEEKS = 4
POPULAR = 20
BASKETS = (2, 3, 4, 6, 10)
"""Orders are counted by size: 1 item, 2, 3, 4 or 5, 6 to 9, 10 and more."""
SCORES = (0.5, 0.67, 0.8, 0.9, 1.1, 1.25, 1.5, 2.0)
"""Scores are counted by their ratio to a median: what moves by less than a tenth moves nothing that a shopper sees."""
ASKED, SHOWN = 300, 10
SEED = 2018


@dataclass(frozen=True)
class Week:
    """One week: events by name, how many customers and items, how many of them new, and the days without an event.

    `taken` [items] counts each customer's item once; `sizes` are those of the orders.
    """

    events: dict[str, int]
    customers: int
    items: int
    new_customers: int
    new_items: int
    silent_days: int
    taken: Floats
    sizes: Ints


class Lists(NamedTuple):
    """The lists of some customers: the best score of each that has one, distinct items shown, customers asked."""

    best: Floats
    shown: int
    asked: int


def weeks(view: Interactions, end: float) -> list[Week]:
    """The last whole weeks, the latest first, `MOST_WEEKS` at most; with a week before them, or all would be new."""
    if not len(view.event_time):
        return []
    whole = int((end - float(view.event_time.min())) // WEEK)
    first_of = (_first(view.event_customer, view.event_time), _first(view.item, view.time))
    return [_week(view, end - (n + 1) * WEEK, first_of) for n in range(min(MOST_WEEKS, whole - 1))]


def _first(who: Ints, time: Floats) -> Floats:
    """When each was first seen, infinity for never."""
    first = np.full(int(who.max(initial=-1)) + 1, np.inf)
    np.minimum.at(first, who, time)
    return first


def _week(view: Interactions, start: float, first_of: tuple[Floats, Floats]) -> Week:
    part = view.between(start, start + WEEK)
    customers, items = np.unique(part.event_customer), np.unique(part.item)
    pairs = np.unique(part.customer.astype(np.int64) * len(view.items) + part.item)
    names = np.bincount(part.event_name, minlength=len(view.names))
    order = view.names.index(EventName.ORDER_COMPLETED) if EventName.ORDER_COMPLETED in view.names else -1
    sizes = np.bincount(part.event, minlength=len(part.event_time))[part.event_name == order]
    days = np.unique((part.event_time - start) // SECONDS_A_DAY)
    return Week(
        events=dict(zip(view.names, names.tolist(), strict=True)),
        customers=len(customers),
        items=len(items),
        new_customers=int((first_of[0][customers] >= start).sum()),
        new_items=int((first_of[1][items] >= start).sum()),
        silent_days=7 - len(days),
        taken=np.bincount(pairs % len(view.items), minlength=len(view.items)).astype(np.float64),
        sizes=sizes.astype(np.int32),
    )


def lists(shop: Shop, scorer: Scorer, recipe: Recipe) -> Lists:
    """For-you as it will be served, for customers drawn by a seed from those active in the last weeks."""
    view = shop.view
    active = np.unique(view.event_customer[view.event_time >= shop.end - MOST_WEEKS * WEEK])
    drawn = np.random.default_rng(SEED).choice(active, min(ASKED, len(active)), replace=False)
    shown: set[str] = set()
    best: list[float] = []
    for pairs, owned in _questions(view, drawn, recipe, shop.end):
        found = scorer.score(pairs, owned, SHOWN, FOR_YOU)
        shown.update(scored.item_id for scored in found)
        best.extend(scored.score for scored in found[:1])
    return Lists(np.array(best, dtype=np.float64), len(shown), len(drawn))


def _questions(
    view: Interactions, drawn: Ints, recipe: Recipe, now: float
) -> Iterator[tuple[list[tuple[str, float]], set[str]]]:
    past_of = Histories(view)
    for customer in np.sort(drawn).tolist():
        past = past_of[customer]
        owned = {view.items[item] for each in past if each.name == EventName.ORDER_COMPLETED for item in each.items}
        yield [(view.items[item], weight) for item, weight in query(past, recipe.query, now)], owned


def profile(view: Interactions, recent: list[Week], found: Lists, recommendable: int) -> Profile | None:
    """What the next training is compared with; None where there is not a whole week with one before it."""
    if not recent:
        return None
    count, customers, items = len(recent), sum(w.customers for w in recent), sum(w.items for w in recent)
    taken = np.sum([week.taken for week in recent], axis=0)
    top = np.argsort(-taken, kind="stable")[:POPULAR]
    sizes = np.concatenate([week.sizes for week in recent])
    median = float(np.median(found.best)) if len(found.best) else 0.0
    return Profile(
        weeks=count,
        events={name: _short(sum(week.events[name] for week in recent) / count) for name in recent[0].events},
        customers=_short(customers / count),
        items=_short(items / count),
        new_customers=_short(sum(week.new_customers for week in recent) / max(1, customers)),
        new_items=_short(sum(week.new_items for week in recent) / max(1, items)),
        silent_days=_short(sum(week.silent_days for week in recent) / count),
        popular={view.items[item]: _short(taken[item] / max(1.0, taken.sum())) for item in top if taken[item] > 0},
        baskets=shares(sizes, BASKETS),
        basket_median=float(np.median(sizes)) if len(sizes) else 0.0,
        asked=found.asked,
        score_median=_short(median),
        score_shares=shares(found.best / (median or 1.0), SCORES),
        coverage=_short(found.shown / max(1, recommendable)),
        answered=_short(len(found.best) / max(1, found.asked)),
    )


def shares(values: Floats | Ints, edges: tuple[float, ...]) -> tuple[float, ...]:
    """How the values spread over the bins between the edges; each bin begins at its edge."""
    counts = np.bincount(np.digitize(values, edges), minlength=len(edges) + 1)
    return tuple(_short(each / max(1, len(values))) for each in counts)


def _short(value: float) -> float:
    return round(float(value), 6)

"""Ranked candidates for each surface: what to show if everything were in stock.

A ranking is a function of how many candidates are wanted; asked for more, it begins with the same ones.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Literal, NamedTuple

from functions.recommend import reasons
from functions.recommend.reasons import BECAUSE, GOES_WITH, Kind, Reason
from shared.domain.events import Event
from shared.domain.vocabulary import EventName
from shared.inference.card import FOR_YOU, SIMILAR
from shared.inference.history import newest_first
from shared.inference.query import query
from shared.inference.repeat import buy_again
from shared.inference.scorer import Scorer

ServedBy = Literal["model", "popularity", "trending", "catalogue"]


class Candidate(NamedTuple):
    """An item, its score, the reasons, and the sum of the terms that no reason names."""

    item_id: str
    score: float
    reasons: Sequence[Reason]
    rest: float = 0.0


TAKEN = (EventName.ORDER_COMPLETED, EventName.PRODUCT_ADDED)
Rank = Callable[[int], list[Candidate]]


class Ranking(NamedTuple):
    """Where candidates come from, whether the customer's own history chose them, and whether a model ranks them."""

    rank: Rank
    served_by: ServedBy
    personalised: bool = False
    by_model: bool = False


def for_you(scorer: Scorer, history: Sequence[Event], now: float) -> Ranking:
    """By the item-item model, from what the customer did; without what the history has as bought or as in the cart.

    `now` in seconds since the epoch.
    """
    pairs = query(newest_first(history), scorer.card.recipe.query, now)
    taken = {item for event in history if event.name in TAKEN for item in event.items}
    did = {item: BECAUSE.get(event.name, GOES_WITH) for event in reversed(history) for item in event.items}
    return Ranking(_by_model(scorer, pairs, taken, did, FOR_YOU), "model", personalised=True, by_model=True)


def similar(scorer: Scorer, item_id: str) -> Ranking:
    """By the item-item model, from one item alone."""
    return Ranking(
        _by_model(scorer, [(item_id, 1.0)], {item_id}, {item_id: GOES_WITH}, SIMILAR), "model", by_model=True
    )


def again(scorer: Scorer, history: Sequence[Event], now: float) -> Ranking:
    """What the customer bought before, by how often and how lately. `now` in seconds since the epoch."""

    def rank(k: int) -> list[Candidate]:
        repeats = buy_again(newest_first(history), now, scorer.card.recipe.repeat)[:k]
        return [
            Candidate(each.item, each.score, [reasons.bought_before(each.times, each.last, each.score)])
            for each in repeats
        ]

    return Ranking(rank, "model", personalised=True, by_model=True)


def popular(scorer: Scorer, exclude: Collection[str]) -> Ranking:
    """What most customers bought, as the model's artefact counts it."""

    def rank(k: int) -> list[Candidate]:
        return _in_order(scorer.popular(k, exclude), reasons.popular)

    return Ranking(rank, "popularity", by_model=True)


def trending(scores: Callable[[], Sequence[tuple[str, float]]], exclude: Collection[str]) -> Ranking:
    """What is bought and looked at these days."""

    def rank(k: int) -> list[Candidate]:
        kept = [(item, score) for item, score in scores() if item not in exclude][:k]
        return [Candidate(item, score, [reasons.trending(score)]) for item, score in kept]

    return Ranking(rank, "trending")


def sold(scores: Callable[[], Sequence[tuple[str, float]]], days: int) -> Ranking:
    """What most orders of these days had in them."""

    def rank(k: int) -> list[Candidate]:
        return [Candidate(item, score, [reasons.sold(score, days)]) for item, score in scores()[:k]]

    return Ranking(rank, "popularity")


def catalogue(item_ids: Callable[[int], Sequence[str]], exclude: Collection[str]) -> Ranking:
    """What there is at all, for a shop without any events."""

    def rank(k: int) -> list[Candidate]:
        kept = [item for item in item_ids(k + len(exclude)) if item not in exclude][:k]
        return _in_order(kept, reasons.in_catalogue)

    return Ranking(rank, "catalogue")


def _by_model(
    scorer: Scorer,
    pairs: Sequence[tuple[str, float]],
    exclude: Collection[str],
    did: Mapping[str, tuple[Kind, str]],
    surface: str,
) -> Rank:
    common = reasons.taken_up if surface == FOR_YOU else reasons.popular

    def rank(k: int) -> list[Candidate]:
        scored = scorer.score(pairs, exclude, k, surface)
        return [
            Candidate(each.item_id, each.score, *reasons.terms(each.contributions, common(each.prior), did))
            for each in scored
        ]

    return rank


def _in_order(item_ids: Sequence[str], reason: Callable[[float], Reason]) -> list[Candidate]:
    """Candidates of a plain ranking, scored by the reciprocal of their rank."""
    return [Candidate(item, 1 / n, [reason(1 / n)]) for n, item in enumerate(item_ids, start=1)]

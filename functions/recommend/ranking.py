"""Ranked candidates for each surface: what to show if everything were in stock.

A ranking is a function of how many candidates are wanted; asked for more, it begins with the same ones.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Literal, NamedTuple

from functions.recommend import reasons
from functions.recommend.reasons import BECAUSE, Kind, Term
from shared.domain.events import Event
from shared.domain.vocabulary import EventName
from shared.inference.card import FOR_YOU, SIMILAR, Card
from shared.inference.history import Past, newest_first, taken
from shared.inference.query import query
from shared.inference.repeat import buy_again
from shared.inference.scorer import Scorer

ServedBy = Literal["model", "popularity", "trending", "new", "catalogue", "list"]

DEEPER = 8
MOST_POPULAR = 1_000
"""As many as a model keeps; `training.artefact` has the same."""


class Candidate(NamedTuple):
    """An item, its score, the reasons, and the sum of the terms that no reason names."""

    item_id: str
    score: float
    reasons: Sequence[Term]
    rest: float = 0.0


Rank = Callable[[int], list[Candidate]]
Scores = Callable[[], Sequence[tuple[str, float]]]


class Ranking(NamedTuple):
    """Where candidates come from, whether the customer's own history chose them, and whether a model ranks them.

    `only` ranks nothing but some items, where that takes no ranking of all.
    """

    rank: Rank
    served_by: ServedBy
    personalised: bool = False
    by_model: bool = False
    only: Callable[[Collection[str]], Rank] | None = None


def for_you(scorer: Scorer, history: Sequence[Event], now: float, exclude: Collection[str] = ()) -> Ranking:
    """By the item-item model, from what the customer did; without what was bought and what lies in the cart.

    `now` in seconds since the epoch.
    """
    past = newest_first(history)
    pairs = query(past, scorer.card.recipe.query, now)
    wanted = {item for item, weight in pairs if weight > 0}
    did = {
        item: BECAUSE.get(event.name, "goes_with")
        for event in reversed(history)
        if event.name != EventName.ORDER_REFUNDED
        for item in wanted.intersection(event.items)
    }
    return _by_model(scorer, pairs, taken(past, now).union(exclude), did, FOR_YOU, own=True)


def from_items(scorer: Scorer, item_ids: Sequence[str], now: float, exclude: Collection[str] = ()) -> Ranking:
    """As for you, from items in place of a history, the latest first, as if each had just been looked at.

    They count even where looking at an item was found to say nothing: somebody names them because they matter.
    """
    past = [Past((item,), now, EventName.PRODUCT_VIEWED) for item in item_ids]
    policy = scorer.card.recipe.query.model_copy(update={"event_weights": {EventName.PRODUCT_VIEWED: 1.0}})
    pairs = query(past, policy, now)
    return _by_model(scorer, pairs, {*item_ids, *exclude}, _goes_with(item_ids), FOR_YOU)


def beside(
    scorer: Scorer, item_ids: Sequence[str], exclude: Collection[str] = (), table: str = SIMILAR, *, own: bool = False
) -> Ranking:
    """By the item-item model, from some items that count the same; `own` where they are what the customer has done."""
    pairs = [(item, 1.0 / len(item_ids)) for item in item_ids]
    return _by_model(scorer, pairs, {*item_ids, *exclude}, _goes_with(item_ids), table, own=own)


def own_or_similar(card: Card, surface: str) -> str:
    """The surface on whose table these stand: their own, or in a model from before there was one, what is similar."""
    return surface if surface in card.surfaces else SIMILAR


def again(scorer: Scorer, history: Sequence[Event], now: float) -> Ranking:
    """What the customer bought before, by how often and how lately. `now` in seconds since the epoch."""

    def rank(k: int) -> list[Candidate]:
        repeats = buy_again(newest_first(history), now, scorer.card.recipe.repeat, scorer.staple)[:k]
        return [
            Candidate(each.item, each.score, [reasons.bought_before(each.times, each.last, each.score)])
            for each in repeats
        ]

    return Ranking(rank, "model", personalised=True, by_model=True)


def popular(scorer: Scorer, exclude: Collection[str]) -> Ranking:
    """What most customers bought, as the model's artefact counts it."""

    def rank(k: int) -> list[Candidate]:
        return _in_order(scorer.popular(k, exclude), reasons.popular)

    def only(item_ids: Collection[str]) -> Rank:
        wanted = set(item_ids)
        return lambda k: [each for each in rank(MOST_POPULAR) if each.item_id in wanted][:k]

    return Ranking(rank, "popularity", by_model=True, only=only)


def trending(scores: Scores, exclude: Collection[str]) -> Ranking:
    """What is bought and looked at these days."""

    def rank(k: int) -> list[Candidate]:
        kept = [(item, score) for item, score in scores() if item not in exclude][:k]
        return [Candidate(item, score, [reasons.trending(score)]) for item, score in kept]

    return Ranking(rank, "trending")


def sold(scores: Scores, days: int) -> Ranking:
    """What most orders of these days had in them."""

    def rank(k: int) -> list[Candidate]:
        return [Candidate(item, score, [reasons.sold(score, days)]) for item, score in scores()[:k]]

    return Ranking(rank, "popularity")


def newest(items: Callable[[int], Sequence[tuple[str, float]]], exclude: Collection[str]) -> Ranking:
    """What came into the catalogue last; `items` gives ids with the seconds since the epoch, the newest first."""

    def rank(k: int) -> list[Candidate]:
        kept = [each for each in items(k + len(exclude)) if each[0] not in exclude][:k]
        return [Candidate(item, 1 / n, [reasons.new(since, 1 / n)]) for n, (item, since) in enumerate(kept, start=1)]

    return Ranking(rank, "new")


def catalogue(item_ids: Callable[[int], Sequence[str]], exclude: Collection[str]) -> Ranking:
    """What there is at all, for a shop without any events."""

    def rank(k: int) -> list[Candidate]:
        kept = [item for item in item_ids(k + len(exclude)) if item not in exclude][:k]
        return _in_order(kept, reasons.in_catalogue)

    def only(item_ids: Collection[str]) -> Rank:
        return lambda k: _in_order([item for item in item_ids if item not in exclude][:k], reasons.in_catalogue)

    return Ranking(rank, "catalogue", only=only)


def listed(item_ids: Sequence[str]) -> Ranking:
    """The items that the request names, in its order."""
    return Ranking(lambda k: _in_order(item_ids[:k], reasons.listed), "list")


def among(ranking: Ranking, item_ids: Collection[str]) -> Ranking:
    """The ranking of only these items, with the scores that they have among all.

    The model masks all others. What comes from a list or a store is read ever deeper until all are found.
    """
    if ranking.only is not None:
        return ranking._replace(rank=ranking.only(item_ids))
    found: list[Candidate] = []

    def rank(k: int) -> list[Candidate]:
        if not found:
            found.extend(_found(ranking.rank, set(item_ids)))
        return found[:k]

    return ranking._replace(rank=rank)


def _found(rank: Rank, wanted: set[str]) -> list[Candidate]:
    depth = DEEPER * len(wanted)
    while True:
        candidates = rank(depth)
        found = [each for each in candidates if each.item_id in wanted]
        if len(found) == len(wanted) or len(candidates) < depth:
            return found
        depth *= DEEPER


def _by_model(
    scorer: Scorer,
    pairs: Sequence[tuple[str, float]],
    exclude: Collection[str],
    did: Mapping[str, Kind],
    surface: str,
    *,
    own: bool = False,
) -> Ranking:
    """By what the model says of these pairs on a surface; `own` where they are the customer's own doing."""
    common = reasons.taken_up if surface == FOR_YOU else reasons.popular

    def asked(only: Collection[str] | None) -> Rank:
        def rank(k: int) -> list[Candidate]:
            scored = scorer.score(pairs, exclude, k, surface, only)
            return [
                Candidate(each.item_id, each.score, *reasons.terms(each.contributions, common(each.prior), did))
                for each in scored
            ]

        return rank

    return Ranking(asked(None), "model", personalised=own, by_model=True, only=asked)


def _goes_with(item_ids: Sequence[str]) -> dict[str, Kind]:
    return dict.fromkeys(item_ids, "goes_with")


def _in_order(item_ids: Sequence[str], reason: Callable[[float], Term]) -> list[Candidate]:
    """Candidates of a plain ranking, scored by the reciprocal of their rank."""
    return [Candidate(item, 1 / n, [reason(1 / n)]) for n, item in enumerate(item_ids, start=1)]

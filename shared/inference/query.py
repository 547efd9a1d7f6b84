"""Turns a customer's past into the query that the item-item matrix is asked with."""

from collections.abc import Iterator, Sequence

from shared.inference.card import QueryPolicy
from shared.inference.history import MAX_EVENTS, Past

MAX_PAIRS = 50
"""The most pairs in one query: it bounds the work of a score, and older items add next to nothing."""


def query[I](history: Sequence[Past[I]], policy: QueryPolicy) -> list[tuple[I, float]]:
    """At most `MAX_PAIRS` pairs of (item, weight), heaviest first, from a history that is newest first.

    An event at rank r (the newest is 0) gives each of its items `event weight x decay^r`. An item counts once, by its
    newest event, or adds up over its events when the policy accumulates. Weights sum to 1, so that the prior has the
    same say whatever the length of a history. Events without a weight are passed over; a history without any gives
    [].
    """
    weights: dict[I, float] = {}
    for items, weight in _weighted(history[:MAX_EVENTS], policy):
        for item in items:
            if policy.accumulate or item not in weights:
                weights[item] = weights.get(item, 0.0) + weight
    heaviest = sorted(weights.items(), key=lambda pair: -pair[1])[:MAX_PAIRS]
    total = sum(weight for _, weight in heaviest)
    return [(item, weight / total) for item, weight in heaviest]


def _weighted[I](history: Sequence[Past[I]], policy: QueryPolicy) -> Iterator[tuple[tuple[I, ...], float]]:
    decayed = 1.0
    for past in history:
        weight = policy.event_weights.get(past.name, 0.0)
        if weight > 0.0 and past.items:
            yield past.items, weight * decayed
            decayed *= policy.decay

"""Turns a customer's past into the query that the item-item matrix is asked with."""

from collections.abc import Iterator, Sequence

from shared.domain.vocabulary import EventName
from shared.inference.card import QueryPolicy
from shared.inference.history import Past

MAX_PAIRS = 300
"""The most pairs in one query: it bounds the work of a score. Where the order of a history says little, as in a list of
films seen, a sixth of this many cost a sixth of the NDCG."""

SESSION_SECONDS = 1_800.0
"""Half an hour, as web analytics has it."""


def query[I](history: Sequence[Past[I]], policy: QueryPolicy, now: float) -> list[tuple[I, float]]:
    """At most `MAX_PAIRS` pairs of (item, weight), heaviest first, from a history that is newest first.

    An event at rank r (the newest is 0) gives each of its items `event weight x decay^r`. An item counts once, by its
    newest event, or adds up over its events when the policy accumulates. Weights sum to 1, so that the prior has the
    same say whatever the length of a history. What the customer is doing right now (see `session`) gets
    `policy.session_share` of that 1, however long the history is. Events without a weight are passed over; a history
    without any gives []. `now` is in seconds since 1970.
    """
    doing = session(history, now)
    lasting, current = (
        _weights(history[doing:], policy, policy.decay),
        _weights(history[:doing], policy, policy.session_decay),
    )
    share = policy.session_share if lasting and current else float(bool(current))
    shared: dict[I, float] = {item: weight * (1.0 - share) for item, weight in lasting.items()}
    for item, weight in current.items():
        shared[item] = shared.get(item, 0.0) + weight * share
    return list(_heaviest(shared).items())


def session[I](history: Sequence[Past[I]], now: float) -> int:
    """How many of the newest events are the current session: all since `SESSION_SECONDS` ago, up to the last order."""
    for n, past in enumerate(history):
        if past.name == EventName.ORDER_COMPLETED or past.time < now - SESSION_SECONDS:
            return n
    return len(history)


def _weights[I](history: Sequence[Past[I]], policy: QueryPolicy, decay: float) -> dict[I, float]:
    """Each item's weight; they sum to 1, or there are none."""
    weights: dict[I, float] = {}
    for items, weight in _weighted(history, policy, decay):
        for item in items:
            if policy.accumulate or item not in weights:
                weights[item] = weights.get(item, 0.0) + weight
    return _heaviest(weights)


def _heaviest[I](weights: dict[I, float]) -> dict[I, float]:
    """The `MAX_PAIRS` heaviest, scaled to sum to 1."""
    kept = sorted(weights.items(), key=lambda pair: -pair[1])[:MAX_PAIRS]
    total = sum(weight for _, weight in kept)
    return {item: weight / total for item, weight in kept}


def _weighted[I](
    history: Sequence[Past[I]], policy: QueryPolicy, decay: float
) -> Iterator[tuple[tuple[I, ...], float]]:
    decayed = 1.0
    for past in history:
        weight = policy.event_weights.get(past.name, 0.0)
        if weight > 0.0 and past.items:
            yield past.items, weight * decayed
            decayed *= decay

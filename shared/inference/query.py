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
    newest event, or adds up over its events when the policy accumulates. What speaks for an item sums to 1, so that
    the prior has the same say whatever the length of a history; what was given back speaks against its like, beside
    that. What the customer is doing right now (see `session`) gets `policy.session_share` of the 1, however long the
    history is. Events without a weight are passed over; a history where nothing speaks for an item gives []. `now` is
    in seconds since 1970.
    """
    doing = session(history, now)
    # What is given back belongs to what lasts: it says nothing of what is wanted now.
    returns, does = (
        [past for past in history[:doing] if (past.name == EventName.ORDER_REFUNDED) is given_back]
        for given_back in (True, False)
    )
    lasting = _weights([*returns, *history[doing:]], policy, policy.decay)
    current = _weights(does, policy, policy.session_decay)
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
    """Each item's weight; those above 0 sum to 1, or there are none."""
    weights: dict[I, float] = {}
    against: dict[I, float] = {}
    for items, weight in _weighted(history, policy, decay):
        for item in items:
            if weight < 0.0:
                against.setdefault(item, weight)
            elif policy.accumulate or item not in weights:
                weights[item] = weights.get(item, 0.0) + weight
    for item, weight in against.items():
        weights[item] = weights.get(item, 0.0) + weight
    return _heaviest(weights)


def _heaviest[I](weights: dict[I, float]) -> dict[I, float]:
    """The `MAX_PAIRS` heaviest, scaled so that those above 0 sum to 1."""
    kept = sorted(weights.items(), key=lambda pair: -abs(pair[1]))[:MAX_PAIRS]
    total = sum(weight for _, weight in kept if weight > 0.0)
    return {item: weight / total for item, weight in kept} if total else {}


def _weighted[I](
    history: Sequence[Past[I]], policy: QueryPolicy, decay: float
) -> Iterator[tuple[tuple[I, ...], float]]:
    """The items of each event that says something, with its weight. What speaks against items ages nothing else."""
    decayed = 1.0
    for past in history:
        weight = policy.event_weights.get(past.name, 0.0)
        if weight and past.items:
            yield past.items, weight * decayed
            decayed *= decay if weight > 0.0 else 1.0

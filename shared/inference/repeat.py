"""Buy again: ranks what a customer has ordered by how often and how lately, with no model file."""

from collections.abc import Sequence
from typing import NamedTuple

from shared.domain.vocabulary import EventName
from shared.inference.card import RepeatPolicy
from shared.inference.history import MAX_EVENTS, Past

SECONDS_A_DAY = 86_400.0


class Repeat[I](NamedTuple):
    """One item ordered before: its score, the orders that held it among those read, and the time of the newest."""

    item: I
    score: float
    times: int
    last: float


def buy_again[I](history: Sequence[Past[I]], now: float, policy: RepeatPolicy) -> list[Repeat[I]]:
    """Every item of the newest `MAX_EVENTS` events that was ordered, best first; `now` is in seconds since 1970.

    The score is the sum over orders of `0.5^(age / half-life)`: a count of purchases in which old ones fade. Equal
    scores keep the order of the history, newest first. Events that are not orders are passed over.
    """
    found: dict[I, Repeat[I]] = {}
    for past in history[:MAX_EVENTS]:
        if past.name != EventName.ORDER_COMPLETED:
            continue
        age = max(0.0, now - past.time) / SECONDS_A_DAY
        faded = 0.5 ** (age / policy.half_life_days)
        for item in past.items:
            before = found.get(item, Repeat(item, 0.0, 0, past.time))
            found[item] = before._replace(score=before.score + faded, times=before.times + 1)
    return sorted(found.values(), key=lambda repeat: -repeat.score)

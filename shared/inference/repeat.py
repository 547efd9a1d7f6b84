"""Buy again: ranks what a customer has ordered by how often and how lately, with no model file."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from shared.domain.vocabulary import EventName
from shared.inference.card import RepeatPolicy
from shared.inference.history import MAX_EVENTS, Past

SECONDS_A_DAY = 86_400.0


class Repeat[I](NamedTuple):
    """One item ordered before: its score, the orders that held it among those read, the newest's time, the oldest's."""

    item: I
    score: float
    times: int
    last: float
    first: float

    def in_rhythm(self, now: float, policy: RepeatPolicy) -> "Repeat[I]":
        """The same, worth less where it is overdue by the customer's own rhythm with this item."""
        usual = (self.last - self.first) / (self.times - 1) if self.times > 1 else 0.0
        patience, since = policy.lapse * usual, now - self.last
        return self._replace(score=self.score * patience / since) if 0 < patience < since else self


def usual(_: object) -> float:
    """How often its buyers order an item of which nothing is known."""
    return 1.0


def buy_again[I](
    history: Sequence[Past[I]], now: float, policy: RepeatPolicy, staple: Callable[[I], float] = usual
) -> list[Repeat[I]]:
    """Every item of the newest `MAX_EVENTS` events that was ordered, best first; `now` is in seconds since 1970.

    The score is the sum over orders of `0.5^(age / half-life)`, a count of purchases in which old ones fade, less
    where the customer seems to have stopped (`RepeatPolicy.lapse`), times how often the item's buyers order it, beside
    what is usual, to the power `RepeatPolicy.staple`. Equal scores keep the order of the history, newest first. Events
    that are not orders are passed over.
    """
    found: dict[I, Repeat[I]] = {}
    for past in history[:MAX_EVENTS]:
        if past.name != EventName.ORDER_COMPLETED:
            continue
        age = max(0.0, now - past.time) / SECONDS_A_DAY
        faded = 0.5 ** (age / policy.half_life_days)
        for item in past.items:
            before = found.get(item, Repeat(item, 0.0, 0, past.time, past.time))
            score, times = before.score + faded, before.times + 1
            found[item] = before._replace(score=score, times=times, first=past.time)
    rhythmic = (each.in_rhythm(now, policy) for each in found.values())
    weighed = (each._replace(score=each.score * staple(each.item) ** policy.staple) for each in rhythmic)
    return sorted(weighed, key=lambda repeat: -repeat.score)

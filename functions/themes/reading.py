"""Which feedback a run looks at: all of half a year, or as much of it as one function has room and time for."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol
from zlib import crc32

from shared.domain.feedback import Feedback

DAYS = 182
RECENT_DAYS = 14
MOST_RECENT, MOST_PAST = 30_000, 30_000
"""What is over is sampled, the last two weeks apart; each piece then counts for as many as it stands for."""
SCALE = 2**32


class Readable(Protocol):
    """What a run needs of the store of feedback."""

    def count(self, since: datetime, until: datetime) -> int: ...

    def between(self, since: datetime, until: datetime, chosen: Callable[[str], bool] = ...) -> Iterator[Feedback]: ...


class Read(NamedTuple):
    """What was read, of how many pieces each stands (1 where nothing is sampled), and how much there is."""

    feedback: list[Feedback]
    weights: list[float]
    there: int

    @property
    def share(self) -> float:
        return min(1.0, len(self.feedback) / self.there) if self.there else 1.0


def read(
    store: Readable, now: datetime, still_ours: Callable[[], None], most: tuple[int, int] = (MOST_RECENT, MOST_PAST)
) -> Read:
    """The feedback up to now. `still_ours` is called on the way, and raises where another run has taken over."""
    border = now - timedelta(days=RECENT_DAYS)
    spans = ((border, now), (now - timedelta(days=DAYS), border - timedelta(microseconds=1)))
    found: list[Feedback] = []
    weights: list[float] = []
    there = 0
    for (since, until), room in zip(spans, most, strict=True):
        count = store.count(since, until)
        there += count
        for feedback in store.between(since, until, _chosen(room / max(count, 1))):
            found.append(feedback)
            if len(found) % 1_000 == 0:
                still_ours()
        new = len(found) - len(weights)
        weights += [count / new if count > room else 1.0] * new
    return Read(found, weights, there)


def _chosen(share: float) -> Callable[[str], bool]:
    """By chance, and by the same chance every day, so that a theme does not come and go with the sample."""
    return lambda feedback_id: crc32(feedback_id.encode()) < share * SCALE

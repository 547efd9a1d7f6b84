"""How many events one customer may send through one warm function, from where anybody may claim to be a customer.

A partition takes 1,000 writes a second, and all events of a customer lie in one: a bot would fill it, and the shard of
the stream behind it, which others share. Functions do not know of each other, so the limit is only near what it says.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable

from cachetools import LRUCache

from shared.domain.errors import TooManyError
from shared.domain.events import CustomerRef

A_SECOND = 50.0
AT_ONCE = 2_500
"""As many as a batch may have, so that a page that was long without a network gets rid of what it has kept."""
MOST_KNOWN = 10_000
"""Customers that are remembered; whoever is forgotten begins anew."""


class Limiter:
    """A bucket of tokens for each customer, filled up again with time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: LRUCache[CustomerRef, tuple[float, float]] = LRUCache(MOST_KNOWN)

    def take(self, customers: Iterable[CustomerRef]) -> None:
        """A token for each event, of all customers or of none. Raises `TooManyError` where one has too few."""
        now, wanted = self._clock(), Counter(customers)
        left = {customer: self._tokens(customer, now) - count for customer, count in wanted.items()}
        if (lacking := -min(left.values(), default=0.0)) > 0:
            raise TooManyError("Too many events of one customer: repeat the call later.", int(lacking / A_SECOND) + 1)
        self._buckets.update({customer: (tokens, now) for customer, tokens in left.items()})

    def _tokens(self, customer: CustomerRef, now: float) -> float:
        tokens, since = self._buckets.get(customer, (float(AT_ONCE), now))
        return min(float(AT_ONCE), tokens + (now - since) * A_SECOND)

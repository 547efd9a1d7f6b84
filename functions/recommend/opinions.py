"""What recent feedback says of items, remembered by a warm function: read only where a rule goes by it."""

import time
from collections.abc import Callable

from shared.domain.errors import StoreUnavailableError
from shared.domain.opinions import Opinions
from shared.stores.opinions import ItemSentimentStore
from shared.telemetry.log import logger

FRESH_SECONDS = 30.0
"""As the rules. Until feedback is summed up anew, a look costs one small read."""


class OpinionBook:
    """The set, at most `FRESH_SECONDS` old. `clock` is the wall clock, as for the rules."""

    def __init__(self, store: ItemSentimentStore, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock
        self._opinions: Opinions | None = None
        self._read = float("-inf")
        self.is_late = False
        """Whether the last look failed, so that the set may be older than that."""

    def current(self) -> Opinions | None:
        """The set; where it cannot be read, as it was remembered: lists must not fail for that."""
        if not 0 <= self._clock() - self._read < FRESH_SECONDS:  # a clock may be set back
            self._read = self._clock()
            try:
                self._opinions = self._store.current(self._opinions)
                self.is_late = False
            except StoreUnavailableError as error:
                self.is_late = True
                logger.warning("rules go by feedback as it was remembered", extra={"cause": str(error)})
        return self._opinions

    def remembered(self) -> Opinions | None:
        """The same as it was read last, however long ago."""
        return self._opinions

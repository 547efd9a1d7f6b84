"""The owner's rules, remembered for half a minute by a warm function."""

import time
from collections.abc import Callable

from shared.domain.rules import Rule
from shared.stores.rules import RuleStore

FRESH_SECONDS = 30.0


class Rulebook:
    """All rules, at most `FRESH_SECONDS` old. `clock` is the wall clock, as for the shelf."""

    def __init__(self, store: RuleStore, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock
        self._rules: list[Rule] = []
        self._read = float("-inf")

    def rules(self) -> list[Rule]:
        """The rules in their order. Raises `StoreUnavailableError`."""
        if not 0 <= self._clock() - self._read < FRESH_SECONDS:  # a clock may be set back
            self._rules = self._store.all()
            self._read = self._clock()
        return self._rules

    def remembered(self) -> list[Rule]:
        """The rules as they were read last, however long ago."""
        return self._rules

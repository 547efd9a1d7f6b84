"""Whether the owner's budget lets anything be personalised, remembered for half a minute by a warm function."""

import time
from collections.abc import Callable

from shared.domain.budget import SAVING, Level
from shared.stores.budgets import BudgetStore

FRESH_SECONDS = 30.0
"""As the rules, so that both are read by the same request."""


class Switch:
    """What the budget lets run, at most `FRESH_SECONDS` old. `clock` is the wall clock, as for the rules."""

    def __init__(self, store: BudgetStore, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock
        self._level = Level.NORMAL
        self._read = float("-inf")

    def saving(self) -> str | None:
        """Why only what is popular is shown; None where everything runs. Raises `StoreUnavailableError`."""
        if not 0 <= self._clock() - self._read < FRESH_SECONDS:  # a clock may be set back
            self._level = self._store.level()
            self._read = self._clock()
        return self.remembered()

    def remembered(self) -> str | None:
        """The same as it was read last, however long ago."""
        return SAVING if self._level.saves else None

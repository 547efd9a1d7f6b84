"""Until when the invocation that runs may call AWS: after that a call fails at once, while there is time to say so.

What single calls may take is bounded (`shared.stores.clients`), but a request may need many, and each may be slow
without failing. A function answers one request at a time, so a process has one deadline.
"""

import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError

SPARE_SECONDS = 3.5
"""The last attempt may begin just before the deadline, and wait for its connection and its reply."""


class OutOfTimeError(BotoCoreError):
    """The call was not made."""

    fmt = "No time is left to call AWS and to answer."


class Deadline:
    """Stops the calls of the clients that heed it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until = float("inf")

    def within(self, seconds: float) -> None:
        """The invocation has so much time from now on."""
        self._until = self._clock() + seconds - SPARE_SECONDS

    @property
    def seconds_left(self) -> float:
        """For calls to AWS."""
        return max(0.0, self._until - self._clock())

    def heeded_by(self, events: Any) -> None:
        """Let a client with these events, botocore's, make no attempt after the deadline, nor wait to make one."""
        events.register_first("before-send", self._before_attempt)
        events.register_first("needs-retry", self._before_pause)

    def _before_attempt(self, **_: Any) -> None:
        if not self.seconds_left:
            raise OutOfTimeError

    def _before_pause(self, caught_exception: Exception | None = None, **_: Any) -> None:
        if caught_exception is not None and not self.seconds_left:
            raise caught_exception


DEADLINE = Deadline()
"""Of the invocation that runs; none until the edge sets one."""

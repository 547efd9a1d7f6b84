"""A clock for what is remembered for a while by a function that may be frozen between its calls."""

import time


class SteadyClock:
    """Seconds that go on while the function is frozen, and never back.

    The process's own clock may stand still meanwhile, and the wall clock may be set back: this one goes by whichever
    has gone further. Where the wall clock is set forward, what is remembered is too old a little early.
    """

    def __init__(self) -> None:
        self._lead = float("-inf")

    def __call__(self) -> float:
        own = time.monotonic()
        self._lead = max(self._lead, time.time() - own)
        return own + self._lead

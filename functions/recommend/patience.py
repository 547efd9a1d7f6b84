"""How long one request waits for stores: then it is answered from what is in memory.

A read runs beside the request, which goes on without it when its time is up. So what a client's own time-outs and
repetitions add up to does not matter.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

from shared.domain.errors import StoreUnavailableError
from shared.stores.deadline import DEADLINE
from shared.telemetry.log import logger

SECONDS = 3.0
"""For all reads of a request together, of the ten that the function has."""
READERS = 16
SLOW = "A store is slow or down: this is from what was in memory."
LATE = "A store is slow or down: there is a model, and it could not be loaded yet."

_readers = ThreadPoolExecutor(READERS, "patience")


class Patience:
    """The patience of one request, no longer than the function has time. After one failure no store is asked again."""

    def __init__(self, seconds: float = SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._start = clock()
        self._end = self._start + min(seconds, DEADLINE.seconds_left)
        self.failed = False
        self.waited_ms: dict[str, float] = {}

    @property
    def total_ms(self) -> float:
        """How long the request has taken so far."""
        return (self._clock() - self._start) * 1000

    def wait[T](self, what: str, future: Future[T], seconds: float) -> bool:
        """Whether `future` is done within a time of its own, which is noted and not taken off the stores' time."""
        started = self._clock()
        wait([future], min(seconds, DEADLINE.seconds_left))
        waited = self._clock() - started
        self._end += waited
        self.waited_ms[what] = self.waited_ms.get(what, 0.0) + waited * 1000
        return future.done()

    def ask[T](self, read: Callable[[], T], otherwise: Callable[[], T]) -> T:
        """What `read` gives, or `otherwise` where that fails or takes too long."""
        if self.failed:
            return otherwise()
        try:
            return _readers.submit(read).result(max(0.0, self._end - self._clock()))
        except (StoreUnavailableError, TimeoutError) as error:
            self.failed = True
            logger.warning("answered without the stores", extra={"cause": str(error) or "too slow"})
            return otherwise()

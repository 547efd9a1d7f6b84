"""Ends a training in words, before the platform would kill it without any: in time, and in memory."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from training.errors import TRAINING, OutOfRoom

LOOKS_EVERY_SECONDS = 1.0
SECONDS_TO_SPARE = 60.0
"""Enough to give up, and for a publication that began in time to end."""
SHARE_OF_MEMORY = 0.9
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@contextmanager
def within(seconds_left: Callable[[], float], memory_mb: float, words: str = TRAINING) -> Iterator[None]:
    """Raise `OutOfRoom` in the block as soon as less than a minute or a tenth of the memory is left.

    An alarm of the operating system interrupts whatever the main thread is at. What asks for all the memory that is
    left within a second is killed all the same.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("the limits can be watched in the main thread only")

    def look(*_: Any) -> None:
        check(seconds_left(), resident_mb(), memory_mb, words)

    before = signal.signal(signal.SIGALRM, look)
    timer = signal.setitimer(signal.ITIMER_REAL, LOOKS_EVERY_SECONDS, LOOKS_EVERY_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, *timer)


def check(seconds_left: float, used_mb: float, memory_mb: float, words: str = TRAINING) -> None:
    """Raise `OutOfRoom` where that is too little or too much."""
    if seconds_left < SECONDS_TO_SPARE:
        raise OutOfRoom(f"{seconds_left:.0f} s are left of the function's time", words)
    if used_mb > SHARE_OF_MEMORY * memory_mb:
        raise OutOfRoom(f"{used_mb:.0f} of the function's {memory_mb:.0f} MB are used", words)


def resident_mb() -> float:
    """What this process has in memory now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES / 1e6

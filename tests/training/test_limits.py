"""A training that does not fit ends in words, whatever it is at, and leaves the alarm as it was."""

import re
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from training import limits
from training.errors import OutOfRoom
from training.limits import check, resident_mb, within
from training.sparse import in_threads


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LOOKS_EVERY_SECONDS", 0.02)


def test_enough_is_enough() -> None:
    check(60.0, 2_700.0, 3_008.0)
    with within(lambda: 900.0, 1e6):
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("seconds", "used", "words"), [(59.4, 100.0, "59 s are left"), (900.0, 2_708.0, "2708 of the function's 3008 MB")]
)
def test_what_is_short_is_named_with_a_way_out(seconds: float, used: float, words: str) -> None:
    with pytest.raises(OutOfRoom, match=re.escape(words)) as found:
        check(seconds, used, 3_008.0)
    assert "as a job" in str(found.value)
    assert "Nothing was published" in str(found.value)


def test_it_interrupts_a_loop() -> None:
    deadline = time.monotonic() + 60.1
    with pytest.raises(OutOfRoom, match="of the function's time"), within(lambda: deadline - time.monotonic(), 1e6):
        _spin()


def test_it_interrupts_a_wait_for_threads_and_what_they_have_not_begun() -> None:
    begun: list[int] = []

    def work(part: slice) -> int:
        begun.append(part.start)
        time.sleep(0.05)
        return len(begun)

    with pytest.raises(OutOfRoom), within(lambda: 10.0 if len(begun) > 8 else 900.0, 1e6):
        list(in_threads(work, [slice(n, n + 1) for n in range(1_000)]))
    assert len(begun) < 100


def test_it_sees_memory_that_is_really_used() -> None:
    memory_mb = (resident_mb() + 40) / 0.9
    with within(lambda: 900.0, memory_mb):
        time.sleep(0.1)
    with pytest.raises(OutOfRoom, match="MB are used"), within(lambda: 900.0, memory_mb):
        _hold(np.ones(20_000_000))


def _spin() -> None:
    while True:
        pass


def _hold(array: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    for _ in range(100):
        time.sleep(0.05)
    raise AssertionError(array.nbytes)


def test_the_alarm_is_given_back() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(OutOfRoom), within(lambda: 0.0, 1e6):
        time.sleep(5)
    assert signal.getsignal(signal.SIGALRM) == before
    time.sleep(0.1)


def test_a_thread_cannot_be_watched_and_is_told() -> None:
    def enter() -> None:
        assert threading.current_thread() is not threading.main_thread()
        with within(lambda: 900.0, 1e6):
            raise AssertionError

    with ThreadPoolExecutor(1) as pool, pytest.raises(RuntimeError, match="main thread"):
        pool.submit(enter).result()

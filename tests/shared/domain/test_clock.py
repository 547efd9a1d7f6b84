"""What is remembered for a while ages while a function is frozen, and when somebody sets the clock back."""

import time

import pytest

from shared.domain.clock import SteadyClock


class Clocks:
    """The process's own clock, and the wall's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.own, self.wall = 100.0, 1_700_000_000.0
        monkeypatch.setattr(time, "monotonic", lambda: self.own)
        monkeypatch.setattr(time, "time", lambda: self.wall)


@pytest.mark.parametrize(
    ("own", "wall", "passed"),
    [(5.0, 5.0, 5.0), (0.0, 600.0, 600.0), (5.0, -3600.0, 5.0), (5.0, 3600.0, 3600.0)],
    ids=["as usual", "frozen", "set back", "set forward"],
)
def test_it_goes_by_the_clock_that_has_gone_further(
    monkeypatch: pytest.MonkeyPatch, own: float, wall: float, passed: float
) -> None:
    clocks, clock = Clocks(monkeypatch), SteadyClock()
    before = clock()
    clocks.own, clocks.wall = clocks.own + own, clocks.wall + wall
    assert clock() - before == pytest.approx(passed)


def test_it_never_goes_back_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    clocks, clock = Clocks(monkeypatch), SteadyClock()
    before = clock()
    clocks.wall -= 86_400.0
    assert clock() == before
    clocks.own += 7.0
    clocks.wall += 7.0
    assert clock() == before + 7.0

"""Which share of the budget switches off what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.budget import Level, level_of

DOLLARS = st.floats(0.01, 1e6)


@pytest.mark.parametrize(
    ("share", "level"),
    [
        (0.0, Level.NORMAL),
        (0.79, Level.NORMAL),
        (0.8, Level.WARNED),
        (0.99, Level.WARNED),
        (1.0, Level.REDUCED),
        (1.19, Level.REDUCED),
        (1.2, Level.STOPPED),
        (9.0, Level.STOPPED),
    ],
)
def test_a_level_holds_from_its_share_on(share: float, level: Level) -> None:
    assert level_of(share * 50, 50) is level


@given(DOLLARS, DOLLARS, DOLLARS)
def test_spending_more_never_lets_more_run(some: float, more: float, budget: float) -> None:
    assert level_of(some + more, budget).severity >= level_of(some, budget).severity


@given(DOLLARS, DOLLARS)
def test_lifted_warns_and_does_no_more(spent: float, budget: float) -> None:
    assert not level_of(spent, budget, lifted=True).saves
    assert (level_of(spent, budget, lifted=True) is Level.NORMAL) == (level_of(spent, budget) is Level.NORMAL)


@given(DOLLARS)
def test_without_a_budget_everything_runs(spent: float) -> None:
    assert level_of(spent, 0.0) is Level.NORMAL


def test_only_the_last_two_levels_save() -> None:
    assert [level for level in Level if level.saves] == [Level.REDUCED, Level.STOPPED]

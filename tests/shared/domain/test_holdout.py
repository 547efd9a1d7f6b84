"""The hold-out is sticky, as large as asked for, and independent between salts."""

import subprocess
import sys
from itertools import pairwise

import pytest

from shared.domain.events import ANONYMOUS, KNOWN, CustomerRef
from shared.domain.holdout import held_out, unit

PEOPLE = [f"customer-{n}" for n in range(20_000)]
ANN = CustomerRef(kind=KNOWN, id="ann")
PHONE = CustomerRef(kind=ANONYMOUS, id="phone")
PINNED = [0, 2, 3, 9, 10, 11]


@pytest.mark.parametrize("share", [0.05, 0.1, 0.5, 0.9])
def test_it_is_as_large_as_asked_for(share: float) -> None:
    found = sum(held_out("offer-1", each, share) for each in PEOPLE)
    spread = (len(PEOPLE) * share * (1 - share)) ** 0.5
    assert abs(found - share * len(PEOPLE)) < 4 * spread


def test_it_is_uniform_over_its_whole_range() -> None:
    """Twenty shares of 5% hold as many each: chi squared with 19 degrees of freedom, its 99.9% quantile."""
    below = [sum(held_out("s", each, n / 20) for each in PEOPLE) for n in range(21)]
    sizes = [after - before for before, after in pairwise(below)]
    assert sum((size - 1_000) ** 2 / 1_000 for size in sizes) < 43.8


def test_nobody_and_everybody() -> None:
    assert not any(held_out("s", each, 0.0) for each in PEOPLE)
    assert all(held_out("s", each, 1.0) for each in PEOPLE)


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        held_out("s", "a", share)


def test_a_larger_share_keeps_whom_a_smaller_one_held_out() -> None:
    small = {each for each in PEOPLE if held_out("s", each, 0.1)}
    large = {each for each in PEOPLE if held_out("s", each, 0.2)}
    assert small < large


def test_two_salts_divide_independently() -> None:
    both = sum(held_out("a", each, 0.5) and held_out("b", each, 0.5) for each in PEOPLE)
    assert abs(both - len(PEOPLE) / 4) < 4 * (len(PEOPLE) * 0.25 * 0.75) ** 0.5


def test_a_salt_and_an_id_do_not_run_into_each_other() -> None:
    """Were they only set side by side, the first hundred and the second would be the same divisions."""
    ours = [held_out("offer-1", f"{n}", 0.5) for n in range(100)]
    assert ours != [held_out("offer-", f"1{n}", 0.5) for n in range(100)]


def test_another_process_says_the_same() -> None:
    """Python's own `hash` of a text differs between processes; pinned, so that a release does not move anybody."""
    said = "from shared.domain.holdout import held_out; print([held_out('s', str(n), .3) for n in range(40)])"
    there = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True).stdout.strip()
    assert there == str([held_out("s", str(n), 0.3) for n in range(40)])
    assert [n for n in range(12) if held_out("pinned", str(n), 0.5)] == PINNED


def test_an_id_that_utf_8_cannot_hold_is_divided_too() -> None:
    assert held_out("s", "\ud800", 1.0)


def test_all_devices_of_a_known_customer_are_on_one_side() -> None:
    assert unit(PHONE, ANN) == unit(ANN) == unit(ANN, ANN) == "user:ann"
    assert unit(PHONE) == "anonymous:phone"


def test_who_signs_in_may_change_sides_as_often_as_is_said() -> None:
    share = 0.1
    moved = sum(
        held_out("s", unit(CustomerRef(kind=ANONYMOUS, id=each)), share)
        != held_out("s", unit(CustomerRef(kind=ANONYMOUS, id=each), CustomerRef(kind=KNOWN, id=each)), share)
        for each in PEOPLE
    )
    assert moved / len(PEOPLE) == pytest.approx(2 * share * (1 - share), abs=0.015)

"""What is worth writing anew, and what may be said of a group."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.value import Lifecycle, Likely
from tests.valued import valued
from training.value.histories import DAY, histories
from training.value.model import fit
from training.value.values import FEW, KEPT, differs, speakable, summary

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
BEFORE = valued(
    NOON,
    orders=2,
    last_order=NOON - timedelta(days=60),
    expected_orders=Likely(value=1.0, low=0, high=2),
    expected_value=Likely(value=20.0, low=0, high=45),
)


@pytest.mark.parametrize(
    ("change", "says_more"),
    [
        ({}, False),
        ({"model_id": "value-2"}, False),
        ({"expected_orders": Likely(value=0.96, low=0, high=2)}, False),
        ({"expected_orders": Likely(value=0.94, low=0, high=2)}, True),
        ({"expected_value": Likely(value=19.4, low=0, high=45)}, False),
        ({"expected_value": Likely(value=18.4, low=0, high=45)}, True),
        ({"expected_value": None, "currency": None}, True),
        ({"orders": 3}, True),
        ({"lifecycle": Lifecycle.LAPSING}, True),
        ({"average_order": 20.01}, True),
        ({"computed": NOON + KEPT - timedelta(seconds=1)}, False),
        ({"computed": NOON + KEPT}, True),
    ],
)
def test_what_is_written_anew(change: dict[str, Any], says_more: bool) -> None:
    assert differs(BEFORE, BEFORE.model_copy(update=change)) is says_more


@pytest.mark.parametrize(
    ("there", "shown"),
    [
        ([10, 20, 30, 0], [True, True, True, True]),
        ([9, 20, 30, 0], [False, False, True, True]),
        ([5, 5, 30, 40], [False, False, True, True]),
        ([9, 0, 0, 0], [False, True, True, True]),
        ([4, 3, 0, 12], [False, False, True, False]),
    ],
)
def test_few_are_not_spoken_of(there: list[int], shown: list[bool]) -> None:
    assert speakable(np.array(there)) == shown


@given(there=st.lists(st.integers(0, 40), min_size=4, max_size=4))
def test_what_is_shown_never_tells_of_few(there: list[int]) -> None:
    """The whole, which is told from ten on, less the groups that are shown, is nobody or ten at least."""
    shown = speakable(np.array(there))
    left_out = [count for count, is_shown in zip(there, shown, strict=True) if not is_shown]
    assert all(count == 0 or count >= FEW for count, is_shown in zip(there, shown, strict=True) if is_shown)
    assert sum(left_out) == 0 or sum(left_out) >= FEW or sum(there) < FEW


def test_the_summary_adds_up_and_leaves_few_out() -> None:
    """Forty who ordered a year ago, twelve of last week, three who order weekly."""
    now = NOON.timestamp()
    rows = [(n, now - 365 * DAY) for n in range(40)] + [(n, now - 7 * DAY) for n in range(40, 52)]
    rows += [(n, now - 7 * k * DAY) for n in range(52, 55) for k in range(20)]
    customer, time = np.array([who for who, _ in rows]), np.array([when for _, when in rows])
    known = histories(customer, time, np.full(len(rows), 25.0), NOON)
    told = summary(known, fit(known), NOON, "EUR")
    by_kind = {each.lifecycle: each for each in told.lifecycles}
    assert (told.customers, told.currency, told.pooled) == (55, "EUR", True)
    assert by_kind[Lifecycle.LAPSING].customers == 40
    assert by_kind[Lifecycle.LOYAL].customers is by_kind[Lifecycle.LOYAL].expected_value is None
    assert by_kind[Lifecycle.NEW].customers is None, "or 55 less the others would tell of the three"
    assert by_kind[Lifecycle.REGULAR].customers == 0
    few = histories(customer[:9], time[:9], np.full(9, 25.0), NOON)
    alone = summary(few, fit(few), NOON, None)
    assert alone.customers is None
    assert [each.customers for each in alone.lifecycles if each.customers] == []

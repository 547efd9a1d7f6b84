"""Intervals hold what they say they hold, and lifecycles follow what is expected."""

import numpy as np
import pytest

from shared.domain.value import Lifecycle
from tests.training.value import cdnow, made
from training.value import bgnbd
from training.value.bgnbd import Frequency
from training.value.forecast import AT_ONCE, DRAWS, forecast
from training.value.gamma_gamma import Spending
from training.value.lifecycle import KINDS, lifecycles, momentum
from training.value.model import ValueModel, fit

WEEKS = 13.0
RATES_ALONE = ValueModel(made.RATES, None, pooled=False)


def test_intervals_of_orders_hold_four_fifths_and_more_only_where_numbers_are_whole() -> None:
    """Of who orders often enough for a count to be anything but none or one."""
    drawn = made.customers(20_000, 1)
    ahead = forecast(drawn.frequency, drawn.spending, RATES_ALONE, WEEKS).orders
    many = ahead.value > 2
    inside = (drawn.later >= ahead.low) & (drawn.later <= ahead.high)
    assert many.sum() > 500
    assert 0.80 <= inside[many].mean() <= 0.90
    assert inside.mean() >= 0.80
    assert ((ahead.low <= ahead.value) & (ahead.value <= ahead.high)).all()


def test_intervals_of_cdnow_hold_what_came() -> None:
    known, came = cdnow.calibration(), cdnow.future()
    model = fit(known)
    ahead = forecast(known.frequency, known.typical, model, cdnow.WEEKS)
    assert ahead.money is not None
    for told, happened in ((ahead.orders, came.orders), (ahead.money, came.money)):
        inside = (happened >= told.low - 0.005) & (happened <= told.high + 0.005)
        assert 0.80 <= inside.mean() <= 0.95


def test_a_model_in_which_nobody_stops_would_not_hold_it(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = made.customers(60_000, 1)
    pace = (made.RATES.r + drawn.frequency.x) / (made.RATES.alpha + drawn.frequency.age)
    gone = bgnbd.alive(drawn.frequency, made.RATES) < 0.3
    those = np.flatnonzero(gone & (pace * WEEKS > 4))[:AT_ONCE]
    known, later = drawn.frequency[those], drawn.later[those]
    nothing = Spending(np.zeros(len(those)), np.zeros(len(those)))

    def held() -> float:
        ahead = forecast(known, nothing, RATES_ALONE, WEEKS).orders
        return float(((later >= ahead.low) & (later <= ahead.high)).mean())

    assert held() >= 0.8
    monkeypatch.setattr("training.value.forecast.bgnbd.alive", lambda *_: np.ones(len(those)))
    assert held() < 0.6


def test_the_same_customers_have_the_same_intervals_each_time() -> None:
    drawn, model = made.customers(AT_ONCE + 3, 2), ValueModel(made.RATES, made.AMOUNTS, pooled=False)
    first, second = (forecast(drawn.frequency, drawn.spending, model, WEEKS) for _ in range(2))
    assert first.money is not None
    assert second.money is not None
    np.testing.assert_array_equal(first.money.high, second.money.high)
    assert DRAWS >= 400


KNOWN = Frequency(
    x=np.array([0.0, 0.0, 0.0, 5.0, 5.0, 1.0]),
    recency=np.array([0.0, 0.0, 0.0, 20.0, 20.0, 3.0]),
    age=np.array([1.0, 4.2, 60.0, 21.0, 60.0, 4.0]),
)


def test_lifecycles() -> None:
    found = [KINDS[each] for each in lifecycles(KNOWN, made.RATES, WEEKS)]
    assert found == [
        Lifecycle.NEW,
        Lifecycle.NEW,
        Lifecycle.LAPSING,
        Lifecycle.LOYAL,
        Lifecycle.LAPSING,
        Lifecycle.REGULAR,
    ]


def test_lapsing_goes_by_the_shops_own_pace() -> None:
    """Sixty silent weeks are little where people order every two years; the chance of being alive would not tell."""
    slow = made.RATES._replace(alpha=200.0, r=2.0)
    silent = KNOWN[np.array([False, False, True, False, False, False])]
    assert [KINDS[each] for each in lifecycles(silent, slow, WEEKS)] == [Lifecycle.REGULAR]
    assert bgnbd.alive(silent, made.RATES) == bgnbd.alive(silent, slow) == 1


def test_momentum_is_whole_just_after_an_order_and_only_falls() -> None:
    ages = np.arange(20.0, 80.0)
    known = Frequency(np.full(60, 4.0), np.full(60, 20.0), ages)
    found = momentum(known, made.RATES, WEEKS)
    assert found[0] == pytest.approx(1)
    assert (np.diff(found) < 0).all()
    assert found[-1] < 0.1

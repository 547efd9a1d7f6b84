"""Intervals learn from the last quarter how unsteady customers are."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest

from training.value import steadiness
from training.value.forecast import AHEAD_WEEKS, Range, forecast
from training.value.histories import DAY, histories
from training.value.model import fit
from training.value.steadiness import STEPS, held, last_quarter, steadied

type Floats = npt.NDArray[np.float64]

NOW = datetime(2026, 11, 22, tzinfo=UTC)
BEFORE = NOW - timedelta(weeks=AHEAD_WEEKS)


class Log(NamedTuple):
    customer: npt.NDArray[np.int64]
    time: Floats
    paid: Floats

    def until(self, end: datetime) -> "Log":
        return self.where(self.time <= end.timestamp())

    def where(self, those: npt.NDArray[np.bool_]) -> "Log":
        return Log(self.customer[those], self.time[those], self.paid[those])


def shop(unsteady: float, customers: int = 800, seed: int = 1) -> Log:
    """Five quarters of people who order about every two weeks; each quarter each has another pace."""
    draw = np.random.default_rng(seed)
    usual = draw.gamma(4.0, 1 / 8.0, customers)
    who, days = [], []
    for quarter in range(5):
        pace = usual * (draw.gamma(1 / unsteady, unsteady, customers) if unsteady else 1.0)
        many = draw.poisson(pace * AHEAD_WEEKS)
        who.append(np.repeat(np.arange(customers), many))
        days.append(90 * (4 - quarter) + 90 * draw.random(many.sum()))
    customer = np.concatenate(who)
    return Log(customer, NOW.timestamp() - np.concatenate(days) * DAY, draw.gamma(3.0, 10.0, len(customer)))


def coverage(log: Log, *, learn: bool) -> tuple[float, float]:
    """Of the last quarter, by what was known before; and how unsteady customers were found."""
    past, quarter = log.until(BEFORE), last_quarter(*log, NOW)
    assert quarter is not None
    known = histories(*past, BEFORE)
    model = steadied(fit(known), *past, BEFORE) if learn else fit(known)
    ahead = forecast(quarter.known.frequency, quarter.known.typical, model, AHEAD_WEEKS)
    return held(ahead.orders, quarter.orders), model.unsteady


def test_unsteady_customers_get_wider_intervals_that_hold_in_the_next_quarter() -> None:
    log = shop(unsteady=0.3)
    alone, _ = coverage(log, learn=False)
    learnt, unsteady = coverage(log, learn=True)
    assert alone < 0.72
    assert learnt == pytest.approx(0.82, abs=0.05)
    assert unsteady in STEPS[3:]


def test_steady_customers_keep_theirs() -> None:
    _, unsteady = coverage(shop(unsteady=0.0), learn=True)
    assert unsteady <= STEPS[1]


@pytest.mark.parametrize(("customers", "days"), [(20, 450), (800, 150)])
def test_a_small_or_a_new_shop_learns_none(customers: int, days: int) -> None:
    log = shop(0.3, customers)
    recent = log.where(log.time > NOW.timestamp() - days * DAY)
    assert last_quarter(*recent, NOW) is None
    model = fit(histories(*recent, NOW))
    assert steadied(model, *recent, NOW) == model


def test_orders_without_amounts_are_judged_by_their_number() -> None:
    log = shop(0.3)._replace(paid=np.full(len(shop(0.3).paid), np.nan))
    assert steadied(fit(histories(*log, NOW)), *log, NOW).unsteady > 0


def test_what_came_is_told_from_what_was_known() -> None:
    known, came = [0, 0, 0, 1], [1.0, 80.0, 100.0, 20.0]
    log = Log(np.array(known), NOW.timestamp() - np.array(came) * DAY, np.array([5.0, 7.0, 9.0, 1.0]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steadiness, "ENOUGH", 0)
        assert last_quarter(*log, NOW) is None, "ten days were too little history"
        older = log._replace(time=np.where(log.time < BEFORE.timestamp(), log.time - 200 * DAY, log.time))
        quarter = last_quarter(*older, NOW)
    assert quarter is not None
    assert (quarter.known.customer.tolist(), quarter.orders.tolist(), quarter.money.tolist()) == ([0], [2.0], [12.0])


def test_held_counts_cents_of_rounding() -> None:
    told = Range(np.ones(3), np.zeros(3), np.array([2.0, 2.0, 2.0]))
    assert held(told, np.array([2.004, 2.2, 0.0])) == pytest.approx(2 / 3)


def test_the_model_says_how_unsteady_customers_are() -> None:
    log = shop(0.0, 150)
    model = fit(histories(*log, NOW))
    other = replace(model, unsteady=0.1)
    assert other.model_id != model.model_id
    assert other.parameters["unsteady"] == 0.1

"""How unsteady customers' pace is: what makes the last quarter's intervals hold as often as they say.

BG/NBD has every customer order at random about one pace for ever. Where people order weekly for a while and then
hardly, a quarter holds more, or fewer, orders than that allows, and intervals are too narrow. So the shop is looked at
as it was a quarter ago, and its paces are made as unsteady as what then came needs.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from training.value.forecast import AHEAD_WEEKS, HIGH, LOW, Range, forecast
from training.value.histories import DAY, Histories, histories
from training.value.likelihood import NotFittedError
from training.value.model import ValueModel, fit
from training.value.prior import ENOUGH

type Floats = npt.NDArray[np.float64]
type Numbers = npt.NDArray[np.integer]

STEPS = (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.2)
MOST_CUSTOMERS = 4_000
CENT = 0.005


class Quarter(NamedTuple):
    """What was known of some customers, and what they then ordered (in days with orders) and paid."""

    known: Histories
    orders: Floats
    money: Floats


def steadied(model: ValueModel, customer: Numbers, time: Floats, paid: Floats, now: datetime) -> ValueModel:
    """The model with the least unsteadiness that would have done a quarter ago; none where that cannot be told."""
    quarter = last_quarter(customer, time, paid, now)
    if quarter is None:
        return model
    try:
        then = fit(quarter.known)
    except NotFittedError:
        return model
    return replace(model, unsteady=least(then, quarter))


def last_quarter(customer: Numbers, time: Floats, paid: Floats, now: datetime) -> Quarter | None:
    """None of a shop that was too new then, or had too few who came again."""
    then = now - timedelta(weeks=AHEAD_WEEKS)
    known = histories(customer, time, paid, then)
    if known.repeat_buyers < ENOUGH or (then.timestamp() - known.first.min()) / (7 * DAY) < AHEAD_WEEKS:
        return None
    later = (time > then.timestamp()) & (time <= now.timestamp()) & np.isin(customer, known.customer)
    place = np.searchsorted(known.customer, customer[later])
    days = np.unique(np.column_stack((place, time[later] // DAY)), axis=0)[:, 0].astype(np.int64)
    orders = np.bincount(days, minlength=len(known)).astype(np.float64)
    money = np.bincount(place, np.nan_to_num(paid[later]), len(known))
    every = slice(None, None, -(-len(known) // MOST_CUSTOMERS))
    return Quarter(known[every], orders[every], money[every])


def least(model: ValueModel, quarter: Quarter) -> float:
    """The least unsteadiness whose intervals hold what came as often as they say, of orders and of money."""
    return next((each for each in STEPS if _holds(replace(model, unsteady=each), quarter)), STEPS[-1])


def _holds(model: ValueModel, quarter: Quarter) -> bool:
    ahead = forecast(quarter.known.frequency, quarter.known.typical, model, AHEAD_WEEKS)
    shares = [held(ahead.orders, quarter.orders)] + ([] if ahead.money is None else [held(ahead.money, quarter.money)])
    return min(shares) >= HIGH - LOW


def held(told: Range, came: Floats) -> float:
    """The share of customers whose interval holds what came."""
    return float(((came >= told.low - CENT) & (came <= told.high + CENT)).mean())

"""From orders to what the models need of each customer. Orders of one day (UTC) count as one to them."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from training.value.bgnbd import Frequency
from training.value.gamma_gamma import Spending

type Floats = npt.NDArray[np.float64]
type Numbers = npt.NDArray[np.int64]

DAY = 86_400.0
FIRST = 0.64
"""What a first order says of the later ones, to one of these: it is what brought the customer (infra/decisions.md)."""
WEEK_DAYS = 7


@dataclass(frozen=True)
class Histories:
    """An entry for each customer who ordered, in order of their numbers. Times are seconds since 1970."""

    customer: Numbers
    orders: Numbers
    first: Floats
    last: Floats
    frequency: Frequency
    spending: Spending
    """Of all days with orders."""
    repeats: Spending
    """Of those after the first, as the paper has it."""
    average: Floats
    """What an order was worth on average; NaN where none has an amount."""

    def __len__(self) -> int:
        return len(self.customer)

    def __getitem__(self, those: slice) -> "Histories":
        return Histories(
            self.customer[those],
            self.orders[those],
            self.first[those],
            self.last[those],
            self.frequency[those],
            self.spending[those],
            self.repeats[those],
            self.average[those],
        )

    @property
    def typical(self) -> Spending:
        """Of all days with orders, the first counting less."""
        first, again = self.spending.orders - self.repeats.orders, self.repeats.orders
        orders = again + FIRST * first
        opening = self.spending.orders * self.spending.mean - again * self.repeats.mean
        total = again * self.repeats.mean + FIRST * opening
        return Spending(orders, np.where(orders > 0, total / np.maximum(orders, FIRST), 0.0))

    @property
    def repeat_buyers(self) -> int:
        return int((self.frequency.x > 0).sum())


def histories(customer: npt.NDArray[np.integer], time: Floats, paid: Floats, now: datetime) -> Histories:
    """What is known at `now`. An amount that is not a positive number is not known; later orders are not either."""
    past = time <= now.timestamp()
    who: Numbers = customer[past].astype(np.int64)
    time, paid = time[past], paid[past].astype(np.float64)
    paid = np.where(np.isfinite(paid) & (paid > 0), paid, np.nan)
    day = np.floor(time / DAY)
    order = np.lexsort((time, who))
    who, time, paid, day = who[order], time[order], paid[order], day[order]
    starts = _starts(who)
    occasions = _starts(who, day)
    x = np.diff(np.searchsorted(occasions, np.append(starts, len(who)))) - 1.0
    ends = np.append(starts, len(who))[1:] - 1
    today = np.floor(now.timestamp() / DAY)
    spending, repeats, average = _amounts(paid, starts, occasions)
    frequency = Frequency(x, (day[ends] - day[starts]) / WEEK_DAYS, (today - day[starts]) / WEEK_DAYS)
    return Histories(
        customer=who[starts],
        orders=np.diff(np.append(starts, len(who))),
        first=time[starts],
        last=time[ends],
        frequency=frequency,
        spending=spending,
        repeats=repeats,
        average=average,
    )


def _amounts(paid: Floats, starts: Numbers, occasions: Numbers) -> tuple[Spending, Spending, Floats]:
    """Of each customer's days whose orders all have an amount: all of them, all but the first; and the mean order."""
    if not len(paid):
        return Spending(paid, paid), Spending(paid, paid), paid
    amount = np.add.reduceat(paid, occasions)
    first = np.searchsorted(occasions, starts)
    later = np.ones(len(amount), dtype=np.bool_)
    later[first] = False
    orders = _spending(paid, np.isfinite(paid), starts)
    average = np.where(orders.orders > 0, orders.mean, np.nan)
    known = np.isfinite(amount)
    return _spending(amount, known, first), _spending(amount, known & later, first), average


def _spending(amount: Floats, counts: npt.NDArray[np.bool_], starts: Numbers) -> Spending:
    many = np.add.reduceat(counts.astype(np.float64), starts)
    total = np.add.reduceat(np.where(counts, amount, 0.0), starts)
    return Spending(many, total / np.maximum(many, 1))


def _starts(*columns: npt.NDArray[np.generic]) -> Numbers:
    """Where sorted columns differ from the row before."""
    new = np.zeros(len(columns[0]), dtype=np.bool_)
    new[:1] = True
    for column in columns:
        new[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(new)

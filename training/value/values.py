"""The values of customers as they are kept: which are worth writing anew, and what they say all together."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from shared.domain.value import CustomerValue, Lifecycle, LifecycleFigures, Likely, ValueSummary
from training.value.forecast import AHEAD_WEEKS, Forecast, Range, expected, forecast
from training.value.histories import WEEK_DAYS, Histories
from training.value.lifecycle import KINDS, Codes, lifecycles
from training.value.model import ValueModel

type Floats = npt.NDArray[np.float64]

FEW = 10
"""Fewer people than this are not spoken of as a group."""
KEPT = timedelta(days=7)
"""A value is written anew by then though nothing has changed: it is stale a week later."""
NEAR = 0.05
"""Of an expected number: what has moved by less is as it was."""
LEAST_ORDERS, LEAST_MONEY = 0.01, 0.5


def valued(known: Histories, model: ValueModel, now: datetime, currency: str | None) -> Iterator[CustomerValue]:
    """What is to be kept of each customer, in their order."""
    ahead = forecast(known.frequency, known.typical, model, AHEAD_WEEKS)
    stands = lifecycles(known.frequency, model.rates, AHEAD_WEEKS)
    for n in range(len(known)):
        yield _value(known, n, ahead, KINDS[stands[n]], model, now, currency)


def _value(
    known: Histories,
    n: int,
    ahead: Forecast,
    lifecycle: Lifecycle,
    model: ValueModel,
    now: datetime,
    currency: str | None,
) -> CustomerValue:
    x, recency, average = known.frequency.x[n], known.frequency.recency[n], known.average[n]
    return CustomerValue(
        lifecycle=lifecycle,
        orders=int(known.orders[n]),
        first_order=datetime.fromtimestamp(known.first[n], UTC),
        last_order=datetime.fromtimestamp(known.last[n], UTC),
        average_order=None if np.isnan(average) else round(float(average), 4),
        currency=currency if ahead.money else None,
        expected_orders=_likely(ahead.orders, n),
        expected_value=_likely(ahead.money, n) if ahead.money else None,
        days_between_orders=round(float(recency / x * WEEK_DAYS), 1) if x > 0 else None,
        pooled=model.pooled,
        computed=now,
        model_id=model.model_id,
    )


def _likely(of: Range, n: int) -> Likely:
    return Likely(value=round(float(of.value[n]), 4), low=round(float(of.low[n]), 4), high=round(float(of.high[n]), 4))


def differs(before: CustomerValue, after: CustomerValue) -> bool:
    """Whether the new value says something that the old one does not, or the old one will soon be stale."""
    if after.computed - before.computed >= KEPT:
        return True
    said = {"lifecycle", "orders", "first_order", "last_order", "average_order", "currency", "pooled"}
    if before.model_dump(include=said) != after.model_dump(include=said):
        return True
    money = (before.expected_value, after.expected_value)
    return _moved(before.expected_orders, after.expected_orders, LEAST_ORDERS) or _moved(*money, LEAST_MONEY)


def _moved(before: Likely | None, after: Likely | None, least: float) -> bool:
    if before is None or after is None:
        return before is not after
    return abs(after.value - before.value) > max(NEAR * abs(before.value), least)


def summary(known: Histories, model: ValueModel, now: datetime, currency: str | None) -> ValueSummary:
    """How many stand where, and what is expected of them together; nothing of a group under ten people."""
    stands = lifecycles(known.frequency, model.rates, AHEAD_WEEKS)
    orders, money = expected(known.frequency, known.typical, model, AHEAD_WEEKS)
    there = np.bincount(stands, minlength=len(KINDS))
    shown = speakable(there)
    return ValueSummary(
        computed=now,
        model_id=model.model_id,
        currency=currency if money is not None else None,
        customers=len(known) if len(known) >= FEW else None,
        lifecycles=tuple(_figures(n, stands, shown[n], orders, money) for n in range(len(KINDS))),
        pooled=model.pooled,
    )


def _figures(n: int, stands: Codes, is_shown: bool, orders: Floats, money: Floats | None) -> LifecycleFigures:
    if not is_shown:
        return LifecycleFigures(lifecycle=KINDS[n])
    those = stands == n
    return LifecycleFigures(
        lifecycle=KINDS[n],
        customers=int(those.sum()),
        expected_orders=round(float(orders[those].sum()), 2),
        expected_value=None if money is None else round(float(money[those].sum()), 2),
    )


def speakable(there: npt.NDArray[np.int64]) -> list[bool]:
    """Which groups may be spoken of: of ten or nobody, and so that the whole less those that are shown says no more.

    Where fewer than ten people are left out in all, the smallest of the others is left out with them.
    """
    hidden = (there > 0) & (there < FEW)
    while 0 < there[hidden].sum() < FEW and (there[~hidden] >= FEW).any():
        hidden[np.argmin(np.where(~hidden & (there >= FEW), there, np.iinfo(np.int64).max))] = True
    return [not each for each in hidden]

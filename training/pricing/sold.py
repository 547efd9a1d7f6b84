"""The demand model's panel from sales: whole weeks, zeros where nothing was sold though it could be, prices where none
is told.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

import numpy as np

from shared.domain.absences import Absence
from shared.domain.ledger import Entry, periods
from training.demand.panel import Panel, on_sale
from training.pricing.stocked import WEEK, stocked
from training.sales import WeeklySales

Ledgers = Callable[[Sequence[str]], Mapping[str, Sequence[Entry]]]
"""The price ledgers of these items."""
Absences = Callable[[Sequence[str]], Mapping[str, Sequence[Absence]]]
"""When these items could not be had."""


def panel_of(sales: WeeklySales, ledgers: Ledgers, absences: Absences, now: datetime) -> Panel:
    """Without the week that is not over yet: it would look like a fall in demand. So would weeks out of stock."""
    over = max((now.date() - sales.first_monday).days // 7, 0)
    rows = sales.week < over
    price = sales.price.copy()
    unknown = np.flatnonzero(rows & ~np.isfinite(price))
    if len(unknown) and sales.currency:
        price[unknown] = _from_ledgers(sales, unknown.tolist(), ledgers)
    told = Panel(
        sales.items,
        sales.item[rows],
        sales.week[rows],
        price[rows],
        sales.units[rows],
        first_monday=sales.first_monday,
    )
    return stocked(on_sale(told, over - 1), absences(told.items), now) if len(told.units) else told


def _from_ledgers(sales: WeeklySales, unknown: Sequence[int], ledgers: Ledgers) -> list[float]:
    """The public price in the middle of each week, where orders did not tell what was paid."""
    names = [sales.items[int(sales.item[row])] for row in unknown]
    found = ledgers(sorted(set(names)))
    days = [sales.first_monday + WEEK * int(sales.week[row]) + WEEK / 2 for row in unknown]
    return [_price(found.get(name, ()), sales.currency, day) for name, day in zip(names, days, strict=True)]


def _price(entries: Sequence[Entry], currency: str | None, day: date) -> float:
    amounts: list[Decimal] = [
        period.amount
        for period in periods(entries, currency or "")
        if period.since.date() <= day and (period.until is None or period.until.date() > day)
    ]
    return float(amounts[-1]) if amounts else float("nan")

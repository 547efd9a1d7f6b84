"""The demand model's panel from sales: whole weeks, zeros where nothing was sold though it could be, prices where none
is told.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np

from shared.domain.absences import Absence
from shared.domain.ledger import Entry, periods
from training.demand.panel import Panel, on_sale
from training.pricing.arrays import Bits, Doubles, Whole
from training.pricing.stocked import WEEK, stocked
from training.sales import WeeklySales

Ledgers = Callable[[Sequence[str]], Mapping[str, Sequence[Entry]]]
"""The price ledgers of these items."""
Absences = Callable[[Sequence[str]], Mapping[str, Sequence[Absence]]]
"""When these items could not be had."""
MIDDLE = timedelta(days=3)
"""A week's public price is that of its Thursday."""
AT_ONCE = 2_000
"""Items whose ledgers are in memory."""
LONG_AFTER = date.max.toordinal()


def panel_of(sales: WeeklySales, ledgers: Ledgers, absences: Absences, now: datetime) -> Panel:
    """Without the week that is not over yet: it would look like a fall in demand. So would weeks out of stock."""
    over = max((now.date() - sales.first_monday).days // 7, 0)
    rows = sales.week < over
    told = Panel(
        sales.items,
        sales.item[rows],
        sales.week[rows],
        sales.price[rows],
        sales.units[rows],
        first_monday=sales.first_monday,
    )
    if not len(told.units):
        return told
    panel = on_sale(told, over - 1)
    return stocked(replace(panel, price=_priced(panel, sales.currency, ledgers)), absences(told.items), now)


def _priced(panel: Panel, currency: str | None, ledgers: Ledgers) -> Doubles:
    """What was paid; where orders do not tell it, the public price; in a week without a sale, what would have been.

    A week without a sale is often one at another price: with the last paid one it would say that demand does not mind.
    So it is the public price, times what the item's buyers usually paid of that: discounts and taxes are not the same
    on both sides. Where the ledger does not reach, it is the last that was paid.
    """
    price, sold = panel.price.copy(), panel.units > 0
    asked = np.unique(panel.item[~sold | ~np.isfinite(price)])
    for start in range(0, len(asked), AT_ONCE):
        rows = np.flatnonzero(np.isin(panel.item, asked[start : start + AT_ONCE]))
        public = _public(panel, rows, currency, ledgers)
        price[rows] = _filled(panel.item[rows].astype(np.int64), price[rows], public, sold[rows])
    return price


def _filled(item: Whole, price: Doubles, public: Doubles, sold: Bits) -> Doubles:
    price = np.where(sold & ~np.isfinite(price), public, price)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = _usual_share(item, np.where(sold, price / public, np.nan))
    return np.where(~sold & np.isfinite(share * public), share * public, price)


def _usual_share(item: Whole, share: Doubles) -> Doubles:
    """Of each row its item's median; NaN where it has none."""
    order = np.lexsort((share, item))
    _, place, size = np.unique(item[order], return_index=True, return_counts=True)
    known = np.add.reduceat(np.isfinite(share[order]), place, dtype=np.int64)
    middle = share[order][place + np.maximum(known - 1, 0) // 2]
    return np.repeat(np.where(known > 0, middle, np.nan), size)[np.searchsorted(item[order], item)]


def _public(panel: Panel, rows: Whole, currency: str | None, ledgers: Ledgers) -> Doubles:
    """The price in force in the middle of each row's week; NaN where the ledger has none."""
    item = panel.item[rows]
    names = {panel.items[each]: int(each) for each in np.unique(item)}
    found = [
        (names[name], *each) for name, entries in ledgers(list(names)).items() for each in _held(entries, currency)
    ]
    if not found or panel.first_monday is None:
        return np.full(len(rows), np.nan)
    whose, since, until, amount = (np.array(column) for column in zip(*sorted(found), strict=True))
    day = (panel.first_monday + MIDDLE).toordinal() + WEEK.days * panel.week[rows].astype(np.int64)
    keys = whose * np.int64(LONG_AFTER) + since
    at = np.searchsorted(keys, item.astype(np.int64) * LONG_AFTER + day, side="right") - 1
    held = (at >= 0) & (whose[at] == item) & (until[at] > day)
    return np.where(held, amount[at], np.nan)


def _held(entries: Sequence[Entry], currency: str | None) -> Iterator[tuple[int, int, float]]:
    """The days from which and until which each price was in force. Without a `currency` it is the latest's."""
    if not entries:
        return
    for period in periods(entries, currency or entries[-1].currency):
        until = period.until.date().toordinal() if period.until else LONG_AFTER
        if until > (since := period.since.date().toordinal()):
            yield since, until, float(period.amount)

"""What was sold: by item and week for the model of demand, and order by order for the value of customers.

What came back was never sold, and an order that page and server both tell of counts once. Weeks begin on Monday at
midnight UTC, as all days here are UTC's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from shared.domain.events import Event
from shared.domain.vocabulary import UNDOING, EventName
from shared.stores.columns import NONE
from training.archived import Archived
from training.interactions import Floats, Ints, Mask
from training.rows import KNOWN_PREFIX, SPREAD, Digests, Places, Rows, Sold, gathered, spans

DAY = 86_400
WEEK = 7 * DAY
MONDAY = date(1970, 1, 5)
"""The first of its era; the weeks are counted from there, and Thursday began it."""
TO_MONDAY = 4 * DAY


@dataclass(frozen=True)
class WeeklySales:
    """One row for each item in each week that it was sold in, by item and week; without those that were given away.

    `price` is the mean of one, by units; NaN where no order says one in `currency`, as of `foreign` orders. `week` 0
    begins on `first_monday`.
    """

    items: tuple[str, ...]
    item: Ints
    week: Ints
    units: Floats
    price: Floats
    orders: Ints
    currency: str | None
    first_monday: date
    foreign: int


@dataclass(frozen=True)
class Purchases:
    """One row for each order, by customer and time (seconds since 1970).

    `paid` is what is left of it after refunds, in `currency`; NaN where that is not known.
    """

    customers: tuple[str, ...]
    customer: Ints
    time: Floats
    paid: Floats
    currency: str | None
    foreign: int


@dataclass(frozen=True)
class Orders:
    """A shop's orders, each once [O]: when, whose it is, and what was `paid`. Amounts are in `currency`, or NaN.

    Per line: its order, its item, how many, for how much each, and whether it `stands` or came back.
    """

    customers: Sequence[str]
    items: Sequence[str]
    time: Floats
    customer: Ints
    paid: Floats
    line: Ints
    item: Ints
    quantity: npt.NDArray[np.float32]
    price: Floats
    stands: Mask
    currency: str | None
    foreign: int


def weekly(events: Iterable[Event] | Archived | Orders) -> WeeklySales:
    """Units, price and orders of each item in each week. A quantity that nobody told is one."""
    orders = events if isinstance(events, Orders) else read_orders(events)
    sold = orders.stands & (orders.price != 0)
    week = np.floor((orders.time - TO_MONDAY) / WEEK).astype(np.int64)[orders.line[sold]]
    first, span = (int(week.min()), int(np.ptp(week)) + 1) if len(week) else (0, 1)
    week += orders.item[sold].astype(np.int64) * span - first
    order = np.argsort(week, kind="stable")
    key, by = week[order], np.flatnonzero(sold).astype(np.int32)[order]
    del week, order, sold  # Of ten million lines each is up to 80 MB.
    starts = _starts(key)
    orders_of = np.diff(np.append(starts, len(by))).astype(np.int32)
    used, item, number = _unkeyed(key[starts], span)
    del key
    units, price = np.nan_to_num(orders.quantity[by], nan=1.0), orders.price[by]
    del by
    sums = _sums(units, starts)
    return WeeklySales(
        items=tuple(orders.items[each] for each in used.tolist()),
        item=item,
        week=number,
        units=sums,
        price=_means(price, units, starts),
        orders=orders_of,
        currency=orders.currency,
        first_monday=MONDAY + timedelta(weeks=first),
        foreign=orders.foreign,
    )


def purchases(events: Iterable[Event] | Archived) -> Purchases:
    """What was paid for each order of which something is left, whose it is and when it was."""
    orders = read_orders(events)
    paid = _left(orders)
    left = np.flatnonzero(np.bincount(orders.line[orders.stands], minlength=len(paid)))
    left = left[np.lexsort((orders.time[left], orders.customer[left]))]
    used, code = np.unique(orders.customer[left], return_inverse=True)
    return Purchases(
        customers=tuple(orders.customers[each] for each in used.tolist()),
        customer=code.astype(np.int32),
        time=orders.time[left],
        paid=paid[left],
        currency=orders.currency,
        foreign=orders.foreign,
    )


def read_orders(events: Iterable[Event] | Archived) -> Orders:
    """Each order once, with what came back of it."""
    rows = events.rows(sales=True) if isinstance(events, Archived) else gathered(events, sales=True)
    sold = rows.sold
    if sold is None:
        raise TypeError("rows that were gathered for sales have them")
    event, customer = _once(rows, sold)
    currency, is_foreign = _currency(sold, event)
    size = np.diff(rows.starts)
    chosen = np.zeros(len(size), dtype=np.bool_)
    chosen[event] = True
    of_chosen = np.repeat(chosen, size)
    line = np.repeat(np.arange(len(event), dtype=np.int32), size[event])
    item, price = rows.item[of_chosen], sold.price[of_chosen]
    price[is_foreign[line]] = np.nan
    return Orders(
        customers=rows.customers,
        items=rows.items,
        time=rows.time[event],
        customer=customer,
        paid=np.where(is_foreign, np.nan, sold.paid[event]),
        line=line,
        item=item,
        quantity=sold.quantity[of_chosen],
        price=price,
        stands=~_undone(rows, rows.order[event], line, item),
        currency=currency,
        foreign=int(is_foreign.sum()),
    )


def _once(rows: Rows, sold: Sold) -> tuple[Places, Ints]:
    """One event for each order, and whose it is.

    Of several with its number it is the one that says most of prices, of equal ones the earliest, and the others are
    that order again, as for the live counters. A page may not know who is buying, where the server does.
    """
    event = np.flatnonzero(_named(rows, {EventName.ORDER_COMPLETED}))
    number = rows.order[event]
    order = np.where(number == NONE, (event.astype(np.uint64) + np.uint64(1)) * SPREAD, number)
    told = _told(rows, sold)[event]
    most = np.lexsort((rows.time[event], -told, order))
    starts = _starts(order[most])
    known = np.array([each.startswith(KNOWN_PREFIX) for each in rows.customers], dtype=np.bool_)
    customer = rows.customer[event]
    speaks = np.lexsort((rows.time[event], ~known[customer], order))
    chosen, by = most[starts], speaks[starts]
    place = np.argsort(event[chosen])
    return event[chosen][place], customer[by][place]


def _told(rows: Rows, sold: Sold) -> Ints:
    """How many amounts each event has."""
    priced = np.append(0, np.cumsum(~np.isnan(sold.price), dtype=np.int32))
    return np.asarray(priced[rows.starts[1:]] - priced[rows.starts[:-1]] + ~np.isnan(sold.paid), dtype=np.int32)


def _currency(sold: Sold, event: Places) -> tuple[str | None, Mask]:
    """The currency of most orders, and which orders are in another; one that names none is in that."""
    currency = sold.currency[event]
    counts = np.bincount(currency, minlength=len(sold.currencies))
    named = [code for code, name in enumerate(sold.currencies) if name and counts[code]]
    if not named:
        return None, np.zeros(len(event), dtype=np.bool_)
    most = max(named, key=lambda code: (counts[code], sold.currencies[code]))
    return sold.currencies[most], np.isin(currency, [code for code in named if code != most])


def _undone(rows: Rows, order: Digests, line: Ints, item: Ints) -> Mask:
    """Which lines came back, by the rule of `shared.domain.orders`: a refund takes its items out of the order that it
    names, or all where it names none, and a cancellation takes all.

    Whoever tells of it: a page and a server may know one customer by two ids.
    """
    undoing = _named(rows, UNDOING) & (rows.order != NONE)
    size = np.diff(rows.starts)
    whole = rows.order[undoing & ((size == 0) | _named(rows, {EventName.ORDER_CANCELLED}))]
    each = np.flatnonzero(undoing)
    back = _pairs(np.repeat(rows.order[each], size[each]), rows.item[spans(rows.starts[each], size[each])])
    touched = np.flatnonzero(np.isin(order, rows.order[each])[line])
    named = order[line[touched]]
    undone = np.zeros(len(line), dtype=np.bool_)
    undone[touched] = np.isin(named, whole) | np.isin(_pairs(named, item[touched]), back)
    return undone


def _pairs(order: Digests, item: Ints) -> Digests:
    return np.asarray(order ^ ((item.astype(np.uint64) + np.uint64(1)) * SPREAD))


def _left(orders: Orders) -> Floats:
    """What is left to have been paid for each order. Where no sum was told it is that of the lines; where a part came
    back whose price is not known, nobody knows.
    """
    worth = orders.quantity * orders.price
    kept, back = (
        np.bincount(orders.line[those], weights=worth[those], minlength=len(orders.paid))
        for those in (orders.stands, ~orders.stands)
    )
    return np.where(np.isnan(orders.paid), kept, np.maximum(0.0, orders.paid - back))


def _named(rows: Rows, names: Iterable[str]) -> Mask:
    among = set(names)
    return np.array([name in among for name in rows.names], dtype=np.bool_)[rows.name]


def _starts(ordered: npt.NDArray[Any]) -> Places:
    """Where each key of a sorted column begins."""
    new = np.ones(len(ordered), dtype=np.bool_)
    new[1:] = ordered[1:] != ordered[:-1]
    return np.asarray(np.flatnonzero(new))


def _sums(values: npt.NDArray[Any], starts: Places) -> Floats:
    return np.add.reduceat(values, starts, dtype=np.float64) if len(starts) else np.zeros(0)


def _unkeyed(key: Places, span: int) -> tuple[Ints, Ints, Ints]:
    """The items that were sold, and of each key the number among these, and the week."""
    week = (key % span).astype(np.int32)
    used, item = np.unique((key // span).astype(np.int32), return_inverse=True)
    return used, item.astype(np.int32), week


def _means(values: Floats, weights: npt.NDArray[np.float32], starts: Places) -> Floats:
    """The weighted mean of what is known, NaN where nothing is. Both are spoilt: copies of them would be large."""
    unknown = np.isnan(values)
    weights[unknown] = 0.0
    values *= weights
    values[unknown] = 0.0
    with np.errstate(invalid="ignore"):
        return np.asarray(_sums(values, starts) / _sums(weights, starts))

"""Reads a log of any shop: who took what when, under whatever names its columns have."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from infra.imports.files import Problem, Row, SourceError, refuse
from infra.imports.layouts import Options, purchases
from shared.domain.vocabulary import EventName, canonical
from shared.inference.card import EVENT_WEIGHTS
from training.interactions import Floats

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "customer": ("customer_id", "customer", "user_id", "user", "userid", "visitorid", "visitor_id", "household_id"),
    "item": ("item_id", "item", "product_id", "product", "itemid", "productid", "movie_id", "stockcode", "article_id"),
    "timestamp": ("timestamp", "time", "datetime", "event_time", "created_at", "invoicedate", "date"),
    "event": ("event", "event_type", "event_name", "action", "behavior"),
    "quantity": ("quantity", "qty"),
    "session": ("session", "session_id", "sessionid", "user_session"),
    "order": ("order_id", "order", "invoice", "invoiceno", "basket_id"),
}
"""By our name, the names that a column may have; case, spaces and what follows a colon do not matter."""

EVENTS = {
    "view": EventName.PRODUCT_VIEWED,
    "click": EventName.PRODUCT_VIEWED,
    "cart": EventName.PRODUCT_ADDED,
    "addtocart": EventName.PRODUCT_ADDED,
    "buy": EventName.ORDER_COMPLETED,
    "order": EventName.ORDER_COMPLETED,
    "transaction": EventName.ORDER_COMPLETED,
}
"""What logs call the events that say something about taste, beside the names that the API takes."""

MILLISECONDS_FROM = 1e11
"""A larger number than this is no time in seconds (it would be in the year 5138)."""

type Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Log:
    """One line for each item of an event, as numbers of the texts; `order` 0 is none. `sessions` is [] without them."""

    customers: list[str]
    items: list[str]
    names: list[str]
    orders: list[str]
    sessions: list[str]
    customer: Codes
    item: Codes
    name: Codes
    order: Codes
    session: Codes
    time: Floats
    rows: int
    left_out: dict[str, int]


class Texts:
    """Numbers texts in the order in which they come."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def __call__(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers))

    def all(self) -> list[str]:
        return list(self._numbers)


def read(path: Path, options: Options) -> Log:
    """The lines that say who took what when. Raises `SourceError` with the line where one cannot be understood.

    Left out, and counted: lines without a customer or item, with a quantity that is not above 0, and of events that
    say nothing about taste (refunds, searches, unknown names). Without an `event` every line is an order.
    """
    customers, items, names, orders, sessions = Texts(), Texts(), Texts(), Texts(), Texts()
    orders("")
    left_out: Counter[str] = Counter()
    kept: list[tuple[int, int, int, int, int]] = []
    times: list[float] = []
    has_sessions, rows = False, 0
    for line, row in _named(purchases(path, options, refuse), path):
        rows += 1
        session = row.get("session", "")
        customer, item = row.get("customer") or session, row.get("item", "")
        reason = _unfit(path, line, row, customer, item)
        if reason:
            left_out[reason] += 1
            continue
        has_sessions |= bool(session)
        times.append(_time(path, line, row.get("timestamp", "")))
        kept.append(
            (
                customers(customer),
                items(item),
                names(_event(row.get("event", ""))),
                orders(row.get("order", "")),
                sessions(f"{customer}\x1f{session}"),
            )
        )
    if not kept:
        raise SourceError(f"{path} has no line that says who took what: {rows:,} lines, left out: {dict(left_out)}.")
    columns = np.array(kept, dtype=np.int64).T
    return Log(
        customers=customers.all(),
        items=items.all(),
        names=names.all(),
        orders=orders.all(),
        sessions=sessions.all() if has_sessions else [],
        customer=columns[0],
        item=columns[1],
        name=columns[2],
        order=columns[3],
        session=columns[4],
        time=np.array(times),
        rows=rows,
        left_out=dict(sorted(left_out.items())),
    )


def _named(rows: Iterable[Row], path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows with our names for their columns, as the first row's columns are called."""
    theirs: dict[str, str] | None = None
    for line, values in rows:
        if theirs is None:
            theirs = _columns(values, path)
        yield line, {ours: str(values[name]).strip() for ours, name in theirs.items() if values.get(name) is not None}


def _columns(header: Iterable[str], path: Path) -> dict[str, str]:
    plain: dict[str, str] = {}
    for name in header:
        plain.setdefault(name.split(":")[0].strip().lower().replace(" ", "_"), name)
    found = {
        ours: next(plain[name] for name in names if name in plain)
        for ours, names in COLUMNS.items()
        if not plain.keys().isdisjoint(names)
    }
    missing = {"customer", "item", "timestamp"} - found.keys() - ({"customer"} if "session" in found else set())
    if missing:
        raise SourceError(
            f"{path} has no column for {', '.join(sorted(missing))}; it has {', '.join(plain.values())}."
            " Name it with --map, as in --map customer_id=NAME."
        )
    return found


def _unfit(path: Path, line: int, row: Mapping[str, str], customer: str, item: str) -> str | None:
    """Why a line does not count, or None."""
    if not customer:
        return "no customer"
    if not item:
        return "no item"
    if EVENT_WEIGHTS.get(_event(row.get("event", "")), 0.0) <= 0:  # type: ignore[call-overload]
        return "an event that says nothing about taste"
    if row.get("quantity"):
        try:
            return None if float(row["quantity"]) > 0 else "a quantity that is not above 0"
        except ValueError:
            refuse(Problem(str(path), line, "quantity", f"{row['quantity']!r} is not a number"))
    return None


@lru_cache(maxsize=1024)
def _event(name: str) -> str:
    if not name:
        return EventName.ORDER_COMPLETED
    return EVENTS.get(name.lower().replace("_", "").replace(" ", ""), canonical(name))


def _time(path: Path, line: int, text: str) -> float:
    try:
        return seconds(text)
    except ValueError:
        refuse(Problem(str(path), line, "timestamp", f"{text!r} is neither a number of seconds nor an ISO 8601 time"))
        raise


def seconds(text: str) -> float:
    """Seconds since 1970 from seconds, milliseconds, or ISO 8601; a time without an offset is taken as UTC."""
    try:
        number = float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if not np.isfinite(number):
        raise ValueError(text)
    return number / 1000 if abs(number) > MILLISECONDS_FROM else number

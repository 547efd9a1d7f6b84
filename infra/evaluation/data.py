"""Reads a log of any shop: who took what when, under whatever names its columns have."""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from price_parser import Price

from infra.imports import times
from infra.imports.files import Problem, SourceError, refuse
from infra.imports.layouts import Options, purchases
from shared.domain.vocabulary import ALIASES, EventName
from shared.inference.card import EVENT_WEIGHTS
from training.interactions import Floats

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "customer": (
        *("customer_id", "customer", "customer_unique_id", "user_id", "user", "visitor_id", "visitor", "household_id"),
        *("household_key", "client_id", "client", "shopper_id", "member_id", "reviewer_id", "buyer_id"),
    ),
    "item": (
        *("item_id", "item", "product_id", "product", "movie_id", "stock_code", "article_id", "article", "sku", "asin"),
        *("parent_asin", "isbn", "book_id", "track_id", "video_id", "recipe_id", "content_id", "business_id"),
    ),
    "timestamp": (
        *("timestamp", "time", "datetime", "event_time", "event_timestamp", "ts", "created_at", "invoice_date"),
        *("order_date", "order_purchase_timestamp", "purchase_date", "purchased_at", "unix_review_time", "review_time"),
        *("transaction_date", "t_dat", "event_date", "date"),
    ),
    "event": (
        *("event", "event_type", "event_name", "action", "action_type", "behavior", "behavior_type", "behaviour"),
        *("behaviour_type", "interaction_type"),
    ),
    "quantity": ("quantity", "qty", "units"),
    "price": ("price", "unit_price", "item_price", "price_per_unit"),
    "session": ("session", "session_id", "user_session"),
    "order": ("order_id", "order", "order_no", "invoice", "invoice_no", "basket_id", "transaction_id", "receipt_id"),
}
"""By our name, the names that a column may have: `user_id` is `UserID`, `user id` and `userId:token` as well."""

EVENTS = {
    "view": EventName.PRODUCT_VIEWED,
    "pv": EventName.PRODUCT_VIEWED,
    "click": EventName.PRODUCT_VIEWED,
    "cart": EventName.PRODUCT_ADDED,
    "buy": EventName.ORDER_COMPLETED,
    "order": EventName.ORDER_COMPLETED,
    "transaction": EventName.ORDER_COMPLETED,
}
"""What logs call the events that say something about taste, beside the names that the API takes."""

NOTHING = {"", "n/a", "nan", "none", "null", "<na>"}
"""What programs write where there is no value."""
NO_ORDER = {"0", "-1", "na"}
"""And where a line belongs to no order."""
TASTELESS = "an event that says nothing about taste"
MOST_NAMED = 20
NEGATIVE = ("-", "\N{MINUS SIGN}", "(")
"""How an amount below 0 begins; accounts have it in parentheses."""

type Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Log:
    """One line for each item of an event, as numbers of the texts; `order` 0 is none. `sessions` is [] without them.

    `columns` are the file's own names for those that were read, by ours. `prices` are the median of each item that a
    line has a price of, in the log's currency; {} without the column.
    """

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
    columns: dict[str, str]
    prices: dict[str, float]


class Texts:
    """Numbers texts in the order in which they come."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def __call__(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers))

    def all(self) -> list[str]:
        return list(self._numbers)


class Reader:
    """The lines of a file with our names for their columns, which are found by the first line's."""

    def __init__(self, path: Path, options: Options) -> None:
        self._path, self._options = path, options
        self.columns: dict[str, str] = {}

    def __iter__(self) -> Iterator[tuple[int, dict[str, str]]]:
        for line, values in purchases(self._path, self._options, refuse):
            self.columns = self.columns or _columns(values, self._path)
            yield line, {ours: _told(values.get(theirs)) for ours, theirs in self.columns.items()}


def read(path: Path, options: Options) -> Log:
    """The lines that say who took what when. Raises `SourceError` with the line where one cannot be understood.

    Left out, and counted: lines without a customer, item or time, with a quantity that is not above 0, and of events
    that say nothing about taste (refunds, searches, unknown names). Without an `event` every line is an order.
    """
    customers, items, names, orders, sessions = Texts(), Texts(), Texts(), Texts(), Texts()
    orders("")
    left_out: Counter[str] = Counter()
    kept: list[tuple[int, int, int, int, int]] = []
    moments: list[str] = []
    lines: list[int] = []
    prices = array("d")
    has_sessions, rows = False, 0
    reader = Reader(path, options)
    for line, row in reader:
        rows += 1
        session = row.get("session", "")
        customer, item = row.get("customer") or session, row["item"]
        reason = _unfit(path, line, row, customer)
        if reason:
            left_out[reason] += 1
            continue
        has_sessions |= bool(session)
        moments.append(row["timestamp"])
        lines.append(line)
        prices.append(_price(row.get("price", "")))
        order = row.get("order", "")
        kept.append(
            (
                customers(customer),
                items(item),
                names(_event(row.get("event", ""))),
                orders("" if order.lower() in NO_ORDER else order),
                sessions(f"{customer}\x1f{session}"),
            )
        )
    told = _fewer(left_out)
    if not kept:
        raise SourceError(f"{path} has no line that says who took what: {rows:,} lines, left out: {told}.")
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
        time=_times(path, lines, moments),
        rows=rows,
        left_out=told,
        columns={ours: options.columns.get(name, name) for ours, name in reader.columns.items()},
        prices=_medians(items.all(), columns[1], np.array(prices)),
    )


def _price(text: str) -> float:
    """The amount that a text tells; NaN for none and for what is not above 0."""
    try:
        return found if 0 < (found := _number(text)) < np.inf else np.nan
    except ValueError:
        return np.nan


def _medians(items: list[str], item: Codes, prices: Floats) -> dict[str, float]:
    """The median of each item's prices, of those that have any."""
    priced = np.flatnonzero(np.isfinite(prices))
    order = priced[np.lexsort((prices[priced], item[priced]))]
    starts = np.flatnonzero(np.append(True, np.diff(item[order]) != 0)[: len(order)])
    middle = (starts + np.append(starts[1:], len(order)) - 1) // 2
    return {items[code]: float(prices[at]) for code, at in zip(item[order[starts]], order[middle], strict=True)}


def _told(value: object) -> str:
    text = "" if value is None else str(value).strip()
    return "" if text.lower() in NOTHING else text


def _columns(header: Iterable[str], path: Path) -> dict[str, str]:
    plain: dict[str, str] = {}
    for name in header:
        plain.setdefault(plain_name(name), name)
    found: dict[str, str] = {}
    for ours, names in COLUMNS.items():
        known = [plain[name] for name in map(alike, names) if name in plain]
        found |= {ours: known[0]} if known else {}
    missing = {"customer", "item", "timestamp"} - found.keys() - ({"customer"} if "session" in found else set())
    if missing:
        raise SourceError(
            f"{path} has no column for {', '.join(sorted(missing))}; it has {', '.join(plain.values())}."
            " Name it with --map, as in --map customer_id=NAME."
        )
    return found


def plain_name(column: str) -> str:
    """As columns are compared: `Item ID:token`, `itemId` and `item_id` are one."""
    return alike(column.split(":", maxsplit=1)[0])


def alike(name: str) -> str:
    """Without case and whatever stands between the words."""
    return "".join(each for each in name.lower() if each.isalnum())


def _unfit(path: Path, line: int, row: Mapping[str, str], customer: str) -> str | None:
    """Why a line does not count, or None."""
    for name, text in (("customer", customer), ("item", row["item"]), ("time", row["timestamp"])):
        if not text:
            return f"no {name}"
    if EVENT_WEIGHTS.get(_event(row.get("event", "")), 0.0) <= 0:  # type: ignore[call-overload]
        return f"{TASTELESS}: {row['event']}"
    if row.get("quantity"):
        try:
            return None if _number(row["quantity"]) > 0 else "a quantity that is not above 0"
        except ValueError:
            refuse(Problem(str(path), line, "quantity", f"{row['quantity']!r} is not a number"))
    return None


@lru_cache(maxsize=65_536)
def _number(text: str) -> float:
    """A number in any country's writing, with or without a currency. Raises ValueError for what is none."""
    try:
        return float(text)
    except ValueError:
        found = Price.fromstring(text, decimal_separator="," if text.startswith("0,") else None).amount_float
        if found is None:
            raise
        return -found if text.startswith(NEGATIVE) else found


_NAMES: Mapping[str, EventName] = {each: each for each in EventName} | dict(ALIASES) | EVENTS
_EVENTS = {alike(name): event for name, event in _NAMES.items()}


@lru_cache(maxsize=1024)
def _event(name: str) -> str:
    """By its name in any case, with or without what stands between its words."""
    return _EVENTS.get(alike(name), name) if name else EventName.ORDER_COMPLETED


def _fewer(left_out: Counter[str]) -> dict[str, int]:
    """The reasons by name; of the events that are not known, all but the most frequent together."""
    named = [reason for reason, _ in left_out.most_common() if reason.startswith(TASTELESS)][MOST_NAMED:]
    told = {reason: count for reason, count in left_out.items() if reason not in set(named)}
    if named:
        told[f"{TASTELESS}, with {len(named):,} other names"] = sum(left_out[reason] for reason in named)
    return dict(sorted(told.items()))


def _times(path: Path, lines: list[int], moments: list[str]) -> Floats:
    try:
        return times.seconds(moments)
    except times.UnreadableTimeError as error:
        refuse(Problem(str(path), lines[error.place], "timestamp", str(error)))
        raise

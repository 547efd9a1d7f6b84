"""Gathers a shop's events as columns of numbers: each once, under its owner, in order. Each string is held once."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from shared.domain.events import ANONYMOUS, KNOWN, Event
from shared.domain.retention import lifetime
from shared.domain.vocabulary import UNDOING, EventName
from shared.stores.columns import NONE, TYPES, Columns, digest, of_events

type Numbers = npt.NDArray[np.int32]
type Places = npt.NDArray[np.int64]
type Times = npt.NDArray[np.float64]
type Digests = npt.NDArray[np.uint64]
type Mask = npt.NDArray[np.bool_]
type Erased = Callable[[str], datetime | None]
"""When a customer, written as `user:ID`, was erased."""

SPREAD, STIR = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)
"""Odd numbers without a pattern (those of SplitMix64), so that what differs in a bit differs in many."""
PER_EVENT = ("customer", "time", "name", "size", "message", "order")
PER_ITEM = ("item",)
SALES_PER_EVENT = ("paid", "currency")
SALES_PER_ITEM = ("quantity", "price")
SELLING = frozenset({EventName.ORDER_COMPLETED, *UNDOING})
KNOWN_PREFIX, ANONYMOUS_PREFIX = f"{KNOWN}:", f"{ANONYMOUS}:"


@dataclass(frozen=True)
class Sold:
    """What was bought for how much. Beside each item of `Rows`: `quantity`, `price`; per event: `paid`, `currency`.

    NaN where it was not told; `currencies` has an empty text for what names none.
    """

    quantity: npt.NDArray[np.float32]
    price: Times
    paid: Times
    currency: Numbers
    currencies: Sequence[str]


@dataclass(frozen=True)
class Rows:
    """Events in order of owner, time and message's digest, each once, over sorted vocabularies.

    Per event [E]: `customer`, `time`, `name`, `order` (a digest); its items are `item[starts[e] : starts[e + 1]]`.
    `sold` is there where it was asked for, and then orders and what undoes them are all the events.
    """

    customers: Sequence[str]
    names: Sequence[str]
    items: Sequence[str]
    customer: Numbers
    time: Times
    name: Numbers
    order: Digests
    starts: Places
    item: Numbers
    sold: Sold | None = None

    def with_items(self, changed: Mapping[int, Sequence[int]]) -> "Rows":
        """The same with other items for some of the events; `changed` is in order of events."""
        if not changed:
            return self
        size, other = np.diff(self.starts), np.zeros(len(self.time), dtype=np.bool_)
        rows = np.fromiter(changed, dtype=np.int64)
        other[rows] = True
        before = np.repeat(other, size)
        size[rows] = [len(items) for items in changed.values()]
        after = np.repeat(other, size)
        item = np.empty(len(after), dtype=np.int32)
        item[~after] = self.item[~before]
        item[after] = [each for items in changed.values() for each in items]
        return replace(self, starts=np.append(0, np.cumsum(size)), item=item, sold=None)


class Gathering:
    """Takes in the columns of one object after the other, without what has expired at `now` or was `erased`.

    A customer lies in one shard, so that what is needed to know the customers again is given up at each shard's end.
    With `sales` it takes orders and what undoes them, with what was paid, and nothing else.
    """

    def __init__(self, now: datetime | None = None, erased: Erased = lambda _: None, *, sales: bool = False) -> None:
        self._now, self._erased, self._sales = now, erased, sales
        self._customers: list[str] = []
        self._shard: dict[str, int] = {}
        self._gone: dict[int, float] = {}
        self._names: dict[str, int] = {}
        self._items: dict[str, int] = {}
        self._currencies: dict[str, int] = {}
        self._per_event = PER_EVENT + (SALES_PER_EVENT if sales else ())
        self._per_item = PER_ITEM + (SALES_PER_ITEM if sales else ())
        self._parts: dict[str, list[npt.NDArray[Any]]] = {name: [] for name in self._per_event + self._per_item}
        self._claims: list[_Claims] = []

    def end_shard(self) -> None:
        """None of the customers met so far comes again."""
        self._shard.clear()
        self._gone.clear()

    def add(self, columns: Columns) -> None:
        """Take in an object."""
        given = {name: np.asarray(getattr(columns, name)) for name in TYPES}
        codes, size = self._codes(columns.customers), given["size"]
        counts = self._unexpired(columns, given) & (given["time"] > self._erasures(codes)[given["customer"]])
        given |= {
            "customer": codes[given["customer"]],
            "name": _coded(self._names, columns.names)[given["name"]],
            "item": _coded(self._items, columns.items)[given["item"]],
            "currency": _coded(self._currencies, columns.currencies)[given["currency"]],
        }
        known = np.array([each.startswith(KNOWN_PREFIX) for each in columns.customers], dtype=np.bool_)
        linking = counts & (given["anonymous"] != NONE) & known[np.asarray(columns.customer)]
        self._claims.append(
            _first_claims(given["anonymous"][linking], given["time"][linking], given["customer"][linking])
        )
        kept = counts & ((size > 0) | self._named(UNDOING)[given["name"]])
        kept &= self._named(SELLING)[given["name"]] if self._sales else kept
        lines = np.repeat(kept, size)
        for name in self._per_event:
            self._parts[name].append(given[name][kept])
        for name in self._per_item:
            self._parts[name].append(given[name][lines])

    def rows(self) -> Rows:
        """All that was taken in. For once: the parts are given up on the way."""
        rank, customers = _ranked(self._customers)
        name_rank, names = _ranked(list(self._names))
        item_rank, items = _ranked(list(self._items))
        customer = rank[self._owners(rank)[self._taken("customer")]]
        time, size, message, order = (self._taken(name) for name in ("time", "size", "message", "order"))
        name, item = name_rank[self._taken("name")], item_rank[self._taken("item")]
        starts = np.cumsum(size, dtype=np.int64) - size
        kept = np.lexsort((message, time, customer))
        again = _repeated(customer, message)
        if len(again):
            content = _content(item, starts[again], size[again], order[again])
            most = (-self._told(again, size), -size[again])
            ranked = (content, *most, name[again], time[again], message[again], customer[again])
            kept = kept[~np.isin(kept, _all_but_first(again[np.lexsort(ranked)], customer, message))]
        ends = np.cumsum(size[kept], dtype=np.int64)
        places = spans(starts[kept], size[kept])
        return Rows(
            customers=customers,
            names=names,
            items=items,
            customer=customer[kept],
            time=time[kept],
            name=name[kept],
            order=order[kept],
            starts=np.append(0, ends),
            item=item[places],
            sold=self._sold(kept, places),
        )

    def _told(self, rows: Places, size: Numbers) -> Numbers:
        """How much these events say of what was bought: of a short and a whole record of an event only one does."""
        if not self._sales:
            return np.zeros(len(rows), dtype=np.int32)
        known = np.concatenate([~np.isnan(part) for part in self._parts["quantity"]])
        before = np.append(0, np.cumsum(known, dtype=np.int32))
        ends = np.cumsum(size, dtype=np.int64)[rows]
        paid = np.concatenate([~np.isnan(part) for part in self._parts["paid"]])
        return np.asarray(before[ends] - before[ends - size[rows]] + paid[rows], dtype=np.int32)

    def _sold(self, kept: Places, places: Places) -> Sold | None:
        if not self._sales:
            return None
        return Sold(
            quantity=self._taken("quantity")[places],
            price=self._taken("price")[places],
            paid=self._taken("paid")[kept],
            currency=self._taken("currency")[kept],
            currencies=list(self._currencies),
        )

    def _named(self, names: Container[str]) -> Mask:
        """Of the names met so far, which are among these."""
        return np.array([name in names for name in self._names], dtype=np.bool_)

    def _codes(self, customers: Sequence[str]) -> Numbers:
        """The customers' numbers; whoever is new gets the next."""
        found = np.empty(len(customers), dtype=np.int32)
        for place, customer in enumerate(customers):
            code = self._shard.setdefault(customer, len(self._customers))
            if code == len(self._customers):
                self._customers.append(customer)
                at = self._erased(customer)
                if at is not None:
                    self._gone[code] = at.timestamp()
            found[place] = code
        return found

    def _erasures(self, codes: Numbers) -> Times:
        """Up to when each of these customers is erased."""
        if not self._gone:
            return np.full(len(codes), -np.inf)
        return np.array([self._gone.get(code, -np.inf) for code in codes.tolist()])

    def _unexpired(self, columns: Columns, given: dict[str, npt.NDArray[Any]]) -> Mask:
        if self._now is None:
            return np.ones(len(given["time"]), dtype=np.bool_)
        now = self._now
        since = [[(now - lifetime(name, items)).timestamp() for items in ("", "x")] for name in columns.names]
        limits = np.array(since).reshape(-1, 2)
        return np.asarray(given["time"] > limits[given["name"], (given["size"] > 0).astype(np.int32)])

    def _owners(self, rank: Numbers) -> Numbers:
        """For each customer's number the one who owns the events: of an anonymous one, who first claimed the id."""
        owner = np.arange(len(self._customers), dtype=np.int32)
        claims = [np.concatenate(parts) for parts in zip(*self._claims, strict=True)]
        self._claims.clear()
        if not claims or not len(claims[0]):
            return owner
        anonymous, time, customer = claims
        first = _firsts(np.lexsort((rank[customer], time, anonymous)), anonymous)
        claimed, by = anonymous[first], customer[first]
        codes = np.array([n for n, each in enumerate(self._customers) if each.startswith(ANONYMOUS_PREFIX)], dtype=int)
        ids = np.array(
            [digest(self._customers[code].removeprefix(ANONYMOUS_PREFIX)) for code in codes], dtype=np.uint64
        )
        place = np.minimum(np.searchsorted(claimed, ids), len(claimed) - 1)
        is_owned = claimed[place] == ids
        owner[codes[is_owned]] = by[place[is_owned]]
        return owner

    def _taken(self, name: str) -> npt.NDArray[Any]:
        parts = self._parts.pop(name)
        return np.concatenate(parts) if parts else np.zeros(0, dtype=TYPES[name])


def gathered(events: Iterable[Event], *, sales: bool = False) -> Rows:
    """The rows of events that are in memory."""
    gathering = Gathering(sales=sales)
    gathering.add(of_events(events))
    return gathering.rows()


type _Claims = tuple[Digests, Times, Numbers]
"""Anonymous ids, when they were used, and by which known customer."""


def _first_claims(anonymous: Digests, time: Times, customer: Numbers) -> _Claims:
    """The first claim of each customer on each id."""
    order = np.lexsort((time, customer, anonymous))
    first = order[_is_new(anonymous[order], customer[order])]
    return anonymous[first], time[first], customer[first]


def _firsts(order: Places, key: npt.NDArray[Any]) -> Places:
    return order[_is_new(key[order])]


def _is_new(*columns: npt.NDArray[Any]) -> Mask:
    """Which rows of sorted columns differ from the row before."""
    new = np.zeros(len(columns[0]), dtype=np.bool_)
    new[:1] = True
    for column in columns:
        new[1:] |= column[1:] != column[:-1]
    return new


def _coded(vocabulary: dict[str, int], words: Sequence[str]) -> Numbers:
    return np.array([vocabulary.setdefault(word, len(vocabulary)) for word in words], dtype=np.int32)


def _ranked(words: list[str]) -> tuple[Numbers, list[str]]:
    """Each word's place among the words, and the words, sorted."""
    order = sorted(range(len(words)), key=words.__getitem__)
    rank = np.empty(len(words), dtype=np.int32)
    rank[order] = np.arange(len(words), dtype=np.int32)
    return rank, [words[place] for place in order]


def _repeated(customer: Numbers, message: Digests) -> Places:
    """The rows whose customer and message others may have too; all of these, and by chance another."""
    key = message ^ (customer.astype(np.uint64) * SPREAD)
    order = np.argsort(key, kind="stable")
    new = _is_new(key[order])
    alone = new & np.append(new[1:], True)
    return np.asarray(order[~alone])


def _all_but_first(rows: Places, customer: Numbers, message: Digests) -> Places:
    """Of sorted rows, those that have the customer and message of the row before."""
    return rows[~_is_new(customer[rows], message[rows])]


def _content(item: Numbers, starts: Places, size: Numbers, order: Digests) -> Digests:
    """A digest of each row's items and order, to decide between two that are equal in all else."""
    rows = np.repeat(np.arange(len(starts)), size)
    place = np.arange(len(rows)) - np.repeat(np.cumsum(size, dtype=np.int64) - size, size)
    mixed = (item[spans(starts, size)].astype(np.uint64) + 1) * SPREAD + place.astype(np.uint64) * STIR
    mixed = (mixed ^ (mixed >> np.uint64(29))) * STIR
    found = order.copy()
    np.add.at(found, rows, mixed ^ (mixed >> np.uint64(32)))
    return found


def spans(starts: Places, size: Numbers) -> Places:
    """The places `starts[r]` to `starts[r] + size[r]` of every row, one row after the other."""
    starts, size = starts[size > 0], size[size > 0]
    ends = np.cumsum(size, dtype=np.int64)
    # Steps of one, and at each row's beginning a jump, summed up in place: there may be many.
    places = np.ones(int(ends[-1]) if len(ends) else 0, dtype=np.int64)
    if len(places):
        places[0] = starts[0]
        places[ends[:-1]] = starts[1:] - starts[:-1] - size[:-1] + 1
    return np.cumsum(places, out=places)

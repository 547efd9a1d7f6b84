"""Where a history comes from: the demo's data set, or a shop's own files."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from infra.cli.deployment import Deployment
from infra.cli.history import Imported, now, put_events, put_items, remember, shift_to_now
from infra.imports import layouts
from infra.imports.files import Bad, Problem, SourceError, refuse
from infra.imports.layouts import Options
from shared.domain.events import KNOWN, Event
from shared.domain.items import Item
from shared.domain.sales import NO_SALE, amount_of, sale_of
from shared.domain.vocabulary import EventName, canonical, mentions

OLD = timedelta(days=365)
AMOUNTS: Mapping[str, Callable[[Decimal | None], bool]] = {
    "quantity": lambda amount: amount is not None and amount > 0,
    "price": lambda amount: amount is not None,
    "total": lambda amount: amount is not None,
}
REASONS = {
    "quantity": "how many were bought is a number above 0; what came back is an `Order Refunded` of its own",
    "price": "an amount is a number that is not negative",
    "total": "an amount is a number that is not negative",
}


class Source(Protocol):
    """A catalogue and a history of events."""

    @property
    def name(self) -> str: ...

    def items(self) -> Iterable[Item]: ...

    def events(self) -> Iterable[Event]: ...


class CompleteJourney:
    """A grocer's year: 2,469 households, 1.47 million purchases."""

    name = "completejourney"

    def items(self) -> Iterable[Item]:
        from infra.datasets import completejourney  # noqa: PLC0415 - pandas is slow to load, and not for every command

        return completejourney.items()

    def events(self) -> Iterable[Event]:
        from infra.datasets import completejourney  # noqa: PLC0415

        return completejourney.events()


class Loaded:
    """A source read into memory once, for those who look at it before it is imported."""

    def __init__(self, name: str, catalogue: dict[str, Item], history: list[Event]) -> None:
        self.name = name
        self.catalogue = catalogue
        self.history = history

    @classmethod
    def read(cls, source: Source) -> Self:
        return cls(source.name, {item.item_id: item for item in source.items()}, list(source.events()))

    def items(self) -> Iterable[Item]:
        return self.catalogue.values()

    def events(self) -> Iterable[Event]:
        return self.history


class Files(NamedTuple):
    """A shop's own files, of any kind that `infra.imports` knows.

    Purchases have `customer_id,item_id,timestamp` and optionally `order_id`, `event` (default `Order Completed`),
    `quantity`, `price` (of one), `currency`, `coupon`, and the order's `total`: the lines of one customer's order are
    one event. Items have `item_id,title` and any other field of an item (`price`
    with `currency`). `bad` is told of each bad line.
    """

    purchases: Path
    catalogue: Path | None
    options: Options = Options()
    bad: Bad = refuse

    @property
    def name(self) -> str:
        return self.purchases.stem

    def items(self) -> Iterator[Item]:
        if self.catalogue:
            yield from layouts.items(self.catalogue, Options(currency=self.options.currency), self.bad)

    def events(self) -> Iterator[Event]:
        """One event for each order, and one for each line without an `order_id`.

        An event's message id follows from the order, or from the line's content and how often it stood there before.
        """
        orders: dict[str, tuple[int, list[dict[str, Any]]]] = {}
        seen: Counter[str] = Counter()
        for line, row in layouts.purchases(self.purchases, self.options, self.bad):
            content = "\x1f".join(f"{name}={value}" for name, value in sorted(row.items()))
            seen[content] += 1
            order = "\x1f".join(str(row.get(name, "")) for name in ("customer_id", "event", "order_id"))
            key = order if row.get("order_id") else f"{content}\x1f{seen[content]}"
            if self._is_sale(line, row):
                orders.setdefault(key, (line, []))[1].append(row)
        for key, (line, rows) in orders.items():
            fields = _event_fields(key, rows, self.options.currency)
            event = layouts.checked(Event, fields, (str(self.purchases), line), self.bad)
            if event:
                yield event

    def _is_sale(self, line: int, row: Mapping[str, Any]) -> bool:
        """Whether the amounts of a line can be true, as far as it has any; what is wrong with one is told."""
        for name, holds in AMOUNTS.items():
            value = row.get(name)
            if value not in (None, "") and not holds(amount_of(value)):
                self.bad(Problem(str(self.purchases), line, name, f"{value!r} cannot be: {REASONS[name]}"))
                return False
        return True


def _event_fields(key: str, rows: Sequence[Mapping[str, Any]], currency: str) -> dict[str, object]:
    first = rows[0]
    name = canonical(first.get("event") or EventName.ORDER_COMPLETED)
    told = {name: first.get(name) for name in ("order_id", "total", "currency", "coupon")}
    sale = sale_of(name, told | {"currency": told["currency"] or currency, "items": rows}) if _tells(rows) else NO_SALE
    return sale._asdict() | {
        "customer": {"kind": KNOWN, "id": first.get("customer_id")},
        "message_id": f"import-{hashlib.sha256(key.encode()).hexdigest()[:32]}",
        "time": first.get("timestamp"),
        "name": name,
        "items": tuple(dict.fromkeys(row.get("item_id") for row in rows)),
        "order_id": mentions(name, first).order_id,
    }


def _tells(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the lines say anything of amounts: where they do not, one of each would be a guess."""
    return any(row.get(name) not in (None, "") for row in rows for name in (*AMOUNTS, "coupon"))


def find(source: str, items: Path | None, options: Options = Options(), bad: Bad = refuse) -> Source:  # noqa: B008
    """The source of this name or path. Raises `SourceError`."""
    if source == CompleteJourney.name:
        return CompleteJourney()
    if not Path(source).exists():
        raise SourceError(f"There is no source or file {source}; a source is `{CompleteJourney.name}` or a file.")
    return Files(Path(source), items, options, bad)


def run(deployment: Deployment, source: Source, to_now: bool | None, console: Console) -> Imported:
    """Import a source: its catalogue, then its events.

    `to_now` moves all times so that the history ends this week; None does so where it ended over a year ago, since
    most of it would be too old to count.
    """
    loaded = source if isinstance(source, Loaded) else Loaded.read(source)
    last = max((event.time for event in loaded.history), default=now())
    if to_now is None and (to_now := now() - last > OLD):
        console.print(
            f"The history ends on {last:%d %B %Y}: its times are moved to end this week (not with --keep-times)."
        )
    events = _shifted(deployment, loaded, last) if to_now else loaded.history
    with progress_on(console) as progress, deployment.api() as api:
        items = progress.add_task("catalogue", total=len(loaded.catalogue))
        put_items(api, list(loaded.items()), lambda done, of: progress.update(items, completed=done, total=of))
        served = progress.add_task("events", total=None)
        outcome = put_events(
            deployment, source.name, events, lambda done, of: progress.update(served, completed=done, total=of)
        )
    remember(deployment.table, source.name, outcome)
    if outcome.left_out:
        console.print(f"{outcome.left_out:,} events were left out: too old to count, or of customers who were erased.")
    return outcome


def _shifted(deployment: Deployment, source: Loaded, last: datetime) -> list[Event]:
    shift = shift_to_now(deployment.table, source.name, last, now())
    return [event.model_copy(update={"time": event.time + shift}) for event in source.history]


def progress_on(console: Console) -> Progress:
    columns = (TextColumn("{task.description:<22}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console)

"""Where each part saturates: the units a second of the hottest partition, by the stores' own keys, and three shops.

DynamoDB takes 1,000 write and 3,000 read units a second of one partition, however large the table
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html). The counters' writes
are those of the real store for one second of events; the rest follows from the keys and the sizes of what lies there.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from rich import box
from rich.console import Console
from rich.table import Table as Printed

from functions.ingest.limiter import Limiter
from functions.recommend.champion import POLL_SECONDS
from functions.recommend.live import REFRESH_SECONDS
from functions.recommend.rulebook import FRESH_SECONDS
from functions.recommend.shelf import FRESH_SECONDS as SHELF_SECONDS
from infra.cost.forecast import forecast
from infra.cost.nights import compaction_seconds, training_seconds
from infra.cost.report import bill
from infra.cost.units import MONTH_SECONDS, VCPU_MEGABYTES, Shop, figures
from infra.template import Template
from shared.domain.counting import Count, Series
from shared.domain.errors import TooManyError
from shared.domain.events import KNOWN, CustomerRef, Event
from shared.domain.rules import MOST_RULES
from shared.stores.counters import Change, CounterStore
from shared.stores.events import records
from shared.stores.table import pack
from tests.bench.meter import READ_BYTES, WRITE_BYTES, size

WRITES, READS = 1_000, 3_000
"""Of one partition, a second."""
SHARD_WRITES = 1_000
"""A stream has a shard for each partition, and so for so many writes a second."""
PEAK = 10.0
"""The busiest second of a month, of its mean: a shop sells in the evening, and on some evenings more."""
DAY = date(2026, 5, 1)
NOW = datetime(2026, 5, 1, tzinfo=UTC)
CUSTOMERS = (10, 10_000, 10_000_000)
RULE_BYTES = 500
LONG_SECONDS = 600
"""Long enough that what a bot may send at once is over."""

console = Console(width=150)


class Hottest(NamedTuple):
    """The partition that takes most, with its units of a second."""

    partition: str
    units: float


class Heat:
    """A table that keeps the counters, and counts the write units of each partition."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], dict[str, Any]] = {}
        self.writes: Counter[str] = Counter()

    def update_if(self, key: Any, expression: str, _condition: str, names: Any, values: Any) -> bool:
        before = self.records.get(key, {"pk": key[0], "sk": key[1]})
        adds = [pair.split() for pair in expression.removeprefix("ADD ").split(" SET ")[0].split(", ")]
        self.records[key] = before | {names[name]: before.get(names[name], 0) + values[value] for name, value in adds}
        self.put(self.records[key])
        return True

    def put(self, record: dict[str, Any]) -> None:
        self.writes[record["pk"]] += math.ceil(size(pack(record)) / WRITE_BYTES)

    def hottest(self) -> Hottest:
        return Hottest(*self.writes.most_common(1)[0])


def main() -> None:
    """Print the tables."""
    _print_writes()
    _print_reads()
    _print_shops()


def counted(events: int, item_of: Callable[[int], str], *, one_by_one: bool = False) -> Hottest:
    """A second of views: taken by the stream's shards, counted by the real store, a delivery of each shard at once.

    `one_by_one` is what it would be if each event were counted as it comes.
    """
    heat, shards = Heat(), max(4, math.ceil(events / SHARD_WRITES))
    for shard in range(shards):
        changes = [Change(str(n + 1), Count(Series.TRENDING, DAY, item_of(n), 1)) for n in range(shard, events, shards)]
        for some in ([each] for each in changes) if one_by_one else ([changes] if changes else []):
            CounterStore(heat).include(f"shard-{shard}", some)  # type: ignore[arg-type]
    return heat.hottest()


def written(events: int, customer_of: Callable[[int], CustomerRef]) -> Hottest:
    """A second of views, as the events' own records."""
    heat = Heat()
    for n in range(events):
        event = Event(customer=customer_of(n), message_id=f"m{n}", time=NOW, name="Product Viewed", items=("lamp",))
        for record in records(event, {}):
            heat.put(record)
    return heat.hottest()


def shopper(n: int) -> CustomerRef:
    return CustomerRef(kind=KNOWN, id=f"customer-{n}")


def bot(_: int) -> CustomerRef:
    return CustomerRef(kind=KNOWN, id="bot")


def held(events: int, functions: int = 5) -> Hottest:
    """What is written a second of a bot's events, once its first thousands are in: its calls meet so many functions."""
    clock = [0.0]
    limiters = [Limiter(lambda: clock[0]) for _ in range(functions)]
    passed = 0
    for second in range(LONG_SECONDS):
        clock[0] = float(second)
        now = sum(_passed(limiter, events // functions) for limiter in limiters)
        passed += now if second >= LONG_SECONDS / 2 else 0
    return Hottest("CUSTOMER#", passed / (LONG_SECONDS / 2))


def _passed(limiter: Limiter, events: int) -> int:
    """A call of ten after another."""
    passed = 0
    for _ in range(events // 10):
        try:
            limiter.take([bot(0)] * 10)
        except TooManyError:
            break
        passed += 10
    return passed


def saturates(hottest: Callable[[int], Hottest], rates: Iterable[int] = (1_000, 5_000, 10_000, 20_000)) -> str:
    """The first of these rates at which the hottest partition is over its limit."""
    return next((f"{rate:,}" for rate in rates if hottest(rate).units > WRITES), "not here")


def _print_writes() -> None:
    table = Printed("events a second", "100", "1,000", "10,000", "over 1,000 from", box=box.MARKDOWN)
    many: dict[str, Callable[[int], Hottest]] = {
        "one viral item, counted": lambda rate: counted(rate, lambda _: "lamp"),
        "5,000 items, counted": lambda rate: counted(rate, lambda n: f"item-{n * 7919 % 5000}"),
        "one viral item, if each event were counted alone": lambda r: counted(r, lambda _: "lamp", one_by_one=True),
        "as many customers": lambda rate: written(rate, shopper),
        "one customer: a bot without the limit": lambda rate: written(rate, bot),
        "one customer: a bot, through five functions": held,
    }
    for name, hottest in many.items():
        table.add_row(name, *(_told(hottest(rate)) for rate in (100, 1_000, 10_000)), saturates(hottest))
    console.print("[bold]Write units a second of the hottest partition[/bold]")
    console.print(table)


def _told(hottest: Hottest) -> str:
    return f"{hottest.units:,.0f} {hottest.partition.partition('#')[0].lower()}"


class Read(NamedTuple):
    """What every warm function reads from one partition: units each time, and how often."""

    name: str
    units: float
    seconds: float

    def environments(self) -> float:
        """How many warm functions it takes to reach the limit."""
        return READS * self.seconds / self.units


def reads() -> Iterator[Read]:
    """Everything that `recommend` reads from a partition that is the same for all."""
    busy = figures()["live_counters_read"]["units_by_events_a_day"][-1][1]
    yield Read("the champion's pointer", 0.5, POLL_SECONDS)
    yield Read("the owner's rules, as many as there may be", MOST_RULES * RULE_BYTES / READ_BYTES / 2, FRESH_SECONDS)
    yield Read("the budget", 0.5, FRESH_SECONDS)
    yield Read("one viral item", 0.5, SHELF_SECONDS)
    yield Read("today's counters, 114,000 events a day", busy, REFRESH_SECONDS)


def _print_reads() -> None:
    table = Printed("read by each warm function", "units", "every s", "functions until 3,000 units", box=box.MARKDOWN)
    for read in reads():
        table.add_row(read.name, f"{read.units:.1f}", f"{read.seconds:.0f}", f"{read.environments():,.0f}")
    console.print("\n[bold]Reads of one partition[/bold]")
    console.print(table)


class Load(NamedTuple):
    """A shop's busiest second, and its nights."""

    customers: float
    lists: float
    events: float
    functions: float
    shards: int
    counted_by_a_shard: float
    training_seconds: float
    compaction_seconds: float
    table_gigabytes: float
    usd: float


def load(customers: float) -> Load:
    """Of a shop that knows so many customers."""
    shop = Shop.like(customers)
    lists, events = (PEAK * each / MONTH_SECONDS for each in (shop.recommendations, shop.events))
    stored = next(used.units for used in forecast(shop) if used.line == "dynamodb_pitr_gb_month")
    return Load(
        customers=customers,
        lists=lists,
        events=events,
        functions=lists * seconds_of("recommend", figures()["recommend"]["rows"][0]["cpu_ms"]),
        shards=max(4, math.ceil(2 * events / SHARD_WRITES)),
        counted_by_a_shard=counted_a_second(),
        training_seconds=training_seconds(shop),
        compaction_seconds=compaction_seconds(shop),
        table_gigabytes=stored,
        usd=bill(shop).usd,
    )


def seconds_of(function: str, cpu_ms: float) -> float:
    """How long a call lasts with the memory that the function has, and the stores that it waits for."""
    assumed = figures()["assumed"]
    waits = assumed["calls_of_stores_one_after_the_other"]["value"][function] * assumed["store_call_ms"]["value"]
    megabytes = Template.load().functions()[function]["MemorySize"]
    return float(cpu_ms / min(1.0, megabytes / VCPU_MEGABYTES) + waits) / 1000


def counted_a_second() -> float:
    """Events that one shard's reader keeps up with: `project` takes a shard's deliveries one after the other."""
    return 100 / seconds_of("project", figures()["of_batches"]["100"]["project"]["cpu_ms"])


ROWS: dict[str, Callable[[Load], str]] = {
    "lists in the busiest second": lambda each: f"{each.lists:,.2f}",
    "events in the busiest second": lambda each: f"{each.events:,.2f}",
    "functions that recommend at once": lambda each: f"{each.functions:,.2f}",
    "shards of the stream": lambda each: f"{each.shards}",
    "events a second that their readers count": lambda each: f"{each.shards * each.counted_by_a_shard:,.0f}",
    "training, s a night": lambda each: f"{each.training_seconds:,.0f}",
    "compaction, s a night": lambda each: f"{each.compaction_seconds:,.0f}",
    "table after a year, GB": lambda each: f"{each.table_gigabytes:,.2f}",
}


def _print_shops() -> None:
    loads = [load(customers) for customers in CUSTOMERS]
    table = Printed("customers", *(f"{each.customers:,.0f}" for each in loads), box=box.MARKDOWN)
    for name, told in ROWS.items():
        table.add_row(name, *map(told, loads))
    table.add_row("$ a month", *(f"{each.usd:,.2f}" for each in loads))
    console.print("\n[bold]Three shops[/bold]")
    console.print(table)


if __name__ == "__main__":
    main()

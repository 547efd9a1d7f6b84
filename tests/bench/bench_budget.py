"""How far a budget may be overshot: the meter's own rule, run against a burst that begins at the worst moment.

The burst is what the gateway's throttle lets through, each second, until the stop holds. How late CloudWatch's figures
are and how long a new throttle takes are assumptions, since only AWS can show them; everything else is the code's.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from rich import box
from rich.console import Console
from rich.table import Table as Printed

from functions.meter.meter import meter
from functions.meter.prices import Charge, price_list
from infra.cost.report import bill
from infra.cost.units import Shop
from infra.template import Template
from shared.domain.budget import SHARES, Kept, Level, Throttle
from shared.stores.budgets import BudgetStore

SEEN_AFTER = 180
"""Seconds until a figure is in CloudWatch: one-minute figures come one to three minutes late, as commonly seen."""
HOLDS_AFTER = 60
"""Seconds from the meter's start until the new throttle holds: its own run, and the gateway's."""
EVERY = 300
NEW_TABLE = (4_000, 12_000)
QUOTA = (40_000, 40_000)
"""Write and read units a second: what a new on-demand table takes, and the most of any table unless AWS raises it."""
CONCURRENCY = 1_000
LARGEST_REPLY = 600_000
"""Ten lists of a hundred items of 600 bytes."""
NOW = datetime(2026, 11, 20, tzinfo=UTC)
BUDGET = 10.0

console = Console(width=140)


class Burst(NamedTuple):
    """What comes in a second, and what that costs."""

    name: str
    usd_a_second: float


class Result(NamedTuple):
    """The worst of all moments to begin: seconds until the stop holds, and dollars above the line by then."""

    seconds: float
    usd: float


class _Records:
    """The table, as far as the budget needs one."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Any] = {}

    def get(self, pk: str, sk: str, *, consistent: bool = True) -> Any:
        assert consistent
        return self._kept.get((pk, sk))

    def put(self, record: dict[str, Any]) -> None:
        self._kept[record["pk"], record["sk"]] = record


class _Gateway:
    """A brake that notes when it was pulled."""

    def __init__(self) -> None:
        self.is_shut = False

    def running(self) -> Kept:
        return Kept() if self.is_shut else Kept(throttles={"": Throttle(100.0, 200)})

    def stop(self, _: Kept) -> None:
        self.is_shut = True

    def release(self, _: Kept) -> None:
        self.is_shut = False


def main() -> None:
    """Print the table."""
    table = Printed("at the throttle", "$ a second", "seconds until it holds", "$ above 120%", box=box.MARKDOWN)
    for burst in bursts():
        result = worst(burst)
        table.add_row(burst.name, f"{burst.usd_a_second:.4f}", f"{result.seconds:.0f}", f"{result.usd:.2f}")
    console.print(table)


def worst(burst: Burst, seen_after: int = SEEN_AFTER, every: int = EVERY) -> Result:
    """Of all moments between two runs at which the burst may begin, each second tried."""
    results = [_simulated(burst, phase, seen_after, every) for phase in range(0, every, 5)]
    return max(results, key=lambda result: result.usd)


def _simulated(burst: Burst, phase: int, seen_after: int, every: int) -> Result:
    """The burst begins at second 0, at just under the line; the meter runs at `phase`, and every so many seconds."""
    line = SHARES[Level.STOPPED] * BUDGET
    store, gateway = BudgetStore(_Records()), _Gateway()  # type: ignore[arg-type]

    def spent(second: float) -> float:
        return line - 1e-9 + burst.usd_a_second * max(0.0, second)

    def run(second: float) -> None:
        charges = [Charge("all", "all", 1.0, spent(second - seen_after))]
        meter(store, lambda: charges, gateway, lambda _: None, BUDGET, NOW + timedelta(seconds=second))

    second = float(phase)
    run(second)
    while not gateway.is_shut:
        second += every
        run(second)
    return Result(second + HOLDS_AFTER, spent(second + HOLDS_AFTER) - line)


def bursts() -> Iterator[Burst]:
    """From what shops do to what nothing can exceed, whatever is sent."""
    rate: float = Template.load().properties("Api")["DefaultRouteSettings"]["ThrottlingRateLimit"]
    yield Burst("lists, as shops ask for them", rate * _each(lambda n: Shop(0, n, 0, 5_000, 0)))
    yield Burst("events, one a call", rate * _each(lambda n: Shop(0, 0, n, 5_000, 0, months=0)))
    yield Burst("events, 20 a call", rate * 20 * _each(lambda n: Shop(0, 0, n, 5_000, 0, 20, months=0)))
    yield Burst("whatever is sent, a table that is new", _most(rate, NEW_TABLE))
    yield Burst("whatever is sent, at the table's quota", _most(rate, QUOTA))


def _each(shop: Callable[[float], Shop]) -> float:
    """Dollars of one more, where there are many."""
    return (bill(shop(3e7)).usd - bill(shop(2e7)).usd) / 1e7


def _most(rate: float, units: tuple[int, int]) -> float:
    """The limits of the table, of Lambda's concurrency and of the gateway, all reached at once."""
    prices, functions = price_list(), Template.load().functions()
    gigabytes: float = max(functions[name]["MemorySize"] for name in ("ingest", "recommend")) / 1024
    return (
        units[0] * prices.unit("dynamodb_write_unit")
        + units[1] * prices.unit("dynamodb_read_unit")
        + CONCURRENCY * gigabytes * prices.unit("lambda_gb_second_x86_64")
        + rate * (prices.unit("http_api_request") + prices.unit("lambda_request"))
        + rate * LARGEST_REPLY / 1e9 * prices.unit("transfer_out_gb")
    )


if __name__ == "__main__":
    main()

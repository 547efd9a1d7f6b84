"""Load on the local stack: a steady one and a burst, on the deployed artefacts, by clients that repeat what is refused.

What counts is that nothing is lost and nothing doubled; how long it took is told as a multiple of the emulator's own
time for a call that reads nothing, in the same run: `python -m tests.bench.bench_load --steady 60 --burst 30`.
"""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table as Printed

from infra.cli import local
from infra.cli.deployment import Deployment
from infra.local.proxy import LocalProxy
from infra.local.stack import LocalStack
from shared.domain.items import Item
from shared.stores.items import ItemStore
from tests.bench.load import ITEMS, WANTED, Ledger, Load, Shape, found, settled

STEADY_PER_SECOND = 2.0
"""What the emulator takes beside other work on two cores: above that, all wait in its queue, and ratios say nothing."""
BURST_PER_SECOND = 20.0
"""Of the seconds that a burst is said to last: so many requests for each, all at once."""

console = Console(width=160)


@contextmanager
def deployed() -> Iterator[Deployment]:
    """The artefacts in a local stack of their own."""
    with tempfile.TemporaryDirectory() as name, LocalStack(Path(name) / "stack") as stack:
        outputs = local.deploy(stack, Path(name))
        with LocalProxy(stack.url, outputs.api_id or "") as proxy:
            yield local.deployment(stack, outputs, proxy, None)


def loaded(deployment: Deployment, shape: Shape) -> tuple[Ledger, list[str]]:
    """One load, and what was lost or doubled when everything had come to rest."""
    with deployment.api() as api:
        load = Load(api)
        ItemStore(deployment.table).put(
            Item.model_validate({"item_id": load.item(n), "title": f"Item {n}"}) for n in range(ITEMS)
        )
        for path in ("/v1/nothing", "/v1/readiness"):
            api.get(path)  # the first call of a function starts it
        ledger = load.drive(shape)
    return ledger, settled(ledger, lambda: found(load.run, deployment.table, deployment.archive))


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--steady", type=float, default=60, metavar="SECONDS")
    asked.add_argument("--burst", type=float, default=30, metavar="SECONDS", help="of requests, sent all at once")
    asked.add_argument("--rate", type=float, default=STEADY_PER_SECOND, metavar="N", help="requests a second, steady")
    options, _ = asked.parse_known_args()
    shapes = [
        Shape("steady", options.rate, options.steady),
        Shape("burst", BURST_PER_SECOND, options.burst, at_once=True),
    ]
    with deployed() as deployment:
        for shape in shapes:
            _print(shape, *loaded(deployment, shape))


def _print(shape: Shape, ledger: Ledger, faults: list[str]) -> None:
    told = Printed(box=box.SIMPLE, title=f"{shape.name}: {shape.per_second * shape.seconds:.0f} requests")
    for column in ("request", "how many", "p50 ms", "p99 ms", "p50 / emulator's own", "p99 / emulator's own"):
        told.add_column(column, justify="left" if column == "request" else "right")
    for kind in WANTED:
        times = [ledger.quantile(kind, share) for share in (0.5, 0.99)]
        own = [ledger.quantile("floor", share) for share in (0.5, 0.99)]
        ratios = [f"{each / floor:.1f}" for each, floor in zip(times, own, strict=True)]
        told.add_row(kind, str(len(ledger.latency[kind])), *(f"{each * 1000:.0f}" for each in times), *ratios)
    console.print(told)
    console.print(f"answers: {dict(sorted(ledger.seen.items()))}; events accepted: {len(ledger.accepted)}")
    console.print("; ".join(faults) or "nothing lost, nothing double", "\n")


if __name__ == "__main__":
    main()

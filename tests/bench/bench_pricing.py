"""What pricing policies earn in shops whose demand is known, against prices left as they are.

Scenarios, seeds and costs were committed before the first policy, and a test keeps them (`tests/training/pricing`). A
target that is missed is marked so.

Usage: .venv/bin/python -m tests.bench.bench_pricing [SEEDS]
"""

import sys
from time import monotonic

from rich.console import Console

from infra.cli.simulation import table
from training.pricing.compare import compare
from training.pricing.policies import POLICIES
from training.pricing.scenarios import SCENARIOS, SEEDS


def main() -> None:
    seeds = SEEDS[: int(sys.argv[1])] if sys.argv[1:] else SEEDS
    started = monotonic()
    scores = list(compare(POLICIES, SCENARIOS, seeds))
    console = Console(width=130)
    console.print(table(scores))
    console.print(f"{len(seeds)} shops of 200 items a scenario, {monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()

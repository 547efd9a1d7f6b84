"""What choosing by expected profit earns, against giving a discount to everybody: `python -m tests.bench.bench_offers`.

A made-up shop. Customers differ in how likely they order anyway, which is known up to an error of a third, as the
nightly values are; an order of 60 earns 18, the code takes 5 off. Six rounds, after each of which the figures of the
rounds before are known, as in the deployment. Per 1,000 customers and round, against making no offer at all.
"""

import json
import random
import statistics
from collections.abc import Callable
from typing import NamedTuple

from shared.domain.holdout import held_out
from shared.domain.uplift import Arm, Figures, expected_profit, incremental, shrunken

SEEDS, ROUNDS, CUSTOMERS = 20, 6, 2_000
EARNED, OFF, HOLD_OUT = 1_800, 500, 0.1
Choice = Callable[[float, Figures], bool]


class Truth(NamedTuple):
    """By how much the offer raises the rate of ordering, and what the owner guesses."""

    uplift: float
    guess: float


TRUTHS = {
    "as guessed": Truth(0.03, 0.03),
    "better than guessed": Truth(0.08, 0.03),
    "useless": Truth(0.0, 0.03),
    "useless, owner sure of it": Truth(0.0, 0.1),
}


def run(truth: Truth, choose: Choice, seed: int, hold_out: float = HOLD_OUT) -> tuple[float, Figures]:
    """What is earned more than without offers, in hundredths, expected and not drawn; and what was counted."""
    rng = random.Random(seed)  # noqa: S311 - invented customers
    figures, earned = Figures(), 0.0
    for number in range(ROUNDS):
        seen = figures
        for customer in range(CUSTOMERS):
            base = rng.betavariate(0.6, 4.0)
            believed = min(1.0, base * rng.lognormvariate(0, 0.33))
            if not choose(believed, seen):
                continue
            is_held = held_out(str(seed), f"{number}-{customer}", hold_out)
            rate = min(1.0, base + (0.0 if is_held else truth.uplift))
            profit = (EARNED - (0 if is_held else OFF)) * (rng.random() < rate)
            arm = Arm(1, int(profit != 0), profit, profit**2)
            figures = figures.plus(Figures(held=arm) if is_held else Figures(offered=arm))
            earned += 0.0 if is_held else rate * (EARNED - OFF) - base * EARNED
    return earned, figures


def ours(guess: float) -> Choice:
    return lambda base, seen: expected_profit(base, shrunken(guess, seen, []).mean, EARNED, OFF) > 0


def everybody(_base: float, _seen: Figures) -> bool:
    return True


def row(truth: Truth) -> dict[str, float]:
    chosen = [run(truth, ours(truth.guess), seed) for seed in range(SEEDS)]
    given = [run(truth, everybody, seed)[0] for seed in range(SEEDS)]
    intervals = [(earned, found.interval) for earned, figures in chosen if (found := incremental(figures))]
    hits = sum(low <= earned <= high for earned, (low, high) in intervals)
    scale = 1_000 / (CUSTOMERS * ROUNDS) / 100
    return {
        "ours": round(statistics.mean(earned for earned, _ in chosen) * scale, 2),
        "ours_worst": round(min(earned for earned, _ in chosen) * scale, 2),
        "everybody": round(statistics.mean(given) * scale, 2),
        "share_offered": round(statistics.mean(f.offered.customers for _, f in chosen) / (CUSTOMERS * ROUNDS), 3),
        "intervals": len(intervals),
        "covered": round(hits / len(intervals), 2) if intervals else 0.0,
    }


if __name__ == "__main__":
    print(json.dumps({name: row(truth) for name, truth in TRUTHS.items()}, indent=1))

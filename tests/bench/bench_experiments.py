"""Whether the results of price experiments are true: intervals against the simulator's demand, and false alarms.

Each experiment is run on a shop of the simulator (`training/pricing/simulator.py`), over its 60 days; arms are drawn
and results worked out as in production. `covers` is how often the 90% interval holds the true effect of an arm, `false`
how often an experiment in which prices never moved is told to have an effect, of any arm. Each shop and each drawing of
arms is used once; scenarios that differ only in what a policy believes are the same here.

Usage: .venv/bin/python -m tests.bench.bench_experiments [SHOPS]
"""

import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from time import monotonic
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from shared.domain.experiment_parts import Part, Turn
from shared.domain.experiment_results import ExperimentResults, Measured
from shared.domain.experiments import Experiment
from shared.domain.money import Money
from training.daily import DailySales
from training.pricing.arrays import Doubles
from training.pricing.experiments import results
from training.pricing.scenarios import HISTORY, SCENARIOS, Scenario, shop
from training.pricing.simulator import Shop

START = datetime(2026, 6, 1, 4, 30, tzinfo=UTC)
WEEK = timedelta(days=7)
FIRST_SEED = 3001
"""Not the seeds that policies are judged on, of which there are twenty only."""
DIFFERENT = {"well priced", "badly priced", "trend", "competitor moves", "stock-outs"}


class Design(NamedTuple):
    """How many items for how many weeks, and on which arms."""

    items: int
    weeks: int
    arms: tuple[int, ...]


DESIGNS = (Design(200, 6, (-2, 0, 2)), Design(200, 8, (-10, 0, 10)), Design(40, 8, (0, 5)), Design(10, 6, (-10, 0, 10)))


class Trial(NamedTuple):
    """One experiment: whether each interval holds the truth, and whether anything is called an effect."""

    units: list[bool]
    profit: list[bool]
    units_seen: bool
    profit_seen: bool


class Totals(NamedTuple):
    """Shares over many trials."""

    trials: int
    units: float
    profit: float
    units_seen: float
    profit_seen: float


def experiment(design: Design, name: str) -> Experiment:
    """The experiment of a design; another name draws other arms."""
    end = START + design.weeks * WEEK
    arms = tuple(Decimal(each) for each in design.arms)
    return Experiment(experiment_id=name, category="all", arms=arms, start=START.date(), end=end.date())


def trial(real: Shop, design: Design, name: str, *, placebo: bool) -> Trial:
    """Run one. With `placebo` nobody sets any price, so that no arm can do anything."""
    asked = experiment(design, name)
    first, days = HISTORY, design.weeks * 7
    span = slice(first, first + days)
    drawn = np.array(
        [[asked.arm(str(item), week) for week in range(design.weeks)] for item in range(design.items)]
    ).repeat(7, axis=1)
    every = np.zeros((len(real.price), days), np.int64)
    every[: design.items] = drawn
    factors = 1 + np.array(design.arms) / 100
    prices = real.price[:, None] * (np.ones((1, days)) if placebo else factors[every])
    sold = real.sold(prices, span)[: design.items].astype(np.float64)
    found = _results(asked, real, design, sold, prices[: design.items])
    truths = [(0.0, 0.0) if placebo else _truth(real, design, span, factor) for factor in factors]
    others = [at for at, arm in enumerate(design.arms) if arm]
    units = [_covers(found.arms[at].units, truths[at][0]) for at in others]
    profit = [_covers(found.arms[at].profit, truths[at][1]) for at in others]
    seen = [[_seen(found.arms[at].units), _seen(found.arms[at].profit)] for at in others]
    return Trial(units, profit, any(each[0] for each in seen), any(each[1] for each in seen))


def _results(asked: Experiment, real: Shop, design: Design, sold: Doubles, prices: Doubles) -> ExperimentResults:
    names = tuple(str(item) for item in range(design.items))
    sales = DailySales(names, asked.start, sold, sold * prices, np.zeros_like(sold), "EUR")
    parts = [_part(asked, real, item, design.weeks) for item in range(design.items)]
    return results(asked, parts, sales, {}, START + design.weeks * WEEK)


def _part(asked: Experiment, real: Shop, item: int, weeks: int) -> Part:
    turns = tuple(Turn(block=week, arm=asked.arm(str(item), week), since=START + week * WEEK) for week in range(weeks))
    base, cost = (Money(amount=Decimal(f"{each[item]:.4f}"), currency="EUR") for each in (real.price, real.cost))
    prices = tuple(base.amount for _ in asked.arms)
    name = asked.experiment_id
    return Part(experiment_id=name, item_id=str(item), base=base, cost=cost, prices=prices, turns=turns)


def _truth(real: Shop, design: Design, span: slice, factor: float) -> tuple[float, float]:
    """Units and profit of an item-day at the arm's price less those at the control's, on the days that count."""
    count = np.tile(np.arange(7) >= 1, design.weeks)

    def expected(price: Doubles) -> tuple[float, float]:
        units = real.units(price, span)[: design.items, count]
        margin = (price - real.cost)[: design.items, None]
        return float(units.mean()), float((units * margin).mean())

    arm, control = expected(real.price * factor), expected(real.price)
    return arm[0] - control[0], arm[1] - control[1]


def _covers(measured: Measured | None, truth: float) -> bool:
    if measured is None or measured.effect is None:
        raise ValueError("the experiment told nothing")
    return measured.effect.low <= truth <= measured.effect.high


def _seen(measured: Measured | None) -> bool:
    return measured is not None and measured.seen in {"higher", "lower"}


def totals(scenario: Scenario, design: Design, shops: int, *, placebo: bool) -> Totals:
    """Over so many shops."""
    seeds = range(FIRST_SEED, FIRST_SEED + shops)
    made = [trial(shop(scenario, seed), design, str(seed), placebo=placebo) for seed in seeds]
    return Totals(
        len(made),
        float(np.mean([each.units for each in made])),
        float(np.mean([each.profit for each in made])),
        float(np.mean([each.units_seen for each in made])),
        float(np.mean([each.profit_seen for each in made])),
    )


def main() -> None:
    shops = int(sys.argv[1]) if sys.argv[1:] else 400
    started = monotonic()
    for design in DESIGNS:
        head = f"{design.items} items, {design.weeks} weeks, arms {design.arms}"
        drawn = Table("scenario", "covers units", "covers profit", "units seen", "profit seen", title=head)
        for name in ("false: units", "false: profit"):
            drawn.add_column(name)
        for scenario in (each for each in SCENARIOS if each.name in DIFFERENT):
            real = totals(scenario, design, shops, placebo=False)
            idle = totals(scenario, design, shops, placebo=True)
            shares = (*real[1:], idle.units_seen, idle.profit_seen)
            drawn.add_row(scenario.name, *(f"{each:.1%}" for each in shares))
        Console(width=120).print(drawn)
    print(f"{shops} experiments a row and kind, {monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()

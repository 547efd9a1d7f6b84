"""What experiments have shown: days that count, sums by hand, intervals that hold the truth, and no word too much."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from shared.domain.experiment_parts import End, Over, Part, Turn
from shared.domain.experiments import Experiment
from shared.stores.experimenting import Experimenting, Night
from shared.stores.experiments import ExperimentStore
from shared.stores.table import Table
from tests.bench.bench_experiments import Design, trial
from tests.training.pricing.night import CHEAP, NOW, opened, sales, usd
from tests.training.test_sales import back, order
from training.daily import DailySales, daily
from training.pricing import effects
from training.pricing.effects import Cells, gaps
from training.pricing.experiments import judge, results
from training.pricing.run import Rooms, run
from training.pricing.scenarios import SCENARIOS, shop
from training.sales import read_orders

START = datetime(2026, 5, 4, 4, 30, tzinfo=UTC)
WEEK = timedelta(days=7)
NO_NIGHT = Night({}, {})


def experiment(weeks: int = 6, **changes: Any) -> Experiment:
    end = (START + weeks * WEEK).date()
    fields = {"experiment_id": "e", "category": "cups", "arms": ["0", "10"], "start": START.date(), "end": end}
    return Experiment.model_validate(fields | changes)


def part(name: str, asked: Experiment, weeks: int, **changes: Any) -> Part:
    turns = tuple(Turn(block=n, arm=asked.arm(name, n), since=START + n * WEEK) for n in range(weeks))
    prices = (Decimal(10), Decimal(11))
    fields = {"experiment_id": "e", "item_id": name, "base": usd(10), "cost": usd(6), "prices": prices, "turns": turns}
    return Part.model_validate(fields | changes)


def steady(names: list[str], days: int) -> DailySales:
    """So much a day of each, whose price nobody told."""
    units = np.ones((len(names), days))
    return DailySales(tuple(names), START.date(), units, np.zeros_like(units), units, "USD")


def test_days_sum_what_was_sold_and_not_brought_back_or_given_away() -> None:
    orders = read_orders(
        [
            order(1, ("lamp", 2, "9.00"), ("vase", 1, "5.00"), days=0.1),
            order(2, ("lamp", 3, None), days=0.9),
            order(3, ("lamp", 1, "0.00"), days=1.5),
            order(4, ("lamp", 4, "8.00"), days=2.5),
            order(5, ("lamp", 7, "8.00"), days=2.6),
            order(6, ("lamp", 9, "8.00"), days=3.0),
            order(7, ("lamp", 9, "8.00"), days=-0.1),
            back(5),
        ]
    )
    found = daily(orders, ["lamp", "never"], date(2026, 5, 4), 3)
    assert found.units.tolist() == [[5, 0, 4], [0, 0, 0]]
    assert found.paid.tolist() == [[18, 0, 32], [0, 0, 0]]
    assert found.untold.tolist() == [[3, 0, 0], [0, 0, 0]]


def test_only_days_that_a_price_held_from_first_to_last_minute_count() -> None:
    asked = experiment(settle_days=2)
    ended = End(why=Over.EDITED, at=START + timedelta(days=11))
    parts = [part("a", asked, 2, over=ended), part("b", asked, 1)]
    found = results(asked, parts, steady(["a", "b"], 42), {}, START + 3 * WEEK)
    # Of a: days 2-6 and 9-10. Of b, whose night did not come: days 2-6 of the block that it was for.
    days = {asked.arm("a", 0): 5, asked.arm("a", 1): 2}
    days[asked.arm("b", 0)] += 5
    assert {n: arm.item_days for n, arm in enumerate(found.arms)} == days
    assert [arm.units.per_day for arm in found.arms] == [1.0, 1.0]
    assert (found.taking_part, found.over) == (2, {"edited": 1})
    assert found.note is not None
    assert found.note.startswith("Too little to tell")
    assert [arm.units.effect for arm in found.arms] == [None, None]


def test_profit_is_what_was_paid_or_the_arms_price_less_cost() -> None:
    asked = experiment()
    known, told = part("a", asked, 6), steady(["a"], 42)
    arms = results(asked, [known], told, {}, START + 6 * WEEK).arms
    assert [arm.profit and arm.profit.per_day for arm in arms] == [pytest.approx(4.0), pytest.approx(5.0)]
    told = replace(told, paid=np.full((1, 42), 9.0), untold=np.zeros((1, 42)))
    arms = results(asked, [known], told, {}, START + 6 * WEEK).arms
    assert [arm.profit and arm.profit.per_day for arm in arms] == [pytest.approx(3.0)] * 2
    nobody = part("a", asked, 6, cost=None)
    assert [arm.profit for arm in results(asked, [nobody], told, {}, START + 6 * WEEK).arms] == [None, None]


def cells(effect: float, items: int = 40, cycles: int = 3) -> Cells:
    """Two arms; items sell differently, one calendar block is a feast, and the other arm sells `effect` more a day."""
    draw = np.random.default_rng(1)
    shape = (items, cycles, 2)
    arm = draw.permuted(np.broadcast_to([0, 1], shape), axis=2)
    block = np.broadcast_to(np.arange(2 * cycles).reshape(cycles, 2), shape)
    level = draw.uniform(1, 9, (items, 1, 1)) + np.where(block == 3, 5.0, 0.0)
    units = 6 * (level + effect * arm + draw.normal(0, 0.1, shape))
    cycle = np.broadcast_to(np.arange(items * cycles).reshape(items, cycles, 1), shape)
    return Cells(
        cycle.ravel(), block.ravel(), arm.ravel(), np.full(arm.size, 6.0), units=units.ravel(), profit=units.ravel()
    )


def test_items_and_calendar_are_taken_out_and_the_effect_is_found() -> None:
    control, found = gaps(cells(0.5), cells(0.5).units, 2, 0)
    assert control is None
    assert found is not None
    assert found.low < 0.5 < found.high
    assert found.high - found.low < 0.1
    assert found.seen
    few = cells(0.5, items=3, cycles=3)
    assert gaps(few, few.units, 2, 0) == [None, None]


def test_an_estimate_that_forgot_the_items_would_be_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the dearer arm is known of items that sell well only, to compare arms is to compare items."""
    made = cells(0.5)
    made = made.where((made.arm == 0) | (made.units > 30))
    found = gaps(made, made.units, 2, 0)[1]
    assert found is not None
    assert found.value == pytest.approx(0.5, abs=0.1)
    monkeypatch.setattr(effects, "_compared", lambda cells: np.ones(len(cells.arm), np.bool_))
    monkeypatch.setattr(effects, "_within", lambda columns, *_: columns - columns.mean(axis=0))
    wrong = gaps(made, made.units, 2, 0)[1]
    assert wrong is not None
    assert wrong.value > 1


def test_in_the_simulator_intervals_hold_the_truth_and_idle_prices_do_nothing() -> None:
    """A short look; `tests/bench/bench_experiments.py` takes 400 shops a row."""
    design = Design(100, 6, (-10, 0, 10))
    shops = [shop(SCENARIOS[1], seed) for seed in range(4001, 4041)]
    real = [trial(each, design, str(n), placebo=False) for n, each in enumerate(shops)]
    idle = [trial(each, design, str(n), placebo=True) for n, each in enumerate(shops)]
    held = np.mean([each for one in real for each in (*one.units, *one.profit)])
    assert 0.82 <= held <= 0.97
    assert np.mean([one.units_seen for one in real]) > 0.9
    assert np.mean([one.units_seen or one.profit_seen for one in idle]) < 0.3


def test_what_is_in_an_experiment_gets_no_suggestion_and_its_results_are_kept(table: Table) -> None:
    rooms = opened(table)
    run(sales(), rooms, NOW)
    assert CHEAP in _told(rooms)
    store = ExperimentStore(table)
    body: dict[str, Any] = {
        "arms": ["-2", "0", "2"],
        "category": None,
        "item_ids": [CHEAP],
        "start": NOW.date() + timedelta(days=1),
    }
    store.put(experiment(**body, end=NOW.date() + timedelta(days=43)), NOW)
    tomorrow = NOW + timedelta(days=1)
    tested = Experimenting(table).night(rooms.items.all, tomorrow)
    assert dict(tested.busy) == {CHEAP: "e"}
    done = run(sales(), rooms, tomorrow, tested.busy)
    assert done["none"]["it is in a price experiment"] == 1
    assert CHEAP not in _told(rooms)
    bought = order(
        1, (CHEAP, 3, "10.00"), days=(tomorrow - datetime(2026, 5, 4, tzinfo=UTC)).days + 1.5, currency="USD"
    )
    assert judge(store, read_orders([bought]), tested, tomorrow + timedelta(days=3)) == 1
    found = store.results("e")
    assert found is not None
    assert (found.taking_part, found.currency, sum(arm.units_sold for arm in found.arms)) == (1, "USD", 3)
    assert judge(store, read_orders([]), NO_NIGHT, tomorrow + timedelta(days=60)) == 0


def _told(rooms: Rooms) -> set[str]:
    return {each.item_id for each in rooms.suggestions.page(100, NOW)[0]}

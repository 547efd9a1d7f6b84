"""The night's word on price experiments: cells of item and block from sales, and the results that are kept."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np

from shared.domain.experiment_parts import Over, Part, Turn
from shared.domain.experiment_results import MOST_NAMED, ArmResult, Effect, ExperimentResults, Measured, Named, Seen
from shared.domain.experiments import LONGEST, Experiment
from shared.stores.experimenting import Night
from shared.stores.experiments import ExperimentStore
from training.daily import DailySales, daily
from training.pricing.arrays import Doubles
from training.pricing.effects import FEWEST, Cells, Gap, gaps, means
from training.sales import Orders

DAY = timedelta(days=1)
TOO_LITTLE = (
    f"Too little to tell: it takes {FEWEST} units, and {FEWEST} times that an item has been on two arms of a cycle."
)
UNSURE = "No difference is sure so far. The intervals say how large one could still be."


class Counted(NamedTuple):
    """One cell: an item's days on an arm that count."""

    item_id: str
    turn: Turn
    days: int
    units: float
    profit: float


def judge(store: ExperimentStore, orders: Orders, night: Night, now: datetime) -> int:
    """Work out and keep the results of the experiments that have begun; how many."""
    found = [each for each in store.all() if each.start <= now.date() and not each.is_past(now)]
    for each in found:
        parts = store.parts(each.experiment_id)
        days = min((now.date() - each.start).days, LONGEST.days)
        sales = daily(orders, sorted(parts), each.start, max(days, 1))
        left_out = night.left_out.get(each.experiment_id, {})
        store.put_results(each, results(each, list(parts.values()), sales, left_out, now))
    return len(found)


def results(
    experiment: Experiment, parts: Sequence[Part], sales: DailySales, left_out: Mapping[str, str], now: datetime
) -> ExperimentResults:
    """What has been seen until midnight."""
    currency = _currency(parts)
    rows = {name: at for at, name in enumerate(sales.items)}
    counted = [each for part in parts for each in _counted(experiment, part, rows[part.item_id], sales, currency, now)]
    arms = _arms(experiment, counted)
    bound = [Named(item_id=p.item_id, why=p.over.text) for p in parts if p.over and p.over.why is Over.LIMITS]
    return ExperimentResults(
        experiment_id=experiment.experiment_id,
        phase=experiment.phase(now.date()),
        computed=now,
        currency=currency,
        taking_part=len(parts),
        over=Counter(part.over.why.value for part in parts if part.over),
        bound=tuple(bound[:MOST_NAMED]),
        left_out=tuple(Named(item_id=name, why=why) for name, why in sorted(left_out.items())[:MOST_NAMED]),
        left_out_count=len(left_out),
        arms=tuple(arms),
        note=_note(arms),
    )


def _currency(parts: Iterable[Part]) -> str | None:
    """That of most items; profit is of these only."""
    most = Counter(part.base.currency for part in parts).most_common(1)
    return most[0][0] if most else None


def _counted(
    experiment: Experiment, part: Part, row: int, sales: DailySales, currency: str | None, now: datetime
) -> Iterable[Counted]:
    """The part's cells. A day counts if the arm's price held from its first minute to its last."""
    ends = [*(turn.since for turn in part.turns[1:]), part.over.at if part.over else now]
    for turn, end in zip(part.turns, ends, strict=True):
        first = turn.since.astimezone(UTC).date() + experiment.settle_days * DAY
        last = min(end.astimezone(UTC).date(), experiment.start + (turn.block + 1) * experiment.block_days * DAY)
        days = slice((first - sales.first).days, min((last - sales.first).days, sales.units.shape[1]))
        if days.stop > days.start:
            units, profit = float(sales.units[row, days].sum()), _profit(part, turn, row, days, sales, currency)
            yield Counted(part.item_id, turn, days.stop - days.start, units, profit)


def _profit(part: Part, turn: Turn, row: int, days: slice, sales: DailySales, currency: str | None) -> float:
    """What was paid, else the arm's price, less the cost at which the item joined; NaN where that is not known."""
    if part.cost is None or not part.cost.currency == part.base.currency == currency:
        return float("nan")
    units, price = sales.units[row, days].sum(), float(part.prices[turn.arm])
    is_same = sales.currency == part.base.currency
    paid = sales.paid[row, days].sum() + price * sales.untold[row, days].sum() if is_same else price * units
    return float(paid - units * float(part.cost.amount))


def _arms(experiment: Experiment, counted: Sequence[Counted]) -> list[ArmResult]:
    cells = cells_of(experiment, counted)
    units = _measured(cells, cells.units, experiment)
    known = np.isfinite(cells.profit)
    costed = cells.where(known)
    profit = _measured(costed, costed.profit, experiment) if known.any() else [None] * len(experiment.arms)
    items = [{each.item_id for each in counted if each.turn.arm == arm} for arm in range(len(experiment.arms))]
    return [
        ArmResult(
            percent=percent,
            items=len(items[arm]),
            item_days=int(cells.days[cells.arm == arm].sum()),
            units_sold=float(cells.units[cells.arm == arm].sum()),
            units=units[arm],
            profit=profit[arm],
        )
        for arm, percent in enumerate(experiment.arms)
    ]


def cells_of(experiment: Experiment, counted: Sequence[Counted]) -> Cells:
    """As arrays; an item's cycles are numbered through."""
    cycles = [(each.item_id, experiment.cycle(each.turn.block)) for each in counted]
    numbers = {name: at for at, name in enumerate(dict.fromkeys(cycles))}
    return Cells(
        cycle=np.array([numbers[each] for each in cycles], np.int64),
        block=np.array([each.turn.block for each in counted], np.int64),
        arm=np.array([each.turn.arm for each in counted], np.int64),
        days=np.array([each.days for each in counted], np.float64),
        units=np.array([each.units for each in counted], np.float64),
        profit=np.array([each.profit for each in counted], np.float64),
    )


def _measured(cells: Cells, amounts: Doubles, experiment: Experiment) -> list[Measured]:
    control, arms = experiment.control, len(experiment.arms)
    brings, found = means(cells, amounts, arms), gaps(cells, amounts, arms, control)
    return [
        Measured(
            per_day=float(brings[arm]) if np.isfinite(brings[arm]) else None,
            effect=_effect(found[arm], float(brings[control])),
            seen=None if arm == control else _seen(found[arm]),
        )
        for arm in range(arms)
    ]


def _effect(gap: Gap | None, control: float) -> Effect | None:
    if gap is None:
        return None
    percent = 100 * gap.value / control if control > 0 else None
    return Effect(value=gap.value, low=gap.low, high=gap.high, percent=percent)


def _seen(gap: Gap | None) -> Seen:
    if gap is None:
        return "too_little"
    if not gap.seen:
        return "no_difference"
    return "higher" if gap.value > 0 else "lower"


def _note(arms: Sequence[ArmResult]) -> str | None:
    said = {each.seen for arm in arms for each in (arm.units, arm.profit) if each and each.seen}
    if said <= {"too_little"}:
        return TOO_LITTLE
    return UNSURE if said <= {"too_little", "no_difference"} else None

"""The use case of the meter: price what the month has used, say where the budget stands, and act on it.

One run at a time, which the function's lease sees to. Safe to repeat at any moment, and whatever broke off is made good
by the next run: what stands before a stop is written down before it is changed, and the owner is told before it is
noted that they were.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from functions.meter.prices import Charge, total
from shared.domain.budget import MEANS, NO_BUDGET, Kept, Level, Standing, level_of, month_of
from shared.stores.budgets import BudgetStore

DEAREST = 5


class Stoppable(Protocol):
    """What `functions.meter.brake.Brake` does."""

    def running(self) -> Kept: ...

    def stop(self, running: Kept) -> None: ...

    def release(self, kept: Kept) -> None: ...


Tell = Callable[[Standing], None]
Bill = Callable[[], Sequence[Charge]]


def meter(store: BudgetStore, bill: Bill, brake: Stoppable, tell: Tell, template: float, now: datetime) -> Standing:
    """One run; how the budget stands after it. `template` is the budget that holds where the owner set no other."""
    before = store.standing()
    standing = _measured(store, before, bill, template, now)
    if before is not None or standing.budget > NO_BUDGET:
        store.record(standing)
    standing = (
        _stopped(store, brake, standing) if standing.level is Level.STOPPED else _released(store, brake, standing)
    )
    if standing.level.severity > standing.told.severity:
        tell(standing)
        standing = _noted(store, standing, told=standing.level)
    return standing


def _measured(store: BudgetStore, before: Standing | None, bill: Bill, template: float, now: datetime) -> Standing:
    """What is kept stays kept until it is put back; what was told holds for its month."""
    wish, month = store.wish(), month_of(now)
    budget = template if wish.budget is None else wish.budget
    charges = bill() if budget > NO_BUDGET else []
    spent, lifted = total(charges), wish.lifted == month
    same_month = before is not None and before.month == month
    return Standing(
        month=month,
        budget=budget,
        spent=round(spent, 4),
        level=level_of(spent, budget, lifted=lifted),
        measured=now,
        lifted=lifted,
        told=before.told if before and same_month else Level.NORMAL,
        kept=before.kept if before else Kept(),
        dearest=_dearest(charges),
    )


def _stopped(store: BudgetStore, brake: Stoppable, standing: Standing) -> Standing:
    """Whatever runs is noted, then stopped: also what a deployment or a person has switched on again since."""
    running = brake.running()
    if running == Kept():
        return standing
    kept = Kept(
        throttles=dict(standing.kept.throttles) | dict(running.throttles),
        schedules=standing.kept.schedules | running.schedules,
    )
    standing = _noted(store, standing, kept=kept)
    brake.stop(running)
    return standing


def _released(store: BudgetStore, brake: Stoppable, standing: Standing) -> Standing:
    if standing.kept == Kept():
        return standing
    brake.release(standing.kept)
    return _noted(store, standing, kept=Kept())


def _noted(store: BudgetStore, standing: Standing, **changes: object) -> Standing:
    changed = standing.model_copy(update=changes)
    store.record(changed)
    return changed


def _dearest(charges: Sequence[Charge]) -> dict[str, float]:
    """The largest lines, for whoever wants to know what it goes on."""
    largest = sorted(charges, key=lambda charge: charge.usd, reverse=True)[:DEAREST]
    return {f"{charge.part}: {charge.line}": round(charge.usd, 4) for charge in largest}


def message(standing: Standing) -> str:
    """What the owner is told."""
    dearest = "\n".join(f"  {name}: ${usd:.2f}" for name, usd in standing.dearest.items())
    return (
        f"About ${standing.spent:.2f} of this month's ${standing.budget:.2f} are used "
        f"({standing.spent / standing.budget:.0%}), as priced by list prices from figures that are minutes late.\n\n"
        f"{MEANS[standing.level]}\n\nMost of it:\n{dearest}\n\n"
        "`regulars budget set AMOUNT` changes the budget, `regulars budget lift` lets all run until the month ends."
    )

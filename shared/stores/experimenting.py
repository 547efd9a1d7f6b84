"""Price experiments at work: each night items join, turn to the arm of their block, and go back when it is over.

An item, its ledger and its part are written in one transaction, on condition that neither was changed since it was
looked at; else both are looked at again. So whoever edits a price meanwhile is not overruled: the item's part is over.
A night that breaks off is made good by the next.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import NamedTuple

from shared.domain.competitors import CompetitorPrice, amounts
from shared.domain.errors import ConflictError
from shared.domain.experiment_parts import Holding, Part, advanced, enrolled
from shared.domain.experiments import MOST_ITEMS, Experiment, Phase, drawn_first
from shared.domain.items import Item
from shared.domain.ledger import Entry
from shared.domain.price_limits import Limits, merged, prices_of_week
from shared.domain.price_scopes import scopes_of
from shared.stores.competitors import CompetitorStore
from shared.stores.conditional import Write
from shared.stores.experiments import ExperimentStore, put_part
from shared.stores.items import Edit, ItemStore
from shared.stores.ledger import LedgerStore
from shared.stores.price_limits import PriceLimitsStore
from shared.stores.table import Table

READERS = 8
LATEST = 50
ELSEWHERE = "It is in the experiment {}."
CROWDED = f"An experiment takes {MOST_ITEMS:,} items: others were drawn."
UNKNOWN = "There is no such item."
NOTHING = Holding(Limits(), (), ())

Step = Callable[[Item | None, Part | None], Part | str]
"""From an item and its part, as they are, to the part as it shall be; or why there is to be none."""


class Look(NamedTuple):
    """A part before and after a step, and whether the item's price changes with it."""

    before: Part | None
    after: Part
    moves: bool


class Night(NamedTuple):
    """Which experiment each busy item is in, and by experiment why items are left out of it."""

    busy: Mapping[str, str]
    left_out: Mapping[str, Mapping[str, str]]


class Experimenting:
    """Carries out experiments."""

    def __init__(self, table: Table) -> None:
        self._experiments, self._items, self._ledger = ExperimentStore(table), ItemStore(table), LedgerStore(table)
        self._limits, self._competitors = PriceLimitsStore(table), CompetitorStore(table)

    def night(self, catalogue: Callable[[], Iterable[Item]], now: datetime) -> Night:
        """Everything that is due. The catalogue is read only where an experiment runs."""
        found = [each for each in self._experiments.all() if each.phase(now.date()) is not Phase.PLANNED]
        busy: dict[str, str] = {}
        parts = {each.experiment_id: self.advance(each, now) for each in found if not each.is_past(now)}
        for name, known in parts.items():
            busy |= {item_id: name for item_id, part in known.items() if not part.over}
        left_out: dict[str, Mapping[str, str]] = {}
        running = [each for each in found if each.phase(now.date()) is Phase.RUNNING]
        items = {item.item_id: item for item in catalogue()} if running else {}
        for each in running:
            name = each.experiment_id
            joined, left_out[name] = self._enrol(each, items, busy, parts[name], now)
            busy |= dict.fromkeys(joined, name)
        return Night(busy, left_out)

    def stop(self, experiment_id: str, version: int | None, now: datetime) -> Experiment:
        """Stop an experiment, and set its prices back. Repeated, it does what is left to do.

        Raises `NotFoundError`, `ConflictError` and `StoreUnavailableError`.
        """
        stopped = self._experiments.stop(experiment_id, version, now)
        if any(not part.over for part in self.advance(stopped, now).values()):
            raise ConflictError("Somebody else is changing its items: stop it again.")
        return stopped

    def advance(self, experiment: Experiment, now: datetime) -> dict[str, Part]:
        """Let each part be what it is to be now; the parts as they are then."""
        parts = self._experiments.parts(experiment.experiment_id)
        active = {item_id: part for item_id, part in parts.items() if not part.over}
        entries = self._entries(active)
        holdings = self._holdings(self._items.get(active).values(), entries, now)
        steps = {
            item_id: partial(_advanced, experiment, entries[item_id], holdings.get(item_id, NOTHING), now)
            for item_id in active
        }
        return parts | self._carry_out(experiment, steps, active, now)

    def _enrol(
        self,
        experiment: Experiment,
        items: Mapping[str, Item],
        busy: Mapping[str, str],
        parts: Mapping[str, Part],
        now: datetime,
    ) -> tuple[list[str], dict[str, str]]:
        """Those that join tonight, and why others do not."""
        wanted = [each for each in _scope(experiment, items) if each not in parts]
        why = {each: ELSEWHERE.format(busy[each]) for each in wanted if each in busy}
        why |= {each: UNKNOWN for each in wanted if each not in items}
        free = sorted((each for each in wanted if each not in why), key=partial(drawn_first, experiment.experiment_id))
        room = MOST_ITEMS - len(parts)
        why |= dict.fromkeys(free[room:], CROWDED)
        entries = self._entries(free[:room])
        holdings = self._holdings((items[each] for each in free[:room]), entries, now)
        steps = {each: partial(_joined, experiment, holdings[each], why, now) for each in free[:room]}
        joined = self._carry_out(experiment, steps, {}, now)
        return list(joined), why

    def _carry_out(
        self, experiment: Experiment, steps: Mapping[str, Step], parts: Mapping[str, Part], now: datetime
    ) -> dict[str, Part]:
        """Take the steps: parts and prices together; the parts that there are then of these items."""
        looks: dict[str, Look] = {}

        def edit(item_id: str, item: Item | None) -> Item | None:
            again = item_id in looks
            before = self._experiments.part(experiment.experiment_id, item_id) if again else parts.get(item_id)
            after = steps[item_id](item, before)
            if isinstance(after, str):
                looks.pop(item_id, None)
                return item
            changed = item if after == before else _priced(item, after)
            looks[item_id] = Look(before, after, changed != item)
            return changed

        def beside(item_id: str) -> Write:
            return (put_part(experiment, *looks[item_id][:2]),)

        edits: dict[str, Edit] = {item_id: partial(edit, item_id) for item_id in steps}
        self._items.edit(edits, now, beside)
        alone = [each for each in looks.values() if not each.moves and each.after != each.before]
        lost = self._experiments.write_parts((experiment, each.before, each.after) for each in alone)
        kept = {item_id: look.before if item_id in lost else look.after for item_id, look in looks.items()}
        return {item_id: part for item_id, part in kept.items() if part}

    def _entries(self, item_ids: Iterable[str]) -> dict[str, list[Entry]]:
        names = list(item_ids)
        with ThreadPoolExecutor(READERS) as pool:
            return dict(zip(names, pool.map(lambda each: self._ledger.latest(each, LATEST), names), strict=True))

    def _holdings(
        self, items: Iterable[Item], entries: Mapping[str, Sequence[Entry]], now: datetime
    ) -> dict[str, Holding]:
        """What holds for the prices of these items."""
        known = list(items)
        said = {each.scope: each.limits for each in self._limits.all()} if known else {}
        bound = {item.item_id: merged(_said(item, said)) for item in known}
        rivals = self._competitors.get([item_id for item_id, limits in bound.items() if limits.competitors])
        return {
            item.item_id: _holding(item, bound[item.item_id], rivals.get(item.item_id, ()), entries[item.item_id], now)
            for item in known
        }


def _holding(
    item: Item, limits: Limits, rivals: Sequence[CompetitorPrice], entries: Sequence[Entry], now: datetime
) -> Holding:
    if item.price is None:
        return Holding(limits, (), ())
    rule = limits.competitors
    others = amounts(rivals, item.price, rule.most_days_old, now) if rule else ()
    return Holding(limits, others, prices_of_week(entries, item.price.currency, now))


def _said(item: Item, said: Mapping[str, Limits]) -> Iterator[Limits]:
    return (said[each] for each in scopes_of(item.item_id, item.category) if each in said)


def _scope(experiment: Experiment, items: Mapping[str, Item]) -> list[str]:
    if experiment.category is None:
        return list(dict.fromkeys(experiment.item_ids))
    return [item_id for item_id, item in items.items() if item.category == experiment.category]


def _advanced(
    experiment: Experiment,
    entries: Sequence[Entry],
    holding: Holding,
    now: datetime,
    item: Item | None,
    part: Part | None,
) -> Part | str:
    """Somebody may have ended the part meanwhile."""
    if part is None or part.over:
        return part or UNKNOWN
    return advanced(part, experiment, item, entries, holding, now)


def _joined(
    experiment: Experiment,
    holding: Holding,
    why: dict[str, str],
    now: datetime,
    item: Item | None,
    part: Part | None,
) -> Part | str:
    """The item's first part, or the one that somebody was faster to write; why not is kept in `why`."""
    found = part or (enrolled(experiment, item, holding, now) if item else UNKNOWN)
    if isinstance(found, str):
        why[item.item_id if item else ""] = found
    return found


def _priced(item: Item | None, part: Part) -> Item | None:
    if item is None or part.price is None:
        return item
    return item.model_copy(update={"price": part.base.model_copy(update={"amount": part.price})})

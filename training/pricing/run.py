"""One night: sales -> a demand model, published -> suggestions, written -> autopilot, where the owner allows it.

It may break off anywhere and be repeated: the model is named by its content, a suggestion by its item, prices and day,
and a price that was changed is not what its suggestion was made from any more.
"""

from collections import Counter
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from heapq import nsmallest
from time import monotonic
from typing import Any, NamedTuple

from shared.domain.absences import Absence
from shared.domain.competitors import amounts
from shared.domain.errors import ConflictError, NotFoundError, RefusedError
from shared.domain.items import Item
from shared.domain.ledger import Entry, changes
from shared.domain.price_limits import Limits, merged, prices_of_week
from shared.domain.price_scopes import scopes_of
from shared.domain.suggestions import Suggestion, SuggestionStatus
from shared.stores.competitors import CompetitorStore
from shared.stores.items import ItemStore, Listed
from shared.stores.ledger import LedgerStore
from shared.stores.models import ModelStore
from shared.stores.price_limits import PriceLimitsStore
from shared.stores.repricing import LATEST, Repricing
from shared.stores.suggestions import SuggestionStore
from training.demand.artefact import PREFIX, DemandArtefact, pack
from training.demand.fit import fit
from training.demand.panel import Panel
from training.pricing.sold import panel_of
from training.pricing.stocked import WEEK
from training.pricing.subjects import NoSuggestion, Sorted, Subject, sort
from training.pricing.suggest import Move, Recent, moves, night, suggestion, tally
from training.sales import WeeklySales

NO_SALES = "No week with sales is over yet, so there is no demand to learn."
READERS = 8
MOST_SUGGESTIONS = 10_000
"""Those that promise the most: nobody reads more, and each is a write."""
EARLIER_MODELS = 7
"""Kept beside the champion, to see what changed: what serves are suggestions, which hold their own curves."""
SETTLED = timedelta(days=2)
"""What is younger may belong to a run that has not come to its end."""


class Rooms(NamedTuple):
    """What a run works with."""

    items: ItemStore
    limits: PriceLimitsStore
    competitors: CompetitorStore
    ledger: LedgerStore
    suggestions: SuggestionStore
    models: ModelStore
    repricing: Repricing


def run(sales: WeeklySales, rooms: Rooms, now: datetime, busy: Container[str] = ()) -> dict[str, Any]:
    """Run once, without what is `busy` in experiments; what it did, for the log."""
    began = monotonic()
    listed = {each.item.item_id: each for each in rooms.items.listed() if each.item.kind == "product"}
    items = {item_id: each.item for item_id, each in listed.items()}
    panel = panel_of(
        sales,
        lambda item_ids: _ledgers(rooms.ledger, listed, item_ids),
        lambda item_ids: _absences(rooms.items, listed, item_ids),
        now,
    )
    if not len(panel.units):
        rooms.suggestions.replace((), now)
        return {"model_id": None, "reason": NO_SALES}
    made = _published(panel, items, rooms.models, now)
    found = sort(_subjects(listed.values(), rooms, now), made.model.rows, sales.currency, busy)
    told, none = _made(found, made, panel, rooms, now)
    fresh = rooms.suggestions.replace(told, now)
    # A price holds from when it is set: the ledger must not say that it held when the run began, minutes ago.
    by_then = now + timedelta(seconds=monotonic() - began)
    changed = autopilot(told, {each.item.item_id: each.limits for each in found.subjects}, rooms, by_then)
    return {
        "model_id": made.model_id,
        "items": len(items),
        "suggestions": len(told),
        "new": fresh,
        "none": tally([*found.none, *none]),
        "autopilot": changed,
        "swept": len(rooms.models.sweep(PREFIX, EARLIER_MODELS, now - SETTLED)),
    }


def autopilot(
    told: Iterable[Suggestion], limits: Mapping[str, Limits], rooms: Rooms, now: datetime
) -> Mapping[str, int]:
    """Approve what is open of the items whose owner lets it; how many were, and how many were left and why.

    Limits, price and suggestion are looked at anew, so whoever edits one of them meanwhile is not overruled.
    """
    names = [each.item_id for each in told if limits[each.item_id].autopilot]
    stored = rooms.suggestions.known(names)
    still = [each for each in stored.values() if each.at(now).status is SuggestionStatus.OPEN]
    with ThreadPoolExecutor(READERS) as pool:
        return Counter(pool.map(lambda each: _approved(each, rooms.repricing, now), still))


def _approved(suggestion: Suggestion, repricing: Repricing, now: datetime) -> str:
    try:
        repricing.approve(suggestion.item_id, suggestion.suggestion_id, now, by_autopilot=True)
    except (ConflictError, NotFoundError, RefusedError) as error:
        return f"left: {type(error).__name__}"
    return "changed"


def _published(panel: Panel, items: Mapping[str, Item], models: ModelStore, now: datetime) -> DemandArtefact:
    categories = [items[each].category if each in items else None for each in panel.items]
    made = pack(fit(panel, categories), panel, now)
    models.publish(made.model_id, made.files, f"{made.card.items} items, {made.card.weeks} weeks")
    models.promote(made.model_id, models.champion())
    return made


def _made(
    found: Sorted, made: DemandArtefact, panel: Panel, rooms: Rooms, now: datetime
) -> tuple[Sequence[Suggestion], Sequence[NoSuggestion]]:
    """Suggestions, those that promise the most first. Only of these is all told that the owner reads."""
    if not found.subjects:
        return (), ()
    tonight = night(found, made.model, panel, now)
    each = list(moves(tonight, _recent(rooms.ledger, now)))
    best = nsmallest(MOST_SUGGESTIONS, (one for one in each if isinstance(one, Move)), key=Move.rank)
    return [suggestion(tonight, one) for one in best], [one for one in each if isinstance(one, NoSuggestion)]


def _recent(ledger: LedgerStore, now: datetime) -> Recent:
    """A ledger is read only where it has changed in the week: of 100,000 items that is a request each."""

    def recent(subject: Subject) -> Sequence[Decimal]:
        if subject.since is None or subject.since <= now - WEEK:
            return (subject.price.amount,)
        return prices_of_week(ledger.latest(subject.item.item_id, LATEST), subject.price.currency, now)

    return recent


def _subjects(listed: Collection[Listed], rooms: Rooms, now: datetime) -> Iterator[Subject | Item]:
    """Each item with what holds for it; one without a price as it is."""
    said = {each.scope: each.limits for each in rooms.limits.all()}
    bound = {item.item_id: merged(said[each] for each in _scopes(item) if each in said) for item, _, _ in listed}
    rivals = rooms.competitors.get([item_id for item_id, limits in bound.items() if limits.competitors])
    for item, end, _ in listed:
        if item.price is None:
            yield item
            continue
        rule = bound[item.item_id].competitors
        told = rivals.get(item.item_id, ())
        others = amounts(told, item.price, rule.most_days_old, now) if rule else ()
        yield Subject(item, item.price, bound[item.item_id], others, end and end.since)


def _scopes(item: Item) -> tuple[str, ...]:
    return scopes_of(item.item_id, item.category)


def _absences(
    items: ItemStore, listed: Mapping[str, Listed], item_ids: Sequence[str]
) -> Mapping[str, Sequence[Absence]]:
    """Those that were deleted are read one by one: there are few, and nobody lists them."""
    known = {item_id: listed[item_id].absent for item_id in item_ids if item_id in listed}
    return {**known, **items.absences(item_id for item_id in item_ids if item_id not in listed)}


def _ledgers(
    ledger: LedgerStore, listed: Mapping[str, Listed], item_ids: Sequence[str]
) -> Mapping[str, Sequence[Entry]]:
    """Of these items. What has had one price only is known from the item, so that is not asked for."""
    found: dict[str, Sequence[Entry]] = {}
    for item_id in item_ids:
        each = listed.get(item_id)
        if each and each.end and each.end.seq == 1:
            found[item_id] = changes(item_id, None, each.item.price, each.end.since, None)
    left = [item_id for item_id in item_ids if item_id not in found]
    with ThreadPoolExecutor(READERS) as pool:
        return found | dict(zip(left, pool.map(ledger.read, left), strict=True))

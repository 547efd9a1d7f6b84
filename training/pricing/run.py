"""One night: sales -> a demand model, published -> suggestions, written -> autopilot, where the owner allows it.

It may break off anywhere and be repeated: the model is named by its content, a suggestion by its item, prices and day,
and a price that was changed is not what its suggestion was made from any more.
"""

from collections import Counter
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from shared.domain.competitors import amounts
from shared.domain.errors import ConflictError, NotFoundError, RefusedError
from shared.domain.items import Item
from shared.domain.ledger import Entry
from shared.domain.price_limits import Limits, merged, prices_of_week
from shared.domain.price_scopes import scopes_of
from shared.domain.suggestions import Suggestion, SuggestionStatus
from shared.stores.competitors import CompetitorStore
from shared.stores.items import ItemStore
from shared.stores.ledger import LedgerStore
from shared.stores.models import ModelStore
from shared.stores.price_limits import PriceLimitsStore
from shared.stores.repricing import LATEST, Repricing
from shared.stores.suggestions import SuggestionStore
from training.demand.artefact import DemandArtefact, pack
from training.demand.fit import fit
from training.demand.panel import Panel
from training.pricing.sold import panel_of
from training.pricing.subjects import NoSuggestion, Sorted, Subject, sort
from training.pricing.suggest import Recent, night, suggestions, tally
from training.sales import WeeklySales

NO_SALES = "No week with sales is over yet, so there is no demand to learn."
READERS = 8
MOST_SUGGESTIONS = 10_000
"""Those that promise the most: nobody reads more, and each is a write."""


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
    items = {item.item_id: item for item in rooms.items.all() if item.kind == "product"}
    panel = panel_of(sales, lambda item_ids: _ledgers(rooms.ledger, item_ids), now)
    if not len(panel.units):
        rooms.suggestions.replace((), now)
        return {"model_id": None, "reason": NO_SALES}
    made = _published(panel, items, rooms.models, now)
    found = sort(_subjects(items.values(), rooms, now), made.model.rows, sales.currency, busy)
    told, none = _made(found, made, panel, rooms, now)
    fresh = rooms.suggestions.replace(told, now)
    return {
        "model_id": made.model_id,
        "items": len(items),
        "suggestions": len(told),
        "new": fresh,
        "none": tally([*found.none, *none]),
        "autopilot": autopilot(told, {each.item.item_id: each.limits for each in found.subjects}, rooms, now),
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
    if not found.subjects:
        return (), ()
    each = list(suggestions(night(found, made.model, panel, now), _recent(found, rooms.ledger, now)))
    told = sorted((one for one in each if isinstance(one, Suggestion)), key=_promise)
    return told[:MOST_SUGGESTIONS], [one for one in each if isinstance(one, NoSuggestion)]


def _promise(suggestion: Suggestion) -> tuple[float, str]:
    return -(suggestion.profit.value if suggestion.profit else 0.0), suggestion.item_id


def _recent(found: Sorted, ledger: LedgerStore, now: datetime) -> Recent:
    currencies = {each.item.item_id: each.price.currency for each in found.subjects}

    def recent(item_id: str) -> Sequence[Decimal]:
        return prices_of_week(ledger.latest(item_id, LATEST), currencies[item_id], now)

    return recent


def _subjects(items: Collection[Item], rooms: Rooms, now: datetime) -> Iterator[Subject | Item]:
    """Each item with what holds for it; one without a price as it is."""
    said = {each.scope: each.limits for each in rooms.limits.all()}
    bound = {item.item_id: merged(said[each] for each in _scopes(item) if each in said) for item in items}
    rivals = rooms.competitors.get([item_id for item_id, limits in bound.items() if limits.competitors])
    for item in items:
        if item.price is None:
            yield item
            continue
        rule = bound[item.item_id].competitors
        told = rivals.get(item.item_id, ())
        others = amounts(told, item.price, rule.most_days_old, now) if rule else ()
        yield Subject(item, item.price, bound[item.item_id], others)


def _scopes(item: Item) -> tuple[str, ...]:
    return scopes_of(item.item_id, item.category)


def _ledgers(ledger: LedgerStore, item_ids: Sequence[str]) -> Mapping[str, Sequence[Entry]]:
    with ThreadPoolExecutor(READERS) as pool:
        return dict(zip(item_ids, pool.map(ledger.read, item_ids), strict=True))

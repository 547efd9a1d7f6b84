"""A suggested price becomes the item's: by the owner's word, or by autopilot where the owner has switched it on.

The item, its ledger and the suggestion are written in one transaction, on condition that none of them was changed since
it was looked at; else all is looked at again, the limits too. So of two approvals at once one changes the price and
both are told that it is done, and whoever edits the item or decides on the suggestion meanwhile is not overruled.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from shared.domain.competitors import amounts
from shared.domain.errors import ConflictError, NotFoundError, RefusedError
from shared.domain.items import Item
from shared.domain.ledger import Entry
from shared.domain.money import Money
from shared.domain.price_limits import Limits, Refused, bounded, prices_of_week
from shared.domain.suggestions import UNDECIDED, Bound, Suggestion, SuggestionStatus
from shared.stores.competitors import CompetitorStore
from shared.stores.conditional import Write
from shared.stores.items import ItemStore
from shared.stores.ledger import LedgerStore
from shared.stores.price_limits import PriceLimitsStore
from shared.stores.suggestions import SuggestionStore
from shared.stores.table import Table

LATEST = 50
"""Entries of a ledger: mostly more than a week has."""
WEEK = timedelta(days=7)


class Asked(NamedTuple):
    """Which suggestion is to be approved, when and by whom; None stands for the item's last one, whichever that is."""

    item_id: str
    suggestion_id: str | None
    now: datetime
    by_autopilot: bool


class Looked(NamedTuple):
    """What an item is to become, the suggestion as it is then, and the write that says so."""

    item: Item | None
    suggestion: Suggestion
    write: Write = ()


class Repricing:
    """Approves suggestions."""

    def __init__(self, table: Table) -> None:
        self._items, self._ledger = ItemStore(table), LedgerStore(table)
        self._limits, self._competitors = PriceLimitsStore(table), CompetitorStore(table)
        self._suggestions = SuggestionStore(table)

    def approve(
        self, item_id: str, suggestion_id: str | None, now: datetime, *, by_autopilot: bool = False
    ) -> Suggestion:
        """Make the suggested price the item's, once.

        Raises `NotFoundError`; `ConflictError` where the suggestion or the price is not what it was; `RefusedError`
        where today's limits do not allow it; and `StoreUnavailableError`.
        """
        asked = Asked(item_id, suggestion_id, now, by_autopilot)
        looks: list[Looked] = []

        def edit(item: Item | None) -> Item | None:
            looks.append(self._look(item, asked))
            return looks[-1].item

        self._items.edit({item_id: edit}, now, lambda _: looks[-1].write)
        found = looks[-1].suggestion
        if found.status is SuggestionStatus.APPROVED:
            return found
        # The item has the price already: somebody has set it by hand.
        return self._suggestions.decide(
            item_id, found.suggestion_id, SuggestionStatus.APPROVED, now, by_autopilot=by_autopilot
        )

    def _look(self, item: Item | None, asked: Asked) -> Looked:
        """The item at the suggested price; unchanged where that was approved before, or is its price already."""
        found = self._suggestions.last(asked.item_id)
        if asked.suggestion_id not in {None, found.suggestion_id}:
            raise ConflictError("Another suggestion has taken its place: read it again.")
        if found.status is SuggestionStatus.APPROVED:
            return Looked(item, found)
        if found.status not in UNDECIDED or found.expires <= asked.now:
            raise ConflictError(f"The suggestion is {found.at(asked.now).status} already.")
        if item is None:
            raise NotFoundError(f"There is no item {asked.item_id}.")
        if item.price == found.suggested:
            return Looked(item, found)
        if item.price is None or item.price != found.current:
            raise ConflictError("The price is not what it was when this was suggested: wait for the next suggestion.")
        self._check(item, item.price, found.suggested, asked)
        approved, write = self._suggestions.approval(found, asked.now, by_autopilot=asked.by_autopilot)
        return Looked(item.model_copy(update={"price": found.suggested}), approved, (write,))

    def _check(self, item: Item, price: Money, wanted: Money, asked: Asked) -> None:
        """Raises `RefusedError` unless today's limits allow the price as it is wanted."""
        limits = self._limits.holding(item.item_id, item.category)
        if asked.by_autopilot and not limits.autopilot:
            raise RefusedError("Autopilot is off for this item.", "autopilot")
        recent = prices_of_week(self._week(item.item_id, asked.now), price.currency, asked.now)
        if asked.by_autopilot and len(recent) > 1:
            raise RefusedError("The price was changed within the last seven days.", "autopilot")
        others = self._others(item.item_id, price, limits, asked.now)
        allowed = bounded(wanted.amount, price, item.cost, limits, others, asked.now.date(), recent=recent)
        if isinstance(allowed, Refused):
            raise RefusedError(f"{allowed.limit}: {allowed.why}", allowed.limit)
        if allowed.price != wanted.amount:
            raise RefusedError(_why(allowed.price, wanted, allowed.bounds), "limits")

    def _week(self, item_id: str, now: datetime) -> list[Entry]:
        """The ledger as far back as a week, at least: a shop may change a price every hour."""
        latest = self._ledger.latest(item_id, LATEST)
        reaches = len(latest) < LATEST or latest[0].since <= now - WEEK
        return latest if reaches else self._ledger.read(item_id, consistent=True)

    def _others(self, item_id: str, price: Money, limits: Limits, now: datetime) -> list[Decimal]:
        if limits.competitors is None:
            return []
        known = self._competitors.get([item_id]).get(item_id, ())
        return amounts(known, price, limits.competitors.most_days_old, now)


def _why(allowed: Decimal, wanted: Money, bounds: Sequence[Bound]) -> str:
    said = " ".join(bound.text for bound in bounds)
    return f"Today's limits allow {allowed:f} {wanted.currency}, not {wanted.amount:f}. {said}".strip()

"""A suggested price becomes the item's: by the owner's word, or by autopilot where the owner has switched it on.

The item, its ledger and the suggestion are written in one transaction, on condition that none of them was changed since
it was looked at; else all is looked at again, the limits too. So of two approvals at once one changes the price and
both are told that it is done, and whoever edits the item or decides on the suggestion meanwhile is not overruled.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from shared.domain.competitors import amounts
from shared.domain.errors import ConflictError, NotFoundError, RefusedError
from shared.domain.items import Item
from shared.domain.money import Money
from shared.domain.price_limits import Limits, Refused, bounded, prices_of_week
from shared.domain.suggestions import UNDECIDED, Bound, Status, Suggestion
from shared.stores.competitors import CompetitorStore
from shared.stores.conditional import Write
from shared.stores.items import ItemStore
from shared.stores.ledger import LedgerStore
from shared.stores.price_limits import PriceLimitsStore
from shared.stores.suggestions import SuggestionStore
from shared.stores.table import Put, Table

LATEST = 50
"""Entries of a ledger: more than a week has."""


class Repricing:
    """Approves suggestions."""

    def __init__(self, table: Table) -> None:
        self._items, self._ledger = ItemStore(table), LedgerStore(table)
        self._limits, self._competitors = PriceLimitsStore(table), CompetitorStore(table)
        self._suggestions = SuggestionStore(table)

    def approve(
        self, item_id: str, suggestion_id: str | None, now: datetime, *, by_autopilot: bool = False
    ) -> Suggestion:
        """Make the suggested price the item's, once; None stands for whichever suggestion is the item's last.

        Raises `NotFoundError`; `ConflictError` where the suggestion or the price is not what it was; `RefusedError`
        where today's limits do not allow it; and `StoreUnavailableError`.
        """
        approval = _Approval(self, item_id, suggestion_id, now, by_autopilot)
        self._items.edit({item_id: approval.edit}, now, approval.beside)
        if approval.suggestion.status is Status.APPROVED:
            return approval.suggestion
        # The item has the price already: somebody has set it by hand.
        found = approval.suggestion.suggestion_id
        return self._suggestions.decide(item_id, found, Status.APPROVED, now, by_autopilot=by_autopilot)

    def last(self, item_id: str, suggestion_id: str | None) -> Suggestion:
        """The item's last suggestion, which must be this one."""
        found = self._suggestions.last(item_id)
        if suggestion_id not in {None, found.suggestion_id}:
            raise ConflictError("Another suggestion has taken its place: read it again.")
        return found

    def approved(self, suggestion: Suggestion, now: datetime, by_autopilot: bool) -> tuple[Suggestion, Put]:
        return self._suggestions.approval(suggestion, now, by_autopilot=by_autopilot)

    def check(self, item: Item, price: Money, wanted: Money, now: datetime, by_autopilot: bool) -> None:
        """Raises `RefusedError` unless today's limits allow the price as it is wanted."""
        limits = self._limits.holding(item.item_id, item.category)
        if by_autopilot and not limits.autopilot:
            raise RefusedError("Autopilot is off for this item.", "autopilot")
        recent = prices_of_week(self._ledger.latest(item.item_id, LATEST), price.currency, now)
        others = self._others(item.item_id, price, limits, now)
        allowed = bounded(wanted.amount, price, item.cost, limits, others, now.date(), recent=recent)
        if isinstance(allowed, Refused):
            raise RefusedError(f"{allowed.limit}: {allowed.why}", allowed.limit)
        if allowed.price != wanted.amount:
            raise RefusedError(_why(allowed.price, wanted, allowed.bounds), "limits")

    def _others(self, item_id: str, price: Money, limits: Limits, now: datetime) -> list[Decimal]:
        if limits.competitors is None:
            return []
        known = self._competitors.get([item_id]).get(item_id, ())
        return amounts(known, price, limits.competitors.most_days_old, now)


class _Approval:
    """One approval, which may have to look more than once."""

    def __init__(
        self, repricing: Repricing, item_id: str, suggestion_id: str | None, now: datetime, by_autopilot: bool
    ) -> None:
        self._repricing, self._item_id, self._suggestion_id = repricing, item_id, suggestion_id
        self._now, self._by_autopilot = now, by_autopilot
        self.suggestion: Suggestion
        self._write: Write = ()

    def edit(self, item: Item | None) -> Item | None:
        """The item at the suggested price; unchanged where that was approved before."""
        found = self.suggestion = self._repricing.last(self._item_id, self._suggestion_id)
        if found.status is Status.APPROVED:
            return item
        if found.status not in UNDECIDED or found.expires <= self._now:
            raise ConflictError(f"The suggestion is {found.at(self._now).status} already.")
        if item is None:
            raise NotFoundError(f"There is no item {self._item_id}.")
        if item.price == found.suggested:
            return item
        if item.price is None or item.price != found.current:
            raise ConflictError("The price is not what it was when this was suggested: wait for the next suggestion.")
        self._repricing.check(item, item.price, found.suggested, self._now, self._by_autopilot)
        self.suggestion, write = self._repricing.approved(found, self._now, self._by_autopilot)
        self._write = (write,)
        return item.model_copy(update={"price": found.suggested})

    def beside(self, _: str) -> Write:
        """The word on the suggestion, as it was looked at last."""
        return self._write


def _why(allowed: object, wanted: Money, bounds: Sequence[Bound]) -> str:
    said = " ".join(bound.text for bound in bounds)
    return f"Today's limits allow {allowed} {wanted.currency}, not {wanted.amount:f}. {said}".strip()

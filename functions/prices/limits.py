"""The use cases of the owner's limits."""

import base64

from pydantic import BaseModel, Field

from shared.domain.errors import FieldError, InvalidInputError, NotFoundError
from shared.domain.price_limits import Limits
from shared.domain.price_scopes import ITEM, contradictions
from shared.stores.items import ItemStore
from shared.stores.price_limits import PriceLimitsStore, Versioned


class StoredLimits(Limits):
    """The limits of a scope, and their version; none where they are put together from several scopes."""

    scope: str
    version: int | None = Field(default=None, description="Rises by one with each change.")


class LimitsPage(BaseModel, defer_build=True):
    """One page of all limits, by scope; `next_cursor` is absent on the last."""

    limits: list[StoredLimits]
    next_cursor: str | None = None


def stored(found: Versioned) -> StoredLimits:
    """As they are told."""
    return StoredLimits(scope=found.scope, version=found.version, **dict(found.limits))


def put(scope: str, limits: Limits, version: int | None, store: PriceLimitsStore) -> StoredLimits:
    """Set the limits. Raises `InvalidInputError` for ones that can never hold together, and `ConflictError`."""
    if errors := contradictions(limits):
        raise InvalidInputError("These limits contradict each other.", errors)
    return stored(store.put(scope, limits, version))


def holding(scope: str, items: ItemStore, store: PriceLimitsStore) -> StoredLimits:
    """All that holds for an item. Raises `InvalidInputError` for another scope, and `NotFoundError`."""
    if not scope.startswith(ITEM):
        raise InvalidInputError("Only of an item.", [FieldError("holding", "is for the scope `item:ID` only")])
    item_id = scope.removeprefix(ITEM)
    item = items.get([item_id]).get(item_id)
    if item is None:
        raise NotFoundError(f"There is no item {item_id}.")
    return StoredLimits(scope=scope, **dict(store.holding(item_id, item.category)))


def page(store: PriceLimitsStore, limit: int, cursor: str | None) -> LimitsPage:
    """The scopes after the one that `cursor` names."""
    after = _read(cursor)
    found = store.after(after, limit + 1)
    more = base64.urlsafe_b64encode(found[limit - 1].scope.encode()).decode() if len(found) > limit else None
    return LimitsPage(limits=[stored(each) for each in found[:limit]], next_cursor=more)


def _read(cursor: str | None) -> str:
    if cursor is None:
        return ""
    try:
        return base64.b64decode(cursor.encode(), b"-_", validate=True).decode()
    except ValueError:
        raise InvalidInputError(
            "The cursor is not one that this API gave.", [FieldError("cursor", "is not a cursor")]
        ) from None

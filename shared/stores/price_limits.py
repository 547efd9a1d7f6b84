"""The owner's limits on prices in the table, a document for each scope that says any."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from pydantic import ValidationError

from shared.domain.errors import StoreUnavailableError
from shared.domain.price_limits import Limits, merged
from shared.domain.price_scopes import scopes_of
from shared.stores.documents import Document, Documents, Kind
from shared.stores.table import Table

PRICE_LIMITS = Kind("PRICE_LIMITS", "SCOPE#", "There are no limits of {}.", "The limits have", "read them again")


class Versioned(NamedTuple):
    """The limits of a scope, and their version."""

    scope: str
    limits: Limits
    version: int


class PriceLimitsStore:
    """Puts, gets, lists and deletes limits, each conditional on the version that was read.

    What reads them raises `StoreUnavailableError` for those that this release cannot read, as after a rollback: a price
    that nothing bounds would be worse than none.
    """

    def __init__(self, table: Table) -> None:
        self._documents = Documents(table, PRICE_LIMITS)

    def all(self) -> Iterator[Versioned]:
        """The limits of every scope, by its name."""
        return map(_versioned, self._documents.all())

    def after(self, scope: str, count: int) -> list[Versioned]:
        """The limits of the next `count` scopes after this one, which may be none; "" for the first."""
        return list(map(_versioned, self._documents.after(scope, count)))

    def get(self, scope: str) -> Versioned:
        """The limits of one scope. Raises `NotFoundError`."""
        return _versioned(self._documents.get(scope))

    def holding(self, item_id: str, category: str | None) -> Limits:
        """What holds for an item, of all that its scopes and the defaults say."""
        scopes = scopes_of(item_id, category)
        said = {each.scope: each.limits for each in map(_versioned, self._documents.some(scopes))}
        return merged(said[scope] for scope in scopes if scope in said)

    def put(self, scope: str, limits: Limits, version: int | None) -> Versioned:
        """Write the limits over any version, or over this one only (0: only if there are none).

        Raises `ConflictError`.
        """
        body = limits.model_dump_json(exclude_none=True)
        return Versioned(scope, limits, self._documents.put(scope, version, lambda _: body))

    def delete(self, scope: str, version: int | None, now: datetime) -> None:
        """Delete the limits, in any version or in this one only. Raises `NotFoundError` and `ConflictError`."""
        self._documents.delete(scope, version, now)


def _versioned(document: Document) -> Versioned:
    try:
        limits = Limits.model_validate_json(document.body, extra="ignore")
    except ValidationError as error:
        raise StoreUnavailableError(f"The stored limits of {document.name} cannot be read: put them anew.") from error
    return Versioned(document.name, limits, document.version)

"""The owner's limits on prices in the table: one partition, a record for each scope that says any.

Limits that were deleted leave their version behind for a month, so that ones of the same scope go on from there.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from pydantic import ValidationError

from shared.domain.errors import ConflictError, NotFoundError, StoreUnavailableError
from shared.domain.price_limits import Limits, merged
from shared.domain.price_scopes import scopes_of
from shared.stores.table import Record, Table

PARTITION = "PRICE_LIMITS"
PREFIX = "SCOPE#"
REMEMBERED = timedelta(days=30)


class Versioned(NamedTuple):
    """The limits of a scope, and their version."""

    scope: str
    limits: Limits
    version: int


class PriceLimitsStore:
    """Puts, gets, lists and deletes limits, each conditional on the version that was read."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def all(self) -> Iterator[Versioned]:
        """The limits of every scope, by its name. Raises `StoreUnavailableError` for what this release cannot read."""
        return (_versioned(record) for record in self._table.query_all(PARTITION) if "body" in record)

    def after(self, scope: str, count: int) -> list[Versioned]:
        """The limits of the next `count` scopes after this one, which may be none; "" for the first."""
        found: list[Versioned] = []
        while len(found) < count:
            records = self._table.query_after(PARTITION, PREFIX + scope, count)
            if not records:
                break
            found += map(_versioned, (record for record in records if "body" in record))
            scope = records[-1]["sk"].removeprefix(PREFIX)
        return found[:count]

    def get(self, scope: str) -> Versioned:
        """The limits of one scope. Raises `NotFoundError`."""
        record = self._table.get(PARTITION, PREFIX + scope)
        if record is None or "body" not in record:
            raise NotFoundError(f"There are no limits of {scope}.")
        return _versioned(record)

    def holding(self, item_id: str, category: str | None) -> Limits:
        """What holds for an item, of all that its scopes and the defaults say.

        Raises `StoreUnavailableError` for what this release cannot read, as after a rollback: a price that nothing
        bounds would be worse than none.
        """
        scopes = scopes_of(item_id, category)
        found = self._table.get_many((PARTITION, PREFIX + scope) for scope in scopes)
        said = {each.scope: each.limits for each in map(_versioned, (record for record in found if "body" in record))}
        return merged(said[scope] for scope in scopes if scope in said)

    def put(self, scope: str, limits: Limits, version: int | None) -> Versioned:
        """Write the limits over any version, or over this one only (0: only if there are none).

        Raises `ConflictError`.
        """
        before = self._table.get(PARTITION, PREFIX + scope)
        _require(version, before)
        after = Versioned(scope, limits, _version(before) + 1)
        self._write(scope, before, {"body": limits.model_dump_json(exclude_none=True), "version": after.version})
        return after

    def delete(self, scope: str, version: int | None, now: datetime) -> None:
        """Delete the limits, in any version or in this one only. Raises `NotFoundError` and `ConflictError`."""
        before = self._table.get(PARTITION, PREFIX + scope)
        if before is None or "body" not in before:
            raise NotFoundError(f"There are no limits of {scope}.")
        _require(version, before)
        expires = int((now + REMEMBERED).timestamp())
        self._write(scope, before, {"version": _version(before) + 1, "expires_at": expires})

    def _write(self, scope: str, before: Record | None, record: Record) -> None:
        condition = "attribute_not_exists(pk)" if before is None else "version = :version"
        values = None if before is None else {":version": before["version"]}
        if not self._table.put_if({"pk": PARTITION, "sk": PREFIX + scope} | record, condition, values):
            raise ConflictError("Somebody else changed the limits at the same time: read them again.")


def _versioned(record: Record) -> Versioned:
    scope = record["sk"].removeprefix(PREFIX)
    try:
        limits = Limits.model_validate_json(record["body"], extra="ignore")
    except ValidationError as error:
        raise StoreUnavailableError(f"The stored limits of {scope} cannot be read: put them anew.") from error
    return Versioned(scope, limits, int(record["version"]))


def _version(record: Record | None) -> int:
    return int(record["version"]) if record else 0


def _require(version: int | None, before: Record | None) -> None:
    have = _version(before) if before and "body" in before else 0
    if version is not None and version != have:
        raise ConflictError(f"The limits have version {have}, not {version}: read them again.")

"""Who was erased, and when: a keyed hash and a time, and nothing personal.

What a customer did at or before the erasure stays out, however late it arrives; what comes after starts a new history.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from shared.domain.events import CustomerRef
from shared.stores.table import Key, Record, Table

PREFIX = "TOMBSTONE#"
SORT = "TOMBSTONE"


class TombstoneStore:
    """Writes tombstones, and finds them. `secret` gives the deployment's pepper."""

    def __init__(self, table: Table, secret: Callable[[], str]) -> None:
        self._table = table
        self._secret = secret

    def write(self, customer: CustomerRef, at: datetime) -> None:
        """Note that this customer was erased; of several times the latest holds."""
        record = {"pk": self._partition(customer), "sk": SORT, "erased_at": _stamp(at)}
        self._table.put_if(record, "attribute_not_exists(pk) OR erased_at < :at", {":at": _stamp(at)})

    def erased(self, customers: Iterable[CustomerRef]) -> dict[CustomerRef, datetime]:
        """When those of these customers who were erased were; strongly consistent."""
        keys = self.keys(customers)
        return {keys[record["pk"], record["sk"]]: self.read(record) for record in self._table.get_many(keys)}

    def keys(self, customers: Iterable[CustomerRef]) -> dict[Key, CustomerRef]:
        """Where they are, for those who read them together with something else."""
        return {(self._partition(customer), SORT): customer for customer in customers}

    def read(self, record: Record) -> datetime:
        """What a record that was found there says."""
        return datetime.fromisoformat(record["erased_at"])

    def _partition(self, customer: CustomerRef) -> str:
        keyed = hmac.new(self._secret().encode(), f"tombstone:{customer}".encode(), hashlib.sha256)
        return PREFIX + keyed.hexdigest()


def _stamp(at: datetime) -> str:
    """So written that the order of the text is the order of time."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")

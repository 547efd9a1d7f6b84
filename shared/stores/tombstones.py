"""Who was erased, and when: a keyed hash and a time, and nothing personal.

What a customer did at or before the erasure stays out, however late it arrives; what comes after starts a new history.
"""

import hmac
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from shared.domain.events import CustomerRef
from shared.stores.table import Key, Record, Table

PREFIX = "TOMBSTONE#"
SORT = "TOMBSTONE"
ALL = PREFIX + "ALL"
"""The partition that lists all of them, by their hashes."""


class TombstoneStore:
    """Writes tombstones, and finds them. `secret` gives the deployment's pepper."""

    def __init__(self, table: Table, secret: Callable[[], str]) -> None:
        self._table = table
        self._secret = secret

    def write(self, customer: CustomerRef, at: datetime) -> None:
        """Note that this customer was erased; of several times the latest holds. Listed first: a list lacks nobody."""
        partition = self._partition(str(customer))
        for pk, sk in ((ALL, partition.removeprefix(PREFIX)), (partition, SORT)):
            record = {"pk": pk, "sk": sk, "erased_at": _stamp(at)}
            self._table.put_if(record, "attribute_not_exists(pk) OR erased_at < :at", {":at": _stamp(at)})

    def all(self) -> Callable[[str], datetime | None]:
        """When a customer, written as `user:ID`, was erased, by one reading of all tombstones: for who meets many."""
        listed = {record["sk"]: self.read(record) for record in self._table.query_all(ALL, consistent=True)}
        if not listed:
            return lambda _: None
        return lambda customer: listed.get(self._partition(customer).removeprefix(PREFIX))

    def erased(self, customers: Iterable[CustomerRef]) -> dict[CustomerRef, datetime]:
        """When those of these customers who were erased were; strongly consistent."""
        keys = self.keys(customers)
        return {keys[record["pk"], record["sk"]]: self.read(record) for record in self._table.get_many(keys)}

    def keys(self, customers: Iterable[CustomerRef]) -> dict[Key, CustomerRef]:
        """Where they are, for those who read them together with something else."""
        return {(self._partition(str(customer)), SORT): customer for customer in customers}

    def read(self, record: Record) -> datetime:
        """What a record that was found there says."""
        return datetime.fromisoformat(record["erased_at"])

    def _partition(self, customer: str) -> str:
        return PREFIX + hmac.digest(self._secret().encode(), f"tombstone:{customer}".encode(), "sha256").hex()


def _stamp(at: datetime) -> str:
    """So written that the order of the text is the order of time."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")

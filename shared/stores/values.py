"""What customers are worth, a record in each customer's own partition, so that export and erasure find it.

It has no time of its own: it rests on all that the customer ever did, so an erasure always takes it.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta

from shared.domain.events import CustomerRef
from shared.domain.value import CustomerValue, ValueSummary
from shared.stores.events import partition
from shared.stores.table import Record, Table

VALUE = "VALUE"
SUMMARY = "VALUES"
LIFETIME = timedelta(days=14)
"""After so many days without the nightly job a value says nothing any more."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class ValueStore:
    """Reads and writes values. One that is stale is as good as none, deleted or not."""

    def __init__(self, table: Table, clock: Callable[[], datetime] = _utc_now) -> None:
        self._table = table
        self._clock = clock

    def get(self, customer: CustomerRef) -> CustomerValue | None:
        """What this customer is worth; None for who never ordered, and for a value that is stale."""
        record = self._table.get(partition(customer), VALUE)
        return self._read(record) if record else None

    def get_many(self, customers: Iterable[CustomerRef]) -> dict[CustomerRef, CustomerValue]:
        """Those of these customers that have one; eventually consistent, for who compares many."""
        keys = {(partition(each), VALUE): each for each in customers}
        found = {
            keys[record["pk"], record["sk"]]: self._read(record)
            for record in self._table.get_many(keys, consistent=False)
        }
        return {customer: value for customer, value in found.items() if value is not None}

    def put_many(self, values: Mapping[CustomerRef, CustomerValue]) -> None:
        """Write these, over what stood there."""
        self._table.write_many(_record(customer, value) for customer, value in values.items())

    def summary(self) -> ValueSummary | None:
        """The last summary; None before the nightly job ran, or where it is stale."""
        record = self._table.get(SUMMARY, SUMMARY)
        if record is None or self._is_stale(record):
            return None
        return ValueSummary.model_validate_json(record["body"])

    def put_summary(self, summary: ValueSummary) -> None:
        """The summary from now on."""
        record = {"pk": SUMMARY, "sk": SUMMARY, "body": summary.model_dump_json()}
        self._table.put(record | {"expires_at": _expiry(summary.computed)})

    def _read(self, record: Record) -> CustomerValue | None:
        return None if self._is_stale(record) else CustomerValue.model_validate_json(record["body"])

    def _is_stale(self, record: Record) -> bool:
        return bool(record["expires_at"] <= self._clock().timestamp())


def _record(customer: CustomerRef, value: CustomerValue) -> Record:
    body = value.model_dump_json(exclude_none=True)
    return {"pk": partition(customer), "sk": VALUE, "body": body, "expires_at": _expiry(value.computed)}


def _expiry(computed: datetime) -> int:
    return int((computed + LIFETIME).timestamp())

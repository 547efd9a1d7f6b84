"""Consent in the table, under the customer's own partition: every decision, and in one record those that stand."""

import hashlib
from collections.abc import Iterable, Sequence
from time import sleep

from pydantic import TypeAdapter

from shared.domain.consent import Decision, Standing, latest
from shared.domain.errors import StoreUnavailableError
from shared.domain.events import CustomerRef
from shared.stores.events import partition
from shared.stores.table import Key, Put, Record, Table, pauses

STANDING = "CONSENT"
DECISION = "CONSENT#"
_list = TypeAdapter(list[Decision])


class ConsentStore:
    """Appends decisions, and reads what stands."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def decide(self, customer: CustomerRef, decisions: Sequence[Decision]) -> Standing:
        """Append decisions, and move what stands in the same transaction; what stands then. Idempotent.

        Raises `StoreUnavailableError`.
        """
        for pause in pauses():
            before = self._table.get(partition(customer), STANDING)
            old = _list.validate_json(before["body"]) if before else []
            standing = latest([*old, *decisions])
            body = _list.dump_json(sorted(standing.values(), key=lambda each: each.purpose)).decode()
            condition, values = (
                ("body = :old", {":old": before["body"]}) if before else ("attribute_not_exists(pk)", {})
            )
            moved = Put({"pk": partition(customer), "sk": STANDING, "body": body}, condition, values)
            if not self._table.transact([moved, *_appended(customer, decisions)]):
                return standing
            sleep(pause)
        raise StoreUnavailableError("Others keep changing the same consent.")

    def standing(self, customers: Iterable[CustomerRef]) -> dict[CustomerRef, Standing]:
        """What stands for those of these customers who have decided anything; strongly consistent."""
        keys = self.keys(customers)
        return {keys[record["pk"], record["sk"]]: self.read(record) for record in self._table.get_many(keys)}

    def keys(self, customers: Iterable[CustomerRef]) -> dict[Key, CustomerRef]:
        """Where it stands, for those who read it together with something else."""
        return {(partition(customer), STANDING): customer for customer in customers}

    def read(self, record: Record) -> Standing:
        """What a record that was found there says."""
        return latest(_list.validate_json(record["body"]))

    def decisions(self, customer: CustomerRef) -> list[Decision]:
        """Every decision of this customer, by purpose and time."""
        records = self._table.query_all(partition(customer))
        return [
            Decision.model_validate_json(each["body"], extra="ignore")
            for each in records
            if each["sk"].startswith(DECISION)
        ]


def _appended(customer: CustomerRef, decisions: Sequence[Decision]) -> list[Put]:
    """The key follows from all that a decision says, so that appending it again changes nothing."""
    records: dict[str, Record] = {}
    for each in decisions:
        body = each.model_dump_json()
        digest = hashlib.sha256(body.encode()).hexdigest()[:16]
        sk = f"{DECISION}{each.purpose}#{each.time.isoformat(timespec='microseconds')}#{digest}"
        records[sk] = {"pk": partition(customer), "sk": sk, "body": body}
    return [Put(record) for record in records.values()]

"""API keys in the table, under their keyed hash."""

from collections.abc import Iterator
from datetime import datetime

from shared.domain.keys import KeyKind, KeyRecord
from shared.stores.table import Table

SORT = "KEY"
PARTITION = "KEY#"


class KeyStore:
    """Finds, creates and revokes keys. A key itself is never stored."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def find(self, key_hash: str) -> KeyRecord | None:
        """What is stored under this hash."""
        record = self._table.get(PARTITION + key_hash, SORT)
        return KeyRecord.model_validate_json(record["body"]) if record else None

    def create(self, key_hash: str, kind: KeyKind, label: str, now: datetime) -> KeyRecord:
        """Store a new key's hash."""
        key = KeyRecord(key_hash=key_hash, kind=kind, label=label, created_at=now)
        self._table.put(_record(key))
        return key

    def all(self) -> Iterator[KeyRecord]:
        """Every key. Reads the whole table, which has no list of them: for the owner, now and then."""
        yield from (KeyRecord.model_validate_json(each["body"]) for each in self._table.scan(PARTITION))

    def expire(self, key: KeyRecord, at: datetime) -> bool:
        """Let a key end then, if it is as it was read; whether it was. One that is revoked meanwhile stays revoked."""
        record = self._table.get(PARTITION + key.key_hash, SORT)
        if record is None or KeyRecord.model_validate_json(record["body"]) != key:
            return False
        ending = _record(key.model_copy(update={"expires_at": at}))
        return self._table.put_if(ending, "body = :body", {":body": record["body"]})

    def revoke(self, key_hash: str) -> None:
        """Forget the key. Functions that have it cached stop taking it within a minute."""
        self._table.write_many(deletes=[(PARTITION + key_hash, SORT)])


def _record(key: KeyRecord) -> dict[str, str]:
    return {"pk": PARTITION + key.key_hash, "sk": SORT, "body": key.model_dump_json()}

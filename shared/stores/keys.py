"""API keys in the table, under their keyed hash."""

from datetime import datetime

from shared.domain.keys import KeyKind, KeyRecord
from shared.stores.table import Table

SORT = "KEY"


class KeyStore:
    """Finds, creates and revokes keys. A key itself is never stored."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def find(self, key_hash: str) -> KeyRecord | None:
        """What is stored under this hash."""
        record = self._table.get(f"KEY#{key_hash}", SORT)
        return KeyRecord.model_validate_json(record["body"]) if record else None

    def create(self, key_hash: str, kind: KeyKind, label: str, now: datetime) -> KeyRecord:
        """Store a new key's hash."""
        key = KeyRecord(key_hash=key_hash, kind=kind, label=label, created_at=now)
        self._table.put({"pk": f"KEY#{key_hash}", "sk": SORT, "body": key.model_dump_json()})
        return key

    def revoke(self, key_hash: str) -> None:
        """Forget the key. Functions that have it cached stop taking it within a minute."""
        self._table.write_many(deletes=[(f"KEY#{key_hash}", SORT)])

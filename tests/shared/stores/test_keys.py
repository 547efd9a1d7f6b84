"""Keys in the table: only their hashes, and gone when revoked."""

import json
from datetime import UTC, datetime

from shared.domain.keys import KeyKind, hash_key, new_key
from shared.stores import clients
from shared.stores.keys import KeyStore
from shared.stores.table import Table

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def test_a_key_is_found_by_its_hash_until_it_is_revoked(table: Table) -> None:
    keys = KeyStore(table)
    created = keys.create("hash", KeyKind.PUBLISHABLE, "storefront", NOW)
    assert keys.find("hash") == created
    assert (created.kind, created.label, created.created_at) == (KeyKind.PUBLISHABLE, "storefront", NOW)
    assert keys.find("hash2") is None
    keys.revoke("hash")
    assert keys.find("hash") is None
    keys.revoke("hash")


def test_the_key_itself_is_nowhere_in_the_table(table: Table) -> None:
    key = new_key(KeyKind.SECRET)
    KeyStore(table).create(hash_key(key, "pepper"), KeyKind.SECRET, "server", NOW)
    stored = json.dumps(clients.dynamodb().scan(TableName=table.name)["Items"])
    assert key not in stored
    assert key[3:35] not in stored

"""The archive function: the table's stream of events -> objects in the bucket."""

import os
from functools import cache
from typing import Any

from functions.archive.settings import ArchiveSettings
from shared.domain.events import NOBODY, Event
from shared.stores import clients
from shared.stores.archive import ArchiveStore
from shared.stores.erased import without_erased
from shared.stores.events import parse
from shared.stores.poison import PoisonStore
from shared.stores.secrets import SecretStore
from shared.stores.stream import Delivery, Inserted, StreamRecord, inserted
from shared.stores.table import Table
from shared.stores.tombstones import TombstoneStore
from shared.telemetry.log import observed


@cache
def settings() -> ArchiveSettings:
    return ArchiveSettings.read(os.environ)


@cache
def tombstones() -> TombstoneStore:
    secrets = SecretStore(clients.ssm())
    table = Table(clients.dynamodb(), settings().table_name)
    return TombstoneStore(table, lambda: secrets.get(settings().pepper_parameter))


def archivable(record: StreamRecord) -> Event | None:
    """The event to be archived; not nobody's, nor an imported one, whose archive object the import wrote itself.

    A filter of the event source could not say this: `exists` looks at leaves only, and not below what is not there.
    """
    found = inserted(record)
    if found is None or "archived" in found:
        return None
    event = parse(found)
    return event if event.customer.kind != NOBODY else None


@observed("archive")
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Append a delivery of stream records; what cannot be stored now, the stream delivers again."""
    store = ArchiveStore(clients.quick_s3(), settings().bucket_name)
    poison = PoisonStore(clients.quick_s3(), settings().bucket_name)
    written = 0

    def append(run: list[Inserted[Event]]) -> None:
        nonlocal written
        written += store.append(without_erased((each.value for each in run), tombstones().erased))

    failures = Delivery.read("archive", event).work(archivable, append, poison)
    return {"objects": written, "batchItemFailures": failures}

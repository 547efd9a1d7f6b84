"""Records of the table's stream, as the functions that read it see them."""

from collections.abc import Iterable, Iterator
from typing import Any

from shared.domain.events import Event
from shared.stores.events import parse
from shared.stores.table import unpack


def not_archived(records: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Without the records of imported events, whose archive objects the import wrote itself.

    A filter of the event source could not say this: `exists` looks at leaves only, and not below what is not there.
    """
    return (record for record in records if "archived" not in record["dynamodb"]["NewImage"])


def inserted_events(records: Iterable[dict[str, Any]]) -> Iterator[Event]:
    """The events that these stream records insert, in the stream's order.

    A replay of an event changes nothing in the table, and so is not in the stream.
    """
    for record in records:
        if record["eventName"] == "INSERT":
            yield parse(unpack(record["dynamodb"]["NewImage"]))

"""Records of the table's stream, as the functions that read it see them."""

from collections.abc import Iterable, Iterator
from typing import Any

from shared.domain.events import NOBODY, CustomerRef, Event
from shared.stores.events import parse, partition
from shared.stores.table import unpack


def not_archived(records: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Without the records of imported events, whose archive objects the import wrote itself, and of nobody's.

    A filter of the event source could not say this: `exists` looks at leaves only, and not below what is not there.
    """
    crowd = partition(CustomerRef(kind=NOBODY, id="-"))[:-1]
    for record in records:
        image = record["dynamodb"]["NewImage"]
        if "archived" not in image and not image["pk"]["S"].startswith(crowd):
            yield record


def inserted_events(records: Iterable[dict[str, Any]]) -> Iterator[Event]:
    """The events that these stream records insert, in the stream's order.

    A replay of an event changes nothing in the table, and so is not in the stream.
    """
    for record in records:
        if record["eventName"] == "INSERT":
            yield parse(unpack(record["dynamodb"]["NewImage"]))

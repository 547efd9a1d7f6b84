"""Stream records, as the table's own items make them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.domain.events import KNOWN, CustomerRef, Event
from shared.stores.events import records
from shared.stores.stream import inserted_events
from shared.stores.table import pack

EVENT = Event(
    customer=CustomerRef(kind=KNOWN, id="ann"),
    message_id="m1",
    time=datetime(2026, 5, 1, tzinfo=UTC),
    name="Viewed",
    items=("lamp",),
)


def change(kind: str, event: Event = EVENT) -> dict[str, Any]:
    (record,) = records(event, {"price": "1"})
    image = {} if kind == "REMOVE" else {"NewImage": pack(record)}
    keys = {name: pack(record)[name] for name in ("pk", "sk")}
    return {"eventName": kind, "dynamodb": {"Keys": keys, "SequenceNumber": "1", **image}}


def test_inserts_are_events_in_their_order() -> None:
    second = EVENT.model_copy(update={"message_id": "m2"})
    assert list(inserted_events([change("INSERT"), change("INSERT", second)])) == [EVENT, second]


@pytest.mark.parametrize("kind", ["MODIFY", "REMOVE"])
def test_other_changes_are_not(kind: str) -> None:
    assert list(inserted_events([change(kind)])) == []
    assert list(inserted_events([])) == []

"""Days that a shop's developer fears: two functions on one batch, a customer who never stops."""

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.domain.events import KNOWN, CustomerRef, Event
from shared.stores import clients
from shared.stores.events import MOST_BROWSED, MOST_EVENTS, EventStore, records
from shared.stores.table import Table
from tests.functions.api import Api
from tests.functions.ingest.test_ingest import track
from tests.functions.ingest.test_wire import message_ids

NOW = datetime.now(UTC)
ANN = CustomerRef(kind=KNOWN, id="ann")


def test_two_functions_with_one_batch_leave_what_one_leaves(api: Api, table: Table) -> None:
    """The second takes the whole batch in while the first is between its reads and its writes."""
    batch = {"batch": [track(messageId=f"m{n}", anonymousId="phone", timestamp=None) for n in range(5)]}
    replies: list[Any] = []

    def meanwhile(**_: object) -> None:
        clients.dynamodb().meta.events.unregister("before-call.dynamodb.BatchWriteItem", meanwhile)
        replies.append(api.server.post("/v1/batch", batch))

    clients.dynamodb().meta.events.register_first("before-call.dynamodb.BatchWriteItem", meanwhile)
    replies.append(api.server.post("/v1/batch", batch))
    assert [reply.json() for reply in replies] == [{"accepted": 5, "rejected": []}] * 2
    before = clients.dynamodb().scan(TableName=table.name)["Items"]
    assert sorted(message_ids(api)) == [f"m{n}" for n in range(5)]
    api.server.post("/v1/batch", batch)
    assert clients.dynamodb().scan(TableName=table.name)["Items"] == before


def test_a_customer_with_100_000_events_is_read_like_any_other(table: Table) -> None:
    many = (_event(n) for n in range(100_000))
    table.write_many(record for event in many for record in records(event, {}))
    asked: list[int] = []
    clients.dynamodb().meta.events.register(
        "after-call.dynamodb.Query", lambda parsed, **_: asked.append(parsed["ScannedCount"])
    )
    found = EventStore(table).recent([ANN], NOW)
    assert (len(found), len(asked), sum(asked)) == (MOST_EVENTS, 2, MOST_EVENTS)
    names = [event.name for event in found]
    assert (names.count("Product Viewed"), names.count("Order Completed")) == (MOST_BROWSED, MOST_EVENTS - MOST_BROWSED)
    assert found[0].message_id == "m0"


def _event(n: int) -> Event:
    """Newest first; every hundredth is an order."""
    name = "Order Completed" if n % 100 == 99 else "Product Viewed"
    return Event(customer=ANN, message_id=f"m{n}", time=NOW - timedelta(minutes=n), name=name, items=("lamp",))


def test_of_a_key_given_twice_the_last_counts_as_in_every_reader_of_json(api: Api) -> None:
    body = '{"event": "Article Read", "event": "Article Liked", "userId": "ann", "userId": "bob", "messageId": "m1"}'
    assert api.server.post("/v1/track", body).json() == {"accepted": 1, "rejected": []}
    assert (message_ids(api, "ann"), message_ids(api, "bob")) == ([], ["m1"])

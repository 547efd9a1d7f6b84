"""An order counts by the event that came first, and by that one again."""

from datetime import UTC, datetime
from typing import Any

from shared.domain.events import ANONYMOUS, KNOWN, CustomerRef, Event
from shared.stores import clients
from shared.stores.claims import ClaimStore
from shared.stores.table import Table


def order(message_id: str, **changes: Any) -> Event:
    fields: dict[str, Any] = {"customer": CustomerRef(kind=KNOWN, id="ann"), "message_id": message_id}
    fields |= {"name": "Order Completed", "time": datetime(2026, 5, 1, tzinfo=UTC), "items": ("lamp",)}
    return Event(**fields | {"order_id": "o-1"} | changes)


def test_the_first_event_of_an_order_keeps_it(table: Table) -> None:
    claims = ClaimStore(table)
    page, server = order("m1", customer=CustomerRef(kind=ANONYMOUS, id="phone")), order("m2")
    for _ in range(3):
        assert claims.lost([page]) == set()
        assert claims.lost([page, server]) == {server}


def test_other_orders_and_those_without_an_id_are_their_own(table: Table) -> None:
    events = [order("m1"), order("m2", order_id="o-2"), order("m3", order_id=None), order("m4", order_id=None)]
    assert ClaimStore(table).lost(events) == set()


def test_a_claim_says_neither_whose_nor_which_order_and_expires(table: Table) -> None:
    ClaimStore(table).lost([order("m1")])
    (record,) = clients.dynamodb().scan(TableName=table.name)["Items"]
    assert not [text for text in ("ann", "o-1", "m1") if text in str(record)]
    assert datetime.fromtimestamp(int(record["expires_at"]["N"]), UTC) == datetime(2026, 6, 2, tzinfo=UTC)

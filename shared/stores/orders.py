"""Whose an order is, for shop systems that refund an order without saying so; and refunds that came before their order.

An order's record is beside no customer's, so the customer's partition has a record that leads to it (`PLACED#`): by
that an erasure finds it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from shared.domain.events import CustomerRef
from shared.domain.retention import LONG
from shared.stores.events import partition
from shared.stores.table import Table

OWNER = "OWNER"
WAITING = "WAITING#"
PLACED = "PLACED#"
MOST_WAITING = 100
WAITS = timedelta(days=30)

Key = tuple[str, str]


class OrderStore:
    """Orders by the shop system (`source`) that they are of, and their number there."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def owner(self, source: str, order_id: str) -> CustomerRef | None:
        """Whose the order is, if it was counted."""
        record = self._table.get(_partition(source, order_id), OWNER)
        return CustomerRef.parse(record["owned_by"]) if record else None

    def claim(self, source: str, order_id: str, owner: CustomerRef, time: datetime) -> CustomerRef:
        """Note whose the order of this time is, for as long as orders count; the first owner stays. Idempotent."""
        expires = int((time + LONG).timestamp())
        pk = _partition(source, order_id)
        # First what leads to it: then it is found even if this ends here.
        leads = {"pk": partition(owner), "sk": f"{PLACED}{source}#{order_id}", "expires_at": expires}
        leads["time"] = time.astimezone(UTC).isoformat()
        record = {"pk": pk, "sk": OWNER, "owned_by": str(owner), "expires_at": expires}
        self._table.put_if(leads, "attribute_not_exists(pk)")
        if self._table.put_if(record, "attribute_not_exists(pk)"):
            return owner
        return self.owner(source, order_id) or owner

    def wait(self, source: str, order_id: str, name: str, body: str, now: datetime) -> None:
        """Keep what is to be done when the order comes, for a month. It names no customer."""
        expires = int((now + WAITS).timestamp())
        self._table.put({"pk": _partition(source, order_id), "sk": WAITING + name, "body": body, "expires_at": expires})

    def waiting(self, source: str, order_id: str) -> dict[str, str]:
        """What waits for this order, by name."""
        found = self._table.query(_partition(source, order_id), WAITING, MOST_WAITING)
        return {each["sk"].removeprefix(WAITING): each["body"] for each in found}

    def settle(self, source: str, order_id: str, names: Iterable[str]) -> None:
        """Forget what waited."""
        pk = _partition(source, order_id)
        self._table.write_many(deletes=[(pk, WAITING + name) for name in names])


def led_to(sk: str) -> list[Key]:
    """The key of the order's record to which a customer's record of this sort key leads."""
    source, _, order_id = sk.removeprefix(PLACED).partition("#")
    return [(_partition(source, order_id), OWNER)] if sk.startswith(PLACED) else []


def _partition(source: str, order_id: str) -> str:
    return f"{PLACED}{source}#{order_id}"

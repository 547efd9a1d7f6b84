"""Which event an order was counted by, and each item that was given back: a page and a server may both tell of it.

The record has neither the order's id nor the customer's, only digests of them, and goes with the counters.
"""

import hashlib
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

from shared.domain.counting import KEPT, Series
from shared.domain.events import Event
from shared.stores.table import Table

SORT = "CLAIM"
WRITERS = 8


class ClaimStore:
    """Gives each order to the first event that claims it, for good."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def lost(self, events: Collection[Event]) -> set[Event]:
        """Those whose order is another event's. Claiming again gives the same answer."""
        claiming = [event for event in events if event.order_id is not None]
        with ThreadPoolExecutor(WRITERS) as pool:
            won = pool.map(self._claim, claiming)
            return {event for event, mine in zip(claiming, won, strict=True) if not mine}

    def undone_before(self, events: Collection[Event]) -> set[tuple[Event, str]]:
        """The items that these refunds and cancellations give back, and an earlier one of the same order did too."""
        claiming = [(event, item) for event in events if event.order_id is not None for item in event.items]
        with ThreadPoolExecutor(WRITERS) as pool:
            won = pool.map(lambda each: self._claim(each[0], f"UNDONE#{_digest(each[1])}"), claiming)
            return {each for each, mine in zip(claiming, won, strict=True) if not mine}

    def _claim(self, event: Event, sort: str = SORT) -> bool:
        by = _digest(f"{event.customer}#{event.message_id}")
        record = {"pk": f"COUNTED#{_digest(event.order_id or '')}", "sk": sort, "claimed_by": by}
        expires_at = int((event.time + KEPT[Series.SOLD]).timestamp())
        return self._table.put_if(
            record | {"expires_at": expires_at}, "attribute_not_exists(pk) OR claimed_by = :by", {":by": by}
        )


def _digest(text: str) -> str:
    return hashlib.blake2s(text.encode(), digest_size=16).hexdigest()

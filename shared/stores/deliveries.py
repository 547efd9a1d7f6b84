"""Which deliveries of webhooks were carried out, so that one that comes again costs a read and does nothing."""

from datetime import datetime, timedelta

from shared.stores.table import Table

SORT = "DELIVERY"
KEPT = timedelta(days=30)


class DeliveryStore:
    """Markers of deliveries, written when all that they ask for is done. They hold no data of theirs."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def is_done(self, source: str, delivery: str) -> bool:
        return self._table.get(_partition(source, delivery), SORT) is not None

    def done(self, source: str, delivery: str, now: datetime) -> None:
        """Note that this one need not be carried out again."""
        expires = int((now + KEPT).timestamp())
        self._table.put({"pk": _partition(source, delivery), "sk": SORT, "expires_at": expires})


def _partition(source: str, delivery: str) -> str:
    return f"WEBHOOK#{source}#{delivery}"

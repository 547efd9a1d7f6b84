"""What a shop system last said of each of its products: when, and which items are made of it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from shared.stores.table import Table

SORT = "PRODUCT"
GONE = timedelta(days=90)
"""How long a deleted product is remembered, so that what was sent before and comes after does not bring it back."""
MOST_BYTES = 350_000
"""DynamoDB takes records of 400 KB."""


class Known(NamedTuple):
    """A product as it was last heard of; `items` are its items' ids by those that the shop system has for them."""

    updated_at: datetime | None = None
    items: Mapping[str, str] = {}

    @property
    def size(self) -> int:
        return len(json.dumps(self.items).encode())


class ProductStore:
    """One record for each product. Whoever changes it holds a lease on the product."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, source: str, product_id: str) -> Known:
        """The product, as far as it is known."""
        record = self._table.get(_partition(source, product_id), SORT)
        if record is None:
            return Known()
        time = datetime.fromisoformat(record["updated_at"]) if "updated_at" in record else None
        return Known(time, json.loads(record["items"]))

    def put(self, source: str, product_id: str, known: Known, now: datetime) -> None:
        """Note what is known now. A product without items is forgotten after a while."""
        self._table.put(
            {
                "pk": _partition(source, product_id),
                "sk": SORT,
                "updated_at": known.updated_at and known.updated_at.astimezone(UTC).isoformat(),
                "items": json.dumps(known.items),
                "expires_at": None if known.items else int((now + GONE).timestamp()),
            }
        )


def _partition(source: str, product_id: str) -> str:
    return f"PRODUCT#{source}#{product_id}"

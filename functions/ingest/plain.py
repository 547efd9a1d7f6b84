"""The format for servers: one event as this API spells it, in plain snake_case."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from functions.ingest.records import Record
from shared.domain.events import Id
from shared.domain.sales import FIELDS

MENTIONING = ("items", "order_id", "recommendation_id", "total", "currency", "coupons")


class PlainEvent(Record):
    """One event. Fields that are not named here are kept among its details."""

    KEPT_APART = frozenset({"event", "customer_id", "anonymous_id", "message_id", "timestamp"})
    ITEM_IN: ClassVar[str] = "items"

    event: Id
    items: list[Any] = Field(
        default=[],
        description="What the event is about: objects with an `item_id`; of an order also the `quantity` and the "
        "`price` of one, as it was paid.",
    )
    order_id: str | int | None = None
    recommendation_id: str | None = None
    total: Any = Field(default=None, description='What the whole order came to, as in "19.00".')
    currency: Any = Field(default=None, description="Of its amounts, by ISO 4217.")
    coupons: Any = Field(default=None, description="The codes of the coupons that were used, as a list of texts.")
    properties: dict[str, Any] = Field(default={}, description="Anything else; it is kept.")

    def name(self) -> str:
        return self.event

    def mentioning(self) -> Mapping[str, Any]:
        loose = {name: value for name, value in self.properties.items() if name in FIELDS}
        return loose | {name: value for name in MENTIONING if (value := getattr(self, name)) is not None}

"""The format for servers: one event as this API spells it, in plain snake_case."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from functions.ingest.records import Record
from shared.domain.events import Id


class PlainEvent(Record):
    """One event. Fields that are not named here are kept among its details."""

    KEPT_APART = frozenset({"event", "customer_id", "anonymous_id", "message_id", "timestamp"})
    ITEM_IN: ClassVar[str] = "items"

    event: Id
    items: list[Any] = Field(default=[], description="What the event is about: objects with an `item_id`.")
    order_id: str | int | None = None
    recommendation_id: str | None = None
    properties: dict[str, Any] = Field(default={}, description="Anything else; it is kept.")

    def name(self) -> str:
        return self.event

    def mentioning(self) -> Mapping[str, Any]:
        return {"items": self.items, "order_id": self.order_id, "recommendation_id": self.recommendation_id}

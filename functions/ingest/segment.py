"""Segment's wire format: track, identify, page, screen, group and alias calls, read into records of ours."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from functions.ingest.records import Record, spelled
from shared.domain.events import Id

Kind = Literal["track", "identify", "page", "screen", "group", "alias"]
NAMES: Mapping[Kind, str] = {
    "identify": "Customer Identified",
    "page": "Page Viewed",
    "screen": "Screen Viewed",
    "group": "Group Joined",
    "alias": "Customer Aliased",
}
"""The events that the calls without a name of their own are kept as."""
REQUIRED: Mapping[Kind, tuple[str, ...]] = {
    "track": ("event",),
    "group": ("group_id",),
    "alias": ("customer_id", "previous_id"),
}
SHORT: Mapping[Kind, str] = {"track": "t", "identify": "i", "page": "p", "screen": "s", "group": "g", "alias": "a"}
"""The browser library's routes."""
WIRE = {
    "customer_id": "userId",
    "anonymous_id": "anonymousId",
    "message_id": "messageId",
    "previous_id": "previousId",
    "group_id": "groupId",
}


class Context(BaseModel):
    """Of the context only the token, by which the shop's server vouches for `userId` in a browser."""

    customer_token: str | None = None


class Call(Record):
    """One call. Fields that are not named here are kept among the event's details."""

    model_config = ConfigDict(alias_generator=lambda field: WIRE.get(field, field))
    KEPT_APART = frozenset({"type", "event", "userId", "anonymousId", "messageId", "timestamp", "writeKey"})
    MENTIONS_IN: ClassVar[str] = "properties."
    ITEM_IN: ClassVar[str] = "product_id"

    type: Kind = "track"
    event: Id | None = None
    previous_id: Id | None = None
    group_id: Id | None = None
    properties: dict[str, Any] | None = None
    context: Context | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for field in REQUIRED.get(self.type, ()):
            if getattr(self, field) is None:
                raise ValueError(f"{spelled(type(self), field)} is required for {self.type}")
        return self

    def name(self) -> str:
        return NAMES.get(self.type) or str(self.event)

    def mentioning(self) -> Mapping[str, Any]:
        return self.properties or {}

    def linked_id(self) -> str | None:
        return self.previous_id if self.type == "alias" else super().linked_id()

    def customer_token(self) -> str | None:
        return self.context.customer_token if self.context else None

    def details(self, record: Mapping[str, Any]) -> dict[str, Any]:
        details = super().details(record)
        if isinstance(context := details.get("context"), dict):
            details["context"] = {name: value for name, value in context.items() if name != "customer_token"}
        return details

"""What a shop offers: the products and the content of its catalogue."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from shared.domain.errors import FieldError
from shared.domain.events import Id, Moment
from shared.domain.money import Money

MOST_BYTES = 31_000
"""Of an item as JSON, so that its record in the table, ids and index keys included, stays within 32 KB."""

AttributeName = Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9_]{0,63}$")]
AttributeValue = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Tag = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Url = Annotated[str, StringConstraints(pattern="^https?://", max_length=2048)]


class PublicItem(BaseModel):
    """What a list shows of an item, to whomever it is shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    item_id: Id
    kind: Literal["product", "content"] = "product"
    title: str = Field(min_length=1, max_length=512)
    price: Money | None = None
    stock: int | None = Field(default=None, ge=0)
    category: str | None = Field(default=None, min_length=1, max_length=256)
    attributes: dict[AttributeName, AttributeValue] = Field(default={}, max_length=32)
    image_url: Url | None = None
    url: Url | None = None
    tags: tuple[Tag, ...] = Field(default=(), max_length=32)
    group: Id | None = Field(default=None, description="What the variants of one product have in common.")


class Item(PublicItem):
    """One product or piece of content. `stock` None means that the shop does not count it: always available.

    `version` is given by the store. In a put, it is the version that the item must replace.
    """

    version: int | None = Field(default=None, ge=0, description="Rises by one with each change of the item.")
    cost: Money | None = Field(default=None, description="What the shop pays for it. Never shown to a shopper.")
    text: str | None = Field(default=None, min_length=1, max_length=20_000, description="The long description.")
    available_from: Moment | None = None
    available_until: Moment | None = None

    @field_validator("available_until")
    @classmethod
    def _after_its_start(cls, value: datetime | None, info: ValidationInfo) -> datetime | None:
        start = info.data.get("available_from")
        if value is not None and start is not None and value <= start:
            raise ValueError("must be after available_from")
        return value

    def is_available(self, now: datetime) -> bool:
        """Whether it can be had now: in stock, and within its window (the start included, the end not)."""
        return (
            self.stock != 0
            and (self.available_from is None or self.available_from <= now)
            and (self.available_until is None or now < self.available_until)
        )


def content(item: Item) -> str:
    """The item as it is kept: JSON without what is not set, and without its version."""
    return item.model_dump_json(exclude_defaults=True, exclude={"version"})


def oversize(item: Item) -> FieldError | None:
    """What to make shorter of an item that is too large to be kept: its largest field."""
    size = len(content(item).encode())
    if size <= MOST_BYTES:
        return None
    largest = max(type(item).model_fields, key=lambda name: len(item.model_dump_json(include={name})))
    return FieldError(largest, f"the item is {size:,} bytes as JSON, over {MOST_BYTES:,}; this is its largest field")

"""What a shop offers: the products and the content of its catalogue."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.domain.events import Id
from shared.domain.money import Money

AttributeName = Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9_]{0,63}$")]
AttributeValue = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class Item(BaseModel):
    """One product or piece of content. `stock` None means that the shop does not count it: always available."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    item_id: Id
    kind: Literal["product", "content"] = "product"
    title: str = Field(min_length=1, max_length=512)
    price: Money | None = None
    stock: int | None = Field(default=None, ge=0)
    category: str | None = Field(default=None, min_length=1, max_length=256)
    attributes: dict[AttributeName, AttributeValue] = Field(default={}, max_length=32)
    image_url: str | None = Field(default=None, pattern="^https?://", max_length=2048)

    @property
    def is_available(self) -> bool:
        return self.stock is None or self.stock > 0

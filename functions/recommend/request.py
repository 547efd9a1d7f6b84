"""What can be asked: a list, or several at once, for a customer, a device, or some items."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.domain.events import Id
from shared.domain.filters import FilterText
from shared.domain.rules import Surface

POPULAR_DAYS = 7
MOST_LISTS = 10
MOST_ITEMS = 50
MOST_EXCLUDED = 500
FROM_ONE_ITEM = {"similar", "bought-together", "next-article"}
FROM_ITEMS = {*FROM_ONE_ITEM, "for-you", "cart"}
NEEDS_ITEM = {"similar", "bought-together"}
NEEDS_CUSTOMER = {"buy-again", "cart"}

Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8}){0,8}$")]
ShownField = Literal[
    "item_id", "kind", "title", "price", "stock", "category", "attributes", "image_url", "url", "tags", "group"
]


class Who(BaseModel):
    """For whom, and in which language."""

    model_config = ConfigDict(extra="forbid")

    customer_id: Id | None = None
    anonymous_id: Id | None = None
    customer_token: str | None = Field(default=None, max_length=128)
    language: Language | None = Field(
        default=None, description="Of the reasons, BCP 47, as in de-AT; English where there is no such catalogue."
    )


class Wanted(BaseModel):
    """One list."""

    model_config = ConfigDict(extra="forbid")

    surface: Surface
    item_id: Id | None = Field(default=None, description="Beside which item.")
    items: list[Id] | None = Field(
        default=None, min_length=1, max_length=MOST_ITEMS, description="In place of a history: the latest first."
    )
    candidates: list[Id] | None = Field(
        default=None, min_length=1, max_length=100, description="Only these, in the surface's order: a reranking."
    )
    limit: int = Field(default=10, ge=1, le=100)
    filter: FilterText | None = Field(
        default=None, description='Only items for which it holds, as in category = "shoes" and price <= 50.'
    )
    exclude: list[Id] = Field(default=[], max_length=MOST_EXCLUDED, description="None of these.")
    popularity_discount: float = Field(
        default=0.0, ge=0.0, le=1.0, description="A model's scores are divided by popularity to this power: .1 or .2."
    )
    diversity: float = Field(default=0.0, ge=0.0, le=1.0, description="0: by score alone; 1: as unlike as possible.")
    fields: list[ShownField] | None = Field(
        default=None, description="What to show of an item besides item_id and title; all where not given."
    )
    variants: bool = Field(default=False, description="Whether several of a group, or twins, may be in the list.")
    window_days: Literal[1, 7, 30] | None = Field(
        default=None, description=f"For popular: sold in how many days, today included; {POPULAR_DAYS} if not given."
    )
    category: str | None = Field(
        default=None, min_length=1, max_length=256, description="For popular: only items of this category."
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.item_id is not None and self.surface not in FROM_ONE_ITEM:
            raise ValueError(f"item_id goes with {_told(FROM_ONE_ITEM)} only")
        if self.items is not None and self.surface not in FROM_ITEMS:
            raise ValueError(f"items goes with {_told(FROM_ITEMS)} only")
        if self.item_id is not None and self.items is not None:
            raise ValueError("item_id and items are two ways to say the same: send one")
        if self.surface in NEEDS_ITEM and not self.named:
            raise ValueError(f"item_id or items is required for {self.surface}")
        if self.surface != "popular" and (self.window_days is not None or self.category is not None):
            raise ValueError("window_days and category go with the surface popular only")
        return self

    @property
    def named(self) -> list[str]:
        """The items to start from, in place of a history."""
        return [self.item_id] if self.item_id is not None else list(dict.fromkeys(self.items or []))


class Request(Who, Wanted):
    """What to recommend, and for whom."""

    @model_validator(mode="after")
    def _for_somebody(self) -> Self:
        _check_customer(self, self)
        return self


class ListsRequest(Who):
    """Several lists for the same customer; what stands in one is not in those after it."""

    lists: list[Wanted] = Field(min_length=1, max_length=MOST_LISTS)

    @model_validator(mode="after")
    def _for_somebody(self) -> Self:
        for wanted in self.lists:
            _check_customer(self, wanted)
        return self


def _check_customer(who: Who, wanted: Wanted) -> None:
    if wanted.surface in NEEDS_CUSTOMER and not wanted.items and who.customer_id is None and who.anonymous_id is None:
        items = "items, " if wanted.surface in FROM_ITEMS else ""
        raise ValueError(f"{items}customer_id or anonymous_id is required for {wanted.surface}")


def _told(surfaces: set[str]) -> str:
    return ", ".join(sorted(surfaces))

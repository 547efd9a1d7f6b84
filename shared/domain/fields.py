"""What filter expressions can name of an item, for whom."""

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from shared.domain.items import Item, PublicItem
from shared.domain.opinions import Opinions

Get = Callable[[Any], Any]


class Kind(StrEnum):
    """What can be compared with what."""

    TEXT = "text"
    NUMBER = "a number"
    TAGS = "tags"


class Field(NamedTuple):
    """How an item's field is read; None where the item does not have it."""

    kind: Kind
    get: Get


def _amount(item: PublicItem) -> Decimal | None:
    return item.price.amount if item.price else None


def _margin(item: Item) -> Decimal | None:
    if item.price is None or item.cost is None or item.price.currency != item.cost.currency:
        return None
    return item.price.amount - item.cost.amount


PUBLIC: Mapping[str, Field] = {
    **{name: Field(Kind.TEXT, operator.attrgetter(name)) for name in ("item_id", "kind", "title", "category", "group")},
    "currency": Field(Kind.TEXT, lambda item: item.price and item.price.currency),
    "price": Field(Kind.NUMBER, _amount),
    "stock": Field(Kind.NUMBER, operator.attrgetter("stock")),
    "tag": Field(Kind.TAGS, operator.attrgetter("tags")),
    "tags": Field(Kind.TAGS, operator.attrgetter("tags")),
}
FEEDBACK: Mapping[str, Callable[[Opinions, str], Any]] = {
    "sentiment": Opinions.score,
    "feedback_count": Opinions.count,
}
"""What recent feedback says of an item: not in the item itself, and there only where it has feedback."""
OWNERS: Mapping[str, Field] = {
    **PUBLIC,
    "cost": Field(Kind.NUMBER, lambda item: item.cost and item.cost.amount),
    "margin": Field(Kind.NUMBER, _margin),
    **{name: Field(Kind.NUMBER, lambda _: None) for name in FEEDBACK},
}
"""What only the owner's rules may go by: a shopper who could filter by it could find it out."""


def said(opinions: Opinions, get: Callable[[Opinions, str], Any]) -> Field:
    """The field of feedback that `get` finds in these opinions."""
    return Field(Kind.NUMBER, lambda item: get(opinions, item.item_id))

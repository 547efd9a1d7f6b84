"""What a delivery says, in the words of this house, whichever shop system sent it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from shared.domain.events import CustomerRef

AHEAD = timedelta(hours=1)
"""A sender's clock that is further ahead is wrong, and ours counts instead."""


class UnmappedError(Exception):
    """A delivery that is signed, and still cannot be understood; the message says why, with nothing personal in it."""


class Shop(NamedTuple):
    """What the shop systems do not say: the currency of their prices, and where the pages of Shopify's products are."""

    currency: str
    url: str


class OrderAct(NamedTuple):
    """One event of an order; `time` None: when it arrives first. `if_counted`: only of an order that was counted."""

    message_id: str
    time: datetime | None
    name: str
    items: tuple[str, ...]
    details: Mapping[str, Any]
    if_counted: bool = False


class OrderNews(NamedTuple):
    """What happened to one order. A refund does not say whose the order is: `customer` is None then."""

    order_id: str
    customer: CustomerRef | None
    anonymous_id: str | None
    acts: tuple[OrderAct, ...]


class ItemNews(NamedTuple):
    """One item as the shop system has it now: the fields that are its own, and of the attributes those it names.

    `may_be_uncounted`: the stock is 0, and nothing says whether it is counted at all.
    """

    item_id: str
    fields: Mapping[str, Any]
    may_be_uncounted: bool = False


class ProductNews(NamedTuple):
    """A product as it was at `updated_at`: its items by their ids in the shop system.

    `untold` are ids of items that are there as before, only not described. `bad` counts those that cannot be kept.
    """

    product_id: str
    updated_at: datetime
    items: Mapping[str, ItemNews]
    untold: frozenset[str] = frozenset()
    bad: int = 0


class ProductGone(NamedTuple):
    """A product was deleted. The sender does not say when."""

    product_id: str


class Redaction(NamedTuple):
    """Customers are to be erased, and whoever else these orders belong to."""

    customers: tuple[CustomerRef, ...]
    order_ids: tuple[str, ...]


class DataRequest(NamedTuple):
    """A customer wants to see all that is known."""

    customers: tuple[CustomerRef, ...]
    order_ids: tuple[str, ...]


class ShopRedaction(NamedTuple):
    """The shop has left: all shoppers are to be erased."""


class Nothing(NamedTuple):
    """Nothing is to be done, and why."""

    reason: str


Rights = Redaction | DataRequest | ShopRedaction
News = OrderNews | ProductNews | ProductGone | Rights | Nothing

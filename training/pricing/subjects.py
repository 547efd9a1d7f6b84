"""The items whose prices are looked at tonight, with what holds for each, as rows of arrays."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from shared.domain.items import Item
from shared.domain.money import Money
from shared.domain.price_limits import Limits
from training.pricing.arrays import Doubles


class Why(StrEnum):
    """Why nothing is suggested for an item."""

    NO_PRICE = "it has no price above zero"
    OUT_OF_STOCK = "it is out of stock"
    NEVER_SOLD = "it was never sold, so nobody knows its demand"
    OTHER_CURRENCY = "its sales are told in another currency"
    NO_COST = "its cost is not known, so neither is its profit"
    UNSURE = "no other price is sure enough to pay"
    LIMITS = "the limits leave no price that would pay"
    EXPERIMENT = "it is in a price experiment"
    REFUSED = "its limits and its price cannot be compared"


class NoSuggestion(NamedTuple):
    """Nothing for this item, and why."""

    item_id: str
    why: Why
    detail: str = ""


class Subject(NamedTuple):
    """An item with a price, the limits that hold for it, and the competitors' prices that count.

    Its price holds `since` then, by the end of its ledger; None for one from before there were ledgers.
    """

    item: Item
    price: Money
    limits: Limits
    competitors: Sequence[Decimal] = ()
    since: datetime | None = None

    @property
    def cost(self) -> float | None:
        """What it costs the shop, where that can be compared with the price."""
        cost = self.item.cost
        return float(cost.amount) if cost and cost.currency == self.price.currency else None


@dataclass(frozen=True)
class Sorted:
    """Those that can be looked at, and the reasons of the others."""

    subjects: Sequence[Subject]
    none: Sequence[NoSuggestion]

    def prices(self) -> Doubles:
        return np.array([float(each.price.amount) for each in self.subjects])

    def costs(self) -> Doubles:
        """NaN where it is not known, or not below the price: then the rule has nothing to weigh."""
        costs = [(each.cost, float(each.price.amount)) for each in self.subjects]
        return np.array([cost if cost is not None and cost < price else np.nan for cost, price in costs])


def sort(
    items: Iterable[Subject | Item], known: Mapping[str, int], currency: str | None, busy: Container[str] = ()
) -> Sorted:
    """`known` are the rows of the demand model; `currency` is that of its sales, None where no sale told one.

    Those that are `busy` are in an experiment, whose prices nobody else may move.
    """
    subjects, none = [], []
    for each in items:
        why = Why.EXPERIMENT if _name(each) in busy else _why_not(each, known, currency)
        if why is None and isinstance(each, Subject):
            subjects.append(each)
        else:
            none.append(NoSuggestion(_name(each), why or Why.NO_PRICE))
    return Sorted(subjects, none)


def _name(each: Subject | Item) -> str:
    return (each.item if isinstance(each, Subject) else each).item_id


def _why_not(each: Subject | Item, known: Mapping[str, int], currency: str | None) -> Why | None:
    if not isinstance(each, Subject) or each.price.amount <= 0:
        return Why.NO_PRICE
    if each.item.stock == 0:
        return Why.OUT_OF_STOCK
    if each.item.item_id not in known:
        return Why.NEVER_SOLD
    if currency is not None and currency != each.price.currency:
        return Why.OTHER_CURRENCY
    return None

"""Whom an offer is for, and what may be known of them."""

from collections.abc import Collection
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from shared.domain.decisions import Decision
from shared.domain.events import CustomerRef, Event
from shared.domain.holdout import unit
from shared.domain.offers import VISITOR, Stage
from shared.domain.orders import net
from shared.domain.value import CustomerValue, Lifecycle
from shared.domain.vocabulary import EventName
from shared.stores.decisions import DecisionStore
from shared.stores.events import EventStore
from shared.stores.links import LinkStore
from shared.stores.values import ValueStore

MOST_IDS = 2
"""The customer, and the device at hand: offers made to both are remembered."""


class Stores(NamedTuple):
    """Where a person is looked up."""

    decisions: DecisionStore
    events: EventStore
    values: ValueStore
    links: LinkStore


class Person:
    """A customer under all ids that may be used; each fact is read when it is first asked for."""

    def __init__(self, ids: Collection[CustomerRef], stores: Stores, now: datetime) -> None:
        self.ids = list(ids)
        self._stores = stores
        self._now = now

    @property
    def own(self) -> CustomerRef:
        """The id that decisions are written under."""
        return self.ids[0]

    @cached_property
    def unit(self) -> str:
        """By what the person is in a hold-out, or is not."""
        return unit(self.own, None if self.own.is_known else self._stores.links.owner(self.own))

    def decisions(self) -> list[tuple[CustomerRef, Decision]]:
        """Whatever was decided before; read anew each time, since another request may just have decided."""
        return [(each, decision) for each in self.ids[:MOST_IDS] for decision in self._stores.decisions.of(each)]

    @cached_property
    def value(self) -> CustomerValue | None:
        found = self._stores.values.get_many(self.ids).values()
        return max(found, key=lambda each: each.orders, default=None)

    @cached_property
    def history(self) -> list[Event]:
        return net(self._stores.events.recent(self.ids, self._now))

    @cached_property
    def bought(self) -> list[str]:
        """The items of the latest orders, newest first."""
        orders = [each for each in self.history if each.name == EventName.ORDER_COMPLETED]
        return list(dict.fromkeys(item for each in orders for item in each.items))

    @property
    def has_ordered(self) -> bool:
        """Ever, as far as it is known: the nightly job does not know of today."""
        return self.value is not None or bool(self.bought)

    @property
    def stage(self) -> Stage:
        if self.value:
            return self.value.lifecycle
        return Lifecycle.NEW if self.has_ordered else VISITOR

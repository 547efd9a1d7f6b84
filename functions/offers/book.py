"""The owner's offers and what is known of their effect, remembered for a while by a warm function."""

import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from functions.offers.design import by_currency, design_of, together
from shared.domain.offers import Offer
from shared.domain.uplift import Arm, Belief, Figures, base_rate, shrunken
from shared.domain.value import ValueSummary
from shared.stores.decisions import DecisionStore
from shared.stores.offers import OfferStore
from shared.stores.values import ValueStore

FRESH_SECONDS = 30.0
LEARNED_SECONDS = 300.0
"""What was learned changes slowly, and is read of all offers together."""


class Learned(NamedTuple):
    """What the shop's offers have brought, and what its customers are worth together."""

    figures: dict[str, Figures]
    summary: ValueSummary | None

    @property
    def base(self) -> float:
        """How many of the held out ordered all the same."""
        held = Arm()
        for each in self.figures.values():
            held = held.plus(each.held)
        return base_rate(held)

    @property
    def average_order(self) -> float | None:
        """Of all customers, as far as the nightly job may say."""
        rows = self.summary.lifecycles if self.summary else ()
        told = [(each.expected_value, each.expected_orders) for each in rows if each.expected_value is not None]
        orders = sum(orders or 0.0 for _, orders in told)
        return sum(value for value, _ in told) / orders if orders else None

    def uplift(self, offer: Offer) -> Belief:
        """What is believed of the offer's effect."""
        others = (each for offer_id, each in self.figures.items() if offer_id != offer.offer_id)
        return shrunken(offer.expected_uplift, self.figures.get(offer.offer_id, Figures()), others)


class OfferBook:
    """`clock` is the wall clock, which goes on while a function is frozen."""

    def __init__(
        self, offers: OfferStore, decisions: DecisionStore, values: ValueStore, clock: Callable[[], float] = time.time
    ) -> None:
        self._offers, self._decisions, self._values = offers, decisions, values
        self._clock = clock
        self._known: list[Offer] = []
        self._learned = Learned({}, None)
        self._read = self._learned_at = float("-inf")

    def offers(self) -> list[Offer]:
        """The offers. Raises `StoreUnavailableError`."""
        if not 0 <= self._clock() - self._read < FRESH_SECONDS:  # a clock may be set back
            self._known = self._offers.all()
            self._read = self._clock()
        return self._known

    def remembered(self) -> list[Offer]:
        """The offers as they were read last, however long ago."""
        return self._known

    def learned(self, offers: Iterable[Offer]) -> Learned:
        """What is known of these offers under their present terms. Raises `StoreUnavailableError`."""
        if not 0 <= self._clock() - self._learned_at < LEARNED_SECONDS:
            figures = {
                each.offer_id: together(by_currency(self._decisions.figures(each.offer_id), design_of(each)))
                for each in offers
                if not each.public
            }
            self._learned = Learned(figures, self._values.summary())
            self._learned_at = self._clock()
        return self._learned

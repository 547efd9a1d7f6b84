"""What a code of an offer is good for: one customer's own, for one order, or the public one that all use."""

from datetime import datetime
from typing import NamedTuple

from shared.domain.offers import Offer, Terms
from shared.stores.decisions import DecisionStore, Found
from shared.stores.offers import OfferStore


class Coded(NamedTuple):
    """A good code. `owned` has the decision that it belongs to; None for a public one, which no customer owns.

    `text` is the offer's for the shopper, `until` the code's end, if it has one.
    """

    code: str
    offer_id: str
    terms: Terms
    text: str
    until: datetime | None
    owned: Found | None = None


class Bad(NamedTuple):
    """Why a code is not good, as a word for programs and a sentence. `offer_id` where it was one of ours."""

    reason: str
    why: str
    offer_id: str | None = None


UNKNOWN = Bad("code_unknown", "There is no such code.")


class CodeStore:
    """Looks codes up. It writes nothing: a code is used by a change of its decision (see `shared.domain.decisions`)."""

    def __init__(self, decisions: DecisionStore, offers: OfferStore) -> None:
        self._decisions, self._offers = decisions, offers

    def find(self, code: str, now: datetime) -> Coded | Bad:
        """What the code is good for now, by the terms that it was given out with."""
        found = self._decisions.by_code(code)
        if found is None:
            return _of_public(code, self.public(code, now))
        decision = found.decision
        if decision.used_by is not None:
            return Bad("code_used", "The code was used already.", decision.offer_id)
        if now >= decision.until:
            return Bad("code_expired", "The code has expired.", decision.offer_id)
        return Coded(code, decision.offer_id, decision.terms, decision.text, decision.until, found)

    def public(self, code: str, now: datetime) -> Offer | None:
        """The public offer with this code, while it runs."""
        return next((each for each in self._offers.all() if each.code == code and _runs(each, now)), None)


def _runs(offer: Offer, now: datetime) -> bool:
    return offer.enabled and offer.is_within(now)


def _of_public(code: str, offer: Offer | None) -> Coded | Bad:
    return Coded(code, offer.offer_id, offer.terms, offer.text, offer.ends) if offer else UNKNOWN

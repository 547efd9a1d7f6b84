"""The use case: at most one offer for a customer, the same one for as long as it holds."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import uuid4

from functions.offers import weigh
from functions.offers.book import OfferBook
from functions.offers.carts import valued
from functions.offers.design import design_of
from functions.offers.person import Person
from functions.offers.request import Considered, OfferReply, OfferRequest, ShownOffer
from functions.offers.weigh import Asked, Weighed
from shared.domain.decisions import HELD_OUT, OFFERED, Decision, minor, money
from shared.domain.errors import StoreUnavailableError
from shared.domain.holdout import held_out
from shared.domain.items import Item
from shared.domain.offers import Offer
from shared.stores.decisions import IN, DecisionStore, month_in, new_code

ATTEMPTS = 4
NONE = "There is no offer for you now."
FOR_ALL = "For everybody."
ENOUGH_FOR_NOW = "An earlier decision still holds."
Items = Callable[[Sequence[str]], Mapping[str, Item]]


class Desk(NamedTuple):
    """What an offer is made with."""

    book: OfferBook
    decisions: DecisionStore
    items: Items
    disclosure: str


def decide(request: OfferRequest, person: Person, desk: Desk, now: datetime) -> OfferReply:
    """The offer for this person, who lets personal data be used."""
    offers = desk.book.offers()
    running = [each for each in offers if each.runs(request.surface, now)]
    public = best_public(request, running, desk, now)
    personal = {each.offer_id: each for each in running if not each.public}
    for _ in range(ATTEMPTS):
        past = person.decisions()
        still = [each for _, each in past if each.is_open(now) and each.offer_id in personal]
        if still:
            latest = max(still, key=lambda each: (each.time, each.decision_id))
            return _told(latest, public, desk, [Considered(offer_id=latest.offer_id, refused=ENOUGH_FOR_NOW)])
        learned = desk.book.learned(offers)
        made = [decision for _, decision in past]
        asked = Asked(request, person, made, desk.items, learned, public, now)
        decision, considered = _choose(list(personal.values()), asked, desk)
        if considered is not None:
            return _told(decision, public, desk, considered) if decision else plain(public, considered=considered)
    raise StoreUnavailableError("Other requests keep deciding for the same customer.")


def _choose(offers: Sequence[Offer], asked: Asked, desk: Desk) -> tuple[Decision | None, list[Considered] | None]:
    """The best offer that its budget has room for, decided and written down; None in place of what was considered
    where another request has decided meanwhile."""
    found = {each.offer_id: weigh.weigh(each, asked) for each in offers}
    considered = {offer_id: _considered(offer_id, each) for offer_id, each in found.items()}
    good = [each for each in found.values() if isinstance(each, Weighed)]
    for best in sorted(good, key=lambda each: (-each.profit, each.offer.offer_id)):
        decision = _decision(best, asked)
        budget = best.offer.budget
        refused = desk.decisions.add(
            asked.person.own, decision, minor(budget.amount, budget.currency) if budget else None
        )
        if refused is None:
            return decision, list(considered.values())
        if refused.is_there:
            return None, None
        considered[best.offer.offer_id] = Considered(offer_id=best.offer.offer_id, refused="Its budget is used up.")
    return None, list(considered.values())


def _considered(offer_id: str, found: Weighed | str) -> Considered:
    if isinstance(found, str):
        return Considered(offer_id=offer_id, refused=found)
    return Considered(
        offer_id=offer_id, expected_profit=money(minor(Decimal(found.profit), found.currency), found.currency)
    )


def _decision(best: Weighed, asked: Asked) -> Decision:
    offer, now = best.offer, asked.now
    is_held = held_out(offer.offer_id, asked.person.unit, offer.hold_out)
    numbers = [each.number for each in asked.past if each.offer_id == offer.offer_id]
    until = now + timedelta(days=offer.valid_days)
    return Decision(
        decision_id=uuid4().hex,
        offer_id=offer.offer_id,
        number=max(numbers, default=0) + 1,
        arm=HELD_OUT if is_held else OFFERED,
        design=design_of(offer) + IN + best.currency,
        surface=asked.request.surface,
        time=now,
        until=until,
        terms=offer.terms,
        margin=offer.expected_margin,
        currency=best.currency,
        text=offer.text,
        why=weigh.why(offer, asked),
        code=None if is_held else new_code(),
        month=month_in(offer, now, best.currency),
        reserved=0 if is_held or offer.reserve is None else minor(offer.reserve.amount, best.currency),
    )


def _told(decision: Decision, public: Offer | None, desk: Desk, considered: list[Considered]) -> OfferReply:
    """Who is held out is told what everybody is."""
    if decision.code is None:
        return plain(public, considered=considered)
    shown = ShownOffer(
        offer_id=decision.offer_id,
        text=decision.text,
        discount=decision.terms.discount,
        on=decision.terms.on,
        minimum_cart=decision.terms.minimum_cart,
        code=decision.code,
        expires_at=decision.until,
    )
    return OfferReply(
        decision_id=decision.decision_id,
        offer=shown,
        public_offer=_shown(public),
        personalised=True,
        disclosure=desk.disclosure,
        why=decision.why,
        considered=considered,
    )


def plain(public: Offer | None, note: str | None = None, considered: list[Considered] | None = None) -> OfferReply:
    """What everybody is told."""
    shown = _shown(public)
    return OfferReply(offer=shown, public_offer=shown, why=FOR_ALL if shown else NONE, note=note, considered=considered)


def best_public(request: OfferRequest, running: Sequence[Offer], desk: Desk, now: datetime) -> Offer | None:
    """The public offer that takes most off the cart; without a cart the first by id."""
    public = [each for each in running if each.public and _has_room(each, desk, now)]
    if not request.cart or not public:
        return next(iter(public), None)
    items = desk.items([each.item_id for each in request.cart])

    def off(offer: Offer) -> Decimal:
        cart = valued(request.cart, items, offer.terms, offer.expected_margin, offer.currency)
        return offer.terms.off(cart.eligible, cart.total, cart.currency) if cart else Decimal(0)

    return max(public, key=off)


def _has_room(offer: Offer, desk: Desk, now: datetime) -> bool:
    """A code that all use is known of afterwards only: from the month's budget on it is not shown any more."""
    if offer.budget is None:
        return True
    spent = desk.decisions.budget.month(offer.offer_id, month_in(offer, now, offer.budget.currency)).spent
    return spent < minor(offer.budget.amount, offer.budget.currency)


def _shown(offer: Offer | None) -> ShownOffer | None:
    if offer is None or offer.code is None:
        return None
    return ShownOffer(
        offer_id=offer.offer_id,
        text=offer.text,
        discount=offer.discount,
        on=offer.on,
        minimum_cart=offer.minimum_cart,
        code=offer.code,
        expires_at=offer.ends,
    )

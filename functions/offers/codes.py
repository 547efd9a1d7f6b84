"""A code at the checkout: what it takes off a cart, and its one use."""

from collections.abc import Mapping
from datetime import datetime

from functions.offers.carts import valued
from functions.offers.request import Redeemed, RedeemRequest, Verified, VerifyRequest
from shared.domain.decisions import claimed
from shared.domain.errors import FieldError, InvalidInputError, NotFoundError
from shared.domain.items import Item
from shared.domain.money import Money, rounded
from shared.domain.offers import Terms
from shared.stores.codes import UNKNOWN, Bad, CodeStore
from shared.stores.decisions import DecisionStore
from shared.stores.offers import OfferStore


def verify(
    request: VerifyRequest, items: Mapping[str, Item], decisions: DecisionStore, offers: OfferStore, now: datetime
) -> Verified:
    """What the code takes off, by the terms that it was given out with; nothing is written."""
    found = CodeStore(decisions, offers).find(request.code, now)
    if isinstance(found, Bad):
        return Verified(valid=False, offer_id=found.offer_id, why=found.why)
    return _valued(found.offer_id, found.terms, request, items)


def redeem(request: RedeemRequest, decisions: DecisionStore, offers: OfferStore, now: datetime) -> Redeemed:
    """Use the code for this order. The same order may come again; raises `ConflictError` for another one."""
    found = decisions.by_code(request.code)
    if found is None:
        if public := CodeStore(decisions, offers).public(request.code, now):
            return Redeemed(offer_id=public.offer_id, order_id=request.order_id)
        raise NotFoundError(UNKNOWN.why)
    customer, decision = found
    if decision.used_by is None and now >= decision.until:
        raise InvalidInputError("The code has expired.", [FieldError("code", "has expired")])
    decisions.change(customer, decision.offer_id, decision.number, lambda each: claimed(each, request.order_id))
    return Redeemed(offer_id=decision.offer_id, order_id=request.order_id)


def _valued(offer_id: str, terms: Terms, request: VerifyRequest, items: Mapping[str, Item]) -> Verified:
    cart = valued(request.cart, items, terms, 0.0, terms.currency)
    off = terms.off(cart.eligible, cart.total, cart.currency) if cart else None
    if cart is None or not off:
        why = "It takes nothing off this cart: see what it is on, its minimum and its currency."
        return Verified(valid=False, offer_id=offer_id, why=why)
    money = Money(amount=off, currency=cart.currency)
    left = Money(amount=rounded(cart.total, cart.currency) - off, currency=cart.currency)
    return Verified(valid=True, offer_id=offer_id, off=money, total=left, why="The code holds.")

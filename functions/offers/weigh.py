"""What an offer is expected to bring with one customer, or why it is not made to them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from functions.offers.book import Learned
from functions.offers.carts import valued
from functions.offers.person import Person
from functions.offers.request import OfferRequest
from shared.domain.decisions import Decision
from shared.domain.items import Item
from shared.domain.offers import CartLine, Offer, Priced, Scope, Terms
from shared.domain.uplift import RATE_WITH_CART, expected_profit, rate_of
from shared.domain.value import Lifecycle

MOST_BOUGHT = 20
"""So many of the items bought last tell what an order earns."""
WHY_STAGE = {
    Lifecycle.NEW: "You are new here, and we would like to see you again.",
    Lifecycle.LOYAL: "A thank-you for coming back again and again.",
    Lifecycle.LAPSING: "We have not seen you for a while.",
}
FIRST_ORDER = "For your first order here."
BIRTHDAY = "For the month of your birthday."
CHOSEN = "Chosen for you."


class Asked(NamedTuple):
    """A request with all that an offer is weighed by."""

    request: OfferRequest
    person: Person
    past: Sequence[Decision]
    items: Callable[[Sequence[str]], Mapping[str, Item]]
    learned: Learned
    public: Offer | None
    now: datetime


class Weighed(NamedTuple):
    """An offer with what it is expected to bring, in `currency`."""

    offer: Offer
    profit: float
    currency: str


def weigh(offer: Offer, asked: Asked) -> Weighed | str:
    """What the offer is expected to bring; why it is not made, where it is not."""
    if refused := _ineligible(offer, asked) or _too_often(offer, asked):
        return refused
    order = _order(offer, asked)
    if order is None:
        return "Nobody knows yet what an order is worth: there are neither orders with prices nor a cart."
    off = float(offer.terms.off(order.eligible, order.total, order.currency))
    if off <= 0:
        return "It would take nothing off this order."
    if asked.public and off < float(asked.public.terms.off(*_under(asked.public, asked, order))):
        return "The public offer is worth more."
    base = _base(offer, asked)
    profit = expected_profit(base, asked.learned.uplift(offer).mean, float(order.margin), off)
    if profit <= 0:
        return f"It would cost more than it brings: {profit:.2f} {order.currency} are expected."
    return Weighed(offer, profit, order.currency)


def why(offer: Offer, asked: Asked) -> str:
    """What the shopper is told, which is no more than the offer asks of them."""
    if offer.eligibility.first_order:
        return FIRST_ORDER
    if offer.eligibility.birthday_month:
        return BIRTHDAY
    stage = asked.person.stage if offer.eligibility.lifecycles else None
    return WHY_STAGE.get(stage, CHOSEN) if isinstance(stage, Lifecycle) else CHOSEN


def _ineligible(offer: Offer, asked: Asked) -> str:
    needs, person = offer.eligibility, asked.person
    if needs.known and not person.own.is_known:
        return "It is for customers who are signed in."
    if needs.birthday_month and asked.request.birthday_month != asked.now.month:
        return "It is for the month of the birthday."
    if needs.first_order and person.has_ordered:
        return "It is for a first order."
    if needs.lifecycles and person.stage not in needs.lifecycles:
        return f"It is not for who is {person.stage}."
    return ""


def _too_often(offer: Offer, asked: Asked) -> str:
    """Who was held out counts as who got it, else it would be no comparison."""
    since = asked.now - timedelta(days=offer.per_days)
    made = sum(each.offer_id == offer.offer_id and each.time > since for each in asked.past)
    return "It was made as often as it may be." if made >= offer.most_per_customer else ""


def _base(offer: Offer, asked: Asked) -> float:
    value = asked.person.value
    base = rate_of(value.expected_orders.value, offer.valid_days) if value else asked.learned.base
    return max(base, RATE_WITH_CART) if asked.request.cart else base


def _order(offer: Offer, asked: Asked) -> Priced | None:
    """The order that the offer would be used for: the cart, or what this customer's, or the shop's, usually are."""
    if cart := asked.request.cart:
        return _of(cart, offer.terms, offer.expected_margin, asked, offer.currency)
    value, summary = asked.person.value, asked.learned.summary
    for amount, currency in (
        (value and value.average_order, value and value.currency),
        (asked.learned.average_order, summary and summary.currency),
    ):
        if amount and currency and offer.currency in (None, currency):
            least = float(offer.minimum_cart.amount) if offer.minimum_cart else 0.0
            return _usual(Decimal(str(max(amount, least))), currency, offer, asked)
    return None


def _usual(total: Decimal, currency: str, offer: Offer, asked: Asked) -> Priced:
    """With the margin of what it is on, or was bought lately. All of it is taken to be what the offer is on: what is
    expected to be taken off is then rather too much."""
    bought = [CartLine(item_id=each) for each in (offer.on.item_ids or asked.person.bought)[:MOST_BOUGHT]]
    like = _of(bought, offer.terms, offer.expected_margin, asked, currency) if bought else None
    share = like.margin / like.total if like else Decimal(str(offer.expected_margin))
    return Priced(total, total, total * share, currency)


def _of(lines: Sequence[CartLine], terms: Terms, margin: float, asked: Asked, currency: str | None) -> Priced | None:
    return valued(lines, asked.items([each.item_id for each in lines]), terms, margin, currency)


def _under(public: Offer, asked: Asked, order: Priced) -> tuple[Decimal, Decimal, str]:
    """The same order, as the public offer sees it."""
    if asked.request.cart:
        seen = _of(asked.request.cart, public.terms, public.expected_margin, asked, order.currency)
        return (seen.eligible, seen.total, seen.currency) if seen else (Decimal(0), Decimal(0), order.currency)
    eligible = order.total if public.on == Scope() else Decimal(0)
    return eligible, order.total, order.currency

"""What an offer has brought: who got it against who was held out, with intervals."""

from collections.abc import Iterator
from datetime import datetime

from pydantic import BaseModel, Field

from functions.offers.book import Learned
from functions.offers.design import by_currency, design_of, together
from shared.domain.budget import month_of
from shared.domain.decisions import money
from shared.domain.money import MINOR_UNITS, Money
from shared.domain.offers import Offer
from shared.domain.uplift import FEWEST, Belief, Figures, incremental
from shared.stores.decisions import PUBLIC, DecisionStore, month_in

TOO_FEW = f"Too few to tell: under {FEWEST} customers got it or were held out."
PUBLIC_NOTE = "A public offer has no hold-out, so nobody can say what it has brought."


class Interval(BaseModel, defer_build=True):
    """A value with the interval that holds it with 90% probability."""

    value: float
    low: float
    high: float


class Side(BaseModel, defer_build=True):
    """Those who got the offer, or who were held out. Orders count within the time that the code holds."""

    customers: int
    ordered: int | None = Field(description=f"None under {FEWEST} customers.")


class Month(BaseModel, defer_build=True):
    """This month's budget. What is set aside for codes that are out counts until a day after they end."""

    month: str
    budget: Money | None
    spent: Money
    set_aside: Money


class OfferResults(BaseModel, defer_build=True):
    """Under the present terms: a change of them starts the count anew."""

    offer_id: str
    design: str
    currency: str
    offered: Side
    held_out: Side
    redeemed: int
    cost: Money
    uplift: Interval | None = Field(description="Of 1 customer so many more order, shrunken as it is used to choose.")
    incremental_profit: Interval | None = Field(description="All in all, discounts paid, in `currency`.")
    month: Month
    note: str | None = None


def results(offer: Offer, decisions: DecisionStore, learned: Learned, currency: str, now: datetime) -> OfferResults:
    """What the offer has brought so far. Recent customers may still order: both sides have as many of these.

    Of a percentage that was given in several currencies, `currency` is that of the most, and the sums are of it alone.
    """
    design = PUBLIC if offer.public else design_of(offer)
    found = by_currency(decisions.figures(offer.offer_id), design)
    currency = offer.currency or max(filter(None, found), key=lambda each: _weight(found[each]), default=currency)
    figures, own = together(found), found.get(currency, Figures())
    profit = None if offer.public else incremental(own)
    places = MINOR_UNITS.get(currency, 2)
    return OfferResults(
        offer_id=offer.offer_id,
        design=design,
        currency=currency,
        offered=_side(figures.offered.customers, figures.offered.converted),
        held_out=_side(figures.held.customers, figures.held.converted),
        redeemed=figures.redeemed,
        cost=money(own.cost, currency),
        uplift=None if offer.public else _interval(learned.uplift(offer)),
        incremental_profit=_interval(profit, 10.0**-places, places) if profit else None,
        month=_month(offer, decisions, currency, now),
        note=" ".join(_notes(offer, profit, sorted(set(found) - {currency, ""}))) or None,
    )


def _weight(figures: Figures) -> tuple[int, int]:
    return figures.offered.customers + figures.held.customers, figures.redeemed


def _notes(offer: Offer, profit: Belief | None, others: list[str]) -> Iterator[str]:
    if offer.public:
        yield PUBLIC_NOTE
    elif profit is None:
        yield TOO_FEW
    if others:
        yield f"People are counted whatever they paid with; the sums are without {', '.join(others)}."


def _side(customers: int, ordered: int) -> Side:
    return Side(customers=customers, ordered=ordered if customers >= FEWEST else None)


def _interval(belief: Belief, scale: float = 1.0, places: int = 4) -> Interval:
    low, high = belief.interval
    value, low, high = (round(each * scale, places) for each in (belief.mean, low, high))
    return Interval(value=value, low=low, high=high)


def _month(offer: Offer, decisions: DecisionStore, currency: str, now: datetime) -> Month:
    month = month_of(now)
    stands = decisions.budget.month(offer.offer_id, month_in(offer, now, currency))
    return Month(
        month=month,
        budget=offer.budget,
        spent=money(stands.spent, currency),
        set_aside=money(stands.committed - stands.spent, currency),
    )

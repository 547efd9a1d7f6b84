"""What was decided about an offer for one customer, and what came of it: orders, a redeemed code, what was given back.

All that counts is computed anew from what is noted, so neither the order of events nor their repetition matters.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Literal, NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.domain.errors import ConflictError
from shared.domain.events import Event, Id
from shared.domain.items import Item
from shared.domain.money import MINOR_UNITS, Money
from shared.domain.offers import OfferSurface, Terms, goods
from shared.domain.uplift import Arm, Figures
from shared.domain.vocabulary import UNDOING, EventName

OFFERED: Literal["offered"] = "offered"
HELD_OUT: Literal["held_out"] = "held_out"
MOST_ORDERS = 50
"""Of one customer within the time of one offer; more are not noted."""
MOST_LINES = 100
MOST_BYTES = 100_000
"""Of a decision as JSON. What no record has room for, and no number of the table, would hold up the stream for good."""
MOST_WORTH = 10**13
"""An order of more smallest units is a slip or a prank: nothing of its amounts counts."""
UNNAMED = ""
"""A code that was applied without saying to which order."""
LATE = timedelta(days=60)
"""So long after its end a decision still learns of redemptions, refunds and cancellations."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class Sold(_Part):
    """A line of an order, in smallest units: what was paid, what it costs by the catalogue, and what the shop paid."""

    item_id: str
    paid: int
    listed: int
    goods: int
    eligible: bool


class Placed(_Part):
    """An order as far as it is known. `known` counts what was told, so that the better report of two stays."""

    time: AwareDatetime
    lines: tuple[Sold, ...] = ()
    paid: int | None = None
    coupons: tuple[str, ...] = ()
    known: int = 0


class Decision(_Part):
    """An offer made to a customer, or held out from one. `code` is that customer's own, and for one order."""

    decision_id: str
    offer_id: Id
    number: Annotated[int, Field(ge=1, description="Counted per customer and offer.")]
    arm: Literal["offered", "held_out"]
    design: Annotated[str, Field(description="Of the terms that were measured; see `design_of`.")]
    surface: OfferSurface
    time: AwareDatetime
    until: AwareDatetime
    terms: Terms
    margin: float
    currency: str
    text: str
    why: str
    code: str | None = None
    month: str
    reserved: Annotated[int, Field(description="Of the month's budget, in smallest units.")] = 0
    orders: Mapping[str, Placed] = {}
    undone: Mapping[str, tuple[str, ...]] = {}
    applied: tuple[str, ...] = ()
    claimed_by: Annotated[str | None, Field(description="The order that the shop's checkout redeemed it for.")] = None
    redeemed_by: str | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether it still holds: what was shown once is shown again until it ends or is used."""
        return now < self.until and self.used_by is None

    @property
    def used_by(self) -> str | None:
        """The order that the code was used for."""
        return self.claimed_by or self.redeemed_by

    @property
    def expires(self) -> datetime:
        return self.until + LATE


class Outcome(NamedTuple):
    """What a decision has come to, in smallest units."""

    converted: bool = False
    profit: int = 0
    redeemed: bool = False
    cost: int = 0


def outcome(decision: Decision) -> Outcome:
    """From the orders within its time, and the redeemed one whenever it came, without what was given back."""
    profit = cost = 0
    converted = False
    for order_id, order in decision.orders.items():
        is_redeemed = order_id == decision.redeemed_by
        if not is_redeemed and not decision.time <= order.time < decision.until:
            continue
        lines = _standing(order, decision.undone.get(order_id))
        off = _off(lines, decision) if is_redeemed else 0
        converted |= bool(lines)
        cost += off
        profit += _earned(order, lines, off)
    return Outcome(converted, profit, decision.redeemed_by is not None, cost)


def claimed(decision: Decision, order_id: str) -> Decision:
    """The decision with its code used for this order; the same order may claim it again. Raises `ConflictError`."""
    if decision.used_by not in (None, order_id):
        raise ConflictError("The code was used for another order.")
    return _redeemed(_update(decision, claimed_by=order_id))


def figures_of(decision: Decision) -> Figures:
    """What the decision adds to its offer's figures."""
    came = outcome(decision)
    arm = Arm(1, int(came.converted), came.profit, came.profit**2)
    if decision.arm == HELD_OUT:
        return Figures(held=arm)
    return Figures(offered=arm, redeemed=int(came.redeemed), cost=came.cost)


def noted(decision: Decision, event: Event, items: Mapping[str, Item]) -> Decision:
    """The decision with what an event tells that may have to do with it; the same one where it tells nothing new."""
    if event.name == EventName.ORDER_COMPLETED:
        after = _ordered(decision, event, items)
    elif event.name in UNDOING:
        after = _undone(decision, event)
    elif event.name == EventName.COUPON_APPLIED and decision.code and decision.code in _coupons(event):
        after = _update(decision, applied=tuple(sorted({*decision.applied, event.order_id or UNNAMED})[:MOST_ORDERS]))
    else:
        return decision
    after = _redeemed(after)
    return after if after == decision or len(after.model_dump_json().encode()) <= MOST_BYTES else decision


def _ordered(decision: Decision, event: Event, items: Mapping[str, Item]) -> Decision:
    key = event.order_id or event.message_id
    before = decision.orders.get(key)
    if event.time < decision.time or (before is None and len(decision.orders) >= MOST_ORDERS):
        return decision
    order = _placed(decision, event, items)
    return _update(decision, orders={**decision.orders, key: _joined(before, order) if before else order})


def _joined(before: Placed, order: Placed) -> Placed:
    """The better report of two, whichever came first; told again, the one that is known stays.

    Whichever report names a coupon, it was used.
    """
    better = max(before, order, key=lambda each: (each.known, -each.time.timestamp(), each.paid or 0))
    return better.model_copy(update={"coupons": tuple(sorted({*before.coupons, *order.coupons}))})


def _placed(decision: Decision, event: Event, items: Mapping[str, Item]) -> Placed:
    told = event.currency or (event.paid.currency if event.paid else None)
    order = _counted(decision, event, items) if told in (None, decision.currency) else None
    if order and max(order.paid or 0, *(sum(each) for each in _amounts(order))) <= MOST_WORTH:
        return order
    # Another currency's amounts cannot be added to these: that there was an order is all that counts.
    lines = [Sold(item_id=item, paid=0, listed=0, goods=0, eligible=False) for item in event.items]
    return Placed(time=event.time, lines=tuple(lines[:MOST_LINES]), coupons=_coupons(event), known=1)


def _amounts(order: Placed) -> list[list[int]]:
    return [[getattr(line, name) for line in order.lines] for name in ("paid", "listed", "goods")]


def _counted(decision: Decision, event: Event, items: Mapping[str, Item]) -> Placed:
    wanted = [(each.item_id, each.quantity, each.price) for each in event.lines] or [(i, 1, None) for i in event.items]
    return Placed(
        time=event.time,
        lines=tuple(_sold(decision, each, items) for each in wanted[:MOST_LINES]),
        paid=minor(event.paid.amount, decision.currency) if event.paid else None,
        coupons=_coupons(event),
        known=1 + bool(event.lines) + sum(price is not None for *_, price in wanted) + bool(event.coupons),
    )


def _coupons(event: Event) -> tuple[str, ...]:
    """As our codes are written, however they were typed."""
    return tuple(each.upper() for each in event.coupons)


def _sold(decision: Decision, line: tuple[str, int, Decimal | None], items: Mapping[str, Item]) -> Sold:
    item_id, quantity, price = line
    item, currency = items.get(item_id), decision.currency
    own = item.price.amount if item and item.price and item.price.currency == currency else None
    paid = (price if price is not None else own or Decimal(0)) * quantity
    listed = own * quantity if own is not None else paid
    return Sold(
        item_id=item_id,
        paid=minor(paid, currency),
        listed=minor(listed, currency),
        goods=minor(goods(item if own is not None else None, quantity, listed, decision.margin), currency),
        eligible=decision.terms.on.holds(item) if item else False,
    )


def _undone(decision: Decision, event: Event) -> Decision:
    """Of all (an empty list) or of some items. All stays all."""
    key = event.order_id or ""
    before = decision.undone.get(key)
    is_all = event.name == EventName.ORDER_CANCELLED or not event.items or before == ()
    after = () if is_all else tuple(sorted({*(before or ()), *event.items}))
    if event.time < decision.time or before == after or (before is None and len(decision.undone) >= MOST_ORDERS):
        return decision
    return _update(decision, undone={**decision.undone, key: after})


def _redeemed(decision: Decision) -> Decision:
    """With the order that used the code, once one is known to have: that of the checkout, else the earliest."""
    if decision.code is None:
        return decision
    if decision.claimed_by is not None:
        redeemed = decision.claimed_by if decision.claimed_by in decision.orders else None
        return _update(decision, redeemed_by=redeemed)
    used = [(order.time, order_id) for order_id, order in decision.orders.items() if _uses(decision, order_id, order)]
    earliest = min(used)[1] if used else None
    return decision if earliest == decision.redeemed_by else _update(decision, redeemed_by=earliest)


def _uses(decision: Decision, order_id: str, order: Placed) -> bool:
    """Whether the order says so itself, or the code was applied to it, or to a cart and the order names no coupon."""
    unnamed = UNNAMED in decision.applied and not order.coupons and order.time < decision.until
    return decision.code in order.coupons or order_id in decision.applied or unnamed


def _standing(order: Placed, undone: tuple[str, ...] | None) -> list[Sold]:
    if undone == ():
        return []
    return [line for line in order.lines if line.item_id not in (undone or ())]


def _off(lines: list[Sold], decision: Decision) -> int:
    """What the code took off at the catalogue's prices, and no more than was set aside for it."""
    listed = sum(line.listed for line in lines)
    eligible = sum(line.listed for line in lines if line.eligible)
    worth = decision.terms.off(
        _major(eligible, decision.currency), _major(listed, decision.currency), decision.currency
    )
    off = minor(worth, decision.currency)
    return min(off, decision.reserved) if decision.reserved else off


def _earned(order: Placed, lines: list[Sold], off: int) -> int:
    """What the shop keeps. A total below the lines' sum has discounts in it that they do not show, and whether shops
    send lines before or after the code differs: of all that is known, the least counts."""
    paid = sum(line.paid for line in lines)
    if len(lines) == len(order.lines) and order.paid is not None:
        paid = min(paid, order.paid)
    if off:
        paid = min(paid, sum(line.listed for line in lines) - off)
    return paid - sum(line.goods for line in lines)


def minor(amount: Decimal, currency: str) -> int:
    """In the currency's smallest units."""
    return round(amount.scaleb(MINOR_UNITS.get(currency, 2)))


def _major(amount: int, currency: str) -> Decimal:
    return Decimal(amount).scaleb(-MINOR_UNITS.get(currency, 2))


def money(amount: int, currency: str) -> Money:
    """From smallest units; what is below zero is none."""
    return Money(amount=_major(max(0, amount), currency), currency=currency)


def _update(decision: Decision, **fields: object) -> Decision:
    return decision.model_copy(update=fields)

"""Carrying out what happened to an order: its events, at the customer whose it is, whichever of them comes first."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from functions.webhooks.news import AHEAD, OrderAct, OrderNews
from shared.domain.events import CustomerRef
from shared.domain.sales import sale_of
from shared.domain.vocabulary import EventName
from shared.stores.intake import Arrived, Intake, Reason
from shared.stores.orders import OrderStore


class Taken(NamedTuple):
    """How many events were kept; what they wait for, or why they were not kept."""

    events: int
    reason: str | None = None


def carry_out(source: str, news: OrderNews, orders: OrderStore, intake: Intake, now: datetime) -> Taken:
    """Keep the order's events. May be repeated, after a failure at any step too. Raises `StoreUnavailableError`."""
    # Whose the order is was said by its first event: what undoes it must lie beside it.
    owner = orders.owner(source, news.order_id)
    customer = owner or news.customer
    if customer is None:
        owner = customer = _wait(source, news, orders, now)
    if customer is None:
        return Taken(0, "waits for its order")
    said = [act._replace(time=None) if act.time and act.time > now + AHEAD else act for act in news.acts]
    counted = [act for act in said if act.name == EventName.ORDER_COMPLETED]
    acts = [act for act in said if counted or owner or not act.if_counted]
    told = intake.take(_arrived(news.order_id, customer, news.anonymous_id, acts), now)
    if counted and not told:
        owner = orders.claim(source, news.order_id, customer, counted[0].time or now)
    late = _settle(source, news.order_id, owner, orders, intake, now) if owner else 0
    return Taken(len(acts) - told.total() + late, _why(told, acts))


def _wait(source: str, news: OrderNews, orders: OrderStore, now: datetime) -> CustomerRef | None:
    """Let the events wait; whose the order is, if it came meanwhile: one of the two sees the other."""
    for act in news.acts:
        orders.wait(source, news.order_id, act.message_id, _written(act), now)
    return orders.owner(source, news.order_id)


def _settle(source: str, order_id: str, owner: CustomerRef, orders: OrderStore, intake: Intake, now: datetime) -> int:
    """Take in what waited for the order."""
    waiting = orders.waiting(source, order_id)
    if not waiting:
        return 0
    told = intake.take(_arrived(order_id, owner, None, [_read(body) for body in waiting.values()]), now)
    orders.settle(source, order_id, waiting)
    return len(waiting) - told.total()


def _arrived(order_id: str, customer: CustomerRef, device: str | None, acts: Sequence[OrderAct]) -> list[Arrived]:
    return [
        Arrived(
            customer=customer,
            message_id=act.message_id,
            time=act.time,
            name=act.name,
            items=act.items,
            anonymous_id=device if customer.is_known else None,
            order_id=order_id,
            details=act.details,
            vouched=True,
            sale=sale_of(act.name, act.details),
        )
        for act in acts
    ]


def _why(told: Counter[Reason], acts: Sequence[OrderAct]) -> str | None:
    if not acts:
        return "the order was never counted"
    return ", ".join(sorted(told)) or None


def _written(act: OrderAct) -> str:
    return json.dumps(act._asdict() | {"time": act.time and act.time.isoformat()})


def _read(body: str) -> OrderAct:
    fields = json.loads(body)
    time = fields["time"] and datetime.fromisoformat(fields["time"])
    return OrderAct(**fields | {"time": time, "items": tuple(fields["items"])})

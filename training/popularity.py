"""What is popular: the baseline that every model must beat, and the prior that stands beside the model's own terms."""

import numpy as np

from shared.domain.vocabulary import EventName
from training.interactions import Floats, Interactions
from training.sparse import by_pair

SECONDS_A_DAY = 86_400.0
SMOOTHING = 0.02
"""Imagined owners of nothing, as a share of all customers: keeps an item that all but a few own from a rate of 1."""
USUAL = 5.0
"""So many events or buyers more, like all others, are imagined of every item: few tell little of it."""


def buyers(view: Interactions, end: float, days: float) -> Floats:
    """How many distinct customers had an event with each item in the `days` before `end`, [items]."""
    recent = view.between(end - days * SECONDS_A_DAY, end)
    key = np.unique(recent.customer.astype(np.int64) * len(view.items) + recent.item)
    return np.bincount(key % max(1, len(view.items)), minlength=len(view.items)).astype(np.float64)


def first_time_rate(view: Interactions, end: float, half_life_days: float) -> Floats:
    """How readily customers who do not own an item take it for the first time, [items], as a share of the largest rate.

    First purchases, faded by age, over the customers who were free to make one. Plain popularity counts customers who
    come back for what they know; among those who do not own an item it overrates what everybody else already has.
    """
    order, starts = by_pair(view)
    first_rows = order[starts]
    age = (end - view.event_time[view.event[first_rows]]) / SECONDS_A_DAY
    takers = np.bincount(view.item[first_rows], 0.5 ** (age / half_life_days), minlength=len(view.items))
    owners = np.bincount(view.item[first_rows], minlength=len(view.items))
    customers = len(np.unique(view.event_customer))
    rate = takers / (customers * (1 + SMOOTHING) - owners + takers + 1e-12)
    return np.asarray(rate / max(float(rate.max(initial=0.0)), 1e-12), dtype=np.float64)


def trends(view: Interactions, end: float, half_life_days: float) -> Floats:
    """How many times as recent an item's events are as all events, [items]: 1 is as usual, less is going out.

    Recent is the sum over events of what their age leaves of them, over their number. What customers took together a
    year ago tells what they would take now as far as it is still taken at all.
    """
    age = (end - view.time) / SECONDS_A_DAY
    count = np.bincount(view.item, minlength=len(view.items))
    recent = np.bincount(view.item, 0.5 ** (age / half_life_days), minlength=len(view.items))
    usual = recent.sum() / max(1, len(view.item))
    return np.asarray((recent / max(usual, 1e-300) + USUAL) / (count + USUAL), dtype=np.float64)


def staples(view: Interactions) -> Floats:
    """How many orders an item has for each of its buyers, beside what is usual, [items]; few buyers tell little."""
    orders = view.named(EventName.ORDER_COMPLETED)
    count = np.bincount(orders.item, minlength=len(view.items))
    pairs = np.unique(orders.customer.astype(np.int64) * len(view.items) + orders.item)
    owners = np.bincount(pairs % max(1, len(view.items)), minlength=len(view.items))
    mean = len(orders.item) / max(1, len(pairs))
    return np.asarray((count / max(mean, 1.0) + USUAL) / (owners + USUAL), dtype=np.float64)

"""Questions that held-out orders answer: what else is in an order, asked with one item of it or with half of them."""

from dataclasses import dataclass

import numpy as np

from training.interactions import Ints, Mask
from training.sparse import Csr, csr
from training.split import Split

SEED = 2017
LEAST_ASKED = 2
"""Items of a cart that is asked with; with one, the question is what is bought together."""
MOST_CARTS = 4_000


@dataclass(frozen=True)
class Orders:
    """One query per held-out order: the item asked with, the order's other items [orders, items], and the customer."""

    asked: Ints
    targets: Csr
    customer: Ints
    skipped: int


@dataclass(frozen=True)
class Carts:
    """One query per held-out order: the items in the cart and the order's other items [orders, items], the customer."""

    asked: Csr
    targets: Csr
    customer: Ints
    skipped: int


def one_query_per_order(split: Split) -> Orders:
    """From each order in the window with two showable items or more, one item drawn at random (seeded) as the query."""
    event, item, sizes = _showable(split)
    first = np.cumsum(sizes) - sizes
    tested = np.flatnonzero(sizes >= 2)
    draw = np.random.default_rng(SEED).integers(0, sizes[tested]) if len(tested) else np.zeros(0, dtype=np.int64)
    chosen = np.zeros(len(item), dtype=np.bool_)
    chosen[first[tested] + draw] = True
    targets = _of(tested, event, item, ~chosen, split)
    return Orders(item[chosen], targets, split.future.event_customer[tested], int((sizes < 2).sum()))


def half_carts(split: Split) -> Carts:
    """From each order with one item more than `LEAST_ASKED`, half of its items, drawn (seeded), in the cart.

    Of more than `MOST_CARTS` such orders as many, drawn too.
    """
    event, item, sizes = _showable(split)
    tested = np.flatnonzero(sizes > LEAST_ASKED)
    draw = np.random.default_rng(SEED)
    if len(tested) > MOST_CARTS:
        tested = np.sort(draw.choice(tested, MOST_CARTS, replace=False))
    order = np.lexsort((draw.random(len(item)), event))
    event, item = event[order], item[order]
    place = np.arange(len(item)) - (np.cumsum(sizes) - sizes)[event]
    inside: Mask = place < np.maximum(LEAST_ASKED, sizes[event] // 2)
    asked, targets = (_of(tested, event, item, those, split) for those in (inside, ~inside))
    return Carts(asked, targets, split.future.event_customer[tested], int((sizes <= LEAST_ASKED).sum()))


def _showable(split: Split) -> tuple[Ints, Ints, Ints]:
    """Event and item of each showable item in the window, and how many of them each event has."""
    kept = split.showable[split.future.item]
    event, item = split.future.event[kept], split.future.item[kept]
    return event, item, np.bincount(event, minlength=len(split.future.event_time)).astype(np.int32)


def _of(tested: np.ndarray, event: Ints, item: Ints, those: Mask, split: Split) -> Csr:
    """1 where one of `those` is in a tested order, [tested, items]."""
    number = np.full(len(split.future.event_time), -1)
    number[tested] = np.arange(len(tested))
    kept = those & (number[event] >= 0)
    return csr(np.ones(int(kept.sum())), number[event[kept]], item[kept], (len(tested), len(split.showable)))

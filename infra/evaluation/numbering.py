"""A log as training holds it, with items and customers numbered in an order that the seed draws.

Whatever ties (two items at one moment, two equal scores) is settled by these numbers: so ties are broken by the seed,
for every model alike, and the order of the file's lines plays no part.
"""

import numpy as np
import numpy.typing as npt

from infra.evaluation.data import Codes, Log
from training.interactions import Floats, Interactions, Ints


def interactions(log: Log, seed: int, by_session: bool) -> Interactions:
    """The log as training holds it; the sessions stand where customers do where `by_session` and the log has them.

    Without an order's id, what a customer did at one moment is one event.
    """
    draw = np.random.default_rng(seed)
    item_ids, item = _renumbered(log.items, log.item, draw)
    owners = (log.sessions, log.session) if by_session and log.sessions else (log.customers, log.customer)
    owner_ids, owner = _renumbered(*owners, draw)
    names = sorted(log.names)
    name = np.array([names.index(each) for each in log.names])[log.name]
    order = np.argsort(np.argsort(np.array(log.orders)))[log.order]
    time = _begun(log.time, (owner, name, order))
    by = np.lexsort((item, order, name, time, owner))
    owner, item, name, order, time = owner[by], item[by], name[by], order[by], time[by]
    new = _changes(owner, time, name, order)
    first = new | _changes(item)
    starts = np.flatnonzero(new)
    return Interactions(
        customers=owner_ids,
        items=item_ids,
        names=tuple(names),
        event_customer=owner[starts].astype(np.int32),
        event_time=time[starts],
        event_name=name[starts].astype(np.int32),
        item=item[first].astype(np.int32),
        event=(np.cumsum(new) - 1)[first].astype(np.int32),
    )


def _begun(time: Floats, order: tuple[Codes, Codes, Codes]) -> Floats:
    """The times, for the lines of one order (owner, name, number above 0) its first."""
    by = np.lexsort((time, *order))
    starts = np.flatnonzero(_changes(*(each[by] for each in order)))
    first = np.repeat(time[by][starts], np.diff(np.append(starts, len(time))))
    begun = np.empty_like(time)
    begun[by] = first
    return np.where(order[2] > 0, begun, time)


def _changes(*columns: npt.NDArray[np.generic]) -> npt.NDArray[np.bool_]:
    """Where any of the columns differs from the line before; the first line does."""
    found = np.ones(len(columns[0]), dtype=np.bool_)
    found[1:] = np.any([column[1:] != column[:-1] for column in columns], axis=0)
    return found


def _renumbered(texts: list[str], codes: Codes, draw: np.random.Generator) -> tuple[tuple[str, ...], Codes]:
    """The texts in a drawn order, each led by its number so that this is how they sort; and the codes."""
    order = np.array(sorted(range(len(texts)), key=texts.__getitem__))[draw.permutation(len(texts))]
    place = np.empty(len(texts), dtype=np.int64)
    place[order] = np.arange(len(texts))
    width = len(str(len(texts)))
    return tuple(f"{number:0{width}}:{texts[old]}" for number, old in enumerate(order)), place[codes]


def only(view: Interactions, kept: npt.NDArray[np.bool_]) -> Interactions:
    """Only the items in events that a mask [M] keeps; events without any are gone."""
    left = np.bincount(view.event[kept], minlength=len(view.event_time)) > 0
    number: Ints = (np.cumsum(left) - 1).astype(np.int32)
    return Interactions(
        customers=view.customers,
        items=view.items,
        names=view.names,
        event_customer=view.event_customer[left],
        event_time=view.event_time[left],
        event_name=view.event_name[left],
        item=view.item[kept],
        event=number[view.event[kept]],
    )

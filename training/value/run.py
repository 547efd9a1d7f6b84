"""One night: the orders of the archive -> a model -> a value for every customer, written where it says something new.

It may break off anywhere and be repeated: what is written already is no news to the next run. An erasure that is asked
for meanwhile is honoured: tombstones are looked at just before the write, and the erasure's own sweep comes later.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import batched
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from shared.domain.events import NOBODY, CustomerRef
from shared.domain.value import CustomerValue
from shared.stores.values import ValueStore
from training.value.histories import Histories, histories
from training.value.model import ValueModel, fit
from training.value.steadiness import steadied
from training.value.values import differs, summary, valued

NO_ORDERS = "No customer has an order that stands, so nobody has a value yet."
AT_ONCE = 2_000
WRITTEN_AT_ONCE = 100
THREADS = 8
type Floats = npt.NDArray[np.float64]
type Values = dict[CustomerRef, CustomerValue]


class Purchases(Protocol):
    """Orders that stand: of each the customer's place among `customers`, when it was, what was paid (NaN: unknown)."""

    @property
    def customers(self) -> Sequence[str]: ...
    @property
    def customer(self) -> npt.NDArray[np.int32]: ...
    @property
    def time(self) -> npt.NDArray[np.float64]: ...
    @property
    def paid(self) -> npt.NDArray[np.float64]: ...
    @property
    def currency(self) -> str | None: ...


class Rooms(NamedTuple):
    """What a run works with; `erased` tells when those of these customers who were erased were."""

    values: ValueStore
    erased: Callable[[Iterable[CustomerRef]], Mapping[CustomerRef, datetime]]


def run(purchases: Purchases, rooms: Rooms, now: datetime) -> dict[str, Any]:
    """Run once; what it did, for the log."""
    orders = _of_somebody(purchases)
    known = histories(*orders, now)
    if not len(known):
        return {"model_id": None, "reason": NO_ORDERS}
    model = steadied(fit(known), *orders, now)
    written = 0
    for start in range(0, len(known), AT_ONCE):
        written += _write(purchases, known[start : start + AT_ONCE], model, rooms, now)
    rooms.values.put_summary(summary(known, model, now, purchases.currency))
    return {
        "model_id": model.model_id,
        "customers": len(known),
        "repeat_buyers": known.repeat_buyers,
        "pooled": model.pooled,
        "written": written,
        "parameters": {name: round(value, 6) for name, value in model.parameters.items()},
    }


def _of_somebody(purchases: Purchases) -> tuple[npt.NDArray[np.int32], Floats, Floats]:
    """Without the orders that were kept without identity."""
    somebody = np.array([not each.startswith(f"{NOBODY}:") for each in purchases.customers], dtype=np.bool_)
    theirs = somebody[purchases.customer]
    return purchases.customer[theirs], purchases.time[theirs], purchases.paid[theirs]


def _write(purchases: Purchases, known: Histories, model: ValueModel, rooms: Rooms, now: datetime) -> int:
    """Write what is new of these customers; of how many."""
    customers = [CustomerRef.parse(purchases.customers[number]) for number in known.customer]
    found = dict(zip(customers, valued(known, model, now, purchases.currency), strict=True))
    with ThreadPoolExecutor(THREADS) as pool:
        return sum(
            pool.map(lambda some: _write_some(dict(some), rooms), batched(found.items(), WRITTEN_AT_ONCE, strict=False))
        )


def _write_some(found: Values, rooms: Rooms) -> int:
    before = rooms.values.get_many(found)
    new = {who: value for who, value in found.items() if who not in before or differs(before[who], value)}
    gone = rooms.erased(new)
    kept = {who: value for who, value in new.items() if who not in gone or value.first_order > gone[who]}
    rooms.values.put_many(kept)
    return len(kept)

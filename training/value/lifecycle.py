"""Where a customer stands: new, loyal, lapsing or regular.

Whether somebody lapses is read off what is expected of them, beside what was when they last ordered: so it goes by the
shop's and the customer's own pace. The chance of being alive would not do: of who ordered once the model has it at 1.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from shared.domain.value import Lifecycle
from training.value import bgnbd
from training.value.bgnbd import Frequency, Rates

type Floats = npt.NDArray[np.float64]
type Codes = npt.NDArray[np.int64]

KINDS: Sequence[Lifecycle] = (Lifecycle.NEW, Lifecycle.LAPSING, Lifecycle.LOYAL, Lifecycle.REGULAR)
"""In this order: the first that fits holds."""
NEW_WEEKS = 30 / 7
LAPSED = 0.5
LOYAL_REPEATS = 2


def lifecycles(frequency: Frequency, rates: Rates, weeks: float) -> Codes:
    """Of each customer, as a place in `KINDS`."""
    # New: one day with an order, at most 30 days ago. Lapsing: less than half as many orders are expected as when the
    # last one had just been made. Loyal: orders on three days at least. Regular: everybody else.
    tests = [
        (frequency.x == 0) & (frequency.age <= NEW_WEEKS),
        momentum(frequency, rates, weeks) < LAPSED,
        frequency.x >= LOYAL_REPEATS,
    ]
    return np.select(tests, [0, 1, 2], 3).astype(np.int64)


def momentum(frequency: Frequency, rates: Rates, weeks: float) -> Floats:
    """What is expected now, as a share of what was expected just after the last order."""
    then = Frequency(frequency.x, frequency.recency, frequency.recency)
    before = bgnbd.expected(then, weeks, rates)
    now = bgnbd.expected(frequency, weeks, rates)
    return np.asarray(np.divide(now, before, out=np.zeros_like(now), where=before > 0))

"""The model of a shop: how often its customers order, and how much they pay."""

import json
from dataclasses import asdict, dataclass
from hashlib import sha256

import numpy as np

from shared.telemetry.log import logger
from training.value import bgnbd, gamma_gamma
from training.value.bgnbd import Rates
from training.value.gamma_gamma import Amounts
from training.value.histories import Histories
from training.value.likelihood import NotFittedError
from training.value.prior import AMOUNTS, ENOUGH, RATES


@dataclass(frozen=True)
class ValueModel:
    """`amounts` is None where no order has one; `pooled`, where it leans on what other shops are like.

    `unsteady`: how far a customer's pace in a quarter is from their usual one, as a variance beside its square.
    """

    rates: Rates
    amounts: Amounts | None
    pooled: bool
    unsteady: float = 0.0

    @property
    def parameters(self) -> dict[str, float]:
        """By their names."""
        return self.rates._asdict() | (self.amounts._asdict() if self.amounts else {}) | {"unsteady": self.unsteady}

    @property
    def model_id(self) -> str:
        """Follows from the parameters."""
        return "value-" + sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]


def fit(known: Histories) -> ValueModel:
    """The model of these histories, of one at least. Raises `NotFittedError`."""
    rates, leans = _rates(known)
    amounts, leans_too = _amounts(known)
    return ValueModel(rates, amounts, leans or leans_too)


def _rates(known: Histories) -> tuple[Rates, bool]:
    """And whether with the prior."""
    if known.repeat_buyers >= ENOUGH:
        try:
            return _plain(bgnbd.fit(known.frequency)), False
        except NotFittedError:
            logger.warning("the orders alone give no rates, so those of other shops are leaned on")
    return _plain(bgnbd.fit(known.frequency, RATES)), True


def _amounts(known: Histories) -> tuple[Amounts | None, bool]:
    """By repeat orders, as the paper; where few have made any, by first ones too, and with the prior."""
    if int((known.repeats.orders > 0).sum()) >= ENOUGH:
        return Amounts(*map(float, gamma_gamma.fit(known.repeats))), False
    if not (known.spending.orders > 0).any():
        return None, False
    return Amounts(*map(float, gamma_gamma.fit(known.spending, AMOUNTS))), True


def _plain(rates: Rates) -> Rates:
    return Rates(*(float(np.round(each, 12)) for each in rates))

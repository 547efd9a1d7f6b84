"""The model of a shop: how often its customers order, and how much they pay."""

import json
from dataclasses import asdict, dataclass
from hashlib import sha256

import numpy as np

from shared.telemetry.log import logger
from training.value import bgnbd, gamma_gamma
from training.value.bgnbd import Rates
from training.value.gamma_gamma import Amounts, Spending
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
    """The model of these histories, of one at least. What does not say enough is taken from other shops."""
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
    try:
        return _plain(bgnbd.fit(known.frequency, RATES)), True
    except NotFittedError:
        logger.warning("the orders give no rates, so those of other shops are taken")
        return Rates(*RATES.centre), True


def _amounts(known: Histories) -> tuple[Amounts | None, bool]:
    """By repeat orders, as the paper; where few have made any, by first ones too, and with the prior."""
    if int((known.repeats.orders > 0).sum()) >= ENOUGH:
        try:
            return Amounts(*map(float, gamma_gamma.fit(known.repeats))), False
        except NotFittedError:
            logger.warning("the amounts alone do not say how they vary, so other shops are leaned on")
    if not (known.spending.orders > 0).any():
        return None, False
    try:
        return Amounts(*map(float, gamma_gamma.fit(known.spending, AMOUNTS))), True
    except NotFittedError:
        logger.warning("the amounts do not say how they vary, as where all are the same; it is taken from other shops")
        return _believed(known.spending), True


def _believed(spending: Spending) -> Amounts:
    """What is believed beforehand, of a shop whose mean amount is that of these orders."""
    p, q, v = AMOUNTS.centre
    return Amounts(p, q, v * float((spending.orders * spending.mean).sum() / spending.orders.sum()))


def _plain(rates: Rates) -> Rates:
    return Rates(*(float(np.round(each, 12)) for each in rates))

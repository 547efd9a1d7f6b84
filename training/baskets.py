"""What is bought together: a table of its own, from orders only and from pairs within one order only."""

import numpy as np
import scipy.sparse as sp

from shared.domain.vocabulary import EventName
from training.covisits import covisit_weights
from training.interactions import Interactions, Ints
from training.sparse import Csr, by_event

WIDTH = 16
"""Weights of a row. More did not help: what was once in a basket with something says little."""
SIZE_EXPONENT = 0.5
"""A pair in an order of n items counts n^-0.5: of two things alone in a basket one is the reason for the other, of
eighty hardly any."""
RARITY = 0.15
"""Less than elsewhere: in a basket the common is wanted more."""


def basket_weights(view: Interactions, rows: Ints) -> Csr:
    """Weights [N, N] over the items `rows`; without any where no order holds two of them."""
    orders = view.named(EventName.ORDER_COMPLETED)
    visits = sp.csr_matrix(by_event(orders)[:, rows])
    sizes = np.maximum(1, np.diff(visits.indptr)).astype(np.float32)
    # A pair is the product of two of these.
    evened = sp.csr_matrix(sp.diags(sizes ** (-SIZE_EXPONENT / 2)) @ visits)
    return covisit_weights(evened, orders.event_customer, WIDTH, 0.0, rarity=RARITY)

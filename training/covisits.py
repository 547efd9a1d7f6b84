"""The sequence part of the matrix: what is taken after, or together with, what."""

import math

import numpy as np
import scipy.sparse as sp

from training.interactions import Floats, Ints
from training.sparse import Csr, blocks, csr, largest_per_row, spread, without_diagonal

FADED = 1 / 16
"""A pair is counted as many of a customer's events apart as leave it at least this much, and `GAPS` at most."""
GAPS = 10

RARITY = 0.25
"""The share of the normalisation that falls on the later item: 0 is the conditional probability, which names what
everybody takes; 0.5 is the cosine, which names rarities. A quarter gave up 2% of the best NDCG for half as much
coverage again."""

DOUBT = 3.0
"""So many events more are imagined of every item in taste: what one customer did must not outweigh what many do."""


def covisit_weights(
    visits: Csr,
    owner: Ints,
    keep: int,
    gap_decay: float,
    doubt: float = 0.0,
    rarity: float = RARITY,
    worth: Floats | None = None,
) -> Csr:
    """Weights [N, N], row = earlier item, column = later, from events x items [E, N] in order of owner and time.

    A pair g events apart counts `gap_decay^g`; a pair within one event counts 1, both ways. All that ends in an event
    counts with its `worth` [E], 1 unless given. A sum is divided by the two items' own, each with `doubt` more, as
    `earlier^(1 - rarity) x later^rarity`. Only the `keep` largest of each row stay.
    """
    earlier = sp.csr_matrix(_faded_past(visits, owner, gap_decay).T)
    visits = visits if worth is None else sp.csr_matrix(sp.diags(worth.astype(np.float32)) @ visits)
    counts = np.maximum(np.asarray(visits.sum(axis=0)).ravel() + doubt, 1e-12)
    later = sp.csr_matrix(visits @ sp.diags((counts**-rarity).astype(np.float32)))
    earlier = sp.csr_matrix(sp.diags((counts ** (rarity - 1)).astype(np.float32)) @ earlier)

    def largest(part: slice) -> Csr:
        return largest_per_row(without_diagonal(sp.csr_matrix(earlier[part] @ later), part.start), keep)

    return sp.csr_matrix(sp.vstack(list(spread(largest, blocks(visits.shape[1]))), format="csr"))


def _faded_past(visits: Csr, owner: Ints, gap_decay: float) -> Csr:
    """For each event, its own items and those of the owner's events just before it, faded by the gap, [E, N]."""
    faded, count = visits, visits.shape[0]
    for gap in range(1, _gaps(gap_decay) + 1):
        later = np.flatnonzero(owner[gap:] == owner[:-gap]) + gap
        shift = csr(np.full(len(later), gap_decay**gap), later, later - gap, (count, count))
        faded = sp.csr_matrix(faded + shift @ visits)
    return faded


def _gaps(gap_decay: float) -> int:
    return min(GAPS, round(math.log(FADED) / math.log(gap_decay))) if 0 < gap_decay < 1 else GAPS * (gap_decay == 1)

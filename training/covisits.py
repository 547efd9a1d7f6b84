"""The sequence part of the matrix: what is taken after, or together with, what."""

import numpy as np
import scipy.sparse as sp

from training.interactions import Ints
from training.sparse import Csr, blocks, csr, in_threads, largest_per_row, without_diagonal

GAPS = 4
"""How many of a customer's events back a pair is still counted."""


def covisit_weights(visits: Csr, owner: Ints, keep: int, gap_decay: float) -> Csr:
    """Weights [N, N], row = the earlier item, column = the later, from events x items [E, N] in order of owner and time.

    A pair g events apart counts `gap_decay^g`; a pair within one event counts 1, both ways. Counts are divided by the
    geometric mean of the two items' event counts, and only the `keep` largest of each row stay.
    """
    earlier = sp.csr_matrix(_faded_past(visits, owner, gap_decay).T)
    counts = np.maximum(np.asarray(visits.sum(axis=0)).ravel(), 1e-12)
    rarity = sp.diags((1 / np.sqrt(counts)).astype(np.float32))
    later = sp.csr_matrix(visits @ rarity)
    earlier = sp.csr_matrix(rarity @ earlier)

    def largest(part: slice) -> Csr:
        return largest_per_row(without_diagonal(sp.csr_matrix(earlier[part] @ later), part.start), keep)

    return sp.csr_matrix(sp.vstack(list(in_threads(largest, blocks(visits.shape[1]))), format="csr"))


def _faded_past(visits: Csr, owner: Ints, gap_decay: float) -> Csr:
    """For each event, its own items and those of the owner's events just before it, faded by the gap, [E, N]."""
    faded, count = visits, visits.shape[0]
    for gap in range(1, GAPS + 1 if gap_decay > 0 else 1):
        later = np.flatnonzero(owner[gap:] == owner[:-gap]) + gap
        shift = csr(np.full(len(later), gap_decay**gap), later, later - gap, (count, count))
        faded = sp.csr_matrix(faded + shift @ visits)
    return faded

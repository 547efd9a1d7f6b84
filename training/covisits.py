"""The sequence part of the matrix: what is taken after, or together with, what."""

import math

import numpy as np
import scipy.sparse as sp

from training.interactions import Floats, Ints
from training.sparse import Csr, blocks, csr, largest_per_row, row_of_each, spread, without_diagonal

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
    visited = sp.csr_matrix(visits.T)
    visits = visits if worth is None else sp.csr_matrix(sp.diags(worth.astype(np.float32)) @ visits)
    counts = np.maximum(np.asarray(visits.sum(axis=0)).ravel() + doubt, 1e-12)
    later = sp.csr_matrix(visits @ sp.diags((counts**-rarity).astype(np.float32)))
    earlier = (counts ** (rarity - 1)).astype(np.float32)

    def largest(part: slice) -> Csr:
        faded = sp.csr_matrix(sp.diags(earlier[part]) @ _faded(visited[part], owner, gap_decay))
        return largest_per_row(without_diagonal(sp.csr_matrix(faded @ later), part.start), keep)

    return sp.csr_matrix(sp.vstack(list(spread(largest, blocks(visits.shape[1]))), format="csr"))


def _faded(visited: Csr, owner: Ints, gap_decay: float) -> Csr:
    """Of some items x events, each item in its own events and in the owner's next ones, faded by the gap: of as many
    items at a time as are multiplied, since it holds each visit up to `GAPS` + 1 times.
    """
    rows, events, values = row_of_each(visited), visited.indices, visited.data
    found = [(values, rows, events)]
    for gap in range(1, _gaps(gap_decay) + 1):
        later = np.minimum(events + np.int32(gap), len(owner) - 1)
        kept = np.flatnonzero((later == events + np.int32(gap)) & (owner[later] == owner[events]))
        found.append((np.float32(gap_decay**gap) * values[kept], rows[kept], later[kept]))
    values, rows, events = (np.concatenate(each) for each in zip(*found, strict=True))
    return csr(values, rows, events, visited.shape)


def _gaps(gap_decay: float) -> int:
    return min(GAPS, round(math.log(FADED) / math.log(gap_decay))) if 0 < gap_decay < 1 else GAPS * (gap_decay == 1)

"""Items that nobody has taken yet: they inherit the weights of the warm items whose descriptions are most like theirs.

TF-IDF over title, category, tags, attributes and text. On short product names it was ahead of sentence embeddings, and
it needs no model.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
import scipy.sparse as sp

from shared.domain.items import Item
from training.interactions import Interactions, Ints
from training.matrix import Parts
from training.sparse import Csr, blocks, csr, largest_per_row, spread, without_diagonal

KIN = 10
"""Warm items that a cold one inherits from."""
SHARPNESS = 4
"""A kin counts as its likeness to this power: the nearest tells more than the other nine."""
SHARE = 0.5
"""Of what its kin weigh: a guess from a description counts less than what customers did."""
LIKENESS = 1.0
"""How much having a kin itself speaks for the cold item; what speaks for its kin amounts to about 1."""
MOST_WEIGHTS = 200
"""Of a cold item's row and of its column no more are made: the rows of the final tables are cut anyway."""
COMMON, FEW = 0.2, 2_000
"""A term in more than this share of the descriptions, and in more than so many, tells little and costs the most."""
LEAST_ROOM = 5_000
"""So many cold items are taken in, or a tenth of all items if that is more: each makes the model's file larger."""
MOST_TEXT = 2_000
"""Of an item's long text no more characters are read."""


def with_cold(view: Interactions, parts: Parts, items: Sequence[Item], now: datetime) -> tuple[Interactions, Parts]:
    """The view over a vocabulary that has the cold items too, and the parts with a row and a column more for each.

    Cold is what can be had now, has no row, and is described like an item that has one. With E the identity for warm
    items and the shares of its kin for a cold one, a matrix W becomes E W E'. So a cold item's score is a sum of what
    speaks for its kin, and its reasons are theirs.
    """
    row_of = {view.items[item]: row for row, item in enumerate(parts.rows.tolist())}
    warm = [item for item in items if item.item_id in row_of]
    cold = sorted(
        (item for item in items if item.item_id not in row_of and item.is_available(now)),
        key=lambda item: (item.available_from is None, item.item_id),
    )[: max(LEAST_ROOM, len(warm) // 9)]
    if not warm or not cold:
        return view, parts
    described = terms([*warm, *cold])
    near = kin(sp.csr_matrix(described[len(warm) :]), sp.csr_matrix(described[: len(warm)]))
    related = np.flatnonzero(np.diff(near.indptr))
    if not len(related):
        return view, parts
    rows, columns = sp.csr_matrix(near[related]).nonzero()
    place = np.array([row_of[item.item_id] for item in warm], dtype=np.int32)
    shares = csr(near[related].data, rows, place[columns], (len(related), len(parts.rows)))
    names = [cold[at].item_id for at in related]
    extended = _with_items(view, names)
    number = {item: at for at, item in enumerate(extended.items)}
    taken = np.array([number[view.items[row]] for row in parts.rows], dtype=np.int32)
    return extended, _expanded(replace(parts, rows=taken), np.array([number[n] for n in names], dtype=np.int32), shares)


def _with_items(view: Interactions, items: Iterable[str]) -> Interactions:
    vocabulary = sorted({*view.items, *items})
    number = {item: at for at, item in enumerate(vocabulary)}
    code = np.array([number[item] for item in view.items], dtype=np.int32)
    return replace(view, items=tuple(vocabulary), item=code[view.item])


def terms(items: Iterable[Item]) -> Csr:
    """TF-IDF of descriptions, [items, terms], each of length 1 (or 0)."""
    counts = [Counter(_words(item)) for item in items]
    frequency = Counter(term for count in counts for term in count)
    kept = {
        term: n
        for n, term in enumerate(sorted(t for t, df in frequency.items() if df <= max(FEW, COMMON * len(counts))))
    }
    found = [(row, kept[t], n, frequency[t]) for row, count in enumerate(counts) for t, n in count.items() if t in kept]
    rows, columns, times, df = (
        (np.array(column) for column in zip(*found, strict=True)) if found else (np.zeros(0, int),) * 4
    )
    values = (1 + np.log(np.maximum(times, 1))) * np.log((1 + len(counts)) / (1 + df))
    matrix = csr(values, rows, columns, (len(counts), max(1, len(kept))))
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return sp.csr_matrix(sp.diags((1 / np.maximum(length, 1e-12)).astype(np.float32)) @ matrix)


def kin(cold: Csr, warm: Csr) -> Csr:
    """For each cold item its nearest warm ones, [cold, warm], shares that sum to 1, or to 0 where none is."""
    others = sp.csr_matrix(warm.T)
    parts = blocks(cold.shape[0])
    near = spread(lambda part: largest_per_row(sp.csr_matrix(cold[part] @ others), KIN), parts)
    found = sp.csr_matrix(sp.vstack(list(near), format="csr"))
    found.eliminate_zeros()
    found.data **= SHARPNESS
    total = np.asarray(found.sum(axis=1)).ravel()
    return sp.csr_matrix(sp.diags((1 / np.maximum(total, 1e-12)).astype(np.float32)) @ found)


def _words(item: Item) -> list[str]:
    words = [f"{name}={value}".lower() for name, value in item.attributes.items()]
    words += [f"category={item.category}".lower()] if item.category else []
    words += [f"tag={tag}".lower() for tag in item.tags]
    prose = " ".join(
        filter(None, (item.title, item.category, *item.attributes.values(), (item.text or "")[:MOST_TEXT]))
    )
    return words + re.findall(r"\w{2,}", prose.lower())


def _expanded(parts: Parts, cold: Ints, shares: Csr) -> Parts:
    rows = np.concatenate([parts.rows, cold])
    order = np.argsort(rows, kind="stable")
    itself = sp.csr_matrix(np.float32(SHARE * LIKENESS) * shares)
    nothing = sp.csr_matrix(shares.shape, dtype=np.float32)

    def grown(weights: Csr, itself: Csr = nothing) -> Csr:
        asked = _inherited(shares, weights, itself)
        scored = _inherited(shares, sp.csr_matrix(weights.T), itself)
        both = without_diagonal(_inherited(asked, sp.csr_matrix(shares.T), None))
        above, below = sp.hstack([weights, scored.T], format="csr"), sp.hstack([asked, both], format="csr")
        whole = sp.csr_matrix(sp.vstack([above, below], format="csr"))
        return sp.csr_matrix(whole[order][:, order])

    priors = np.concatenate([parts.priors, np.zeros((2, len(cold)), dtype=np.float32)], axis=1)[:, order]
    ridge, sequence, together = grown(parts.ridge, itself), grown(parts.sequence), grown(parts.together)
    lift = np.concatenate([parts.lift, np.ones(len(cold), dtype=np.float32)])[order]
    return Parts(rows[order], ridge, sequence, together, grown(parts.baskets), priors, lift)


def _inherited(shares: Csr, weights: Csr, itself: Csr | None) -> Csr:
    """`SHARE` of what the kin have, and what comes from the kin themselves; the largest of each row."""

    def of(part: slice) -> Csr:
        found = np.float32(SHARE) * sp.csr_matrix(shares[part] @ weights)
        return largest_per_row(sp.csr_matrix(found if itself is None else found + itself[part]), MOST_WEIGHTS)

    return sp.csr_matrix(sp.vstack(list(spread(of, blocks(shares.shape[0]))), format="csr"))

"""What Regulars is compared with, each at its best: its parameters are chosen on the validation cases."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.linalg import lapack

from infra.evaluation.measures import SHOWN, Chosen, Fitted, judged
from infra.evaluation.protocols import Cases
from training.interactions import Floats, Ints
from training.metrics import Ranking
from training.popularity import buyers
from training.sparse import Csr, Scores, blocks, csr, pairs
from training.tune import POPULAR_DAYS

BATCH = 256
DENSE_UP_TO = 12_000
"""EASE solves one dense system: its memory grows with the square of the items, its time with the cube."""
DENSE_HEAD = 8_000


class Peer(ABC):
    """A recommender with a short list of parameters to choose from, the first where there is nothing to choose on."""

    grid: Sequence[Mapping[str, Any]] = ({},)

    def choose(self, validation: Cases | None) -> Chosen:
        """The values with the best NDCG@10 on the validation cases; of equal ones the first."""
        if validation is None or len(self.grid) == 1:
            return dict(self.grid[0])
        scores = [judged(ranked(fitted, validation), validation).score for fitted in self.fits(validation)]
        return dict(self.grid[int(np.argmax(scores))])

    def fits(self, cases: Cases) -> Iterator[Fitted]:
        """A fit for each of the values."""
        for values in self.grid:
            yield self.fit(cases, dict(values))

    @abstractmethod
    def fit(self, cases: Cases, chosen: Chosen) -> Fitted:
        """The recommender, fitted on the cases' training part with these values."""


def ranked(fitted: Fitted, cases: Cases) -> Ranking:
    """All the cases, in parts: what is hidden and scored of each part is dense."""
    who = cases.who
    return np.concatenate([fitted.rank(who[part]) for part in blocks(len(who), BATCH)])


class Known:
    """The training part's items as columns without gaps, and who has had, asked with and must not be shown what."""

    def __init__(self, cases: Cases, items: Ints | None = None) -> None:
        self.items = cases.known if items is None else items
        everyone = pairs(cases.train)
        present = np.diff(everyone.indptr) > 0
        self.taken = sp.csr_matrix(everyone[present][:, self.items])
        self.row = np.where(present, np.cumsum(present) - 1, -1)
        self.asked = sp.csr_matrix(pairs(cases.asked)[:, self.items])
        self.hidden = sp.csr_matrix(cases.hidden[:, self.items])

    def top(self, scores: Scores, who: Ints) -> Ranking:
        """The best of scores [who, items] that may be shown; equal ones in order of their numbers, which are drawn."""
        hidden = sp.csr_matrix(self.hidden[who])
        scores[np.repeat(np.arange(len(who)), np.diff(hidden.indptr)), hidden.indices] = -np.inf
        best = largest(scores, SHOWN)
        shown = np.where(np.isfinite(np.take_along_axis(scores, best, axis=1)), self.items[best], -1)
        return np.pad(shown.astype(np.int64), ((0, 0), (0, SHOWN - shown.shape[1])), constant_values=-1)


def largest(scores: Scores, count: int) -> npt.NDArray[np.int64]:
    """The columns of the `count` largest of each row, best first; of equal ones those that come first."""
    count = min(count, scores.shape[1])
    least = -np.partition(-scores, count - 1, axis=1)[:, count - 1 : count]
    found = np.empty((len(scores), count), dtype=np.int64)
    for row, bound in enumerate(least[:, 0]):
        above, equal = np.flatnonzero(scores[row] > bound), np.flatnonzero(scores[row] == bound)
        chosen = np.concatenate([above, equal[: count - len(above)]])
        found[row] = chosen[np.argsort(-scores[row, chosen], kind="stable")]
    return found


class Popularity(Peer):
    """How many customers took an item in the last so many days."""

    grid = tuple({"days": days} for days in POPULAR_DAYS)

    def fit(self, cases: Cases, chosen: Chosen) -> "Popular":
        return Popular(buyers(cases.train, cases.train.event_time.max() + 1.0, chosen["days"]), cases)


class Popular:
    """The same list for all, without what each must not be shown."""

    def __init__(self, counts: Floats, cases: Cases) -> None:
        self.bytes = counts.nbytes
        order = np.argsort(-counts, kind="stable")
        self._order = order[counts[order] > 0]
        self._hidden = cases.hidden

    def rank(self, who: Ints) -> Ranking:
        found = np.full((len(who), SHOWN), -1, dtype=np.int64)
        for row, customer in enumerate(who.tolist()):
            hidden = self._hidden.indices[self._hidden.indptr[customer] : self._hidden.indptr[customer + 1]]
            head = self._order[: SHOWN + len(hidden)]
            shown = head[~np.isin(head, hidden)][:SHOWN]
            found[row, : len(shown)] = shown
        return found


class Ease(Peer):
    """EASE (Steck 2019), the dense closed form; of a large catalogue, its most popular part."""

    grid = tuple({"penalty": penalty} for penalty in (100.0, 20.0, 50.0, 200.0, 500.0, 1000.0, 2000.0))

    def fit(self, cases: Cases, chosen: Chosen) -> "Dense":
        known = Known(cases, self._items(cases))
        return Dense(known, closed_form(gram(known.taken), chosen["penalty"]))

    def fits(self, cases: Cases) -> Iterator[Fitted]:
        """The products of the items are the same whatever the penalty."""
        known = Known(cases, self._items(cases))
        products = gram(known.taken)
        for values in self.grid:
            yield Dense(known, closed_form(products, values["penalty"]))

    def _items(self, cases: Cases) -> Ints:
        items = cases.known
        if len(items) <= DENSE_UP_TO:
            return items
        counts = np.asarray(pairs(cases.train).sum(axis=0)).ravel()[items]
        return np.sort(items[np.argsort(-counts, kind="stable")[:DENSE_HEAD]])


def gram(taken: Csr) -> Scores:
    """How many customers have each two items, [N, N]."""
    products = np.empty((taken.shape[1], taken.shape[1]), dtype=np.float32)
    columns = sp.csr_matrix(taken.T)
    for part in blocks(taken.shape[1]):
        products[part] = (columns[part] @ taken).toarray()
    return products


def closed_form(products: Scores, penalty: float) -> Scores:
    """EASE's weights [N, N]: row = item in the query, column = item scored.

    By Cholesky in place: half the time of a general inverse, without its copies.
    """
    inverse = products.copy()
    inverse[np.diag_indices_from(inverse)] += np.float32(penalty)
    factor, fault = lapack.spotrf(inverse.T, overwrite_a=True, clean=False)
    inverse, fault_too = lapack.spotri(factor, overwrite_c=True)
    if fault or fault_too:
        raise np.linalg.LinAlgError(f"EASE's system with penalty {penalty} has no solution")
    inverse = inverse.T  # What LAPACK filled, its upper triangle, is the lower one of rows in C order.
    for part in blocks(len(inverse)):
        inverse[part, part.stop :] = inverse[part.stop :, part].T
        square = inverse[part, part]
        square[:] = np.tril(square) + np.tril(square, -1).T
    inverse /= -np.diag(inverse)
    np.fill_diagonal(inverse, 0.0)
    return np.asarray(inverse)


class Dense:
    """Scores are sums of rows of a dense matrix."""

    def __init__(self, known: Known, weights: Scores) -> None:
        self.bytes = weights.nbytes
        self.note = f"on the {len(known.items):,} most popular items" if len(known.items) == DENSE_HEAD else ""
        self._known = known
        self._weights = weights

    def rank(self, who: Ints) -> Ranking:
        return self._known.top(np.asarray(self._known.asked[who] @ self._weights), who)


class Vsknn(Peer):
    """VSKNN (Ludewig & Jannach 2018): the customers or sessions most like the asking one, later items counting more.

    An item at place p of n counts p / n towards the likeness ("even": its share of the length), or 1 / (n - p + 1)
    ("steep"). A neighbour's items get the likeness times 1 / s or 1 - s / 10, where the last item that it shares is s
    steps back. `rarity` weighs the sums by the logarithm of how rare an item is.
    """

    grid = tuple(
        {"neighbours": neighbours, "recent": 5_000, "place": place, "fading": fading, "rarity": rarity}
        for neighbours, place, fading, rarity in (
            (500, "even", "linear", True),
            (500, "even", "inverse", True),
            (100, "even", "inverse", False),
            (500, "even", "inverse", False),
            (500, "steep", "inverse", True),
            (500, "steep", "inverse", False),
            (100, "steep", "inverse", False),
        )
    )

    def fit(self, cases: Cases, chosen: Chosen) -> "Neighbours":
        return Neighbours(Known(cases), cases, chosen)


class Neighbours:
    """The sessions newest first, so that the first holders of an item are the most recent."""

    def __init__(self, known: Known, cases: Cases, chosen: Chosen) -> None:
        self._known, self._chosen = known, chosen
        last = np.full(len(cases.train.customers), -np.inf)
        np.maximum.at(last, cases.train.event_customer, cases.train.event_time)
        newest = np.argsort(-last[np.isfinite(last)], kind="stable")
        self._sessions = sp.csr_matrix(known.taken[newest])
        self._holders = sp.csc_matrix(self._sessions)
        self._holders.sort_indices()
        holders = np.diff(self._holders.indptr)
        rarity = np.log(self._sessions.shape[0] / np.maximum(holders, 1)).astype(np.float32)
        self._rarity = rarity if chosen["rarity"] else np.ones_like(rarity)
        self._order = _in_order(cases, known.items)
        self.bytes = sum(part.nbytes for part in (self._sessions.data, self._sessions.indices, self._sessions.indptr))

    def rank(self, who: Ints) -> Ranking:
        return self._known.top(np.stack([self._scores(self._order[customer]) for customer in who.tolist()]), who)

    def _scores(self, items: Ints) -> Scores:
        """The score of every item for a query whose items are in order, the newest last."""
        ends, recent = self._holders.indptr, self._chosen["recent"]
        held = [self._holders.indices[ends[item] : ends[item + 1]][:recent] for item in items]
        if not sum(map(len, held)):
            return np.zeros(len(self._known.items), dtype=np.float32)
        near, place = np.unique(np.concatenate(held), return_inverse=True)
        steps = np.repeat(np.arange(len(items), 0, -1), [len(each) for each in held])
        inside = place < recent
        near, place, steps = near[:recent], place[inside], steps[inside]
        likeness = np.bincount(place, self._counts(steps, len(items)), minlength=len(near))
        last = np.full(len(near), len(items))
        np.minimum.at(last, place, steps)
        best = np.argsort(-likeness, kind="stable")[: self._chosen["neighbours"]]
        faded = 1 / last if self._chosen["fading"] == "inverse" else np.maximum(0.0, 1 - (last - 1) / 10)
        of_best = csr((likeness * faded)[best], np.zeros(len(best), np.int32), np.arange(len(best)), (1, len(best)))
        return np.asarray((of_best @ self._sessions[near[best]]).toarray()[0] * self._rarity, dtype=np.float32)

    def _counts(self, steps: npt.NDArray[np.int64], length: int) -> Floats:
        """How much a shared item counts, by how many steps it is from the end (the newest: 1)."""
        return np.asarray((length - steps + 1) / length if self._chosen["place"] == "even" else 1 / steps)


def _in_order(cases: Cases, items: Ints) -> dict[int, Ints]:
    """For each customer the columns asked with, in order of their last occurrence."""
    column = np.full(len(cases.train.items), -1)
    column[items] = np.arange(len(items))
    customer, asked = cases.asked.customer, column[cases.asked.item]
    found: dict[int, Ints] = {}
    for customer_number in cases.who.tolist():
        start, end = np.searchsorted(customer, [customer_number, customer_number + 1])
        mine = asked[start:end]
        mine = mine[mine >= 0][::-1]
        _, first = np.unique(mine, return_index=True)
        found[customer_number] = mine[np.sort(first)][::-1].astype(np.int32)
    return found

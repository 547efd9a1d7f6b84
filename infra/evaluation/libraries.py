"""Peers from the package `implicit`, an optional extra: `uv sync --extra peers`."""

import warnings
from typing import Any

import numpy as np
import scipy.sparse as sp

from infra.evaluation.measures import SHOWN, Chosen
from infra.evaluation.peers import Known, Peer
from infra.evaluation.protocols import Cases
from training.interactions import Ints
from training.metrics import Ranking
from training.sparse import Scores

SEED = 1


class Als(Peer):
    """Alternating least squares (Hu et al. 2008); the factors of whoever asks are solved from what they ask with."""

    grid = tuple(
        {"factors": factors, "regularization": penalty, "alpha": alpha}
        for factors, penalty, alpha in ((64, 0.05, 1.0), (128, 0.05, 1.0), (64, 10.0, 10.0), (128, 10.0, 10.0))
    )

    def fit(self, cases: Cases, chosen: Chosen) -> "FoldedIn":
        from implicit.als import AlternatingLeastSquares  # noqa: PLC0415 - an optional extra
        from threadpoolctl import threadpool_limits  # noqa: PLC0415 - comes with it

        known = Known(cases)
        with threadpool_limits(1, "blas"):
            model = AlternatingLeastSquares(**chosen, iterations=15, random_state=SEED, num_threads=0, use_gpu=False)
            model.fit(known.taken, show_progress=False)
        model.num_threads = 1
        return FoldedIn(model, known)


class FoldedIn:
    """`implicit`'s own `recommend`, with `recalculate_user`."""

    def __init__(self, model: Any, known: Known) -> None:
        self.bytes = int(model.item_factors.nbytes)
        self._model, self._known = model, known

    def rank(self, who: Ints) -> Ranking:
        known, asked = self._known, sp.csr_matrix(self._known.asked[who])
        count = min(SHOWN, len(known.items))
        hides = known.hidden[who].nnz > 0
        ids, scores = self._model.recommend(
            np.arange(len(who)), asked, N=count, filter_already_liked_items=hides, recalculate_user=True
        )
        return _padded(np.where(scores > np.finfo(np.float32).min, known.items[np.maximum(ids, 0)], -1))


class Bm25(Peer):
    """Item-item neighbours by BM25."""

    grid = ({"K": 100}, {"K": 20}, {"K": 500})

    def fit(self, cases: Cases, chosen: Chosen) -> "Similar":
        from implicit.nearest_neighbours import BM25Recommender  # noqa: PLC0415 - an optional extra

        model, known = BM25Recommender(**chosen, num_threads=0), Known(cases)
        with warnings.catch_warnings():
            # Its own weighting gives another format than its own fit wants, and so it warns of itself.
            warnings.simplefilter("ignore")
            model.fit(known.taken, show_progress=False)
        return Similar(sp.csr_matrix(model.similarity), known)


class Similar:
    """Scores are sums of rows of a sparse matrix."""

    def __init__(self, similarity: Any, known: Known) -> None:
        self.bytes = sum(int(part.nbytes) for part in (similarity.data, similarity.indices, similarity.indptr))
        self._similarity, self._known = similarity.astype(np.float32), known

    def rank(self, who: Ints) -> Ranking:
        return self._known.top(np.asarray((self._known.asked[who] @ self._similarity).toarray()), who)


class Bpr(Peer):
    """Bayesian personalised ranking (Rendle et al. 2009). Without fold-in: a stranger is the mean of their items."""

    grid = tuple(
        {"factors": factors, "learning_rate": rate, "regularization": 0.01, "iterations": 100}
        for factors, rate in ((64, 0.05), (64, 0.01), (128, 0.05))
    )

    def fit(self, cases: Cases, chosen: Chosen) -> "Learnt":
        from implicit.bpr import BayesianPersonalizedRanking  # noqa: PLC0415 - an optional extra

        # One thread: several update the same factors without a lock, and no two runs give the same.
        model = BayesianPersonalizedRanking(**chosen, random_state=SEED, num_threads=1, use_gpu=False)
        known = Known(cases)
        model.fit(known.taken, show_progress=False)
        return Learnt(np.asarray(model.user_factors), np.asarray(model.item_factors), known)


class Learnt:
    """The factors of those whom training knows; the mean of their items' factors for others."""

    def __init__(self, users: Scores, items: Scores, known: Known) -> None:
        self.bytes = int(users.nbytes + items.nbytes)
        self._users, self._items, self._known = users, items, known

    def rank(self, who: Ints) -> Ranking:
        asked, row = self._known.asked[who], self._known.row[who]
        users = np.asarray(asked @ self._items) / np.maximum(1, np.diff(asked.indptr))[:, None]
        users[:, -1] = 1.0  # The last factor of an item is its bias.
        users[row >= 0] = self._users[row[row >= 0]]
        return self._known.top(np.asarray(users @ self._items.T, dtype=np.float32), who)


def _padded(shown: Ranking) -> Ranking:
    return np.pad(shown.astype(np.int64), ((0, 0), (0, SHOWN - shown.shape[1])), constant_values=-1)

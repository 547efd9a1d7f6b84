"""How good a ranking is: NDCG, recall and coverage over the full catalogue, and how sure one can be of a difference."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from shared.inference.card import Interval, Metrics
from training.interactions import Floats, Ints
from training.sparse import Csr

NDCG_AT, RECALL_AT = 10, 20
RESAMPLES = 1000
SEED = 20170101

type Ranking = npt.NDArray[np.int64]
"""Item numbers, best first, [queries, RECALL_AT]; -1 where a list is shorter."""


@dataclass(frozen=True)
class Judged:
    """Per query: NDCG@10, Recall@20 and the customer it belongs to; and the share of items that any top 10 showed."""

    ndcg: Floats
    recall: Floats
    customer: Ints
    coverage: float

    @property
    def score(self) -> float:
        """The figure that recipes are chosen and gated by: mean NDCG@10, 0 where nothing was tested."""
        return float(self.ndcg.mean()) if len(self.ndcg) else 0.0

    @property
    def customers(self) -> int:
        """How many customers the queries belong to."""
        return len(np.unique(self.customer))

    def metrics(self) -> Metrics:
        """The means over queries, rounded for the card."""
        return Metrics(
            ndcg_at_10=round(self.score, 6),
            recall_at_20=round(float(self.recall.mean()), 6) if len(self.recall) else 0.0,
            coverage_at_10=round(self.coverage, 6),
        )


def judge(ranking: Ranking, targets: Csr, customer: Ints, recommendable: int) -> Judged:
    """Judge rankings [Q, 20] against targets [Q, items], a matrix of 1s with at least one in each row.

    NDCG as Jarvelin & Kekalainen (2002) with binary gain; the ideal list has all targets on top. Recall is over all
    targets.
    """
    key = np.arange(len(ranking))[:, None] * targets.shape[1] + ranking
    wanted = np.repeat(np.arange(targets.shape[0]), np.diff(targets.indptr)) * targets.shape[1] + targets.indices
    hit = np.isin(key, wanted) & (ranking >= 0)
    count = np.diff(targets.indptr)
    discount = 1 / np.log2(np.arange(2, NDCG_AT + 2))
    ideal = np.cumsum(discount)[np.minimum(count, NDCG_AT) - 1]
    shown = np.unique(ranking[:, :NDCG_AT])
    return Judged(
        ndcg=(hit[:, :NDCG_AT] * discount).sum(axis=1) / ideal,
        recall=hit.sum(axis=1) / count,
        customer=customer,
        coverage=float((shown >= 0).sum() / max(1, recommendable)),
    )


def ratio_interval(ours: Judged, theirs: Judged) -> Interval | None:
    """The 95% interval of the ratio of mean NDCGs, resampling customers (Efron's percentile bootstrap, 1979).

    Both must have been judged on the same queries. None when the other never scores, so that no ratio exists.
    """
    _, owner = np.unique(ours.customer, return_inverse=True)
    customers = int(owner.max(initial=-1)) + 1
    if customers == 0 or not theirs.ndcg.any():
        return None
    draws = _draws(customers)
    above, below = draws @ np.bincount(owner, ours.ndcg), draws @ np.bincount(owner, theirs.ndcg)
    possible = below > 0
    low, high = np.percentile(above[possible] / below[possible], [2.5, 97.5])
    return Interval(low=round(float(low), 4), high=round(float(high), 4))


@lru_cache(maxsize=1)
def _draws(customers: int) -> Floats:
    """How often each customer is in each resample, [RESAMPLES, customers]; a night asks for the same ones again."""
    chance = np.full(customers, 1 / customers)
    return np.random.default_rng(SEED).multinomial(customers, chance, size=RESAMPLES).astype(np.float64)

"""Judges a fitted model on a window that it has not seen, per surface, beside popularity on the same queries.

`for-you` is discovery: targets are items new to the customer, and the ranking leaves out what serving would leave out.
`buy-again` is repetition: targets are items bought before, and the ranking is over the customer's own items.
`similar` and `bought-together` ask with one item of a held-out order for the order's other items, `cart` with half of
them for the other half. All rank the full catalogue.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
import scipy.sparse as sp

from shared.inference.card import (
    BOUGHT_TOGETHER,
    BUY_AGAIN,
    CART,
    FOR_YOU,
    SIMILAR,
    CartPolicy,
    QueryPolicy,
    RepeatPolicy,
    SimilarPolicy,
)
from shared.inference.history import Past, taken
from shared.inference.query import query
from training.interactions import Floats, Ints
from training.live import Live
from training.matrix import BASKETS, TASTE, TOGETHER, Weights
from training.metrics import Judged, Ranking, judge
from training.orders import SEED, Carts, Orders, half_carts, one_query_per_order
from training.popularity import buyers, staples
from training.ranking import again, beside, own_by_popularity, popular, queries, rank
from training.sparse import Csr, csr
from training.split import Histories, Split

LEAST_SAMPLE, MOST_SAMPLE, SAMPLE_SCORES = 500, 2_000, 40_000_000
"""While recipes are sought: so many queries, and between them about so many scores of one item for one query."""


class _Kept(NamedTuple):
    """The queries `asked` [customers, N], over a matrix's `rows`, that a policy made."""

    policy: QueryPolicy
    rows: Ints
    asked: Csr


@dataclass(frozen=True)
class Bench:
    """A split with its queries made ready once, so that many recipes can be judged on it."""

    split: Split
    recommendable: int
    most: int | None = None
    live: Live | None = None

    def sampled(self, items: int) -> Self:
        """The same bench with so few of its queries, drawn by a seed, that a search over `items` items stays cheap."""
        return replace(self, most=max(LEAST_SAMPLE, min(MOST_SAMPLE, SAMPLE_SCORES // max(1, items))))

    @cached_property
    def histories(self) -> Histories:
        return self.split.histories()

    @cached_property
    def _counted(self) -> dict[float, Floats]:
        return {}

    def buyers(self, days: float) -> Floats:
        """How many customers had an event with each item in the `days` before the cut, counted once."""
        if days not in self._counted:
            self._counted[days] = buyers(self.split.past, self.split.cut, days)
        return self._counted[days]

    def hidden(self, who: Ints) -> Csr:
        """What serving leaves out of for-you [who, items], by the events that it reads."""
        kept = [
            (number, item)
            for number, customer in enumerate(who.tolist())
            for item in taken(self.histories[customer], self.split.cut)
        ]
        rows, columns = np.array(kept, dtype=np.int64).reshape(-1, 2).T
        ones = csr(np.ones(len(rows)), rows, columns, (len(who), self.split.owned.shape[1]))
        ones.data[:] = 1.0
        return ones

    @cached_property
    def discovering(self) -> Ints:
        """The customers who are asked about what is new to them, as many as are drawn."""
        return self.tested(self.split.new)

    @cached_property
    def repeating(self) -> Ints:
        """The customers who are asked about what they had before, as many as are drawn."""
        return self.tested(self.split.again)

    @cached_property
    def _hidden(self) -> Csr:
        return self.hidden(self.discovering)

    @cached_property
    def orders(self) -> Orders:
        return one_query_per_order(self.split)

    @cached_property
    def baskets(self) -> Orders:
        """The same of orders only, where `orders` are any events in a shop that has none."""
        return self.orders if self.split.has_orders else one_query_per_order(self.split.without_future())

    @cached_property
    def carts(self) -> Carts:
        return half_carts(self.split if self.split.has_orders else self.split.without_future())

    def for_you(self, matrix: Weights, policy: QueryPolicy) -> Judged:
        """The model on discovery."""
        return self._discover(matrix, policy, self._asked(matrix, policy))

    def prior_alone(self, matrix: Weights, policy: QueryPolicy) -> Judged:
        """The model's prior on discovery, as if nobody had a history: how much of the model is not personal."""
        return self._discover(matrix, policy, queries(matrix, [], len(self.discovering)))

    def _discover(self, matrix: Weights, policy: QueryPolicy, asked: Csr) -> Judged:
        return self._discovered(rank(matrix, TASTE, asked, policy.prior, self._hidden, self.split.showable))

    def as_it_happens(self, matrix: Weights, policy: QueryPolicy) -> Judged:
        """The model on what is taken next, asked as things happen; only where there is `live`."""
        return self._live.judge(matrix, policy, self.recommendable)

    def popular_as_it_happens(self, days: float) -> Judged:
        """Popularity on the same."""
        return self._live.popular(self.buyers(days), self.recommendable)

    @cached_property
    def _live(self) -> Live:
        if self.live is None:
            raise LookupError("no questions that are asked as things happen")
        return self.live.some(self._drawn(np.arange(len(self.live.histories), dtype=np.int32)))

    def _asked(self, matrix: Weights, policy: QueryPolicy) -> Csr:
        """The customers' queries, kept until others are wanted: they are slow to make, and the prior is no part."""
        key, who = policy.model_copy(update={"prior": 0.0}), self.discovering.tolist()
        for kept in self._kept:
            if kept.policy == key and kept.rows is matrix.rows:
                return kept.asked
        asked = queries(matrix, (query(self.histories[customer], policy, math.inf) for customer in who), len(who))
        self._kept[:] = [_Kept(key, matrix.rows, asked)]
        return asked

    @cached_property
    def _kept(self) -> list["_Kept"]:
        return []

    def popular_new(self, days: float) -> Judged:
        """Popularity of the last `days` on discovery."""
        counts = self.buyers(days)
        return self._discovered(popular(counts, self._hidden, self.split.showable))

    def buy_again(self, policy: RepeatPolicy) -> Judged:
        """Faded purchase counts on repetition."""
        histories = self._repeating_histories()
        return self._repeated(again(histories, self.split.cut, policy, self.split.showable, self._staples))

    @cached_property
    def _staples(self) -> Floats:
        return staples(self.split.past)

    def popular_own(self, days: float) -> Judged:
        """Popularity among the customer's own items on repetition."""
        counts = self.buyers(days)
        return self._repeated(own_by_popularity(self._repeating_histories(), counts, self.split.showable))

    def popular_any(self, days: float) -> Judged:
        """Popularity in the whole shop on repetition."""
        counts = self.buyers(days)
        nothing = sp.csr_matrix((len(self.repeating), self.split.owned.shape[1]), dtype=np.float32)
        return self._repeated(popular(counts, nothing, self.split.showable))

    def similar(self, matrix: Weights, policy: SimilarPolicy) -> Judged:
        """The model on the rest of an order, asked with one item of it."""
        return self._orders(
            lambda asked: beside(matrix, TOGETHER, asked, policy.prior, self._itself(asked), self.split.showable)
        )

    def bought_together(self, matrix: Weights, prior: float, table: int = BASKETS) -> Judged:
        """A table on the rest of a basket."""
        return self._orders(
            lambda asked: beside(matrix, table, asked, prior, self._itself(asked), self.split.showable), self.baskets
        )

    def cart(self, matrix: Weights, policy: CartPolicy) -> Judged:
        """The model on the rest of a basket, asked with half of it: all count the same, as in serving."""
        table = BASKETS if policy.table == BOUGHT_TOGETHER else TOGETHER

        def ranked(asked: Csr) -> Ranking:
            shares = sp.diags((1 / np.maximum(1, np.diff(asked.indptr))).astype(np.float32)) @ asked
            known = sp.csr_matrix(sp.csr_matrix(shares)[:, matrix.rows])
            return rank(matrix, table, known, policy.prior, asked, self.split.showable)

        return self._carts(ranked)

    def popular_beside(self, days: float, orders: Orders | None = None) -> Judged:
        """Popularity on the rest of an order."""
        counts = self.buyers(days)
        return self._orders(lambda asked: popular(counts, self._itself(asked), self.split.showable), orders)

    def popular_in_cart(self, days: float) -> Judged:
        """Popularity on the rest of a basket, without what is in the cart."""
        counts = self.buyers(days)
        return self._carts(lambda asked: popular(counts, asked, self.split.showable))

    def popular(self, surface: str, days: float) -> Judged:
        """The baseline of a surface."""
        baselines = {
            FOR_YOU: self.popular_new,
            BUY_AGAIN: self.popular_own,
            SIMILAR: self.popular_beside,
            BOUGHT_TOGETHER: lambda days: self.popular_beside(days, self.baskets),
            CART: self.popular_in_cart,
        }
        return baselines[surface](days)

    def skipped(self, surface: str) -> int:
        """How many of the window's customers, for lists from items orders, could not be tested."""
        if surface in (SIMILAR, BOUGHT_TOGETHER):
            return (self.orders if surface == SIMILAR else self.baskets).skipped
        if surface == CART:
            return self.carts.skipped
        return self.who(self.split.new if surface == FOR_YOU else self.split.again)[1]

    def who(self, targets: Csr) -> tuple[Ints, int]:
        """The customers with a past and a target, and how many in the window lack one of the two."""
        with_past = np.isin(np.arange(targets.shape[0]), self.split.past.event_customer)
        tested = np.flatnonzero((np.diff(targets.indptr) > 0) & with_past).astype(np.int32)
        return tested, len(np.unique(self.split.future.event_customer)) - len(tested)

    def tested(self, targets: Csr) -> Ints:
        """The customers who are asked about targets [customers, items], as many as are drawn."""
        return self._drawn(self.who(targets)[0])

    def _repeating_histories(self) -> list[list[Past[int]]]:
        return [self.histories[customer] for customer in self.repeating.tolist()]

    def _discovered(self, ranking: Ranking) -> Judged:
        return judge(ranking, sp.csr_matrix(self.split.new[self.discovering]), self.discovering, self.recommendable)

    def _repeated(self, ranking: Ranking) -> Judged:
        return judge(ranking, sp.csr_matrix(self.split.again[self.repeating]), self.repeating, self.recommendable)

    def _orders(self, rank: Callable[[Ints], Ranking], orders: Orders | None = None) -> Judged:
        """`rank` ranks the catalogue for each of some items."""
        orders = self.orders if orders is None else orders
        drawn = self._drawn(np.arange(len(orders.asked), dtype=np.int32))
        asked, inverse = np.unique(orders.asked[drawn], return_inverse=True)
        targets = sp.csr_matrix(orders.targets[drawn])
        return judge(rank(asked.astype(np.int32))[inverse], targets, orders.customer[drawn], self.recommendable)

    def _carts(self, rank: Callable[[Csr], Ranking]) -> Judged:
        """`rank` ranks the catalogue for each of some carts [carts, items]."""
        drawn = self._drawn(np.arange(len(self.carts.customer), dtype=np.int32))
        asked, targets = (sp.csr_matrix(each[drawn]) for each in (self.carts.asked, self.carts.targets))
        return judge(rank(asked), targets, self.carts.customer[drawn], self.recommendable)

    def _drawn(self, queries: Ints) -> Ints:
        if self.most is None or len(queries) <= self.most:
            return queries
        return np.sort(np.random.default_rng(SEED).choice(queries, self.most, replace=False))

    def _itself(self, asked: Ints) -> Csr:
        return csr(np.ones(len(asked)), np.arange(len(asked)), asked, (len(asked), len(self.split.showable)))

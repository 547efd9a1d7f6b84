"""Metrics with answers worked out by hand."""

import numpy as np
import pytest
import scipy.sparse as sp

from training.metrics import Judged, judge, ratio_interval


def ranked(*items: int) -> list[int]:
    return (list(items) + [-1] * 20)[:20]


def judged(values: list[float], customers: list[int] | None = None) -> Judged:
    owners = np.array(customers if customers else range(len(values)), dtype=np.int32)
    return Judged(np.array(values), np.array(values), owners, 0.0)


def test_ndcg_recall_and_coverage() -> None:
    targets = sp.csr_matrix(np.array([[1, 1, 0, 0, 0], [0, 0, 0, 0, 1]], dtype=np.float32))
    found = judge(np.array([ranked(2, 0, 1), ranked(4)]), targets, np.array([0, 1], dtype=np.int32), 5)
    discounts = 1 / np.log2([2, 3, 4])
    np.testing.assert_allclose(found.ndcg, [(discounts[1] + discounts[2]) / (discounts[0] + discounts[1]), 1.0])
    np.testing.assert_allclose(found.recall, [1.0, 1.0])
    assert found.coverage == pytest.approx(4 / 5)


def test_a_hit_below_the_tenth_place_counts_for_recall_alone() -> None:
    targets = sp.csr_matrix(np.eye(1, 30, 15, dtype=np.float32))
    found = judge(np.array([list(range(20))]), targets, np.array([0], dtype=np.int32), 30)
    assert (found.ndcg[0], found.recall[0]) == (0.0, 1.0)


def test_an_empty_list_hits_nothing() -> None:
    targets = sp.csr_matrix(np.ones((2, 3), dtype=np.float32))
    found = judge(np.full((2, 20), -1), targets, np.arange(2, dtype=np.int32), 3)
    assert found.score == 0.0
    assert found.coverage == 0.0


def test_the_interval_of_equals_is_exactly_one() -> None:
    interval = ratio_interval(judged([0.1, 0.5, 0.9]), judged([0.1, 0.5, 0.9]))
    assert interval is not None
    assert (interval.low, interval.high) == (1.0, 1.0)


def test_the_interval_holds_the_ratio_and_narrows_with_customers() -> None:
    draw = np.random.default_rng(2)

    def width(customers: int) -> float:
        theirs = draw.random(customers)
        interval = ratio_interval(
            judged((theirs * 1.5 + draw.normal(0, 0.2, customers)).tolist()), judged(theirs.tolist())
        )
        assert interval is not None
        assert interval.low < 1.5 < interval.high
        return interval.high - interval.low

    assert width(2000) < width(50) / 3


def test_many_orders_of_one_customer_do_not_make_it_certain() -> None:
    apart = ratio_interval(judged([1.0, 0.0] * 50), judged([0.5, 0.5] * 50))
    together = ratio_interval(judged([1.0, 0.0] * 50, [0, 1] * 50), judged([0.5, 0.5] * 50, [0, 1] * 50))
    assert apart is not None
    assert together is not None
    assert together.high - together.low > 3 * (apart.high - apart.low)


def test_there_is_no_ratio_to_nothing() -> None:
    assert ratio_interval(judged([0.5]), judged([0.0])) is None
    assert ratio_interval(judged([]), judged([])) is None

"""A trial's figure is the one that a ranking gives, and a question the one that serving asks."""

import math
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.vocabulary import EventName
from shared.inference.card import EVENT_WEIGHTS, MatrixRecipe, QueryPolicy
from shared.inference.history import Past
from shared.inference.query import query
from tests.training.shops import two_tastes, walks
from tests.training.test_tune import last_items
from training import trials
from training.evaluate import Bench
from training.interactions import collect
from training.matrix import TASTE, Draft, fit_parts
from training.split import split, windows
from training.trials import Seen, Trials, gain, gains, queries_of

NAMES = (*EVENT_WEIGHTS, "Product Removed")


def shop_bench() -> Bench:
    view = collect(two_tastes())
    times = windows(view)
    assert times is not None
    showable = np.ones(len(view.items), dtype=np.bool_)
    showable[::7] = False
    return Bench(split(view, times.test_from, times.end, showable), len(view.items))


@pytest.mark.parametrize("bench", [shop_bench(), last_items(walks()), last_items(walks()).sampled(10**9)])
@pytest.mark.parametrize(
    ("policy", "covisits"),
    [(QueryPolicy(), 0.1), (QueryPolicy(decay=0.5, accumulate=False, prior=0.0), 1.0), (QueryPolicy(prior=1.0), 0.0)],
)
@pytest.mark.parametrize("trend", [0.0, 0.5])
@pytest.mark.parametrize("large", [trials.LARGE, 0])
def test_a_trial_scores_what_a_ranking_scores(
    monkeypatch: pytest.MonkeyPatch, bench: Bench, policy: QueryPolicy, covisits: float, large: int, trend: float
) -> None:
    monkeypatch.setattr(trials, "LARGE", large)
    parts = fit_parts(bench.split.past, bench.split.cut, MatrixRecipe(trend=trend))
    lift = parts.lift if trend else None
    asks = Trials(bench, parts.rows)
    asked = asks.asked(policy)
    said = {"ridge": asks.says(asked, parts.ridge), "sequence": asks.says(asked, parts.sequence)}
    found = asks.gains(
        said, {"ridge": 1.0, "sequence": covisits}, np.float32(policy.prior) * parts.priors[TASTE], None, lift
    )
    whole = bench.for_you(Draft(parts, covisits), policy).score
    assert whole > 0.05
    assert found.mean() == pytest.approx(whole, abs=1e-6)


def test_only_the_ten_best_above_nothing_count() -> None:
    scores = np.array([3, 1, 3, -np.inf, 0, 2, 5, 5, 5, 5, 5, 5, 5, 5], dtype=np.float32)
    first, second = 1 / math.log2(10), 1 / math.log2(11)
    assert gain(scores, np.array([0], np.int32)) == pytest.approx(first)
    assert gain(scores, np.array([2], np.int32)) == pytest.approx(second)  # equal to the one before it
    assert gain(scores, np.array([0, 2], np.int32)) == pytest.approx(first + second)
    assert gain(scores, np.array([5], np.int32)) == 0  # the eleventh
    assert gain(scores[3:5], np.array([0, 1], np.int32)) == 0


@given(st.integers(0, 10_000))
def test_what_is_said_of_few_items_ranks_them_among_all(seed: int) -> None:
    """Against the plain way: every score in a row, sorted. Few levels, so that many are equal."""
    draw = np.random.default_rng(seed)
    start = draw.integers(0, 4, 40).astype(np.float32)
    said = np.where(draw.random((3, 40)) < 0.3, draw.integers(-2, 3, (3, 40)), 0).astype(np.float32)
    said[draw.random((3, 40)) < 0.1] = -np.inf
    start[draw.random(40) < 0.1] = -np.inf
    wanted = draw.random((3, 40)) < 0.2
    found = gains(sp.csr_matrix(said), sp.csr_matrix(wanted.astype(np.float32)), start)
    for row, those, got in zip(start + said, wanted, found, strict=True):
        best = [column for column in np.argsort(-row, kind="stable")[:10] if row[column] > 0]
        assert got == pytest.approx(sum(those[column] / math.log2(n + 2) for n, column in enumerate(best)))


@st.composite
def histories(draw: st.DrawFn) -> list[list[Past[int]]]:
    event = st.builds(
        Past,
        st.lists(st.integers(0, 9), max_size=4, unique=True).map(tuple),
        st.just(0.0),
        st.sampled_from(NAMES),
    )
    return draw(st.lists(st.lists(event, max_size=8), min_size=1, max_size=4))


@given(histories(), st.sampled_from([0.3, 0.8, 1.0]), st.booleans())
def test_a_question_is_what_serving_asks(pasts: list[list[Past[int]]], decay: float, accumulate: bool) -> None:
    policy = QueryPolicy(decay=decay, accumulate=accumulate)
    rows = [
        (number, item, rank, NAMES.index(past.name))
        for number, history in enumerate(pasts)
        for rank, past in enumerate(past for past in history if past.items)
        for item in past.items
    ]
    question, item, rank, name = np.array(rows, dtype=np.int32).reshape(-1, 4).T
    numbers, items, weights = queries_of(Seen(question, item, rank, name, NAMES), policy)
    for number, history in enumerate(pasts):
        mine = numbers == number
        found = dict(zip(items[mine].tolist(), weights[mine].tolist(), strict=True))
        assert found == pytest.approx(dict(query(history, policy, math.inf)))


def test_a_question_keeps_the_heaviest_pairs() -> None:
    count = 400
    past = [Past((item,), 0.0, EventName.ORDER_COMPLETED) for item in range(count)]
    zeros = np.zeros(count, np.int32)
    each = np.arange(count, dtype=np.int32)
    policy = QueryPolicy(decay=0.98)
    _, items, weights = queries_of(Seen(zeros, each, each, zeros, (EventName.ORDER_COMPLETED,)), policy)
    assert dict(zip(items.tolist(), weights.tolist(), strict=True)) == pytest.approx(
        dict(query(past, policy, math.inf))
    )


@pytest.mark.parametrize("large", [trials.LARGE, 0])
def test_what_may_not_be_shown_is_never_said(monkeypatch: pytest.MonkeyPatch, large: int) -> None:
    monkeypatch.setattr(trials, "LARGE", large)
    bench = shop_bench()
    hidden = replace(bench, split=replace(bench.split, showable=np.zeros_like(bench.split.showable)))
    parts = fit_parts(bench.split.past, bench.split.cut, MatrixRecipe())
    asks = Trials(hidden, parts.rows)
    said = {"ridge": asks.says(asks.asked(QueryPolicy()), parts.ridge)}
    assert not asks.gains(said, {"ridge": 1.0}, parts.priors[TASTE]).any()


@pytest.mark.parametrize("large", [trials.LARGE, 0])
def test_items_that_are_left_out_are_in_no_list(monkeypatch: pytest.MonkeyPatch, large: int) -> None:
    monkeypatch.setattr(trials, "LARGE", large)
    bench = shop_bench()
    parts = fit_parts(bench.split.past, bench.split.cut, MatrixRecipe())
    asks = Trials(bench, parts.rows)
    said = {"ridge": asks.says(asks.asked(QueryPolicy()), parts.ridge)}
    wanted = np.asarray(bench.split.new.sum(axis=0)).ravel()[parts.rows] > 0
    all_in, without = (asks.gains(said, {"ridge": 1.0}, parts.priors[TASTE], each) for each in (None, wanted))
    assert all_in.any()
    assert not without.any()

"""The matrix against closed forms and hand counts."""

import numpy as np
import pytest
import scipy.sparse as sp

from shared.domain.vocabulary import EventName
from shared.inference.card import MatrixRecipe
from tests.training.shops import order, two_tastes
from training.covisits import RARITY, covisit_weights
from training.interactions import collect
from training.matrix import TASTE, TOGETHER, Parts, blend, blended, fit_parts, quantised, supported, width_of
from training.popularity import USUAL, buyers, first_time_rate, trends
from training.ridge import Problem, dense_weights, head_of, near_items, solved
from training.sparse import Csr, largest_per_row, recent_items


def taste(seed: int = 3, customers: int = 60, items: int = 9) -> Csr:
    return sp.csr_matrix((np.random.default_rng(seed).random((customers, items)) < 0.4).astype(np.float32))


def test_with_every_item_as_neighbour_ridge_is_the_closed_form() -> None:
    matrix, penalty = taste(), 7.0
    dense = matrix.toarray().astype(np.float64)
    found = Problem(matrix, 8).solved(penalty).toarray()
    for item in range(9):
        others = [other for other in range(9) if other != item]
        gram = dense[:, others].T @ dense[:, others] + penalty * np.eye(8)
        expected = np.linalg.solve(gram, dense[:, others].T @ dense[:, item])
        np.testing.assert_allclose(found[others, item], expected, atol=1e-5)
    assert not found.diagonal().any()


def test_ridge_uses_only_the_nearest_neighbours() -> None:
    matrix = taste()
    near = near_items(matrix, 3)
    found = Problem(matrix, 3).solved(7.0)
    for item in range(9):
        assert set(found[:, [item]].nonzero()[0]) <= set(near.ids[item])


@pytest.mark.parametrize("head", [0, 4, 9])
def test_products_outside_the_head_come_from_the_lists(head: int) -> None:
    matrix = taste()
    exact = Problem(matrix, 8).solved(7.0).toarray()
    # Every item is near to every other here, so that the lists hold all products there are.
    np.testing.assert_allclose(solved(near_items(matrix, 8), head_of(matrix, head), 7.0).toarray(), exact, atol=1e-5)


def test_the_closed_form_is_the_regression_on_all_items() -> None:
    matrix = taste()
    np.testing.assert_allclose(dense_weights(matrix, 7.0), Problem(matrix, 8).solved(7.0).toarray(), atol=1e-5)


def test_neighbours_are_the_largest_cosines_and_missing_ones_are_marked() -> None:
    matrix = sp.csr_matrix(np.array([[1, 1, 0, 0], [1, 1, 0, 0], [1, 0, 1, 0], [0, 0, 0, 1]], dtype=np.float32))
    near = near_items(matrix, 2)
    assert near.ids.tolist() == [[1, 2], [0, 4], [0, 4], [4, 4]]


def test_covisits_count_direction_gap_and_company() -> None:
    events = [order("user:a", 1, 1, "x"), order("user:a", 2, 2, "y", "z"), order("user:b", 1, 1, "y")]
    view = collect(events)
    visits = sp.csr_matrix((np.ones(4, np.float32), (view.event, view.item)), shape=(3, 3))
    found = covisit_weights(visits, view.event_customer, keep=3, gap_decay=0.5).toarray()
    counts = np.array([1, 2, 1])
    norm = np.outer(counts ** (1 - RARITY), counts**RARITY)
    expected = np.array([[0, 0.5, 0.5], [0, 0, 1], [0, 1, 0]]) / norm
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    doubted = covisit_weights(visits, view.event_customer, keep=3, gap_decay=0.5, doubt=3.0).toarray()
    norm = np.outer((counts + 3) ** (1 - RARITY), (counts + 3) ** RARITY)
    np.testing.assert_allclose(doubted, np.array([[0, 0.5, 0.5], [0, 0, 1], [0, 1, 0]]) / norm, rtol=1e-6)


def test_a_gap_never_crosses_from_one_customer_to_the_next() -> None:
    view = collect([order("user:a", 1, 1, "x"), order("user:b", 1, 2, "y")])
    visits = sp.csr_matrix((np.ones(2, np.float32), (view.event, view.item)), shape=(2, 2))
    assert covisit_weights(visits, view.event_customer, keep=2, gap_decay=0.9).nnz == 0


def test_truncation_keeps_negative_weights_by_size() -> None:
    kept = largest_per_row(sp.csr_matrix(np.array([[0.1, -0.9, 0.5, 0.2]], dtype=np.float32)), 2)
    np.testing.assert_allclose(kept.toarray(), [[0, -0.9, 0.5, 0]])


def test_int8_is_within_half_a_step_of_each_rows_largest_weight() -> None:
    dense = np.random.default_rng(1).normal(size=(20, 20)).astype(np.float32)
    ids, weights, scale = quantised(sp.csr_matrix(dense), 20)
    back = np.zeros_like(dense)
    np.put_along_axis(back, ids, weights * scale[:, None], axis=1)
    assert (np.abs(back - dense) <= np.abs(dense).max(axis=1, keepdims=True) / 127 / 2 * 1.001).all()


def test_a_table_is_what_is_stored_however_often_it_is_read(parts: Parts) -> None:
    matrix = blend(parts, MatrixRecipe())
    before = matrix.ids.copy()
    for table in (0, 1, 1, 0):
        dense = np.zeros((len(matrix.rows), len(matrix.rows)), dtype=np.float32)
        part = slice(table * len(matrix.rows), (table + 1) * len(matrix.rows))
        rows = np.repeat(np.arange(len(matrix.rows)), matrix.ids.shape[1])
        np.add.at(dense, (rows, before[part].ravel()), (matrix.weights[part] * matrix.scale[part, None]).ravel())
        assert np.array_equal(matrix.sparse(table).toarray(), dense)
    assert np.array_equal(matrix.ids, before)


def test_rows_are_wide_in_a_small_shop_and_the_file_is_bounded_in_a_large_one() -> None:
    recipe = MatrixRecipe(width=100)
    assert (width_of(recipe, 5_000), width_of(recipe, 20_000)) == (200, 100)
    assert 86_000 * 2 * width_of(recipe, 86_000) * 5 <= 45e6
    assert width_of(recipe, 10**9) == 1


def test_what_follows_what_has_a_direction() -> None:
    walks = [order(f"user:{n}", day, day, item) for n in range(20) for day, item in enumerate(("tent", "pegs", "lamp"))]
    view = collect(walks)
    parts = fit_parts(view, float(view.event_time.max()) + 1, MatrixRecipe())
    tent, pegs, lamp = (parts.rows.tolist().index(view.items.index(item)) for item in ("tent", "pegs", "lamp"))
    sequence = parts.sequence.toarray()
    assert sequence[tent, pegs] > sequence[tent, lamp] > 0
    assert sequence[pegs, tent] == sequence[lamp, tent] == 0


def test_what_keeps_apart_keeps_its_negative_weight() -> None:
    # Whoever has tea has milk or lemon with it, and hardly anybody has both.
    events = [order(f"user:{n}", 1, 1, "tea", "milk" if n % 2 else "lemon") for n in range(60)]
    view = collect([*events, *(order(f"user:{n}", 2, 2, "milk", "lemon") for n in range(2))])
    recipe = MatrixRecipe(ridge=5.0, covisits=0.0)
    found = blend(fit_parts(view, float(view.event_time.max()) + 1, recipe), recipe).sparse(TASTE).toarray()
    lemon, milk = view.items.index("lemon"), view.items.index("milk")
    assert found[lemon, milk] < -0.1


def test_only_the_most_recent_items_of_a_customer_count() -> None:
    view = collect([order("user:a", day, day, f"item-{day}") for day in range(6)])
    assert recent_items(view, 2).toarray().tolist() == [[0, 0, 0, 0, 1, 1]]


def test_a_pair_counts_with_its_heaviest_event() -> None:
    viewed = order("user:a", 1, 1, "x", "y", name=EventName.PRODUCT_VIEWED)
    view = collect([viewed, order("user:a", 2, 0, "x"), order("user:a", 3, 2, "z", name="Song Played")])
    np.testing.assert_allclose(recent_items(view, 10).toarray(), [[1.0, 0.3, 0.0]])


def test_support_relaxes_only_while_few_items_have_it() -> None:
    assert supported(np.array([5, 4, 1, 0]), 5).tolist() == [0, 1, 2]
    assert supported(np.full(200, 5), 5).tolist() == list(range(200))
    assert supported(np.array([9] * 150 + [2] * 50), 5).tolist() == list(range(150))


def test_the_first_time_rate_is_among_those_who_do_not_own_the_item() -> None:
    # y is owned by three of four, so that only one was free to take it.
    events = [order("user:a", 1, 10, "x", "y"), order("user:b", 1, 10, "y"), order("user:c", 1, 10, "y")]
    view = collect([*events, order("user:d", 1, 10, "z"), order("user:d", 2, 10, "z")])
    rate = first_time_rate(view, float(view.event_time[0]), 14.0)
    np.testing.assert_allclose(rate, [1 / 3, 1, 1 / 3], rtol=1e-9)


def test_a_trend_is_how_recent_an_item_is_beside_all() -> None:
    old, new = ([order(f"user:{n}", day, day, item) for n in range(5)] for day, item in ((0, "old"), (10, "new")))
    view = collect([*old, *new])
    found = trends(view, float(view.event_time.max()), 10.0)  # of each old one a half is left: .75 on average
    np.testing.assert_allclose(found[::-1], (np.array([2.5, 5]) / 0.75 + USUAL) / (5 + USUAL))
    np.testing.assert_allclose(trends(view, float(view.event_time.max()), 1e9), 1)


def test_a_covisit_fades_with_its_age_where_the_recipe_says_so() -> None:
    # Ten went from a to b a year ago, four from a to c lately.
    old = [order(f"user:{n:02}", step, step / 24, item) for n in range(10) for step, item in enumerate("ab")]
    new = [order(f"user:{n}", step, 365 + step / 24, item) for n in range(20, 24) for step, item in enumerate("ac")]
    view = collect([*old, *new])
    end = float(view.event_time.max())
    kept, faded = (
        fit_parts(view, end, MatrixRecipe(covisit_half_life_days=days)).sequence.toarray() for days in (0.0, 30.0)
    )
    assert kept[0, 1] > kept[0, 2] > 0
    assert faded[0, 2] > 10 * faded[0, 1] > 0


def test_a_trend_multiplies_all_that_speaks_for_an_item_in_taste() -> None:
    view = collect(two_tastes())
    recipe = MatrixRecipe(trend=0.5, trend_half_life_days=20.0)
    end = float(view.event_time.max()) + 1
    plain, lifted = (fit_parts(view, end, each) for each in (MatrixRecipe(), recipe))
    whole = blended(plain, 0.1).toarray() * trends(view, end, 20.0) ** 0.5
    np.testing.assert_allclose(blended(lifted, 0.1).toarray(), whole, rtol=1e-4)
    np.testing.assert_array_equal(lifted.together.toarray(), plain.together.toarray())


def test_buyers_are_distinct_customers_of_the_last_days() -> None:
    events = [order("user:a", 1, 1, "x"), order("user:a", 2, 9, "y"), order("user:a", 3, 9.5, "y")]
    view = collect([*events, order("user:b", 1, 9, "y")])
    assert buyers(view, float(view.event_time.max()) + 1, days=3).tolist() == [0, 2]


@pytest.fixture(scope="module")
def parts() -> Parts:
    view = collect(two_tastes())
    return fit_parts(view, float(view.event_time.max()) + 1, MatrixRecipe(ridge=5.0))


@pytest.mark.parametrize("table", [TASTE, TOGETHER])
def test_weights_stay_within_a_taste(parts: Parts, table: int) -> None:
    dense = blend(parts, MatrixRecipe(covisits=0.0)).sparse(table).toarray()
    across = dense[:40, 40:]
    assert dense[:40, :40].mean() > 0
    assert np.abs(across).max() <= 1e-6


def test_the_blend_adds_covisits_to_taste_only(parts: Parts) -> None:
    without, with_covisits = (blend(parts, MatrixRecipe(covisits=share)) for share in (0.0, 1.0))
    summed = (parts.ridge + parts.sequence).toarray()
    np.testing.assert_allclose(with_covisits.sparse(TASTE).toarray(), summed, atol=np.abs(summed).max() / 127)
    np.testing.assert_array_equal(without.sparse(TOGETHER).toarray(), with_covisits.sparse(TOGETHER).toarray())

"""The split in time, the queries drawn from it, and rankings that are what serving would show."""

import numpy as np
import pytest

from shared.domain.events import Event
from shared.domain.vocabulary import EventName
from shared.inference.card import MatrixRecipe, QueryPolicy, RepeatPolicy
from shared.inference.history import MAX_EVENTS
from tests.training.shops import OPENED, order, two_tastes
from training.evaluate import Bench
from training.interactions import Interactions, collect
from training.matrix import blend, fit_parts
from training.orders import one_query_per_order
from training.ranking import popular, rank
from training.sparse import Csr, csr
from training.split import SECONDS_A_DAY, Split, split, windows
from training.tune import repeat

DAY_10 = OPENED.timestamp() + 10 * SECONDS_A_DAY


def cut(events: list[Event], hidden: tuple[str, ...] = ()) -> Split:
    """Everything before day 10 is the past; what comes after it is the window."""
    view = collect(events)
    return split(view, DAY_10, DAY_10 + 100 * SECONDS_A_DAY, ~np.isin(view.items, hidden))


def pairs(matrix: Csr, view: Interactions) -> set[tuple[str, str]]:
    return {(view.customers[row], view.items[column]) for row, column in zip(*matrix.nonzero(), strict=True)}


def test_targets_are_new_or_bought_again_and_never_hidden() -> None:
    events = [order("user:a", 1, 1, "x", "y"), order("user:a", 2, 11, "x", "z", "fuel"), order("user:b", 1, 12, "z")]
    found = cut(events, hidden=("fuel",))
    assert pairs(found.new, found.past) == {("user:a", "z"), ("user:b", "z")}
    assert pairs(found.again, found.past) == {("user:a", "x")}


def test_a_viewed_item_is_still_to_be_discovered_and_a_view_is_no_purchase() -> None:
    views = [order("user:a", number, day, "x", name=EventName.PRODUCT_VIEWED) for number, day in ((1, 1), (3, 12))]
    assert pairs(cut([*views, order("user:a", 2, 11, "x")]).new, collect(views)) == {("user:a", "x")}
    assert cut([*views, order("user:a", 2, 1, "y")]).new.nnz == 0


def test_nothing_of_the_window_is_in_a_history() -> None:
    found = cut([order("user:a", day, day, f"item-{day}") for day in range(20)])
    assert [past.time < DAY_10 for past in found.histories()[0]] == [True] * 10
    assert found.histories()[0][0].time == DAY_10 - SECONDS_A_DAY


def test_histories_are_as_long_as_serving_reads() -> None:
    assert len(cut([order("user:a", n, n / 100, "x") for n in range(MAX_EVENTS + 9)]).histories()[0]) == MAX_EVENTS


def test_windows_are_thirty_days_or_a_share_of_a_short_history() -> None:
    def days(length: float) -> float | None:
        found = windows(collect([order("user:a", 1, 0, "x"), order("user:a", 2, length, "x")]))
        return round((found.end - found.test_from) / SECONDS_A_DAY, 3) if found else None

    assert days(365) == 30
    assert days(40) == pytest.approx(10)
    assert days(3) is None
    assert windows(collect([])) is None


def test_one_query_per_order_with_the_other_items_as_targets() -> None:
    events = [order("user:a", 1, 11, "x", "y", "z"), order("user:a", 2, 12, "x"), order("user:b", 3, 13, "y", "fuel")]
    orders = one_query_per_order(cut(events, hidden=("fuel",)))
    assert (len(orders.asked), orders.skipped) == (1, 2)
    view = collect(events)
    asked = view.items[orders.asked[0]]
    assert {item for _, item in pairs(orders.targets, view)} == {"x", "y", "z"} - {asked}


def test_popularity_leaves_out_what_each_customer_has() -> None:
    hidden = csr(np.ones(2), np.array([0, 0]), np.array([1, 3]), (2, 4))
    found = popular(np.array([1.0, 9.0, 5.0, 7.0]), hidden, np.array([True, True, True, True]))
    assert found[:, :4].tolist() == [[2, 0, -1, -1], [1, 3, 2, 0]]


@pytest.fixture(scope="module")
def bench() -> Bench:
    view = collect(two_tastes())
    times = windows(view)
    assert times is not None
    return Bench(split(view, times.test_from, times.end, np.ones(len(view.items), dtype=np.bool_)), 80)


def test_the_model_finds_the_taste_that_popularity_cannot(bench: Bench) -> None:
    matrix = blend(fit_parts(bench.split.past, bench.split.cut, MatrixRecipe(ridge=5.0)), MatrixRecipe())
    ours = bench.for_you(matrix, QueryPolicy(decay=1.0, prior=0.0))
    assert ours.score > 1.4 * bench.popular_new(365).score
    assert ours.customer.tolist() == bench.popular_new(365).customer.tolist()


def test_the_gate_leaves_out_what_serving_does_the_cart_too() -> None:
    events = [
        order("user:a", 1, 1, "x"),
        order("user:a", 2, 9, "y", name=EventName.PRODUCT_ADDED),
        order("user:a", 3, 9.5, "z", name=EventName.PRODUCT_VIEWED),
        order("user:a", 4, 11, "z"),
    ]
    found = cut(events)
    hidden = Bench(found, 3).hidden(np.array([0], dtype=np.int32))
    assert {found.past.items[item] for item in hidden.indices} == {"x", "y"}


def test_a_ranking_never_holds_what_is_owned_or_not_showable(bench: Bench) -> None:
    matrix = blend(fit_parts(bench.split.past, bench.split.cut, MatrixRecipe()), MatrixRecipe())
    showable = np.arange(80) % 3 > 0
    asked = csr(np.ones(2), np.array([0, 1]), np.array([5, 50]), (2, len(matrix.rows)))
    found = rank(matrix, 0, asked, 0.1, bench.split.owned[:2], showable)
    for row, owned in zip(found, bench.split.owned[:2].toarray(), strict=True):
        shown = row[row >= 0]
        assert len(shown)
        assert not owned[shown].any()
        assert showable[shown].all()


def stopped_or_not(stops: bool) -> list[Event]:
    """Tea five times on the first day, a lamp every three; after day 10 the lamp that is due, or tea all the same."""
    bought = {1.0: "tea", 1.2: "tea", 1.4: "tea", 1.6: "tea", 1.8: "tea", 1.9: "lamp", 4.9: "lamp", 7.9: "lamp"}
    bought[11.0] = "lamp" if stops else "tea"
    return [order(f"user:{who}", n, day, item) for who in range(30) for n, (day, item) in enumerate(bought.items())]


@pytest.mark.parametrize("stops", [True, False])
def test_a_rhythm_is_heeded_where_it_tells_what_comes(stops: bool) -> None:
    bench = Bench(cut(stopped_or_not(stops)), 10)
    found = repeat(bench)
    assert (found.lapse > 0) == stops
    assert bench.buy_again(found).score == 1.0
    assert (bench.buy_again(RepeatPolicy()).score == 1.0) != stops


def milk_and_lamps(kept: bool) -> list[Event]:
    """Thirty buy milk every day, forty others milk and then a lamp, once each; afterwards milk, or else the lamp."""
    daily = [order(f"user:{who:02}", day, day, "milk") for who in range(30) for day in range(8)]
    both = [order(f"user:{who:02}", n, 7 + n, item) for who in range(30, 70) for n, item in enumerate(("milk", "lamp"))]
    return [*daily, *both, *(order(f"user:{who:02}", 9, 11, "milk" if kept else "lamp") for who in range(30, 70))]


@pytest.mark.parametrize("kept", [True, False])
def test_what_others_buy_often_is_heeded_where_it_tells_what_comes(kept: bool) -> None:
    bench = Bench(cut(milk_and_lamps(kept)), 10)
    found = repeat(bench)
    assert (found.staple > 0) == kept
    assert bench.buy_again(found).score == 1.0
    assert (bench.buy_again(RepeatPolicy()).score == 1.0) != kept


def test_a_favourite_is_found_again() -> None:
    events = [order("user:a", day, day, "daily", f"once-{day}") for day in range(10)]
    found = Bench(cut([*events, order("user:a", 99, 11, "daily")]), 11).buy_again(RepeatPolicy())
    assert found.ndcg.tolist() == [1.0]

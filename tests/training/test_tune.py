"""The search finds what a planted structure needs, and the same twice."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from shared.domain.events import Event
from shared.inference.card import MatrixRecipe, Recipe
from tests.training.shops import fashions, order, two_tastes, walks
from training.evaluate import Bench
from training.interactions import Interactions, Ints, collect
from training.matrix import Draft, fit_parts
from training.sparse import Csr, csr, pairs
from training.split import Histories, Split
from training.tune import shown, starting, tune


@dataclass(frozen=True)
class LastItems(Bench):
    """Asks every customer with all but the last item for the last one."""

    asked: Interactions | None = None

    @cached_property
    def histories(self) -> Histories:
        assert self.asked is not None
        return Histories(self.asked)

    def hidden(self, who: Ints) -> Csr:
        return sp.csr_matrix(self.split.owned[who])

    def who(self, targets: Csr) -> tuple[Ints, int]:
        return np.flatnonzero(np.diff(targets.indptr)).astype(np.int32), 0


def last_items(events: list[Event]) -> LastItems:
    """The earlier customers are the past; the others are asked."""
    view = collect(events)
    late = view.event_customer >= len(view.customers) * 3 // 4
    last = np.append(view.event_customer[1:] != view.event_customer[:-1], True)
    past, asked, held = view.where(~late), view.where(late & ~last), view.where(late & last)
    everything, cut = np.ones(len(view.items), dtype=np.bool_), float(past.event_time.max()) + 1
    nothing = csr([], np.zeros(0, np.int32), np.zeros(0, np.int32), pairs(held).shape)
    return LastItems(
        Split(cut, past, held, pairs(asked), pairs(held), nothing, everything), len(view.items), None, None, asked
    )


def tuned(bench: Bench) -> Recipe:
    start = MatrixRecipe()
    return tune(bench, fit_parts(bench.split.past, bench.split.cut, start), start)


def score(bench: Bench, recipe: Recipe) -> float:
    parts = fit_parts(bench.split.past, bench.split.cut, recipe.matrix)
    return bench.for_you(Draft(parts, recipe.matrix.covisits), recipe.query).score


def test_sessions_get_a_strong_decay_and_the_sequence() -> None:
    bench = last_items(walks())
    recipe = tuned(bench)
    assert recipe.query.decay <= 0.65
    assert recipe.matrix.covisits > 0
    slow = recipe.model_copy(update={"query": recipe.query.model_copy(update={"decay": 1.0})})
    deaf = recipe.model_copy(update={"matrix": recipe.matrix.model_copy(update={"covisits": 0.0})})
    assert score(bench, recipe) > 1.1 * score(bench, slow)
    assert score(bench, recipe) > 1.1 * score(bench, deaf)


def test_without_an_order_of_time_nothing_fades() -> None:
    # One event for each customer and all at one time: a query has no ranks, so that no decay can be better.
    draw = np.random.default_rng(2)
    shelves = [[f"{shelf}-{number}" for number in range(12)] for shelf in range(6)]
    events = [order(f"user:{n:03}", 1, 1, *draw.choice(shelves[n % 6], 5, replace=False).tolist()) for n in range(240)]
    view = collect(events)
    late = view.event_customer >= 180
    taken = pairs(view.where(late))
    held = csr(np.ones(60), np.flatnonzero(np.diff(taken.indptr)), taken.indices[::5], taken.shape)
    asked = csr(np.ones(240), *(taken - held).nonzero(), taken.shape)
    rows, columns = asked.nonzero()
    one = view.where(late)
    kept = np.isin(one.customer * len(view.items) + one.item, rows * len(view.items) + columns)
    history = Interactions(
        view.customers, view.items, view.names, one.event_customer, one.event_time, one.event_name,
        one.item[kept], one.event[kept],
    )  # fmt: skip
    split = Split(
        2e9, view.where(~late), one, pairs(history), held, csr([], rows[:0], rows[:0], taken.shape),
        np.ones(len(view.items), dtype=np.bool_),
    )  # fmt: skip
    recipe = tuned(LastItems(split, len(view.items), None, None, history))
    assert recipe.query.decay == 0.95
    assert score(LastItems(split, len(view.items), None, None, history), recipe) > 0.3


def test_the_search_is_the_same_twice() -> None:
    assert tuned(last_items(two_tastes())) == tuned(last_items(two_tastes()))


def test_a_sample_is_drawn_by_a_seed_and_asks_fewer() -> None:
    bench = last_items(walks())
    few = bench.sampled(10**9)
    recipe = MatrixRecipe()
    draft = Draft(fit_parts(bench.split.past, bench.split.cut, recipe), 0.1)
    whole = bench.for_you(draft, Recipe().query)
    assert len(whole.ndcg) == 150
    assert few.for_you(draft, Recipe().query).customer.tolist() == whole.customer.tolist()


def rare_and_known(rare_last: bool) -> list[Event]:
    """300 customers take one of 75 rare things and then its other half; 300 take four known ones in a row.

    The asked are the last quarter of the customers: of the one kind or of the other.
    """
    first, second = ("user:b", "user:a") if rare_last else ("user:a", "user:b")
    rare = [
        order(f"{first}{n:03}", number, number, f"{half}-{n % 75:02}")
        for n in range(300)
        for number, half in enumerate(("left", "right"))
    ]
    known = [
        order(f"{second}{n:03}", number, number, f"known-{(n + number) % 110:03}")
        for n in range(300)
        for number in range(4)
    ]
    return rare + known


def test_rare_items_stay_where_they_are_what_is_asked_for() -> None:
    bench = last_items(rare_and_known(rare_last=True))
    assert starting(bench).min_support < 5


def test_rare_items_go_where_they_answer_nothing() -> None:
    bench = last_items(rare_and_known(rare_last=False))
    assert starting(bench).min_support == 5


def test_without_questions_nothing_is_settled() -> None:
    bench = last_items(walks())
    nothing = replace(bench, split=replace(bench.split, new=bench.split.again))
    assert starting(nothing) == MatrixRecipe()


def test_a_gain_counts_where_more_than_a_few_questions_have_it() -> None:
    draw = np.random.default_rng(3)
    assert not shown(np.zeros(100))
    assert not shown(np.append(np.zeros(99), 0.5))  # one question
    assert not shown(-np.full(100, 0.01))
    assert shown(np.full(100, 0.01))
    assert shown(draw.normal(0.02, 0.1, 500))
    assert not shown(draw.normal(-0.02, 0.1, 500))


def test_a_small_catalogue_has_the_closed_form_where_neighbours_are_no_better() -> None:
    assert tuned(last_items(walks())).matrix.dense


def test_what_goes_out_of_fashion_is_no_longer_named() -> None:
    bench = last_items(fashions())
    recipe = tuned(bench)
    assert recipe.matrix.trend > 0
    timeless = recipe.model_copy(update={"matrix": recipe.matrix.model_copy(update={"trend": 0.0})})
    assert score(bench, recipe) > 1.1 * score(bench, timeless)


def test_where_nothing_changes_no_trend_is_followed() -> None:
    assert tuned(last_items(walks())).matrix.trend == 0
    assert tuned(last_items(two_tastes())).matrix.trend == 0

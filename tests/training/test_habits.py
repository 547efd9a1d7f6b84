"""What kinds of event say is what helps to foresee what is taken."""

import pytest

from shared.domain.vocabulary import EventName
from shared.inference.card import MatrixRecipe, QueryPolicy, Recipe
from shared.inference.history import Past
from tests.training.shops import sent_back
from tests.training.test_train import CREATED
from training import contest, habits
from training.evaluate import Bench
from training.interactions import collect
from training.matrix import Draft, Parts
from training.shop import read
from training.tune import tune

REFUNDED, VIEWED = EventName.ORDER_REFUNDED.value, EventName.PRODUCT_VIEWED.value


def practised(matters: bool) -> tuple[Bench, Parts, Recipe]:
    shop = read(collect(sent_back(matters)), [], CREATED)
    assert shop.times is not None
    bench, parts = contest.prepared(
        shop, contest.cut_at(shop, shop.times.validate_from, shop.times.test_from), shop.times.test_from, MatrixRecipe()
    )
    return bench, parts, tune(bench, parts, MatrixRecipe())


@pytest.fixture(scope="module")
def telling() -> tuple[Bench, Parts, Recipe]:
    return practised(matters=True)


def test_returns_weigh_where_they_tell_and_nothing_where_they_do_not(telling: tuple[Bench, Parts, Recipe]) -> None:
    bench, parts, recipe = telling
    assert recipe.query.event_weights[REFUNDED] < 0
    assert practised(matters=False)[2].query.event_weights[REFUNDED] == 0
    draft = Draft(parts, recipe.matrix.covisits)
    hears, deaf = (
        bench.for_you(draft, habits.weighing(recipe.query, REFUNDED, weight)).score for weight in (-1.0, 0.0)
    )
    assert hears > deaf


def test_training_asks_with_the_returns_that_serving_reads(telling: tuple[Bench, Parts, Recipe]) -> None:
    bench, _, _ = telling
    history: list[Past[int]] = next(some for some in bench.histories if some)
    names = [past.name for past in history]
    assert names.count(REFUNDED) == 2
    bought = {item for past in history if past.name == EventName.ORDER_COMPLETED for item in past.items}
    back = {item for past in history if past.name == REFUNDED for item in past.items}
    assert len(back) == 2
    assert not back & bought


def test_nothing_is_fitted_from_returns(telling: tuple[Bench, Parts, Recipe]) -> None:
    bench, parts, _ = telling
    past, asked = bench.split.past, bench.split.asked
    assert asked is not None
    back = set(asked.named(REFUNDED).item.tolist()) - set(past.item.tolist())
    assert REFUNDED not in {past.names[code] for code in past.event_name}
    assert not back & set(parts.rows.tolist())


def test_a_weight_that_is_no_better_is_not_taken() -> None:
    start = QueryPolicy()
    assert habits.tuned(start, [VIEWED, REFUNDED], lambda _: 1.0, lambda _: 1.0) == start
    assert habits.tuned(start, [VIEWED, REFUNDED], lambda _: 0.0, None) == start


def test_one_kind_of_event_has_nothing_to_be_weighed_against() -> None:
    def more(policy: QueryPolicy) -> float:
        return 1 + policy.event_weights[VIEWED]

    assert habits.tuned(QueryPolicy(), [VIEWED], more, None) == QueryPolicy()
    assert habits.tuned(QueryPolicy(), [VIEWED, REFUNDED], more, None).event_weights[VIEWED] == 1.0


def test_the_session_is_judged_by_what_is_asked_live_alone() -> None:
    found = habits.tuned(QueryPolicy(), [VIEWED], lambda p: 1 - p.session_share, lambda p: 1 + p.session_share)
    assert found.session_share == 1.0


def test_events_are_judged_by_both_kinds_of_question_in_proportion() -> None:
    def later(policy: QueryPolicy) -> float:
        return 0.01 * (1 + policy.event_weights[VIEWED])

    def live(policy: QueryPolicy) -> float:
        return 1 - 0.9 * policy.event_weights[VIEWED]

    kinds = [VIEWED, EventName.ORDER_COMPLETED.value]
    assert habits.tuned(QueryPolicy(), kinds, later, live).event_weights[VIEWED] == 0.0
    assert (
        habits.tuned(QueryPolicy(), kinds, later, lambda p: 1 - 0.1 * p.event_weights[VIEWED]).event_weights[VIEWED]
        == 1.0
    )

"""Questions asked as things happen, and what is chosen by them."""

import numpy as np
import pytest

from shared.domain.events import Event
from shared.domain.vocabulary import EventName
from shared.inference.card import FOR_YOU, MatrixRecipe, QueryPolicy, Recipe
from tests.training.shops import OPENED, browsing, catalogue, order
from tests.training.test_train import CREATED, trained
from training import contest
from training.evaluate import Bench
from training.interactions import Interactions, collect
from training.live import LEAST, Live, live
from training.matrix import Parts, blend, fit_parts
from training.shop import Shop, read
from training.split import SECONDS_A_DAY, split, windows
from training.tune import tune

VIEWED, ADDED = EventName.PRODUCT_VIEWED, EventName.PRODUCT_ADDED
MINUTE = 1 / 1440
DAY_10 = OPENED.timestamp() + 10 * SECONDS_A_DAY


def asked(events: list[Event], hidden: tuple[str, ...] = ()) -> tuple[Live, Interactions]:
    view = collect(events)
    return live(view, DAY_10, DAY_10 + 20 * SECONDS_A_DAY, ~np.isin(view.items, hidden)), view


def said(found: Live, view: Interactions) -> list[tuple[list[str], set[str], set[str]]]:
    """Each question: the items asked with, newest first, what is hidden and what is wanted."""
    items = np.array(view.items)
    return [
        (
            [view.items[item] for past in history for item in past.items],
            set(items[found.hidden[number].indices].tolist()),
            set(items[found.targets[number].indices].tolist()),
        )
        for number, history in enumerate(found.histories)
    ]


def test_a_session_is_asked_for_what_is_taken_next() -> None:
    events = [
        order("user:a", 1, 1, "old"),
        order("user:a", 2, 12, "x", name=VIEWED),
        order("user:a", 3, 12 + MINUTE, "y", "x", "old", "fuel", name=ADDED),
        order("user:a", 4, 12 + 2 * MINUTE, "late", name=VIEWED),
    ]
    found, view = asked(events, hidden=("fuel",))
    assert said(found, view) == [(["x", "old"], {"old"}, {"y"})]


@pytest.mark.parametrize(
    "events",
    [
        [order("user:a", 1, 12, "x", name=VIEWED), order("user:a", 2, 12 + 31 * MINUTE, "y")],
        [order("user:a", 1, 12, "x"), order("user:a", 2, 12 + MINUTE, "y")],
        [order("user:a", 1, 12, "x", name=VIEWED), order("user:b", 2, 12 + MINUTE, "y")],
        [order("user:a", 1, 12, "x", name=VIEWED), order("user:a", 2, 12 + MINUTE, "x")],
        [order("user:a", 1, 1, "x", name=VIEWED), order("user:a", 2, 1 + MINUTE, "y")],
        [
            order("user:a", 1, 12, "x", name=VIEWED),
            order("user:a", 2, 12 + MINUTE, "y", name=VIEWED),
            order("user:b", 1, 1, "y"),
        ],
    ],
    ids=["too late", "after an order", "somebody else", "what was looked at", "before the window", "nothing taken"],
)
def test_without_a_session_or_something_new_nothing_is_asked(events: list[Event]) -> None:
    found, _ = asked(events)
    assert len(found.histories) == 0


def test_in_a_shop_without_orders_whatever_is_next_is_taken() -> None:
    found, view = asked([order("user:a", n, 12 + n * MINUTE, item, name=VIEWED) for n, item in enumerate("xy")])
    assert said(found, view) == [(["x"], set(), {"y"})]


def test_a_session_is_asked_about_once() -> None:
    found, _ = asked([order("user:a", n, 12 + n * MINUTE, f"i{n}", name=VIEWED) for n in range(9)])
    assert len(found.histories) == 1


def practised(shop: Shop) -> tuple[Bench, Parts]:
    assert shop.times is not None
    window = (shop.times.validate_from, shop.times.test_from)
    return contest.prepared(shop, contest.cut_at(shop, *window), window[1], MatrixRecipe())


def chosen(events: list[Event]) -> Recipe:
    shop = read(collect(events), [], CREATED)
    bench, parts = practised(shop)
    assert bench.live is not None
    return tune(bench, parts, MatrixRecipe())


def test_the_session_gets_the_share_that_it_deserves() -> None:
    """The plant is turned: what is bought follows what is looked at now, or what was always bought."""
    now, always = chosen(browsing("session")).query, chosen(browsing("history")).query
    assert now.session_share > 0.5 > always.session_share
    assert always.event_weights[VIEWED] < now.event_weights[VIEWED]


def test_the_card_says_how_it_does_as_things_happen() -> None:
    metrics = trained(browsing("session")).card.surfaces[FOR_YOU].metrics
    told = {name: metrics[name].ndcg_at_10 for name in metrics if name.startswith(contest.LIVE)}
    deaf, popular = told["as it happens, without the session"], told["as it happens, popularity"]
    assert told["as it happens"] > 1.5 * deaf
    assert told["as it happens"] > 1.5 * popular


def test_few_sessions_choose_nothing() -> None:
    events = browsing("session", customers=20)
    shop = read(collect(events), catalogue(events), CREATED)
    assert shop.times is not None
    bench, _ = practised(shop)
    assert bench.live is None
    assert len(live(shop.asked, shop.times.validate_from, shop.times.test_from, shop.showable).histories) < LEAST


def test_the_questions_are_the_same_twice_and_the_answer_comes_after_them() -> None:
    events = browsing("session", customers=40)
    view = collect(events)
    bought = {(str(event.customer), event.time.timestamp()): event.items for event in events if event.name != VIEWED}
    one, two = (live(view, DAY_10, DAY_10 + 20 * SECONDS_A_DAY, np.ones(len(view.items), np.bool_)) for _ in range(2))
    assert (one.histories, one.targets.indices.tolist()) == (two.histories, two.targets.indices.tolist())
    for history, customer, answer in zip(one.histories, one.customer, said(one, view), strict=True):
        assert bought[view.customers[customer], history[0].time + 60] == tuple(answer[2])


def test_another_policy_is_judged_otherwise() -> None:
    view = collect(browsing("session"))
    times = windows(view)
    assert times is not None
    cut = split(view, times.test_from, times.end, np.ones(len(view.items), dtype=np.bool_))
    found = live(view, times.test_from, times.end, cut.showable)
    matrix = blend(fit_parts(cut.past, cut.cut, MatrixRecipe()), MatrixRecipe())
    hears, deaf = (found.judge(matrix, QueryPolicy(session_share=share), 120).score for share in (1.0, 0.0))
    assert hears > 1.2 * deaf

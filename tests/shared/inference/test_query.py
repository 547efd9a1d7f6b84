"""From a customer's past to a query, and to buy again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.events import CustomerRef, Event
from shared.domain.vocabulary import EventName
from shared.inference.card import QueryPolicy, RepeatPolicy
from shared.inference.history import MAX_EVENTS, Past, in_cart, newest_first, taken
from shared.inference.query import MAX_PAIRS, query, session
from shared.inference.repeat import SECONDS_A_DAY, buy_again

NOW = datetime(2026, 5, 1, tzinfo=UTC)
ORDERED = EventName.ORDER_COMPLETED.value


def ordered(days_ago: float, *items: str, name: str = ORDERED) -> Past[str]:
    return Past(items, NOW.timestamp() - days_ago * SECONDS_A_DAY, name)


def event(number: int, days_ago: float, *items: str) -> Event:
    ref = CustomerRef.parse("user:a")
    return Event(customer=ref, message_id=str(number), time=NOW - timedelta(days=days_ago), name=ORDERED, items=items)


def test_a_history_is_newest_first_bounded_and_names_each_item_once() -> None:
    found = newest_first([event(1, 3, "x"), event(2, 1, "y", "y", "z"), event(3, 2), event(4, 3, "w")])
    assert [past.items for past in found] == [("y", "z"), ("x",), ("w",)]
    assert found[0].time == (NOW - timedelta(days=1)).timestamp()
    assert len(newest_first(event(n, n, "x") for n in range(MAX_EVENTS + 5))) == MAX_EVENTS


def test_what_was_ordered_or_lies_in_the_cart_is_taken_and_a_forgotten_cart_is_not() -> None:
    added, removed = EventName.PRODUCT_ADDED.value, EventName.PRODUCT_REMOVED.value
    past = [
        ordered(1, "lamp", "mug", name=added),
        ordered(2, "vase", name=EventName.PRODUCT_VIEWED.value),
        ordered(3, "rug", name=removed),
        ordered(4, "rug", "tea", name=added),
        ordered(31, "fan", name=added),
        ordered(400, "cup"),
    ]
    assert in_cart(past, NOW.timestamp()) == ["lamp", "mug", "tea"]
    assert taken(past, NOW.timestamp()) == {"lamp", "mug", "tea", "cup"}
    assert taken([ordered(0.5, "tea"), *past], NOW.timestamp()) == {"tea", "cup"}, "an order ends the cart"


def test_weights_decay_by_the_rank_of_the_event() -> None:
    found = query([ordered(0, "x", "y"), ordered(50, "z")], QueryPolicy(decay=0.5), NOW.timestamp())
    assert found == [("x", 0.4), ("y", 0.4), ("z", 0.2)]


def test_an_item_adds_up_only_where_the_policy_says_so() -> None:
    history = [ordered(0, "x"), ordered(1, "y"), ordered(2, "y")]
    adds, newest = (
        query(history, QueryPolicy(decay=1.0, accumulate=accumulate), NOW.timestamp()) for accumulate in (True, False)
    )
    assert [item for item, _ in adds] == ["y", "x"]
    assert [weight for _, weight in adds] == pytest.approx([2 / 3, 1 / 3])
    assert newest == [("x", 0.5), ("y", 0.5)]


def test_kinds_of_event_weigh_differently_and_unknown_ones_not_at_all() -> None:
    history = [ordered(0, "q", name="Song Played"), ordered(1, "v", name="Product Viewed"), ordered(2, "o")]
    found = dict(query(history, QueryPolicy(decay=1.0), NOW.timestamp()))
    assert set(found) == {"v", "o"}
    assert found["o"] / found["v"] == pytest.approx(1 / 0.3)


def test_an_unknown_event_does_not_age_the_others() -> None:
    policy = QueryPolicy(decay=0.5)
    assert query(
        [ordered(0, "x"), ordered(1, "q", name="Song Played"), ordered(2, "y")], policy, NOW.timestamp()
    ) == query([ordered(0, "x"), ordered(2, "y")], policy, NOW.timestamp())


def test_the_current_session_has_its_share_however_long_the_history() -> None:
    minute = 1 / 1440
    history = [ordered(minute, "now", name="Product Viewed"), *(ordered(n, f"o{n}") for n in range(1, 60))]
    found = query(history, QueryPolicy(session_share=0.5), NOW.timestamp())
    assert found[0][0] == "now"
    assert found[0][1] == pytest.approx(0.5, abs=0.02)


def test_a_session_ends_with_an_order_and_after_half_an_hour() -> None:
    def viewed(minutes: float) -> Past[str]:
        return ordered(minutes / 1440, "v", name="Product Viewed")

    assert session([viewed(1), viewed(29), viewed(31)], NOW.timestamp()) == 2
    assert session([viewed(1), ordered(2 / 1440, "o"), viewed(3)], NOW.timestamp()) == 1
    assert session([ordered(0, "o"), viewed(1)], NOW.timestamp()) == 0


def test_no_history_makes_no_query() -> None:
    assert query([], QueryPolicy(), NOW.timestamp()) == []
    assert query([ordered(0, "q", name="Song Played")], QueryPolicy(), NOW.timestamp()) == []


histories = st.lists(
    st.builds(lambda items: ordered(1, *items), st.lists(st.text(min_size=1, max_size=2), max_size=40))
)


@given(histories, st.floats(0.1, 1.0), st.booleans())
def test_a_query_is_bounded_sums_to_one_and_falls(history: list[Past[str]], decay: float, accumulate: bool) -> None:
    found = query(history, QueryPolicy(decay=decay, accumulate=accumulate), NOW.timestamp())
    weights = [weight for _, weight in found]
    assert len(found) <= MAX_PAIRS
    assert weights == sorted(weights, reverse=True)
    assert not found or sum(weights) == pytest.approx(1.0)
    assert len({item for item, _ in found}) == len(found)


def test_buy_again_counts_orders_that_fade_by_half() -> None:
    history = [ordered(0, "x"), ordered(10, "x", "y"), ordered(20, "y")]
    found = buy_again(history, NOW.timestamp(), RepeatPolicy(half_life_days=10))
    assert [(each.item, each.score, each.times) for each in found] == [("x", 1.5, 2), ("y", 0.75, 2)]
    assert found[1].last == history[1].time


def test_buy_again_passes_over_what_was_only_viewed() -> None:
    history = [ordered(0, "v", name="Product Viewed"), ordered(1, "x")]
    assert [each.item for each in buy_again(history, NOW.timestamp(), RepeatPolicy())] == ["x"]


def test_a_short_half_life_prefers_the_new_and_a_long_one_the_frequent() -> None:
    history = [ordered(1, "new"), ordered(60, "old"), ordered(61, "old"), ordered(62, "old")]
    first = [buy_again(history, NOW.timestamp(), RepeatPolicy(half_life_days=days))[0].item for days in (5, 500)]
    assert first == ["new", "old"]


def test_what_is_long_overdue_by_the_customers_own_rhythm_is_worth_less() -> None:
    bought = {100: ("tea", "lamp"), 107: ("tea",), 114: ("tea",), 200: ("lamp",), 201: ("once",)}
    history = [ordered(days, *items) for days, items in bought.items()]
    plain, rhythmic = (
        {each.item: each.score for each in buy_again(history, NOW.timestamp(), RepeatPolicy(lapse=lapse))}
        for lapse in (0, 3)
    )
    told = {item: rhythmic[item] / plain[item] for item in plain}
    assert told == pytest.approx({"tea": 0.21, "lamp": 1, "once": 1})


def test_what_its_buyers_order_often_comes_first_as_far_as_the_policy_says() -> None:
    history = [ordered(1, "milk", "lamp", "new")]
    often = {"milk": 4.0, "lamp": 0.25, "new": 1.0}
    scores = [
        {each.item: each.score for each in buy_again(history, NOW.timestamp(), policy, often.__getitem__)}
        for policy in (RepeatPolicy(), RepeatPolicy(staple=0.5))
    ]
    assert len(set(scores[0].values())) == 1
    assert list(scores[1]) == ["milk", "new", "lamp"]
    assert scores[1]["milk"] == pytest.approx(2 * scores[0]["milk"])


def test_an_order_from_a_clock_that_runs_ahead_counts_as_new() -> None:
    assert buy_again([ordered(-1, "x")], NOW.timestamp(), RepeatPolicy())[0].score == 1.0


def test_buy_again_reads_no_more_than_its_bound() -> None:
    history = [ordered(n, "x") for n in range(MAX_EVENTS + 5)]
    assert buy_again(history, NOW.timestamp(), RepeatPolicy())[0].times == MAX_EVENTS


RETURNED = EventName.ORDER_REFUNDED.value


def test_what_was_given_back_speaks_against_its_like_and_ages_nothing() -> None:
    policy = QueryPolicy(decay=0.5, event_weights={ORDERED: 1.0, RETURNED: -0.25})
    history = [ordered(0.5, "bad", name=RETURNED), ordered(1, "x"), ordered(2, "y")]
    found = dict(query(history, policy, NOW.timestamp()))
    plain = dict(query(history[1:], policy, NOW.timestamp()))
    assert found == plain | {"bad": pytest.approx(-0.25 / 1.5)}


def test_an_item_that_is_kept_elsewhere_is_not_condemned_and_is_given_back_once() -> None:
    policy = QueryPolicy(decay=1.0, event_weights={ORDERED: 1.0, RETURNED: -0.25})
    back = ordered(0.5, "x", name=RETURNED)
    once, twice = (
        dict(query([*backs, ordered(1, "x"), ordered(2, "y")], policy, NOW.timestamp()))
        for backs in ([back], [back, back])
    )
    assert once == twice
    assert once["x"] / once["y"] == pytest.approx(0.75)


def test_a_return_in_the_middle_of_a_session_is_no_wish() -> None:
    minute = 1 / 1440
    policy = QueryPolicy(session_share=0.5)
    viewed = ordered(3 * minute, "now", name="Product Viewed")
    old = [ordered(9, "old"), ordered(10, "older")]
    found = dict(query([ordered(minute, "bad", name=RETURNED), viewed, *old], policy, NOW.timestamp()))
    plain = dict(query([viewed, *old], policy, NOW.timestamp()))
    assert {item: found[item] for item in plain} == pytest.approx(plain)
    assert found["bad"] < 0


def test_only_returns_make_no_query() -> None:
    assert query([ordered(1, "bad", name=RETURNED)], QueryPolicy(), NOW.timestamp()) == []


def test_a_model_from_before_returns_counted_passes_over_them() -> None:
    old = QueryPolicy(event_weights={ORDERED: 1.0})
    history = [ordered(0, "bad", name=RETURNED), ordered(1, "x")]
    assert query(history, old, NOW.timestamp()) == [("x", 1.0)]


mixed = st.lists(
    st.builds(
        lambda item, name: ordered(1, item, name=name), st.sampled_from("abcd"), st.sampled_from([ORDERED, RETURNED])
    )
)


@given(mixed)
def test_what_speaks_for_items_sums_to_one_whatever_comes_back(history: list[Past[str]]) -> None:
    found = query(history, QueryPolicy(), NOW.timestamp())
    assert not found or sum(weight for _, weight in found if weight > 0) == pytest.approx(1.0)
    assert {item for item, weight in found if weight < 0} <= {
        item for past in history if past.name == RETURNED for item in past.items
    }

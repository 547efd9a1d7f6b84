"""What remains of orders: the same whatever order events come in and however often they are repeated."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.events import KNOWN, CustomerRef, Event
from shared.domain.orders import net
from shared.domain.vocabulary import EventName

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def event(name: str, order_id: str | None, *items: str) -> Event:
    return Event(
        customer=CustomerRef(kind=KNOWN, id="ann"),
        message_id=f"{name}-{order_id}",
        time=NOON,
        name=name,
        items=items,
        order_id=order_id,
    )


ORDER = event(EventName.ORDER_COMPLETED, "o1", "lamp", "vase")
OTHER = event(EventName.ORDER_COMPLETED, "o2", "lamp")
VIEW = event(EventName.PRODUCT_VIEWED, None, "lamp")


@pytest.mark.parametrize(
    ("undoing", "left"),
    [
        (event(EventName.ORDER_REFUNDED, "o1", "lamp"), ("vase",)),
        (event(EventName.ORDER_REFUNDED, "o1", "lamp", "vase"), ()),
        (event(EventName.ORDER_REFUNDED, "o1"), ()),
        (event(EventName.ORDER_CANCELLED, "o1", "lamp"), ()),
        (event(EventName.ORDER_CANCELLED, "o1"), ()),
        (event(EventName.ORDER_REFUNDED, "o1", "rug"), ("lamp", "vase")),
        (event(EventName.ORDER_REFUNDED, "o3", "lamp"), ("lamp", "vase")),
        (event(EventName.ORDER_REFUNDED, None, "lamp"), ("lamp", "vase")),
    ],
)
def test_only_the_order_that_is_named_is_undone(undoing: Event, left: tuple[str, ...]) -> None:
    expected = [(ORDER.message_id, left), (OTHER.message_id, ("lamp",)), (VIEW.message_id, ("lamp",))]
    found = [(each.message_id, each.items) for each in net([ORDER, OTHER, VIEW, undoing])]
    assert [each for each in found if each[0] != undoing.message_id] == expected


@pytest.mark.parametrize(
    ("undoing", "given_back"),
    [
        (event(EventName.ORDER_REFUNDED, "o1", "lamp"), ("lamp",)),
        (event(EventName.ORDER_REFUNDED, "o1"), ("lamp", "vase")),
        (event(EventName.ORDER_REFUNDED, "long-ago", "rug"), ("rug",)),
        (event(EventName.ORDER_REFUNDED, "long-ago"), None),
        (event(EventName.ORDER_REFUNDED, None, "lamp"), None),
        (event(EventName.ORDER_CANCELLED, "o1", "lamp"), None),
    ],
)
def test_a_refund_says_what_came_back_and_a_cancellation_nothing(
    undoing: Event, given_back: tuple[str, ...] | None
) -> None:
    found = {each.message_id: each.items for each in net([undoing, VIEW, ORDER])}
    assert found.get(undoing.message_id) == given_back


def test_what_is_refunded_of_a_cancelled_order_never_came() -> None:
    refunded, cancelled = event(EventName.ORDER_REFUNDED, "o1", "lamp"), event(EventName.ORDER_CANCELLED, "o1")
    assert net([refunded, cancelled, ORDER]) == [ORDER.model_copy(update={"items": ()})]


def test_an_order_without_an_id_stands() -> None:
    plain = event(EventName.ORDER_COMPLETED, None, "lamp")
    assert net([plain, event(EventName.ORDER_REFUNDED, "o1", "lamp")])[0] == plain


acts = st.builds(
    lambda name, order_id, items: event(name, order_id, *items),
    st.sampled_from(["Order Completed", "Order Refunded", "Order Cancelled", "Product Viewed"]),
    st.sampled_from([None, "o1", "o2"]),
    st.lists(st.sampled_from("abc"), max_size=3, unique=True),
)


@given(st.lists(acts, max_size=8).flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))))
def test_neither_order_nor_repetition_matters(histories: tuple[list[Event], list[Event]]) -> None:
    told, shuffled = histories

    def left(history: list[Event]) -> set[tuple[str, tuple[str, ...]]]:
        return {(each.message_id, each.items) for each in net(history)}

    assert left(told) == left(shuffled) == left(shuffled * 2)
    assert net(net(told)) == net(told)

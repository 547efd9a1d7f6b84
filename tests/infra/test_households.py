"""The demo's few customers, from those who shop most to those who hardly do."""

from datetime import UTC, datetime
from pathlib import Path

from infra.cli import households
from infra.cli.households import RANGE, Household
from shared.domain.events import KNOWN, CustomerRef, Event
from shared.domain.items import Item
from shared.domain.vocabulary import EventName

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
CATALOGUE = {
    "tea": Item(item_id="tea", title="Tea", category="Drinks"),
    "mug": Item(item_id="mug", title="Mug", category="Kitchen", stock=0),
    "rug": Item(item_id="rug", title="Rug"),
}


def orders(customer: str, *baskets: tuple[str, ...]) -> list[Event]:
    who = CustomerRef(kind=KNOWN, id=customer)
    return [
        Event(customer=who, message_id=f"{customer}-{n}", time=NOON, name=EventName.ORDER_COMPLETED, items=items)
        for n, items in enumerate(baskets)
    ]


def test_one_is_chosen_at_each_quantile_busiest_first() -> None:
    history = [event for n in range(1, 101) for event in orders(f"c{n:03d}", *[("tea",)] * n)]
    chosen = households.choose(history, CATALOGUE)
    assert [each.customer_id for each in chosen] == ["c097", "c085", "c070", "c055", "c040", "c025"]
    assert len(chosen) == len(RANGE)
    assert chosen[0].note == "97 orders, mostly drinks"


def test_the_choice_does_not_depend_on_the_order_of_events() -> None:
    history = [event for n in range(20) for event in orders(f"c{n}", *[("tea",)] * (n % 3 + 1))]
    assert households.choose(history, CATALOGUE) == households.choose(history[::-1], CATALOGUE)


def test_no_customer_is_chosen_twice_however_few_there_are() -> None:
    chosen = households.choose(orders("ann", ("tea",)) + orders("bob", ("tea",), ("rug",)), CATALOGUE)
    assert [each.customer_id for each in chosen] == ["ann"]


def test_they_start_from_an_item_that_can_be_bought() -> None:
    (ann,) = households.choose(orders("ann", ("mug",), ("mug",), ("tea",)), CATALOGUE)
    assert ann.item_id == "tea"
    (bob,) = households.choose(orders("bob", ("gone",)), CATALOGUE)
    assert bob.item_id == "gone"


def test_they_are_kept_for_the_next_run(tmp_path: Path) -> None:
    chosen = [Household(customer_id="ann", note="1 orders, mostly tea", item_id="tea")]
    households.save(chosen, tmp_path)
    assert households.load(tmp_path) == chosen

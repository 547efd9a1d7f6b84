"""What was sold: weeks, prices and sums as they can be counted by hand, whoever tells of an order, however often."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.events import ANONYMOUS, KNOWN, CustomerRef, Event, Line
from shared.domain.orders import standing
from shared.domain.vocabulary import EventName
from shared.stores import clients
from shared.stores.archive import ArchiveStore, all_shards, shard_of
from shared.stores.lease import LeaseStore
from shared.stores.rewriting import ArchiveRewriter
from shared.stores.table import Table
from tests.conftest import BUCKET
from training.archived import Archived
from training.sales import purchases, weekly

MONDAY = datetime(2026, 5, 4, tzinfo=UTC)
NAN = float("nan")


def order(n: int, *lines: tuple[str, int, str | None], days: float = 0, customer: str = "ann", **changes: Any) -> Event:
    """An order in euros of these lines; without `lines` in `changes` they are told."""
    told = tuple(Line(item, quantity, Decimal(price) if price else None) for item, quantity, price in lines)
    fields: dict[str, Any] = {
        "customer": CustomerRef(kind=KNOWN, id=customer),
        "message_id": f"m{n}",
        "time": MONDAY + timedelta(days=days),
        "name": EventName.ORDER_COMPLETED,
        "items": tuple(dict.fromkeys(line.item_id for line in told)),
        "order_id": f"o{n}",
        "lines": told,
        "currency": "EUR",
    }
    return Event.model_validate(fields | changes)


def back(n: int, *items: str, name: str = EventName.ORDER_REFUNDED, customer: str = "ann") -> Event:
    """What undoes order `n`."""
    return Event(
        customer=CustomerRef(kind=KNOWN, id=customer),
        message_id=f"{name}-{n}-{'-'.join(items)}",
        time=MONDAY + timedelta(days=60),
        name=name,
        items=items,
        order_id=f"o{n}",
    )


def euros(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def by_week(*events: Event) -> dict[tuple[str, int], tuple[float, float | None, int]]:
    found = weekly(events)
    return {
        (found.items[item], int(week)): (float(units), None if np.isnan(price) else float(price), int(orders))
        for item, week, units, price, orders in zip(
            found.item, found.week, found.units, found.price, found.orders, strict=True
        )
    }


def paid(*events: Event) -> list[tuple[str, float | None]]:
    found = purchases(events)
    return [
        (found.customers[customer], None if np.isnan(amount) else float(amount))
        for customer, amount in zip(found.customer, found.paid, strict=True)
    ]


def test_units_prices_and_orders_of_each_week() -> None:
    first = order(1, ("lamp", 3, "10"), ("bulb", 1, "2"))
    second = order(2, ("lamp", 1, "6"), days=6.99, customer="bob")
    later = order(3, ("lamp", 2, "8"), days=21)
    assert by_week(first, second, later) == {("lamp", 0): (4, 9, 2), ("bulb", 0): (1, 2, 1), ("lamp", 3): (2, 8, 1)}
    found = weekly([first, second, later])
    assert (found.first_monday, found.currency, found.items) == (date(2026, 5, 4), "EUR", ("bulb", "lamp"))
    assert [each.dtype for each in (found.item, found.week, found.orders)] == [np.int32] * 3


@pytest.mark.parametrize(("hours", "week"), [(-0.001, 0), (0, 1), (167.999, 1), (168, 2)])
def test_a_week_begins_on_monday_at_midnight_utc_whatever_the_clocks_do(hours: float, week: int) -> None:
    """On 29 March 2026 Europe's clocks went forward: no week is an hour shorter for that."""
    monday = datetime(2026, 3, 23, tzinfo=UTC)
    first = order(1, ("lamp", 1, None), time=monday - timedelta(days=7))
    found = weekly([first, order(2, ("lamp", 1, None), time=monday + timedelta(hours=hours))])
    assert (found.first_monday, int(found.week[-1])) == (date(2026, 3, 16), week)


def test_what_nobody_told_is_one_piece_of_unknown_price() -> None:
    """As all orders of a release that did not keep it are."""
    assert by_week(order(1, items=("lamp",), lines=(), currency=None)) == {("lamp", 0): (1, None, 1)}
    assert paid(order(1, items=("lamp",), lines=())) == [("user:ann", None)]


def test_the_mean_is_of_known_prices_and_what_was_given_away_was_not_sold() -> None:
    events = [order(1, ("lamp", 2, "10")), order(2, ("lamp", 5, None)), order(3, ("lamp", 9, "0"))]
    assert by_week(*events) == {("lamp", 0): (7, 10, 2)}
    half = order(4, ("bulb", 1, "4"), ("bulb", 1, "0"))
    assert by_week(half) == {("bulb", 0): (2, 2, 1)}


def test_what_came_back_was_never_sold() -> None:
    bought = [order(n, ("lamp", 1, "10"), ("bulb", 2, "3"), paid=euros("16"), days=n) for n in (1, 2, 3, 4)]
    undone = [back(1, "bulb"), back(2), back(3, name=EventName.ORDER_CANCELLED), back(9)]
    assert by_week(*bought, *undone) == {("lamp", 0): (2, 10, 2), ("bulb", 0): (2, 3, 1)}
    assert paid(*bought, *undone) == [("user:ann", 10), ("user:ann", 16)]


def test_a_part_that_came_back_of_unknown_price_leaves_the_rest_unknown_unless_the_lines_say_it() -> None:
    bought = [order(1, ("lamp", 1, "10"), ("bulb", 2, None), paid=euros("16"))]
    assert paid(*bought, back(1, "bulb")) == [("user:ann", None)]
    assert paid(order(1, ("lamp", 2, "10"), ("bulb", 1, "3"))) == [("user:ann", 23)]


def test_an_order_that_page_and_server_tell_of_counts_once_as_the_server_has_it() -> None:
    """Their ids of items and of the customer need not be the same; a refund by the one undoes what the other told."""
    page = order(1, items=("LAMP-S",), lines=(), customer="phone", message_id="page")
    page = page.model_copy(update={"customer": CustomerRef(kind=ANONYMOUS, id="phone")})
    server = order(1, ("lamp", 2, "10"), days=0.01, paid=euros("20"))
    for events in ([page, server], [server, page]):
        assert by_week(*events) == {("lamp", 0): (2, 10, 1)}
        assert paid(*events) == [("user:ann", 20)]
    assert by_week(page, server, back(1)) == {}
    assert paid(page, server, back(1, customer="bob")) == []


def test_the_customer_is_the_known_one_though_the_page_says_more() -> None:
    page = order(1, ("lamp", 2, "10"), message_id="page")
    page = page.model_copy(update={"customer": CustomerRef(kind=ANONYMOUS, id="phone")})
    assert paid(page, order(1, items=("lamp",), lines=())) == [("user:ann", 20)]


def test_repetitions_and_the_short_record_of_an_event_add_nothing() -> None:
    whole = order(1, ("lamp", 2, "10"), ("bulb", 1, "3"), paid=euros("23"))
    short = whole.model_copy(update={"lines": (), "paid": None, "currency": None, "coupons": ()})
    shorter = short.model_copy(update={"items": ("lamp",)})
    for events in ([whole, whole, short, shorter], [shorter, short, whole]):
        assert by_week(*events) == by_week(whole) == {("lamp", 0): (2, 10, 1), ("bulb", 0): (1, 3, 1)}
        assert paid(*events) == [("user:ann", 23)]


def test_amounts_of_another_currency_are_unknown_and_their_units_count() -> None:
    dollars = order(3, ("lamp", 4, "11"), days=3, currency="USD", paid={"amount": "44", "currency": "USD"})
    unnamed = order(4, ("lamp", 1, "16"), days=4, currency=None)
    events = [order(1, ("lamp", 1, "10"), days=1), order(2, ("lamp", 1, "10"), days=2), dollars, unnamed]
    assert by_week(*events) == {("lamp", 0): (7, 12, 4)}
    assert paid(*events) == [("user:ann", 10), ("user:ann", 10), ("user:ann", None), ("user:ann", 16)]
    assert (weekly(events).currency, weekly(events).foreign, purchases(events).foreign) == ("EUR", 1, 1)


def test_nothing_sold_is_no_rows() -> None:
    for events in ([], [back(1, "lamp")], [order(1, ("lamp", 1, "2"), name="Product Viewed")]):
        assert by_week(*events) == {}
        assert (paid(*events), weekly(events).currency) == ([], None)


acts = st.builds(
    lambda n, name, items: (
        order(n, *((item, 1, "2") for item in items), message_id=f"buy{n}")
        if name == EventName.ORDER_COMPLETED
        else back(n, *items, name=name)
    ),
    st.integers(0, 3),
    st.sampled_from([EventName.ORDER_COMPLETED, EventName.ORDER_REFUNDED, EventName.ORDER_CANCELLED]),
    st.lists(st.sampled_from("abc"), unique=True, max_size=3),
)


@given(happened=st.lists(acts, max_size=10, unique_by=lambda each: each.message_id))
def test_of_one_customer_the_same_stands_as_by_the_rule_for_serving(happened: list[Event]) -> None:
    expected = {(each, items) for each, items in standing(happened) if each.name == EventName.ORDER_COMPLETED and items}
    counts = {item: sum(item in items for _, items in expected) for item in "abc"}
    assert {item: units for (item, _), (units, _, _) in by_week(*happened).items()} == {
        item: count for item, count in counts.items() if count
    }
    assert len(paid(*happened)) == len(expected)


def test_the_archive_gives_the_same_by_lines_and_by_columns_and_leaves_out_the_erased(table: Table) -> None:
    """It breaks if columns forget a quantity, a price, a sum or a currency."""
    archive = ArchiveStore(clients.s3(), BUCKET)
    events = [
        order(n, (f"i{n % 3}", n % 4 + 1, f"{n}.50"), (f"i{n % 5 + 3}", 1, None), days=n, customer=f"c{n % 4}",
              paid=euros(f"{n * 7}.25"), currency="EUR")
        for n in range(20)
    ]  # fmt: skip
    archive.append([*events, back(3), back(4, "i1")])
    gone = CustomerRef(kind=KNOWN, id="c2")

    def erased(customer: str) -> datetime | None:
        return MONDAY + timedelta(days=9) if customer == str(gone) else None

    read = Archived(archive, MONDAY + timedelta(days=90), erased)
    left = [each for each in events if each.customer != gone or each.time > MONDAY + timedelta(days=9)]
    expected = weekly([*left, back(3), back(4, "i1")])
    expected_paid = purchases([*left, back(3), back(4, "i1")])
    for beside in (False, True):
        if beside:
            rewriter = ArchiveRewriter(archive, LeaseStore(table), patience_seconds=0)
            assert sum(rewriter.lay_columns(shard, lambda _: True, lambda: True) for shard in all_shards())
            for each in archive.objects(shard_of(gone)):
                clients.s3().put_object(Bucket=BUCKET, Key=each.key, Body=b"lines that nobody reads any more")
        found, found_paid = weekly(read), purchases(read)
        for name in ("item", "week", "units", "price", "orders"):
            np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
        assert (found.items, found.currency) == (expected.items, "EUR")
        np.testing.assert_array_equal(found_paid.paid, expected_paid.paid)
        assert found_paid.customers == expected_paid.customers

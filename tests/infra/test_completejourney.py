"""The data set's reader, on a few rows in the shape of the real tables."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pandas as pd
import pytest

from infra.datasets import completejourney
from shared.domain.events import Line
from shared.domain.items import Item
from shared.domain.money import Money

PRODUCTS = pd.DataFrame(
    [
        (1, 2, "GROCERY", "National", "FRZN ICE", "ICE - CRUSHED/CUBED", "22 LB"),
        (2, 69, "GROCERY", "Private", "EGGS", "EGGS - X-LARGE", "1 DZ"),
        (3, 69, "FUEL", "Private", "COUPON/MISC ITEMS", "GASOLINE-REG UNLEADED", None),
        (4, 5, "PASTRY", "National", "BREAD", "BREAD:ITALIAN/FRENCH", None),
        (5, 5, "MISCELLANEOUS", "National", None, None, None),
    ],
    columns=[
        "product_id", "manufacturer_id", "department", "brand", "product_category", "product_type", "package_size"
    ],
)  # fmt: skip


def sale(
    basket: int, product: int, hour: int, quantity: int = 1, value: float = 2.0, loyalty: float = 0.0
) -> dict[str, object]:
    return {
        "household_id": 900 + basket % 2,
        "store_id": 1,
        "basket_id": basket,
        "product_id": product,
        "quantity": quantity,
        "sales_value": value,
        "retail_disc": loyalty,
        "coupon_disc": 0.5,
        "coupon_match_disc": 0.0,
        "week": 1,
        "transaction_timestamp": pd.Timestamp(2017, 1, 1, hour),
    }


SALES = pd.DataFrame(
    [
        sale(12, 2, 9),
        sale(11, 2, 8, quantity=2, value=3.0, loyalty=1.0),
        sale(11, 1, 8, value=4.0),
        sale(11, 2, 8),
        sale(12, 3, 9, quantity=9000, value=20.0),
        sale(13, 77, 7, value=0.0),
    ]
)


@pytest.fixture(autouse=True)
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    both = {"products": PRODUCTS, "transactions": SALES}
    monkeypatch.setattr(completejourney, "get_data", lambda which: {which: both[which]})
    completejourney._transactions.cache_clear()
    yield
    completejourney._transactions.cache_clear()


def item(item_id: str) -> Item:
    return next(each for each in completejourney.items() if each.item_id == item_id)


def test_every_product_is_there_and_what_only_the_till_knows() -> None:
    assert [each.item_id for each in completejourney.items()] == ["1", "2", "3", "4", "5", "77"]


@pytest.mark.parametrize(
    ("item_id", "title"),
    [
        ("1", "Ice - crushed/cubed, 22 lb"),
        ("2", "Eggs - x-large, 1 dozen (store brand)"),
        ("4", "Bread: italian/french"),
        ("77", "Product 77"),
    ],
)
def test_titles_read_well(item_id: str, title: str) -> None:
    assert item(item_id).title == title


def test_the_price_is_the_shelfs_before_the_loyalty_discount() -> None:
    price = item("2").price
    assert price is not None
    assert (price.amount, price.currency) == (Decimal("2.00"), "USD")


@pytest.mark.parametrize("item_id", ["4", "77"])
def test_what_was_never_paid_for_has_no_price(item_id: str) -> None:
    assert item(item_id).price is None


def test_only_goods_can_be_recommended() -> None:
    assert {each.item_id for each in completejourney.items() if each.is_available(datetime.now(UTC))} == {"1", "2", "4"}


def test_attributes_are_those_that_are_known() -> None:
    assert item("1").category == "FRZN ICE"
    assert item("4").attributes == {
        "department": "PASTRY",
        "brand": "National",
        "manufacturer": "5",
        "product_type": "BREAD:ITALIAN/FRENCH",
    }
    assert item("77").attributes == {}


def test_one_event_per_basket_by_time_with_its_distinct_products() -> None:
    found = list(completejourney.events())
    assert [(event.message_id, event.items) for event in found] == [
        ("completejourney-basket-13", ("77",)),
        ("completejourney-basket-11", ("1", "2")),
        ("completejourney-basket-12", ("2", "3")),
    ]
    assert [str(event.customer) for event in found] == ["user:901", "user:901", "user:900"]
    assert found[0].time == datetime(2017, 1, 1, 7, tzinfo=UTC)
    assert {event.name for event in found} == {"Order Completed"}


def test_a_line_is_what_the_shop_got_for_one() -> None:
    by_id = {event.message_id.rpartition("-")[2]: event for event in completejourney.events()}
    assert by_id["11"].lines == (Line("1", 1, Decimal("4.00")), Line("2", 2, Decimal("1.5")))
    assert by_id["11"].paid == Money(amount=Decimal("7.00"), currency="USD")
    assert by_id["12"].lines == (Line("2", 1, Decimal("2.00")), Line("3", 9000, Decimal("0.0022")))


def test_a_shift_moves_times_and_nothing_else() -> None:
    plain, moved = list(completejourney.events()), list(completejourney.events(shift=timedelta(days=400)))
    assert [event.time + timedelta(days=400) for event in plain] == [event.time for event in moved]
    assert [event.message_id for event in plain] == [event.message_id for event in moved]

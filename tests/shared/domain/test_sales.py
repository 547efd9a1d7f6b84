"""What an event tells of money and quantities: every spelling of the wire, and nothing that cannot be true."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.events import Line
from shared.domain.money import Money
from shared.domain.sales import MOST_COUPONS, NO_SALE, amount_of, each_of, sale_of
from shared.domain.vocabulary import ABOUT_ORDERS, EventName, mentions

ORDER = EventName.ORDER_COMPLETED
anything: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["-1", "NaN", "1e9"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


def euros(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def test_segments_order() -> None:
    products = [
        {"product_id": "lamp", "quantity": 2, "price": 19.5, "coupon": "SPRING"},
        {"sku": "bulb", "price": "3.20"},
    ]
    told = {"products": products, "total": 51.2, "revenue": 42.2, "currency": "eur", "coupon": "HELLO"}
    sale = sale_of(ORDER, told)
    assert sale.lines == (Line("lamp", 2, Decimal("19.5")), Line("bulb", 1, Decimal("3.20")))
    assert (sale.paid, sale.currency, sale.coupons) == (euros("51.2"), "EUR", ("HELLO", "SPRING"))


def test_ga4s_purchase_and_an_order_of_one_product() -> None:
    items = [{"item_id": "lamp", "quantity": "2", "price": "9.50"}]
    sale = sale_of(ORDER, {"items": items, "value": "19.00", "currency": "EUR"})
    assert (sale.lines, sale.paid) == ((Line("lamp", 2, Decimal("9.50")),), euros("19.00"))
    alone = sale_of(ORDER, {"product_id": "lamp", "price": 5, "quantity": 3, "currency": "EUR"})
    assert (alone.lines, alone.paid) == ((Line("lamp", 3, Decimal(5)),), euros("15"))


def test_two_spellings_of_one_list_count_once() -> None:
    entry = {"product_id": "lamp", "item_id": "lamp", "quantity": 2}
    assert sale_of(ORDER, {"products": [entry], "items": [entry]}).lines == (Line("lamp", 2),)


@pytest.mark.parametrize("nonsense", [-1, "-0.01", float("nan"), float("inf"), "free", "€9.50", True, [9], {}, "1e15"])
def test_nonsense_drops_the_amount_and_not_the_line(nonsense: Any) -> None:
    told = {"products": [{"product_id": "lamp", "price": nonsense}], "total": nonsense, "currency": "EUR"}
    assert sale_of(ORDER, told) == NO_SALE._replace(lines=(Line("lamp"),), currency="EUR")


@pytest.mark.parametrize("nonsense", [-1, 0, 1.5, "many", float("nan"), True, 1_000_001, [2]])
def test_of_a_quantity_that_cannot_be_there_is_no_line_and_no_sum(nonsense: Any) -> None:
    products = [{"product_id": "lamp", "quantity": nonsense, "price": 2}, {"product_id": "bulb", "price": 3}]
    sale = sale_of(ORDER, {"products": products, "currency": "EUR"})
    assert (sale.lines, sale.paid) == ((Line("bulb", 1, Decimal(3)),), None)


def test_without_a_currency_prices_stay_and_there_is_no_sum() -> None:
    sale = sale_of(ORDER, {"product_id": "lamp", "price": "9.50", "total": 9.5, "currency": "euros"})
    assert sale == NO_SALE._replace(lines=(Line("lamp", 1, Decimal("9.50")),))


def test_a_sum_needs_the_price_of_every_line() -> None:
    told = {"products": [{"product_id": "lamp", "price": 2}, {"product_id": "bulb"}], "currency": "EUR"}
    assert sale_of(ORDER, told).paid is None


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        (0.1 + 0.2, "0.3"),
        ("3.33333333", "3.3333"),
        ("-0", "0"),
        ("1E+3", "1000"),
        (" 12.50 ", "12.50"),
        (1_234_567, "1234567"),
        ("12.345", "12.345"),  # a dinar's three places
        (100_000_000_000_000, None),
    ],
)
def test_amounts_have_the_places_that_money_has(value: Any, amount: str | None) -> None:
    found = amount_of(value)
    assert (found if found is None else format(found, "f")) == amount


def test_the_price_of_one() -> None:
    assert each_of(Decimal("10.00"), 3) == Decimal("3.3333")
    assert each_of(Decimal(10), 0) is each_of(None, 2) is None


def test_only_orders_and_their_coupons_tell_of_sales() -> None:
    told = {"product_id": "lamp", "price": 9, "coupon_id": "SPRING", "currency": "EUR"}
    assert sale_of(EventName.PRODUCT_VIEWED, told) == sale_of("A name of the shop's", told) == NO_SALE
    assert sale_of(EventName.COUPON_APPLIED, told | {"total": 9}) == NO_SALE._replace(coupons=("SPRING",))
    assert mentions(EventName.COUPON_APPLIED, {"order_id": 7}).order_id == "7"


def test_coupons_are_few_and_short() -> None:
    codes = [*("x" * 101, "tab\there", " A ", "A", 7), *(f"C{n}" for n in range(20))]
    found = sale_of(ORDER, {"product_id": "lamp", "coupons": codes, "coupon": ""}).coupons
    assert found == ("A", *(f"C{n}" for n in range(MOST_COUPONS - 1)))


@given(
    name=st.sampled_from([*ABOUT_ORDERS]),
    told=st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ["products", "items", "product_id", "quantity", "price", "total", "currency", "coupons"], anything
        ),
    ),
)
def test_whatever_is_sent_there_is_an_answer_and_its_lines_are_of_items_of_the_event(
    name: str, told: dict[str, Any]
) -> None:
    sale = sale_of(name, told)
    assert {each.item_id for each in sale.lines} <= set(mentions(name, told).items)
    assert sale.paid is None or sale.paid.currency == sale.currency

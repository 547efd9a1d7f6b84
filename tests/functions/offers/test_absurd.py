"""What a browser may send and no shop would: nothing of it holds up the stream, breaks a sum or ends in a fault."""

from typing import Any

import pytest

from shared.domain.decisions import outcome
from shared.domain.items import Item
from shared.stores.items import ItemStore
from tests.functions.offers.conftest import Shop, item


@pytest.fixture
def code(shop: Shop) -> str:
    shop.put("back", budget={"amount": "100", "currency": "EUR"})
    shop.worth("ann")
    return str(shop.ask()["offer"]["code"])


def lines(count: int, **fields: Any) -> list[dict[str, Any]]:
    return [{"product_id": f"thing-{n:03d}", "price": 1, **fields} for n in range(count)]


def test_an_order_of_more_money_than_there_is_counts_and_brings_no_sum(shop: Shop, code: str) -> None:
    shop.buy(products=lines(2, price=99_999_999_999_999, quantity=1_000_000), coupon=code)
    shop.flow()
    assert outcome(shop.decision()) == (True, 0, True, 0)
    results = shop.results("back")
    assert (results["redeemed"], results["cost"]["amount"]) == (1, "0.00")


def test_orders_too_many_and_long_for_a_record_leave_what_was_known(shop: Shop, code: str) -> None:
    assert code
    for n in range(16):
        shop.buy(f"o{n}", products=[{"product_id": f"{each:03d}{'x' * 250}"} for each in range(100)])
    shop.flow()
    assert 0 < len(shop.decision().orders) < 16
    shop.buy("paid", coupon=code)
    shop.flow()


def test_coupons_applied_to_carts_without_end_leave_what_was_known(shop: Shop, code: str) -> None:
    for n in range(60):
        shop.track("Coupon Applied", coupon_id=code, order_id=f"o{n}", message=f"m{n}")
    shop.flow()
    assert 0 < len(shop.decision().applied) <= 50


def test_a_cart_that_costs_more_than_money_can_say_is_refused_by_name(shop: Shop) -> None:
    ItemStore(shop.table).put([priced("villa", "9999999999")])
    shop.put("back", discount={"kind": "percent", "percent": "10"}, minimum_cart=None)
    shop.public()
    shop.worth("ann")
    cart = [{"item_id": "villa", "quantity": 100_000}]
    asked = {"surface": "cart", "anonymous_id": "a1", "cart": cart}
    replies = [
        shop.api.browser.post("/v1/offers", asked),
        shop.api.server.post("/v1/offers", asked | {"customer_id": "ann"}),
        shop.api.server.post("/v1/offers/verify", {"code": "HELLO", "cart": cart}),
    ]
    for reply in replies:
        assert reply.status == 400, reply.json()
        assert [each["field"] for each in reply.json()["errors"]] == ["cart"]


def test_who_was_decided_on_every_day_is_decided_on_again(shop: Shop) -> None:
    from datetime import timedelta  # noqa: PLC0415

    from tests.functions.offers.conftest import NOW, known  # noqa: PLC0415
    from tests.shared.stores.test_decisions import decision  # noqa: PLC0415

    shop.put("back", per_days=1, valid_days=1)
    shop.worth("ann")
    for n in range(1, 251):
        time = NOW - timedelta(days=252 - n)
        shop.decisions.add(
            known("ann"),
            decision(offer_id="back", number=n, time=time, until=time + timedelta(days=1), reserved=0, code=None),
            None,
        )
    assert shop.ask()["offer"]
    assert max(each.number for each in shop.decisions.of(known("ann"))) == 251


def priced(item_id: str, price: str) -> Item:
    return item(item_id, price, None)

"""From a code to an order: the stream credits it once, in whatever order it is told; checkouts use it once."""

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.decisions import outcome
from shared.domain.items import Item
from shared.domain.rights import Cut
from shared.stores import clients
from shared.stores.items import ItemStore
from shared.stores.shoppers import ShopperStore
from tests.functions.offers.conftest import NOW, Shop, known
from tests.shared.stores.faults import refusing

CART = [{"item_id": "lamp"}]


@pytest.fixture
def code(shop: Shop) -> str:
    shop.put("back", budget={"amount": "100", "currency": "EUR"})
    shop.worth("ann")
    return str(shop.ask()["offer"]["code"])


def money(shop: Shop) -> tuple[int, str, str, str]:
    results = shop.results("back")
    month = results["month"]
    return results["redeemed"], results["cost"]["amount"], month["spent"]["amount"], month["set_aside"]["amount"]


def test_an_order_that_names_the_code_redeems_it_once(shop: Shop, code: str) -> None:
    assert money(shop) == (0, "0.00", "0.00", "5.00")
    shop.buy(coupon=code.lower())
    records = shop.stream.new()
    for _ in range(10):
        assert shop.project({"Records": records, "shardId": "s"}, None)["batchItemFailures"] == []
    assert money(shop) == (1, "5.00", "5.00", "0.00")
    assert outcome(shop.decision()) == (True, 2500, True, 500)


def test_a_second_order_with_the_same_code_redeems_nothing(shop: Shop, code: str) -> None:
    shop.buy("o1", coupon=code)
    shop.buy("o2", coupon=code)
    shop.flow()
    assert money(shop) == (1, "5.00", "5.00", "0.00")


def test_somebody_elses_order_redeems_it_for_whose_it_is(shop: Shop, code: str) -> None:
    shop.buy(customer="bob", coupon=code)
    shop.flow()
    assert money(shop) == (1, "5.00", "5.00", "0.00")
    assert shop.decision().redeemed_by == "o1"


@pytest.mark.parametrize("order_id", ["o1", None])
@pytest.mark.parametrize("first", ["coupon", "order"])
def test_a_coupon_applied_and_an_order_that_does_not_name_it(
    shop: Shop, code: str, first: str, order_id: str | None
) -> None:
    acts: dict[str, Callable[[], None]] = {
        "coupon": lambda: shop.track("Coupon Applied", coupon_id=code, **({"order_id": order_id} if order_id else {})),
        "order": shop.buy,
    }
    acts.pop(first)()
    shop.flow()
    (rest,) = acts.values()
    rest()
    shop.flow()
    assert money(shop) == (1, "5.00", "5.00", "0.00")


def test_a_coupon_that_is_never_used_costs_nothing(shop: Shop, code: str) -> None:
    shop.track("Coupon Applied", coupon_id=code)
    shop.buy(coupon="OTHER")
    shop.flow()
    assert money(shop) == (0, "0.00", "0.00", "5.00")


def test_a_cancelled_order_gives_the_money_back(shop: Shop, code: str) -> None:
    shop.buy(coupon=code)
    shop.flow()
    shop.track("Order Cancelled", order_id="o1")
    shop.flow()
    assert money(shop) == (1, "0.00", "0.00", "0.00")
    assert outcome(shop.decision())[:2] == (False, 0)


ACTS: dict[str, Any] = {
    "buy": lambda shop, code: shop.buy("o1", coupon=code),
    "page": lambda shop, _: shop.buy("o1", message="page", products=[{"product_id": "lamp"}]),
    "more": lambda shop, _: shop.buy("o2", products=[{"product_id": "vase", "price": 20, "quantity": 2}], message="o2"),
    "back": lambda shop, _: shop.track("Order Refunded", order_id="o2", products=[{"product_id": "vase"}]),
}


@pytest.mark.parametrize("order", list(itertools.permutations(ACTS))[::4])
def test_what_an_offer_brought_does_not_depend_on_the_order_of_arrival(
    shop: Shop, code: str, order: tuple[str, ...]
) -> None:
    for name in order:
        ACTS[name](shop, code)
        shop.flow()
    assert money(shop) == (1, "5.00", "5.00", "0.00")
    assert outcome(shop.decision()) == (True, 2500, True, 500)


SERVER: dict[str, Any] = {"products": [{"product_id": "lamp"}], "message": "server"}


@pytest.mark.parametrize("turn", [1, -1])
def test_the_poorer_of_two_reports_may_be_the_one_that_names_the_code(shop: Shop, code: str, turn: int) -> None:
    for properties in ({}, {**SERVER, "coupon": code})[::turn]:
        shop.buy("o1", **properties)
        shop.flow()
    assert money(shop) == (1, "5.00", "5.00", "0.00")
    assert outcome(shop.decision()) == (True, 2500, True, 500)


def test_a_code_that_was_not_used_after_all_is_set_aside_again(shop: Shop, code: str) -> None:
    shop.track("Coupon Applied", coupon_id=code)
    shop.buy("o1")
    shop.flow()
    assert money(shop) == (1, "5.00", "5.00", "0.00")
    shop.buy("o1", **SERVER, coupon="ANOTHER")
    shop.flow()
    assert money(shop) == (0, "0.00", "0.00", "5.00")
    shop.buy("o2", coupon=code)
    shop.flow()
    assert money(shop) == (1, "5.00", "5.00", "0.00")


def test_an_order_too_large_for_one_record_is_credited_from_the_whole(shop: Shop, code: str) -> None:
    lines = [{"product_id": "lamp", "price": 50, "quantity": 1}]
    lines += [{"product_id": f"thing-{n:03d}-{'x' * 40}", "price": 1, "quantity": 1} for n in range(60)]
    shop.buy(coupon=code, products=lines)
    records = shop.stream.new()
    kinds = {each["dynamodb"]["Keys"]["sk"]["S"].partition("#")[0] for each in records}
    assert {"ORDER", "DETAIL"} <= kinds
    for some in (records, records[::-1]):
        shop.project({"Records": some, "shardId": "s"}, None)
    assert money(shop)[0] == 1
    assert len(shop.decision().orders["o1"].lines) == 61


def test_an_order_in_another_currency_counts_and_brings_no_sum(shop: Shop, code: str) -> None:
    assert code
    shop.buy(currency="USD")
    shop.flow()
    assert outcome(shop.decision())[:2] == (True, 0)


def test_orders_of_before_the_offer_and_after_its_end_are_not_its_doing(shop: Shop, code: str) -> None:
    assert code
    for n, days in enumerate((-1, 15)):
        time = (NOW + timedelta(days=days)).isoformat()
        body = {"event": "Order Completed", "userId": "ann", "messageId": f"m{n}", "timestamp": time}
        products = [{"product_id": "lamp", "price": 50}]
        shop.api.server.post("/v1/track", body | {"properties": {"order_id": f"x{n}", "products": products}})
    shop.flow()
    assert outcome(shop.decision()) == (False, 0, False, 0)


def test_what_fails_halfway_is_done_once_when_it_comes_again(shop: Shop, code: str) -> None:
    shop.buy(coupon=code)
    records = shop.stream.new()
    with refusing(clients.dynamodb(), "TransactWriteItems"), pytest.raises(Exception, match="not done"):
        shop.project({"Records": records, "shardId": "s"}, None)
    assert money(shop)[0] == 0
    shop.project({"Records": records, "shardId": "s"}, None)
    assert money(shop) == (1, "5.00", "5.00", "0.00")


def test_without_any_offer_the_stream_reads_nothing_for_them(shop: Shop) -> None:
    shop.buy()
    with refusing(clients.dynamodb(), "TransactWriteItems"):
        shop.flow()


@pytest.mark.parametrize("public", [False, True])
def test_euros_and_yen_are_not_added_up(shop: Shop, public: bool) -> None:
    fan = {"item_id": "fan", "title": "Fan", "price": {"amount": "10000", "currency": "JPY"}}
    ItemStore(shop.table).put([Item.model_validate(fan)])
    tenth = {"discount": {"kind": "percent", "percent": "10"}}
    shop.put("back", **tenth, eligibility={}, expected_uplift=0.9)
    shop.public(**tenth)
    for customer, item, currency in (("ann", "lamp", "EUR"), ("bob", "lamp", "EUR"), ("eve", "fan", "JPY")):
        reply = shop.ask(customer, surface="cart", cart=[{"item_id": item}])
        code = reply["public_offer" if public else "offer"]["code"]
        lines = [{"product_id": item, "quantity": 1}]
        shop.buy(customer, customer, coupon=code, currency=currency, products=lines)
        shop.flow()
    if public:
        shop.buy("odd", coupon="HELLO", currency=None, products=[{"product_id": "unheard-of"}])
        shop.flow()
    assert shop.stream.new() == [], "what was counted of a public code is no event"
    results = shop.results("all" if public else "back")
    assert (results["redeemed"], results["currency"]) == (3 + public, "EUR")
    assert (results["cost"], results["month"]["spent"]) == ({"amount": "10.00", "currency": "EUR"},) * 2
    assert "JPY" in results["note"]


# --- at the checkout


def verify(shop: Shop, code: str, cart: Any = CART) -> Any:
    return shop.api.server.post("/v1/offers/verify", {"code": code, "cart": cart}).json()


def redeem(shop: Shop, code: str, order_id: str) -> int:
    return shop.api.server.post("/v1/offers/redeem", {"code": code, "order_id": order_id}).status


def test_a_code_is_verified_at_will_and_redeemed_once(shop: Shop, code: str) -> None:
    assert [verify(shop, code.lower())["off"] for _ in range(2)] == [{"amount": "5.00", "currency": "EUR"}] * 2
    assert [redeem(shop, code, each) for each in ("o1", "o1", "o2")] == [200, 200, 409]
    assert verify(shop, code)["why"] == "The code was used already."
    shop.buy("o2", coupon=code)
    shop.flow()
    assert money(shop)[0] == 0
    shop.buy("o1")
    shop.flow()
    assert money(shop) == (1, "5.00", "5.00", "0.00")


def test_what_cannot_be_verified_says_why(shop: Shop, code: str) -> None:
    assert verify(shop, "NOSUCHCODE") == {
        "valid": False,
        "offer_id": None,
        "off": None,
        "total": None,
        "why": "There is no such code.",
    }
    assert redeem(shop, "NOSUCHCODE", "o1") == 404
    assert not verify(shop, code, [{"item_id": "unknown"}])["valid"]


def test_a_discount_is_never_more_than_the_cart(shop: Shop) -> None:
    shop.put("back", discount={"kind": "amount", "amount": {"amount": "15", "currency": "EUR"}}, expected_uplift=0.9)
    shop.worth("ann")
    verified = verify(shop, shop.ask()["offer"]["code"], [{"item_id": "gift"}])
    assert (verified["off"]["amount"], verified["total"]["amount"]) == ("10.00", "0.00")


# --- rights


def test_an_erasure_takes_the_offers_and_their_codes_and_leaves_the_sums(shop: Shop, code: str) -> None:
    shop.buy(coupon=code)
    shop.flow()
    store, cut = ShopperStore(shop.table), Cut(NOW + timedelta(hours=1))
    kinds = store.count([known("ann")], cut)
    assert (kinds["offers"], kinds["codes of offers"]) == (1, 1)
    store.erase([known("ann")], cut)
    assert shop.decisions.of(known("ann")) == []
    assert shop.decisions.by_code(code) is None
    assert not verify(shop, code)["valid"]
    assert not [each for each in shop.table.scan("CODE#") if "ann" in str(each)]
    assert money(shop)[0] == 1
    shop.buy("o9", coupon=code)
    shop.flow()
    assert money(shop)[0] == 1


def test_an_export_has_the_offers(shop: Shop, code: str) -> None:
    assert code in str(list(ShopperStore(shop.table).records(known("ann"))))

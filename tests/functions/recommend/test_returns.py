"""Refunds and cancellations undo their order's effect on every list, whichever of the two arrives first."""

from typing import Any

import pytest

from tests.functions.recommend.conftest import Shop, ids

CANCELLED: dict[str, Any] = {"properties": {"order_id": "o1"}}
REFUNDED: dict[str, Any] = {"properties": {"transaction_id": "o1", "items": [{"item_id": "lamp"}]}}


def bought(*item_ids: str) -> dict[str, Any]:
    return {"properties": {"order_id": "o1", "products": [{"product_id": each} for each in item_ids]}}


def test_what_was_given_back_may_be_recommended_again(modelled: Shop) -> None:
    modelled.track("Product Viewed", "rug")
    modelled.track("Order Completed", **bought("lamp", "tea"))
    assert not {"lamp", "tea"} & set(modelled.ids("for-you", customer_id="ann", limit=10))
    modelled.track("refund", **REFUNDED)
    offered = modelled.ids("for-you", customer_id="ann", limit=10)
    assert "lamp" in offered
    assert "tea" not in offered


def test_no_reason_speaks_of_what_was_given_back(modelled: Shop) -> None:
    modelled.track("Product Viewed", "tea")
    modelled.track("Order Completed", **bought("lamp"))
    modelled.track("Order Cancelled", **CANCELLED)
    reply = modelled.ask("for-you", customer_id="ann", limit=10)
    assert "bought" not in {reason["kind"] for each in reply["items"] for reason in each["reasons"]}
    assert reply["personalised"]


@pytest.mark.parametrize("cancelled_first", [True, False])
def test_buy_again_forgets_a_cancelled_order(modelled: Shop, cancelled_first: bool) -> None:
    modelled.track("Order Completed", "tea")
    told = [("Order Completed", bought("lamp")), ("Order Cancelled", CANCELLED)]
    for event, fields in reversed(told) if cancelled_first else told:
        modelled.track(event, **fields)
    assert modelled.ids("buy-again", customer_id="ann") == ["tea"]


def test_an_order_from_before_the_login_is_undone_too(modelled: Shop) -> None:
    modelled.track("Order Completed", "tea", anonymousId="phone")
    modelled.track("Order Completed", anonymousId="phone", **bought("lamp"))
    modelled.api.server.post("/v1/identify", {"userId": "ann", "anonymousId": "phone"})
    assert set(modelled.ids("buy-again", customer_id="ann")) == {"tea", "lamp"}
    modelled.track("Order Cancelled", **CANCELLED)
    assert modelled.ids("buy-again", customer_id="ann") == ["tea"]


def test_trending_forgets_what_comes_back(shop: Shop) -> None:
    shop.track("Order Completed", **bought("lamp"))
    shop.track("Product Viewed", "vase")
    shop.project()
    assert ids(shop.ask("trending", limit=2)) == ["lamp", "vase"]
    shop.track("Order Refunded", **REFUNDED)
    shop.project()
    assert ids(shop.ask("trending", limit=1)) == ["vase"]

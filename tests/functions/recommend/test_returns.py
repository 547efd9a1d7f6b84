"""Refunds and cancellations undo their order's effect on every list, whichever of the two arrives first."""

from typing import Any

import pytest

from tests.functions.recommend.artefact import artefact
from tests.functions.recommend.conftest import ITEMS, Shop, ids

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


def test_what_came_back_speaks_against_its_like(modelled: Shop) -> None:
    """The lamp recommends the shade, the tea the mug; who sent the lamp back is shown fewer shades."""
    modelled.track("Order Completed", "rug")
    modelled.track("Product Viewed", "lamp")
    modelled.track("Product Viewed", "tea")
    modelled.track("Order Completed", **bought("lamp"))
    before = scores(modelled.ask("for-you", customer_id="ann", limit=10))
    modelled.track("refund", **REFUNDED)
    after = modelled.ask("for-you", customer_id="ann", limit=10)
    assert scores(after)["shade"] < before["shade"]
    for each in after["items"]:
        told = sum(reason["contribution"] for reason in each["reasons"])
        assert each["score"] == pytest.approx(told + each["other_terms"], abs=1e-6)
        assert all(reason["contribution"] > 0 for reason in each["reasons"])


def test_nothing_is_recommended_because_something_came_back(shop: Shop) -> None:
    """What the vase keeps away would come forward with the vase sent back: no shopper would understand that reason."""
    shop.publish(artefact(ITEMS, {"lamp": {"shade": 60}, "vase": {"shade": -120, "rug": -90}}, prior={"rug": 0.5}))
    shop.track("Order Completed", "lamp")
    shop.track("Order Completed", **bought("vase"))
    shop.track("refund", properties={"order_id": "o1", "products": [{"product_id": "vase"}]})
    shade = next(
        each for each in shop.ask("for-you", customer_id="ann", limit=10)["items"] if each["item"]["item_id"] == "shade"
    )
    assert [reason["item_id"] for reason in shade["reasons"]] == ["lamp"]
    assert shade["other_terms"] > 0


def test_a_cancelled_order_speaks_against_nothing(modelled: Shop) -> None:
    modelled.track("Order Completed", "tea")
    modelled.track("Product Viewed", "lamp")
    before = scores(modelled.ask("for-you", customer_id="ann", limit=10))
    modelled.track("Order Completed", **bought("lamp"))
    modelled.track("Order Cancelled", **CANCELLED)
    modelled.track("refund", **REFUNDED)
    assert scores(modelled.ask("for-you", customer_id="ann", limit=10))["shade"] == pytest.approx(before["shade"])


def scores(reply: Any) -> dict[str, float]:
    return {each["item"]["item_id"]: each["score"] for each in reply["items"]}


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

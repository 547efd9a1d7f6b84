"""What the owner is told of what works, and of what is missing, in numbers."""

from datetime import timedelta
from typing import Any

import pytest

from functions.recommend.readiness import JUDGED_ON, LEAST_DAYS, LEAST_TESTED, MOST_COUNTED
from shared.inference.card import CARD, Card
from tests.functions.recommend.artefact import artefact
from tests.functions.recommend.conftest import ITEMS, Shop, model
from training import gate
from training.contest import NO_BASKETS
from training.split import DAYS_AT_LEAST, SHARE_AT_MOST

ORDER = "Order Completed"


def ready(shop: Shop) -> dict[str, Any]:
    reply = shop.api.server.get("/v1/readiness")
    assert reply.status == 200, reply.text
    return dict(reply.json())


def surface(reply: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = (each for each in reply["surfaces"] if each["surface"] == name)
    return dict(found)


@pytest.fixture
def empty(api: Any, table: Any, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A shop with nothing in it."""
    return Shop(api, table, monkeypatch)


def test_the_gates_threshold_is_the_gates() -> None:
    assert LEAST_TESTED == gate.LEAST_TESTED
    assert LEAST_DAYS == DAYS_AT_LEAST / SHARE_AT_MOST


def test_an_empty_shop_needs_an_item_first(empty: Shop) -> None:
    reply = ready(empty)
    assert (reply["items"], reply["model"]) == (0, None)
    assert {each["serves"] for each in reply["surfaces"]} == {"nothing"}
    assert {missing["what"] for each in reply["surfaces"] for missing in each["missing"]} == {"items"}
    assert len(reply["surfaces"]) == len(JUDGED_ON) + 3


def test_ten_orders_are_enough_for_what_is_live(shop: Shop) -> None:
    assert surface(ready(shop), "popular")["missing"][0]["text"] == "1 order is enough for a beginning."
    for n in range(10):
        shop.track(ORDER, "tea", "mug", userId=f"c{n}")
    shop.project()
    reply = ready(shop)
    assert (reply["items"], reply["sold"], reply["sold_items"], reply["trending_items"]) == (len(ITEMS), 20, 2, 2)
    assert (surface(reply, "popular")["serves"], surface(reply, "popular")["missing"]) == ("live", [])
    assert surface(reply, "for-you")["missing"][0]["what"] == "training"
    assert set(shop.ids("for-you", customer_id="c1", limit=2)) <= set(ITEMS)
    assert shop.ids("popular", limit=2) == ["mug", "tea"]


def test_of_a_model_it_says_what_the_gate_decided_and_how_many_customers_lack(shop: Shop) -> None:
    files = model(popularity_on=["buy-again", "similar"])
    card = Card.model_validate_json(files[CARD])
    tested = {"buy-again": 13, "similar": 500, "for-you": 100}
    surfaces = {name: each.model_copy(update={"tested": tested[name]}) for name, each in card.surfaces.items()}
    shop.publish(files | {CARD: card.model_copy(update={"surfaces": surfaces}).model_dump_json().encode()})
    reply = ready(shop)
    assert reply["model"]["model_id"] == "m1"
    assert (surface(reply, "for-you")["serves"], surface(reply, "for-you")["missing"]) == ("model", [])
    again = surface(reply, "buy-again")
    assert (again["serves"], again["reason"]) == ("popularity", "Popularity did better on buy-again.")
    assert (again["missing"][0]["count"], again["missing"][0]["what"]) == (LEAST_TESTED - 13, "customers")
    assert surface(reply, "cart")["serves"] == "popularity"
    assert surface(reply, "cart")["missing"] == []  # tested on enough, and not better


def test_what_lacks_is_counted_in_customers_as_the_gate_counts(shop: Shop) -> None:
    files = model(popularity_on=["similar"])
    card = Card.model_validate_json(files[CARD])
    told = {"similar": {"tested": 30, "customers": 15, "serve": "popularity"}}
    surfaces = {name: each.model_copy(update=told.get(name, {})) for name, each in card.surfaces.items()}
    shop.publish(files | {CARD: card.model_copy(update={"surfaces": surfaces}).model_dump_json().encode()})
    (lacking,) = surface(ready(shop), "similar")["missing"]
    assert (lacking["what"], lacking["count"]) == ("customers", LEAST_TESTED - 15)


def test_of_a_short_history_days_are_missing(shop: Shop) -> None:
    files = model(popularity_on=["for-you"])
    card = Card.model_validate_json(files[CARD])
    window = card.window.model_copy(update={"test_from": None, "first": card.window.last - timedelta(days=2.5)})
    shop.publish(files | {CARD: card.model_copy(update={"window": window}).model_dump_json().encode()})
    (lacking,) = surface(ready(shop), "for-you")["missing"]
    assert (lacking["what"], lacking["count"]) == ("days", 2)


def test_a_shop_whose_orders_are_of_one_item_is_told_so(shop: Shop) -> None:
    files = artefact(ITEMS, {"lamp": {"shade": 120}}, {}, {"lamp": {"rug": 127}})
    card = Card.model_validate_json(files[CARD])
    none = dict.fromkeys(("bought-together", "cart"), gate.untested(NO_BASKETS))
    kept = {name: info for name, info in card.files.items() if name != "baskets.onnx"}
    update = {"surfaces": card.surfaces | none, "files": kept}
    body = card.model_copy(update=update).model_dump_json().encode()
    shop.publish({name: files[name] for name in kept} | {CARD: body})
    reply = ready(shop)
    for name, least in (("bought-together", "two"), ("cart", "three")):
        found = surface(reply, name)
        assert (found["serves"], found["reason"]) == ("popularity", NO_BASKETS)
        assert found["missing"][0]["text"].startswith(f"{LEAST_TESTED} more customers with an order of {least} ")
    assert surface(reply, "similar")["serves"] == "model"
    assert shop.ask("cart", items=["lamp"], limit=1)["note"] == NO_BASKETS


def test_without_the_model_it_says_so(modelled: Shop) -> None:
    assert ready(modelled)["model"]["recommendable"] == 1
    modelled.models._table.write_many(deletes=[("MODEL", "CHAMPION")])
    modelled.seconds += 60
    assert ready(modelled)["model"] is None


def test_items_are_counted_up_to_a_bound(shop: Shop) -> None:
    assert shop.items.count(3) == 3
    assert shop.items.count(MOST_COUNTED) == len(ITEMS)


def test_a_browser_may_not_see_it(shop: Shop) -> None:
    assert shop.api.browser.get("/v1/readiness").status == 403

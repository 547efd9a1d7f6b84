"""The surfaces beside the first five, items in place of a customer, and several lists at once."""

from datetime import timedelta
from typing import Any

import pytest

from shared.inference.card import CARD, Card
from shared.stores import clients
from tests.functions.recommend.artefact import artefact
from tests.functions.recommend.conftest import BASKETS, ITEMS, NOW, TASTE, TOGETHER, Shop, ids, model
from tests.shared.stores.faults import refusing

ORDER, ADD, REMOVE = "Order Completed", "Product Added", "Product Removed"

# --- bought together, and the cart


def test_bought_together_goes_by_baskets_from_one_item_or_several(modelled: Shop) -> None:
    reply = modelled.ask("bought-together", item_id="lamp", limit=2)
    assert (ids(reply), reply["served_by"], reply["personalised"]) == (["bulb", "vase"], "model", False)
    assert modelled.ids("bought-together", items=["lamp", "tea"], limit=3) == ["bulb", "mug", "vase"]


def test_the_cart_is_completed_from_what_is_in_it(modelled: Shop) -> None:
    modelled.track(ORDER, "rug")
    modelled.track(ADD, "lamp")
    modelled.track(ADD, "tea")
    reply = modelled.ask("cart", customer_id="ann", limit=3)
    assert (ids(reply), reply["personalised"]) == (["bulb", "mug", "vase"], True)
    modelled.track(REMOVE, "tea")
    assert modelled.ids("cart", customer_id="ann", limit=2) == ["bulb", "vase"]
    modelled.track(ORDER, "lamp")
    after = modelled.ask("cart", customer_id="ann", limit=1)
    assert (after["note"], after["served_by"]) == ("There is nothing in the cart.", "popularity")


def test_what_is_taken_out_of_the_cart_may_be_recommended_again(modelled: Shop) -> None:
    modelled.track(ADD, "lamp", "bulb")
    assert "bulb" not in modelled.ids("for-you", customer_id="ann", limit=2)
    modelled.track(REMOVE, "bulb")
    assert "bulb" in modelled.ids("for-you", customer_id="ann", limit=2)
    assert "lamp" not in modelled.ids("for-you", customer_id="ann", limit=2)


def test_a_cart_that_is_given_needs_no_customer_and_nothing_of_it_is_shown(modelled: Shop) -> None:
    reply = modelled.ask("cart", items=["tea", "lamp"], limit=100)
    assert ids(reply)[:3] == ["bulb", "mug", "vase"]
    assert {"tea", "lamp"} & set(ids(reply)) == set()
    assert not reply["personalised"]


def test_the_gates_word_on_similar_holds_for_them(shop: Shop) -> None:
    shop.publish(model(popularity_on=["similar"]))
    for surface in ("bought-together", "cart"):
        reply = shop.ask(surface, items=["lamp"], limit=1)
        assert (reply["served_by"], reply["note"]) == ("popularity", "Popularity did better on similar.")


def test_a_model_with_baskets_answers_from_them(with_baskets: Shop) -> None:
    assert with_baskets.ids("similar", item_id="lamp", limit=2) == ["bulb", "vase"]
    assert with_baskets.ids("bought-together", item_id="lamp", limit=2) == ["rug", "bulb"]
    assert with_baskets.ids("cart", items=["lamp", "tea"], limit=3) == ["rug", "mug", "bulb"]


@pytest.mark.parametrize("surface", ["bought-together", "cart"])
def test_with_a_table_of_its_own_goes_a_gate_of_its_own(shop: Shop, surface: str) -> None:
    shop.publish(artefact(ITEMS, TASTE, TOGETHER, BASKETS, popularity_on=["similar"]))
    assert shop.ask(surface, items=["lamp"], limit=1)["served_by"] == "model"
    shop.publish(artefact(ITEMS, TASTE, TOGETHER, BASKETS, model_id="m2", popularity_on=[surface]), "m2")
    shop.seconds += 60
    reply = shop.ask(surface, items=["lamp"], limit=1)
    assert (reply["served_by"], reply["note"]) == ("popularity", f"Popularity did better on {surface}.")


def test_a_model_that_lost_its_baskets_is_refused_and_the_last_good_one_stays(with_baskets: Shop) -> None:
    assert with_baskets.ids("bought-together", item_id="lamp", limit=1) == ["rug"]
    broken = artefact(ITEMS, TASTE, TOGETHER, {}, model_id="m2")
    with_baskets.publish({name: body for name, body in broken.items() if name != "baskets.onnx"}, "m2")
    with_baskets.seconds += 60
    reply = with_baskets.ask("bought-together", item_id="lamp", limit=1)
    assert (reply["model_id"], ids(reply)) == ("m1", ["rug"])


@pytest.mark.parametrize(
    ("surface", "request_"),
    [
        ("for-you", {"customer_id": "ann"}),
        ("for-you", {"items": ["lamp", "tea"]}),
        ("similar", {"item_id": "lamp"}),
        ("bought-together", {"items": ["lamp", "tea"]}),
        ("cart", {"customer_id": "ann"}),
        ("buy-again", {"customer_id": "ann"}),
        ("next-article", {"item_id": "lamp"}),
        ("trending", {}),
        ("popular", {}),
        ("new", {}),
    ],
)
def test_on_every_surface_the_reasons_are_the_terms_of_the_score(
    with_baskets: Shop, surface: str, request_: dict[str, Any]
) -> None:
    with_baskets.stock("guide", kind="content")
    with_baskets.track(ORDER, "rug", "vase")
    with_baskets.track(ADD, "lamp")
    with_baskets.track(ADD, "tea")
    with_baskets.project()
    shown = with_baskets.ask(surface, limit=100, **request_)["items"]
    assert shown
    for each in shown:
        told = sum(reason["contribution"] for reason in each["reasons"]) + each["other_terms"]
        assert each["score"] == pytest.approx(told, abs=1e-6)


# --- items in place of a customer


def test_for_you_from_items_is_as_if_they_had_been_looked_at(modelled: Shop) -> None:
    modelled.track("Product Viewed", "lamp")
    viewed = modelled.ask("for-you", customer_id="ann", limit=2)
    given = modelled.ask("for-you", items=["lamp"], limit=2)
    assert ids(viewed) == ids(given) == ["shade", "bulb"]
    assert [each["score"] for each in viewed["items"]] == pytest.approx([each["score"] for each in given["items"]])
    assert (given["personalised"], given["items"][0]["reasons"][0]["text"]) == (False, "Goes with Lamp")


def test_items_given_count_where_looking_at_items_says_nothing(shop: Shop) -> None:
    files = model()
    card = Card.model_validate_json(files[CARD])
    weights = card.recipe.query.event_weights | {"Product Viewed": 0.0}
    policy = card.recipe.query.model_copy(update={"event_weights": weights})
    recipe = card.recipe.model_copy(update={"query": policy})
    shop.publish(files | {CARD: card.model_copy(update={"recipe": recipe}).model_dump_json().encode()})
    reply = shop.ask("for-you", items=["lamp"], limit=2)
    assert (ids(reply), reply["served_by"]) == (["shade", "bulb"], "model")
    shop.track("Product Viewed", "lamp")
    assert shop.ask("for-you", customer_id="ann", limit=2)["served_by"] == "popularity"


def test_items_given_the_latest_counts_most(modelled: Shop) -> None:
    assert modelled.ids("for-you", items=["tea", "lamp"], limit=1) == ["mug"]
    assert modelled.ids("for-you", items=["lamp", "tea"], limit=1) == ["shade"]


# --- new


def test_new_is_what_came_last_and_can_be_had(shop: Shop) -> None:
    shop.stock("old", available_from=NOW - timedelta(days=400))
    shop.stock("fresh", available_from=NOW + timedelta(seconds=-1))
    shop.stock("to come", available_from=NOW + timedelta(days=1))
    shop.seconds += 60
    reply = shop.ask("new", limit=100)
    assert reply["served_by"] == "new"
    assert ids(reply)[-2:] == ["fresh", "old"]
    assert set(ids(reply)) == {*ITEMS, "old", "fresh"}
    assert {each["reasons"][0]["kind"] for each in reply["items"]} == {"new"}
    assert reply["items"][-1]["reasons"][0]["text"].startswith("New since ")


def test_an_item_keeps_its_first_day_when_it_is_changed(shop: Shop) -> None:
    before = dict(shop.items.newest(100, NOW + timedelta(hours=1)))
    shop.stock("mug", price={"amount": "1.00", "currency": "EUR"})
    assert dict(shop.items.newest(100, NOW + timedelta(hours=1))) == before
    shop.items.delete(["mug"])
    assert "mug" not in dict(shop.items.newest(100, NOW + timedelta(hours=1)))


def test_without_the_index_new_is_filled_from_elsewhere(shop: Shop) -> None:
    shop.ids("trending")
    with refusing(clients.dynamodb(), "Query"):
        assert shop.ask("new")["served_by"] != "new"


# --- next article


def test_next_article_is_content_only(shop: Shop) -> None:
    shop.publish(artefact([*ITEMS, "guide", "story"], {"lamp": {"shade": 120, "guide": 100, "story": 90}}))
    shop.stock("guide", "story", kind="content")
    assert shop.ids("next-article", item_id="lamp") == ["guide", "story"]
    shop.track("Product Viewed", "lamp")
    reply = shop.ask("next-article", customer_id="ann")
    assert (ids(reply), reply["personalised"]) == (["guide", "story"], True)


# --- bad requests


@pytest.mark.parametrize(
    "request_",
    [
        {"surface": "cart"},
        {"surface": "bought-together"},
        {"surface": "bought-together", "item_id": "lamp", "items": ["tea"]},
        {"surface": "new", "items": ["tea"]},
        {"surface": "cart", "item_id": "tea"},
        {"surface": "buy-again", "items": ["tea"], "customer_id": "ann"},
    ],
)
def test_a_bad_request_is_a_problem_that_names_the_field(shop: Shop, request_: dict[str, Any]) -> None:
    reply = shop.api.server.post("/v1/recommendations", request_)
    assert (reply.status, bool(reply.json()["errors"])) == (400, True)


# --- several lists


def lists(shop: Shop, *wanted: dict[str, Any], **who: Any) -> Any:
    reply = shop.api.server.post("/v1/recommendations/lists", {"lists": list(wanted)} | who)
    assert reply.status == 200, reply.text
    return reply.json()["lists"]


def test_several_lists_have_no_item_twice(modelled: Shop) -> None:
    modelled.track(ADD, "lamp")
    first, second, third = lists(
        modelled,
        {"surface": "for-you", "limit": 2},
        {"surface": "similar", "item_id": "lamp", "limit": 2},
        {"surface": "trending", "limit": 2, "fields": []},
        customer_id="ann",
    )
    assert (ids(first), ids(second)) == (["shade", "bulb"], ["vase", "mug"])
    assert len(set(ids(first) + ids(second) + ids(third))) == 6
    assert first["recommendation_id"] != second["recommendation_id"]
    assert set(third["items"][0]["item"]) == {"item_id", "title"}


def test_a_variant_of_what_stands_in_one_list_is_not_in_the_next(modelled: Shop) -> None:
    modelled.stock("mug", "tea", group="g")
    first, second = lists(modelled, {"surface": "trending", "limit": 1}, {"surface": "popular", "limit": 100})
    assert ids(first) == ["mug"]
    assert "tea" not in ids(second)


def test_several_lists_read_the_history_once(modelled: Shop) -> None:
    modelled.track(ADD, "lamp")
    seen: list[str] = []

    def note(params: dict[str, Any], **_: Any) -> None:
        seen.append(str(params["ExpressionAttributeValues"].get(":pk")))

    name = "provide-client-params.dynamodb.Query"
    clients.dynamodb().meta.events.register(name, note)
    lists(modelled, *[{"surface": "for-you", "limit": 1}] * 5, customer_id="ann")
    clients.dynamodb().meta.events.unregister(name, note)
    one = [each for each in seen if "ann" in each]
    seen.clear()
    clients.dynamodb().meta.events.register(name, note)
    lists(modelled, {"surface": "for-you", "limit": 1}, customer_id="ann")
    clients.dynamodb().meta.events.unregister(name, note)
    assert len(one) == len([each for each in seen if "ann" in each]) > 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"lists": []}, "lists"),
        ({"lists": [{"surface": "trending"}] * 11}, "lists"),
        ({"lists": [{"surface": "trending"}, {"surface": "buy-again"}]}, ""),
        ({"lists": [{"surface": "trending", "filter": "x"}]}, "lists.0.filter"),
        ({"lists": [{"surface": "trending", "customer_id": "ann"}]}, "lists.0.customer_id"),
    ],
)
def test_bad_lists_are_a_problem_that_names_the_field(shop: Shop, body: dict[str, Any], field: str) -> None:
    reply = shop.api.server.post("/v1/recommendations/lists", body)
    assert reply.status == 400
    assert reply.json()["errors"][0]["field"].endswith(field)


# --- from the first minute


@pytest.mark.parametrize(
    ("surface", "request_"),
    [
        ("bought-together", {"items": ["lamp", "tea"]}),
        ("cart", {"items": ["lamp"]}),
        ("cart", {"customer_id": "ann"}),
        ("new", {}),
        ("popular", {}),
        ("next-article", {"item_id": "lamp"}),
        ("for-you", {"items": ["lamp"]}),
    ],
)
def test_an_empty_shop_has_an_empty_list(
    api: Any, table: Any, monkeypatch: pytest.MonkeyPatch, surface: str, request_: dict[str, Any]
) -> None:
    reply = Shop(api, table, monkeypatch).ask(surface, filter="price < 5", diversity=0.5, **request_)
    assert (reply["items"], reply["model_id"], reply["personalised"]) == ([], None, False)

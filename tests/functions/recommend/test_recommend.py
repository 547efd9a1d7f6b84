"""Recommendations through the API: who gets which list, from what, and why."""

from datetime import timedelta
from typing import Any

import pytest

from functions.recommend.reasons import MOST_REASONS
from shared.stores import clients
from tests.functions.recommend.artefact import artefact
from tests.functions.recommend.conftest import ITEMS, NOW, Shop, ids, model
from tests.shared.stores.faults import refusing

ORDER, ADD, VIEW = "Order Completed", "Product Added", "Product Viewed"
REQUESTS: dict[str, dict[str, Any]] = {
    "for-you": {"customer_id": "ann"},
    "similar": {"item_id": "lamp"},
    "buy-again": {"customer_id": "ann"},
    "trending": {},
}


@pytest.fixture
def empty(api: Any, table: Any, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A shop with nothing in it."""
    return Shop(api, table, monkeypatch)


# --- from the first minute


@pytest.mark.parametrize(("surface", "request_"), REQUESTS.items())
def test_an_empty_shop_has_an_empty_list(empty: Shop, surface: str, request_: dict[str, Any]) -> None:
    reply = empty.ask(surface, **request_)
    assert (reply["items"], reply["model_id"], reply["personalised"]) == ([], None, False)


@pytest.mark.parametrize(("surface", "request_"), REQUESTS.items())
def test_a_shop_without_events_shows_its_catalogue(shop: Shop, surface: str, request_: dict[str, Any]) -> None:
    reply = shop.ask(surface, **request_)
    assert reply["served_by"] == "catalogue"
    assert set(ids(reply)) == set(ITEMS) - ({"lamp"} if surface == "similar" else set())
    assert {reason["text"] for each in reply["items"] for reason in each["reasons"]} == {"From the catalogue"}
    assert reply["note"]


def test_without_a_model_what_is_trending_comes_first(shop: Shop) -> None:
    shop.track(ORDER, "tea", userId="bob")
    shop.track(VIEW, "vase", userId="bob")
    shop.project()
    reply = shop.ask("for-you", customer_id="ann", limit=3)
    assert ids(reply)[:2] == ["tea", "vase"]
    assert (reply["served_by"], reply["note"]) == ("trending", "There is no model yet.")


# --- each surface


def test_for_you_follows_the_history_and_leaves_out_what_was_bought(modelled: Shop) -> None:
    modelled.track(ORDER, "lamp")
    reply = modelled.ask("for-you", customer_id="ann", limit=4)
    assert ids(reply) == ["shade", "bulb", "vase", "mug"]
    assert (reply["served_by"], reply["personalised"], reply["model_id"], reply["note"]) == ("model", True, "m1", None)


def test_every_list_has_an_id_of_its_own(modelled: Shop) -> None:
    assert modelled.ask("trending")["recommendation_id"] != modelled.ask("trending")["recommendation_id"]


def test_similar_goes_by_what_is_bought_together_and_not_by_taste(modelled: Shop) -> None:
    reply = modelled.ask("similar", item_id="lamp", limit=2)
    assert ids(reply) == ["bulb", "vase"]
    assert reply["items"][0]["reasons"][0]["text"] == "Goes with Lamp"
    assert (reply["served_by"], reply["personalised"]) == ("model", False)


def test_an_item_is_never_similar_to_itself(modelled: Shop) -> None:
    assert sorted(modelled.ids("similar", item_id="lamp", limit=100)) == sorted(set(ITEMS) - {"lamp"})


def test_an_item_that_the_model_does_not_know_has_popular_ones_beside_it(modelled: Shop) -> None:
    reply = modelled.ask("similar", item_id="brand new", limit=2)
    assert (ids(reply), reply["served_by"]) == (["mug", "tea"], "popularity")
    assert reply["note"]


def test_buy_again_is_what_was_bought_most_often_and_nothing_else(modelled: Shop) -> None:
    modelled.track(ORDER, "tea", "mug")
    modelled.track(ORDER, "tea")
    modelled.track(VIEW, "rug")
    reply = modelled.ask("buy-again", customer_id="ann")
    assert ids(reply) == ["tea", "mug"]
    assert reply["items"][0]["reasons"][0]["text"].startswith("You bought this 2 times, last on ")
    assert reply["items"][1]["reasons"][0]["text"].startswith("You bought this once, last on ")


def test_trending_is_what_the_shop_does_now(modelled: Shop) -> None:
    modelled.track(ORDER, "rug")
    modelled.track(VIEW, "rug", "shade")
    modelled.project()
    reply = modelled.ask("trending", limit=3)
    assert ids(reply) == ["rug", "shade", "mug"]
    assert [each["reasons"][0]["kind"] for each in reply["items"]] == ["trending", "trending", "popular"]
    assert reply["served_by"] == "trending"


def test_a_new_customer_gets_what_is_popular_and_is_told_so(modelled: Shop) -> None:
    reply = modelled.ask("for-you", customer_id="nobody yet", limit=2)
    assert (ids(reply), reply["served_by"], reply["personalised"]) == (["mug", "tea"], "popularity", False)
    assert reply["note"] == "There is no history to personalise from."


def test_a_history_that_the_model_knows_nothing_of_is_not_called_personal(modelled: Shop) -> None:
    modelled.track(VIEW, "unknown item")
    reply = modelled.ask("for-you", customer_id="ann", limit=2)
    assert (ids(reply), reply["served_by"], reply["personalised"]) == (["mug", "tea"], "popularity", False)
    assert reply["note"]


@pytest.mark.parametrize("surface", ["for-you", "similar", "buy-again"])
def test_where_the_gate_chose_popularity_it_serves_with_the_gates_reason(shop: Shop, surface: str) -> None:
    shop.publish(model(popularity_on=[surface]))
    shop.track(ORDER, "lamp")
    reply = shop.ask(surface, limit=2, **REQUESTS[surface])
    assert (ids(reply), reply["served_by"], reply["personalised"]) == (["mug", "tea"], "popularity", False)
    assert (reply["note"], reply["model_id"]) == (f"Popularity did better on {surface}.", "m1")


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_a_list_is_as_long_as_asked_and_no_item_is_in_it_twice(modelled: Shop, limit: int) -> None:
    modelled.track(ADD, "rug")
    for surface in ("for-you", "trending"):
        found = modelled.ids(surface, limit=limit, **REQUESTS[surface])
        assert len(found) == len(set(found)) == min(limit, len(ITEMS))


# --- live


def test_an_event_just_tracked_changes_the_next_list(modelled: Shop) -> None:
    modelled.track(ADD, "lamp")
    before = modelled.ids("for-you", customer_id="ann", limit=2)
    modelled.track(ADD, "tea")
    after = modelled.ids("for-you", customer_id="ann", limit=2)
    assert (before, after) == (["shade", "bulb"], ["mug", "shade"])


@pytest.mark.parametrize("surface", ["for-you", "similar", "buy-again", "trending"])
def test_a_shop_that_is_sold_out_has_an_empty_list(modelled: Shop, surface: str) -> None:
    modelled.track(ORDER, "lamp")
    modelled.project()
    modelled.stock(*ITEMS, stock=0)
    assert modelled.ids(surface, **REQUESTS[surface]) == []


def test_the_list_is_filled_where_the_first_hundred_are_sold_out(shop: Shop) -> None:
    many = [f"item-{n:03d}" for n in range(150)]
    shop.publish(artefact(["lamp", *many], {"lamp": {each: 127 - n // 2 for n, each in enumerate(many)}}))
    shop.stock(*many[:120], stock=0)
    shop.stock(*many[120:])
    shop.track(ADD, "lamp")
    reply = shop.ask("for-you", customer_id="ann", limit=20)
    assert set(ids(reply)) <= set(many[120:])
    assert len(ids(reply)) == 20
    assert {reason["item_id"] for each in reply["items"] for reason in each["reasons"]} == {"lamp"}


def test_the_catalogue_is_read_on_past_what_is_bought_and_sold_out(empty: Shop) -> None:
    empty.stock(*[f"item-{n:03d}" for n in range(120)], stock=0)
    first = [item.item_id for item in empty.items.page(120)[0]]
    empty.stock(*first[110:])
    empty.track(ORDER, *first[:3])
    assert empty.ids("for-you", customer_id="ann", limit=10) == first[110:]


# --- reasons


def test_reasons_and_other_terms_are_the_score(modelled: Shop) -> None:
    for event in ((ORDER, "lamp"), (ADD, "tea"), (VIEW, "rug"), (VIEW, "mug"), (ORDER, "vase")):
        modelled.track(*event)
    for surface, request in REQUESTS.items():
        for each in modelled.ask(surface, limit=100, **request)["items"]:
            told = sum(reason["contribution"] for reason in each["reasons"]) + each["other_terms"]
            assert told == pytest.approx(each["score"], abs=1e-5)
            assert 1 <= len(each["reasons"]) <= MOST_REASONS


def test_reasons_say_what_the_customer_did_by_title(modelled: Shop) -> None:
    modelled.track(ORDER, "lamp")
    modelled.track(ADD, "tea")
    modelled.track(VIEW, "rug")
    items = modelled.ask("for-you", customer_id="ann", limit=100)["items"]
    texts = {each["item"]["item_id"]: [reason["text"] for reason in each["reasons"]] for each in items}
    assert texts["bulb"] == ["Because you bought Lamp"]
    assert texts["mug"][0] == "Because you added Tea to your cart"
    assert texts["mug"][1] == "Other customers are trying this"
    assert texts["vase"][:3] == [
        "Because you bought Lamp",
        "Because you looked at Rug",
        "Because you added Tea to your cart",
    ]
    assert not [text for each in texts.values() for text in each if "{" in text]


def test_a_reason_from_an_item_that_is_gone_names_no_id(modelled: Shop) -> None:
    modelled.track(ORDER, "lamp")
    modelled.items.delete(["lamp"])
    first = modelled.ask("for-you", customer_id="ann")["items"][0]
    assert first["reasons"][0]["text"] == "Because you bought something no longer sold"


# --- whose history


def test_a_browser_without_a_token_never_sees_the_effect_of_a_known_history(modelled: Shop) -> None:
    browser = modelled.api.browser
    modelled.track(ORDER, "lamp")
    modelled.track(VIEW, "rug", anonymousId="phone", userId="ann")  # linked, and vouched for by the server
    for request in ({"customer_id": "ann"}, {"customer_id": "ann", "anonymous_id": "phone"}):
        for surface in ("for-you", "buy-again"):
            reply = modelled.ask(surface, by=browser, **request)
            assert not reply["personalised"]
            assert ids(reply) == modelled.ids(surface, by=browser, customer_id="nobody")


def test_with_the_token_a_browser_sees_what_the_server_sees(modelled: Shop) -> None:
    modelled.track(ORDER, "lamp")
    own = modelled.ask("for-you", by=modelled.api.browser, customer_id="ann", customer_token=modelled.token())
    assert own["personalised"]
    assert ids(own) == modelled.ids("for-you", customer_id="ann")


def test_a_token_that_does_not_hold_is_refused(modelled: Shop) -> None:
    for token in (modelled.token("bob"), modelled.token(hours=-1), "garbage", ""):
        request = {"surface": "for-you", "customer_id": "ann", "customer_token": token}
        reply = modelled.api.browser.post("/v1/recommendations", request)
        assert (reply.status, reply.headers["content-type"]) == (403, "application/problem+json")


def test_an_anonymous_browser_is_served_by_its_own_history(modelled: Shop) -> None:
    browser = modelled.api.browser
    modelled.track(ADD, "lamp", by=browser, anonymousId="phone")
    modelled.track(ADD, "tea", by=browser, anonymousId="tablet")
    reply = modelled.ask("for-you", by=browser, anonymous_id="phone", limit=2)
    assert (ids(reply), reply["personalised"]) == (["shade", "bulb"], True)
    assert modelled.ids("for-you", by=browser, anonymous_id="tablet", limit=1) == ["mug"]


def test_after_the_login_the_anonymous_history_counts_too(modelled: Shop) -> None:
    browser, token = modelled.api.browser, modelled.token()
    modelled.track(ADD, "tea", by=browser, anonymousId="phone")
    before = modelled.ids("for-you", by=browser, customer_id="ann", customer_token=token, limit=1)
    modelled.track(VIEW, "rug", by=browser, userId="ann", anonymousId="phone", context={"customer_token": token})
    after = modelled.ids("for-you", by=browser, customer_id="ann", customer_token=token, limit=1)
    assert (before, after) == (["mug"], ["mug"])
    reply = modelled.ask("for-you", by=browser, customer_id="ann", customer_token=token)
    assert {reason["item_id"] for each in reply["items"] for reason in each["reasons"]} >= {"tea", "rug"}


def test_somebody_elses_device_says_nothing_about_this_customer(modelled: Shop) -> None:
    modelled.track(ADD, "lamp", anonymousId="bobs phone")
    modelled.track(VIEW, "rug", userId="bob", anonymousId="bobs phone")
    reply = modelled.ask("for-you", customer_id="ann", anonymous_id="bobs phone")
    assert not reply["personalised"]


def test_an_unclaimed_device_counts_for_the_request_that_names_it(modelled: Shop) -> None:
    modelled.track(ADD, "lamp", anonymousId="new phone")
    assert modelled.ids("for-you", customer_id="ann", anonymous_id="new phone", limit=1) == ["shade"]
    assert not modelled.ask("for-you", customer_id="ann")["personalised"]


# --- bad requests


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"surface": "cart"},
        {"surface": "similar"},
        {"surface": "for-you", "item_id": "lamp"},
        {"surface": "buy-again"},
        {"surface": "trending", "limit": 0},
        {"surface": "trending", "limit": 101},
        {"surface": "trending", "limit": "many"},
        {"surface": "for-you", "customer_id": ""},
        {"surface": "for-you", "customer_id": "x" * 257},
        {"surface": "for-you", "customer_id": "\ud800"},
        {"surface": "for-you", "customer": "ann"},
        {"surface": "for-you", "customer_id": "ann", "customer_token": "x" * 129},
    ],
)
def test_a_bad_request_is_a_problem_that_names_the_field(shop: Shop, request_: dict[str, Any]) -> None:
    reply = shop.api.server.post("/v1/recommendations", request_)
    assert (reply.status, reply.headers["content-type"]) == (400, "application/problem+json")
    assert reply.json()["errors"]


# --- components that break


def test_without_the_counters_being_fed_trending_does_not_change(modelled: Shop) -> None:
    modelled.track(ORDER, "rug")
    modelled.project()
    before = modelled.ids("trending")
    modelled.track(ORDER, "shade")
    modelled.seconds += 3600
    assert modelled.ids("trending") == before
    modelled.project()
    assert modelled.ids("trending") != before


def test_without_ingest_a_list_does_not_change(modelled: Shop) -> None:
    modelled.track(ADD, "lamp")
    before = modelled.ids("for-you", customer_id="ann")
    with refusing(clients.dynamodb(), "BatchWriteItem"):
        assert modelled.track(ADD, "tea").status == 503
    assert modelled.ids("for-you", customer_id="ann") == before


def test_a_table_that_does_not_answer_is_our_failure(modelled: Shop) -> None:
    with refusing(clients.dynamodb()):
        reply = modelled.api.server.post("/v1/recommendations", {"surface": "trending"})
    assert (reply.status, reply.headers["retry-after"]) == (503, "2")
    assert modelled.ids("trending")


def test_what_an_item_costs_the_shop_is_shown_to_nobody(shop: Shop) -> None:
    cost = {"amount": "3.00", "currency": "USD"}
    shop.stock("mug", cost=cost, text="Holds tea.", price={"amount": "9.90", "currency": "USD"})
    for caller in (shop.api.browser, shop.api.server):
        (mug,) = (each["item"] for each in shop.ask("trending", by=caller)["items"] if each["item"]["item_id"] == "mug")
        assert mug["price"] == {"amount": "9.90", "currency": "USD"}
        assert {"cost", "text", "version"} & set(mug) == set()


def test_an_item_outside_its_window_is_not_shown(shop: Shop) -> None:
    shop.stock("mug", available_until=NOW)
    shop.stock("tea", available_from=NOW + timedelta(hours=1))
    shop.stock("vase", available_from=NOW, available_until=NOW + timedelta(hours=1))
    shown = shop.ids("trending")
    assert "vase" in shown
    assert {"mug", "tea"} & set(shown) == set()

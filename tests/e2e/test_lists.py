"""Surfaces, rules and what a request may ask, over HTTP through the deployed artefacts, by both kinds of key."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from infra.cli.keys import make_key
from infra.cli.live import Shop
from shared.domain.keys import KeyKind
from tests.e2e.conftest import Running
from tests.e2e.shop import department_of
from tests.e2e.test_main_job import eventually, ids

pytestmark = pytest.mark.local

TOOLS = [f"tools-{n}" for n in range(4)]


@pytest.fixture(scope="module")
def server(trained: Running) -> Iterator[httpx.Client]:
    with trained.deployment.api() as client:
        yield client


@pytest.fixture(scope="module")
def browser(trained: Running) -> Iterator[httpx.Client]:
    """A shop's page that knows nobody."""
    with trained.deployment.api(make_key(trained.deployment, KeyKind.PUBLISHABLE, "lists")) as client:
        yield client


def asked(client: httpx.Client, surface: str, **request: Any) -> Any:
    reply = client.post("/v1/recommendations", json={"surface": surface, "limit": 5} | request)
    assert reply.status_code == 200, reply.text
    return reply.json()


def texts(reply: Any) -> list[str]:
    return [reason["text"] for each in reply["items"] for reason in each["reasons"]]


@pytest.mark.parametrize("surface", ["bought-together", "similar", "for-you", "cart"])
def test_a_list_from_items_needs_nobody_and_goes_with_them(browser: httpx.Client, surface: str) -> None:
    reply = asked(browser, surface, items=TOOLS)
    assert (reply["served_by"], reply["personalised"]) == ("model", False)
    assert not set(ids(reply)) & set(TOOLS)
    assert sum(each.startswith("tools") for each in ids(reply)) >= 4


def test_a_cart_is_completed_from_what_its_owner_put_into_it(browser_shop: Shop) -> None:
    customer = f"cart-{uuid4()}"
    assert browser_shop.recommend("cart", customer)["note"] == "There is nothing in the cart."
    browser_shop.track("Product Added", customer, "pets-7")
    reply = browser_shop.recommend("cart", customer)
    assert reply["personalised"]
    assert "pets-7" not in ids(reply)
    assert "Goes with Pets item 7" in texts(reply)


def test_the_reasons_are_in_the_shops_language(browser: httpx.Client) -> None:
    german = asked(browser, "similar", item_id="dairy-2", language="de-AT")
    assert "Passt zu Dairy item 2" in texts(german)
    assert "Goes with Dairy item 2" in texts(asked(browser, "similar", item_id="dairy-2", language="fr"))


def test_what_came_last_is_new_and_an_article_is_content(server: httpx.Client, browser: httpx.Client) -> None:
    new = [
        {"item_id": f"guide-{uuid4()}", "title": f"Guide {n}", "kind": "content", "category": "guides"}
        for n in range(2)
    ]
    guides = {each["item_id"] for each in new}
    try:
        assert server.put("/v1/items", json={"items": new}).status_code == 200
        assert eventually(lambda: guides <= set(ids(asked(browser, "new"))), 60)
        assert eventually(lambda: guides <= set(ids(asked(browser, "next-article"))), 60)
        assert {each["item"]["kind"] for each in asked(browser, "next-article")["items"]} == {"content"}
    finally:
        server.post("/v1/items/delete", json={"item_ids": sorted(guides)})


def test_a_reranking_keeps_to_its_candidates_and_puts_the_best_first(browser: httpx.Client) -> None:
    candidates = ["bakery-9", "garden-9", "tools-9", "toys-9"]
    reply = asked(browser, "for-you", items=TOOLS, candidates=candidates)
    assert set(ids(reply)) == set(candidates)
    assert ids(reply)[0] == "tools-9"


def test_several_lists_repeat_nothing(server: httpx.Client) -> None:
    lists = [{"surface": surface, "limit": 8} for surface in ("for-you", "buy-again", "trending", "popular", "new")]
    reply = server.post("/v1/recommendations/lists", json={"lists": lists, "customer_id": "c4"})
    assert reply.status_code == 200, reply.text
    shown = [item for each in reply.json()["lists"] for item in ids(each)]
    assert len(shown) >= 30
    assert len(shown) == len(set(shown))
    own = ids(reply.json()["lists"][0])
    assert sum(each.startswith(department_of(4)) for each in own) > len(own) / 2


def test_a_filter_holds_and_a_wrong_one_says_where(browser: httpx.Client) -> None:
    reply = asked(browser, "similar", item_id="pets-3", filter='category = "toys" and price <= 20', fields=["price"])
    assert len(ids(reply)) == 5
    for each in reply["items"]:
        assert each["item"]["item_id"].startswith("toys")
        assert float(each["item"]["price"]["amount"]) <= 20
        assert "category" not in each["item"]
    wrong = {"surface": "trending", "filter": 'category = "toys" and prize <= 20'}
    problem = browser.post("/v1/recommendations", json=wrong)
    assert (problem.status_code, problem.headers["content-type"]) == (400, "application/problem+json")
    (error,) = problem.json()["errors"]
    assert error["field"] == "filter"
    assert "at character 23: a field is expected, not prize" in error["message"]


def test_a_rule_is_previewed_changes_lists_and_says_so(server: httpx.Client, browser: httpx.Client) -> None:
    body = {
        "name": "Bakery week",
        "effect": {"kind": "pin", "item_ids": ["bakery-33"], "position": 2},
        "surfaces": ["bought-together"],
    }
    rule = f"/v1/rules/pin-{uuid4()}"
    ask: dict[str, Any] = {"item_id": "pets-3", "limit": 3}
    before = ids(asked(browser, "bought-together", **ask))
    lists = [{"surface": surface, **ask} for surface in ("bought-together", "similar")]
    preview = server.post("/v1/rules/preview", json={"rule": body | {"rule_id": "p"}, "lists": lists}).json()
    assert preview["changed"] == 1
    assert preview["lists"][0]["entered"] == ["bakery-33"]
    assert ids(asked(browser, "bought-together", **ask)) == before, "a preview changes nothing"
    assert server.put(rule, json=body).json()["version"] == 1
    try:
        assert eventually(lambda: ids(asked(browser, "bought-together", **ask))[1] == "bakery-33")
        assert "Bakery week" in texts(asked(browser, "bought-together", **ask))
        assert "bakery-33" not in ids(asked(browser, "similar", **ask))
    finally:
        assert server.delete(rule).status_code == 200
    assert server.get(rule).status_code == 404
    kept = server.get("/v1/rules").json()["rules"]
    assert rule.removeprefix("/v1/rules/") not in [each["rule_id"] for each in kept]


def test_rules_and_readiness_are_the_owners(browser: httpx.Client) -> None:
    rule = {"name": "x", "effect": {"kind": "pin", "item_ids": ["bakery-1"]}}
    for reply in (
        browser.get("/v1/readiness"),
        browser.get("/v1/rules"),
        browser.put("/v1/rules/x", json=rule),
        browser.post("/v1/rules/preview", json={"rule": rule | {"rule_id": "x"}, "lists": [{"surface": "trending"}]}),
    ):
        assert (reply.status_code, reply.headers["content-type"]) == (403, "application/problem+json")


def test_readiness_tells_what_serves_each_surface_and_from_what(server: httpx.Client) -> None:
    told = server.get("/v1/readiness").json()
    assert told["items"] >= 240
    assert told["model"]["customers"] >= 240
    serves = {each["surface"]: each["serves"] for each in told["surfaces"]}
    assert len(serves) == 9
    assert (serves["similar"], serves["new"]) == ("model", "live")
    assert not any(each["missing"] for each in told["surfaces"] if each["serves"] == "model")

"""The catalogue through its handler: bulk puts that lose nothing, listings that end, and ids of all kinds."""

from typing import Any
from urllib.parse import quote

import pytest

from infra import openapi
from shared.stores import clients
from tests.functions.api import Api
from tests.gateway import Response
from tests.shared.stores.faults import refusing

ODD = ["a/b", "ü", "a b", "%", "%2F", "💡", "get", "..", " ", 'a"b', "a#b", "\t", "a+b", "ITEM#a", "x" * 256]


def thing(item_id: str, **fields: Any) -> dict[str, Any]:
    return {"item_id": item_id, "title": f"Thing {item_id}"} | fields


def put(api: Api, *items: Any) -> Response:
    return api.server.put("/v1/items", {"items": list(items)})


def listed(api: Api, limit: int = 500) -> list[str]:
    """The ids on all pages."""
    found: list[str] = []
    query = f"?limit={limit}"
    while True:
        page = api.server.get(f"/v1/items{query}").json()
        found += [item["item_id"] for item in page["items"]]
        if not page["next_cursor"]:
            return found
        query = f"?limit={limit}&cursor={quote(page['next_cursor'])}"


def test_items_are_put_got_listed_and_deleted(api: Api) -> None:
    lamp = thing("lamp", price={"amount": "9.90", "currency": "USD"}, stock=3, attributes={"colour": "red"})
    reply = put(api, lamp, thing("vase"))
    assert (reply.status, reply.json()) == (200, {"accepted": 2, "rejected": []})
    assert api.server.get("/v1/items/lamp").json() | lamp == api.server.get("/v1/items/lamp").json()
    assert sorted(listed(api)) == ["lamp", "vase"]
    assert api.server.post("/v1/items/delete", {"item_ids": ["lamp", "lamp", "rug"]}).json() == {"deleted": 2}
    assert api.server.get("/v1/items/lamp").status == 404
    assert listed(api) == ["vase"]


def test_a_put_is_safe_to_repeat_and_the_last_of_a_batch_wins(api: Api) -> None:
    for _ in range(2):
        put(api, thing("lamp", title="Old"), thing("lamp", title="New"))
    assert listed(api) == ["lamp"]
    assert api.server.get("/v1/items/lamp").json()["title"] == "New"


def test_what_is_got_may_be_put_again(api: Api) -> None:
    put(api, thing("lamp", price={"amount": "9.90", "currency": "USD"}), thing("vase", stock=0))
    before = api.server.get("/v1/items").json()["items"]
    assert put(api, *before).json() == {"accepted": 2, "rejected": []}
    assert api.server.get("/v1/items").json()["items"] == before


def test_a_bad_item_is_named_and_costs_the_good_ones_nothing(api: Api) -> None:
    bad = thing("bad", price={"amount": 9.9, "currency": "USD"})
    reply = put(api, thing("good"), bad, "text", thing("better"), {"title": "No id"}, None)
    report = reply.json()
    assert (reply.status, report["accepted"]) == (207, 2)
    assert [(each["index"], each["item_id"], each["field"]) for each in report["rejected"]] == [
        (1, "bad", "price.amount"),
        (2, None, ""),
        (4, None, "item_id"),
        (5, None, ""),
    ]
    assert sorted(listed(api)) == ["better", "good"]


def test_a_batch_without_a_good_item_is_a_problem_with_the_report_in_it(api: Api) -> None:
    reply = put(api, thing(""), thing("x", stock=-1))
    problem = reply.json()
    assert (reply.status, reply.headers["content-type"]) == (400, "application/problem+json")
    assert [each["field"] for each in problem["errors"]] == ["items.0.item_id", "items.1.stock"]
    assert [each["index"] for each in problem["rejected"]] == [0, 1]


@pytest.mark.parametrize("items", [[], [{}] * 1_001, {}, None, "lamp"])
def test_a_batch_is_a_list_of_1_to_1000_items(api: Api, items: Any) -> None:
    reply = api.server.put("/v1/items", {"items": items})
    assert (reply.status, reply.json()["errors"][0]["field"]) == (400, "items")


def test_a_body_over_a_megabyte_is_not_read(api: Api) -> None:
    assert api.server.put("/v1/items", "x" * 1_000_001).status == 413


@pytest.mark.parametrize("item_id", ODD)
def test_an_id_may_be_any_text(api: Api, item_id: str) -> None:
    assert put(api, thing(item_id), thing("a")).status == 200
    assert api.server.get(f"/v1/items/{quote(item_id, safe='')}").json()["item_id"] == item_id
    assert sorted(listed(api)) == sorted({item_id, "a"})
    got = api.server.post("/v1/items/get", {"item_ids": [item_id, "missing"]}).json()
    assert ([item["item_id"] for item in got["items"]], got["missing"]) == ([item_id], ["missing"])
    assert api.server.post("/v1/items/delete", {"item_ids": [item_id]}).status == 200
    assert listed(api) == ["a"]


def test_many_items_are_got_in_the_order_asked_each_once(api: Api) -> None:
    ids = [f"item-{n:03d}" for n in range(130)]
    put(api, *map(thing, ids))
    wanted = ids[::-1] + ids[:3]
    found = api.server.post("/v1/items/get", {"item_ids": wanted}).json()
    assert [item["item_id"] for item in found["items"]] == ids[::-1]
    assert found["missing"] == []
    assert listed(api, limit=7) == listed(api)
    assert sorted(listed(api)) == ids


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=many", "cursor=x", "cursor=" + "x" * 1_025])
def test_a_bad_page_is_a_problem_that_names_the_field(api: Api, query: str) -> None:
    reply = api.server.get(f"/v1/items?{query}")
    assert (reply.status, reply.headers["content-type"]) == (400, "application/problem+json")
    assert query.split("=", maxsplit=1)[0] in reply.json()["errors"][0]["field"]


@pytest.mark.parametrize("ids", [[], ["x"] * 1_001, [""], [7], ["x" * 257], "x", None])
@pytest.mark.parametrize("what", ["get", "delete"])
def test_bad_ids_are_a_problem(api: Api, what: str, ids: Any) -> None:
    reply = api.server.post(f"/v1/items/{what}", {"item_ids": ids})
    assert reply.status == 400
    assert reply.json()["errors"][0]["field"].startswith("item_ids")


@pytest.mark.parametrize("operation", ["PutItem", "TransactWriteItems"])
def test_a_refused_write_is_our_failure_and_nothing_is_acknowledged(api: Api, operation: str) -> None:
    price = {"amount": "9.90", "currency": "USD"}
    with refusing(clients.dynamodb(), operation):
        reply = put(api, thing("lamp"), thing("vase", price=price), thing("rug"), thing(""))
        assert (reply.status, reply.headers["retry-after"]) == (503, "2")
        assert "accepted" not in reply.json()
    assert "vase" in listed(api) or operation == "TransactWriteItems"
    again = put(api, thing("lamp"), thing("vase", price=price), thing("rug"))
    assert again.json() == {"accepted": 3, "rejected": []}
    assert sorted(listed(api)) == ["lamp", "rug", "vase"]


def test_the_description_is_served_to_everybody(api: Api) -> None:
    reply = api.caller(None).get("/v1/openapi.json")
    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
    assert reply.text == openapi.PATH.read_text()


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("path", ["/", "/v1", "/v2/items", "/v1/items/lamp/price", "/v1/openapi.json/"])
def test_what_has_no_route_is_a_404_problem_for_everybody(api: Api, method: str, path: str) -> None:
    for caller in (api.caller(None), api.server):
        reply = caller.call(method, path)
        assert (reply.status, reply.headers["content-type"]) == (404, "application/problem+json")
        assert f"{method} {path}" in reply.json()["detail"]


def test_more_than_a_reply_can_hold_is_refused(api: Api) -> None:
    ids = [f"item-{n}" for n in range(80)]
    for some in (ids[:40], ids[40:]):
        assert put(api, *(thing(item_id, text="x" * 20_000) for item_id in some)).status == 200
    reply = api.server.post("/v1/items/get", {"item_ids": ids})
    assert (reply.status, reply.json()["errors"][0]["field"]) == (400, "item_ids")
    assert api.server.post("/v1/items/get", {"item_ids": ids[:40]}).status == 200


def test_an_item_too_large_to_be_kept_is_named_with_its_largest_field(api: Api) -> None:
    reply = put(api, thing("large", text="ü" * 20_000), thing("lamp"))
    (rejected,) = reply.json()["rejected"]
    assert (reply.status, rejected["item_id"], rejected["field"]) == (207, "large", "text")

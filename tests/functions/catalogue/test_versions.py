"""One item: put, patched and deleted, by whoever has read its latest version."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.catalogue.edits import merged
from shared.stores.ledger import LedgerStore
from shared.stores.table import Table
from tests.functions.api import Api
from tests.gateway import Response

LAMP = "/v1/items/lamp"
PRICE = {"amount": "9.90", "currency": "EUR"}


def call(api: Api, method: str, body: Any = None, if_match: str | None = None, url: str = LAMP) -> Response:
    headers = {} if if_match is None else {"if-match": if_match}
    return api.server.call(method, url, body, headers=headers)


def change(api: Api, how: str, *records: Any) -> Response:
    if how == "put":
        return api.server.put("/v1/items", {"items": list(records)})
    return api.server.post("/v1/items/patch", {"items": list(records)})


def lamp(api: Api) -> Any:
    """What is set of the item, and its version."""
    item = api.server.get(LAMP).json()
    return {
        name: value for name, value in item.items() if value not in (None, [], {}) and name not in ("item_id", "kind")
    }


def ledger(table: Table, item_id: str = "lamp") -> list[str]:
    return [str(entry.amount) for entry in LedgerStore(table).read(item_id)]


def test_an_item_is_put_patched_and_deleted_by_its_path(api: Api, table: Table) -> None:
    made = call(api, "PUT", {"title": "Lamp", "price": PRICE, "attributes": {"colour": "red", "size": "m"}})
    assert (made.status, made.headers["etag"], made.json()["version"]) == (200, '"1"', 1)
    changed = call(api, "PATCH", {"price": {"amount": "8.90"}, "attributes": {"size": None}, "stock": 3})
    assert (changed.status, changed.headers["etag"]) == (200, '"2"')
    assert changed.json() == api.server.get(LAMP).json()
    assert lamp(api) == {
        "title": "Lamp",
        "price": {"amount": "8.90", "currency": "EUR"},
        "attributes": {"colour": "red"},
        "stock": 3,
        "version": 2,
    }
    assert call(api, "DELETE").json() == {"deleted": 1}
    assert api.server.get(LAMP).status == 404
    assert ledger(table) == ["9.90", "8.90", "None"]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_the_same_again_changes_nothing(api: Api, table: Table, method: str) -> None:
    call(api, "PUT", {"title": "Lamp"})
    replies = [call(api, method, {"title": "Lamp", "price": PRICE}) for _ in range(3)]
    assert [reply.headers["etag"] for reply in replies] == ['"2"'] * 3
    assert ledger(table) == ["9.90"]


def test_the_same_batch_again_changes_nothing(api: Api, table: Table) -> None:
    records = [{"item_id": f"item-{n}", "title": "Thing", "price": PRICE} for n in range(60)]
    for how in ("put", "put", "patch"):
        assert change(api, how, *records).json() == {"accepted": 60, "rejected": []}
    items = api.server.get("/v1/items").json()["items"]
    assert {item["version"] for item in items} == {1}
    assert {len(ledger(table, item["item_id"])) for item in items} == {1}


@pytest.mark.parametrize(("method", "body"), [("PUT", {"title": "New"}), ("PATCH", {"title": "New"}), ("DELETE", None)])
@pytest.mark.parametrize("if_match", ['"1"', '"3"', "0"])
def test_another_version_than_the_one_asked_for_is_a_conflict(api: Api, method: str, body: Any, if_match: str) -> None:
    for title in ("Old", "Lamp"):
        call(api, "PUT", {"title": title})
    reply = call(api, method, body, if_match)
    assert (reply.status, reply.headers["content-type"]) == (409, "application/problem+json")
    assert lamp(api) == {"title": "Lamp", "version": 2}
    assert call(api, method, body, 'W/"2"').status == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_version_may_stand_in_the_body_too(api: Api, method: str) -> None:
    call(api, "PUT", {"title": "Lamp"})
    assert call(api, method, {"title": "New", "version": 2}).status == 409
    assert call(api, method, {"title": "New", "version": 1}).json()["version"] == 2


def test_a_repeated_call_whose_reply_was_lost_is_no_conflict(api: Api) -> None:
    call(api, "PUT", {"title": "Lamp"})
    for _ in range(2):
        assert call(api, "PATCH", {"title": "New"}, '"1"').json()["version"] == 2


def test_version_0_is_for_an_item_that_must_be_new(api: Api) -> None:
    assert call(api, "PUT", {"title": "Lamp"}, '"0"').status == 200
    assert call(api, "PUT", {"title": "New"}, '"0"').status == 409
    assert call(api, "DELETE", None, '"1"').status == 200
    assert call(api, "PUT", {"title": "New"}, '"0"').json()["version"] == 3


@pytest.mark.parametrize("if_match", ["*", '"x"', "", '"1", "2"', '"-1"', "1" * 19])
def test_a_header_that_names_no_version_is_named(api: Api, if_match: str) -> None:
    reply = call(api, "PUT", {"title": "Lamp"}, if_match)
    assert (reply.status, reply.json()["errors"][0]["field"]) == (400, "If-Match")


@pytest.mark.parametrize("how", ["put", "patch"])
def test_of_a_batch_those_with_another_version_are_rejected(api: Api, how: str) -> None:
    change(api, "put", *({"item_id": each, "title": "Old"} for each in ("lamp", "vase", "rug")))
    reply = change(
        api,
        how,
        {"item_id": "lamp", "title": "New", "version": 1},
        {"item_id": "vase", "title": "New", "version": 7},
        {"item_id": "rug", "title": "New"},
        {"item_id": "lamp", "title": "Newer", "version": 1},
        {"item_id": "lamp", "title": "Newest", "version": 2},
    )
    assert (reply.status, reply.json()["accepted"]) == (207, 3)
    assert [(each["index"], each["item_id"], each["field"]) for each in reply.json()["rejected"]] == [
        (1, "vase", "version"),
        (3, "lamp", "version"),
    ]
    titles = {item["item_id"]: item["title"] for item in api.server.get("/v1/items").json()["items"]}
    assert titles == {"lamp": "Newest", "vase": "Old", "rug": "New"}


def test_bad_patches_are_named_and_cost_the_good_ones_nothing(api: Api) -> None:
    change(api, "put", {"item_id": "lamp", "title": "Lamp", "price": PRICE}, {"item_id": "vase", "title": "Vase"})
    reply = change(
        api,
        "patch",
        {"item_id": "lamp", "stock": 4},
        {"item_id": "gone", "stock": 4},
        {"item_id": "vase", "title": None},
        {"item_id": "vase", "price": {"amount": "1.00"}},
        {"stock": 4},
        "vase",
        {"item_id": "vase", "version": "one"},
        {"item_id": "vase", "text": "ü" * 20_000},
    )
    assert (reply.status, reply.json()["accepted"]) == (207, 1)
    assert [(each["index"], each["field"]) for each in reply.json()["rejected"]] == [
        (1, "item_id"),
        (2, "title"),
        (3, "price.currency"),
        (4, "item_id"),
        (5, ""),
        (6, "version"),
        (7, "text"),
    ]
    assert lamp(api)["stock"] == 4


def test_patches_of_one_item_in_one_batch_follow_each_other(api: Api, table: Table) -> None:
    change(api, "put", {"item_id": "lamp", "title": "Lamp", "price": PRICE})
    patches = [{"item_id": "lamp", "stock": 4}, {"item_id": "lamp", "price": None}, {"item_id": "lamp", "stock": 5}]
    assert change(api, "patch", *patches).json() == {"accepted": 3, "rejected": []}
    assert lamp(api) == {"title": "Lamp", "stock": 5, "version": 2}
    assert ledger(table) == ["9.90", "None"]


@pytest.mark.parametrize(
    ("method", "body", "status", "field"),
    [
        ("PUT", {}, 400, "title"),
        ("PUT", {"title": "Lamp", "item_id": "vase"}, 400, "item_id"),
        ("PUT", {"title": "Lamp", "stock": -1, "kind": "x"}, 400, "kind"),
        ("PATCH", {"item_id": "vase"}, 400, "item_id"),
        ("PATCH", {"stock": -1}, 400, "stock"),
        ("PATCH", {"version": "x"}, 400, "version"),
    ],
)
def test_a_bad_single_record_is_a_problem_that_names_the_field(
    api: Api, method: str, body: Any, status: int, field: str
) -> None:
    call(api, "PUT", {"title": "Lamp"})
    reply = call(api, method, body)
    assert (reply.status, reply.json()["errors"][0]["field"]) == (status, field)
    assert lamp(api) == {"title": "Lamp", "version": 1}


def test_what_is_not_there_is_not_patched_and_is_deleted_without_an_error(api: Api) -> None:
    assert call(api, "PATCH", {"title": "Lamp"}).status == 404
    assert call(api, "DELETE").status == 200
    assert call(api, "DELETE", None, '"1"').status == 409


def test_a_patch_nested_too_deep_is_a_bad_patch(api: Api) -> None:
    call(api, "PUT", {"title": "Lamp"})
    deep = '{"a":' * 5_000 + "1" + "}" * 5_000
    for method, url in (("PATCH", LAMP), ("POST", "/v1/items/patch")):
        body = deep if method == "PATCH" else '{"items":[{"item_id":"lamp","x":' + deep + "}]}"
        assert api.server.call(method, url, body).status == 400


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merging_is_as_in_appendix_a_of_rfc_7396(target: Any, patch: Any, result: Any) -> None:
    assert merged(target, patch) == result


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


@given(target=values, patch=values)
def test_merging_twice_is_merging_once(target: Any, patch: Any) -> None:
    assert merged(merged(target, patch), patch) == merged(target, patch)

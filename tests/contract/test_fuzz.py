"""Anything at all, sent to every operation of the description: never a 500, and every reply as described."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_schema_validator import OAS31Validator

from infra import openapi
from tests.conftest import Keys
from tests.functions.api import Api
from tests.gateway import Response

DOCUMENT: dict[str, Any] = json.loads(openapi.PATH.read_text())
OPERATIONS = [(method.upper(), path) for path, methods in sorted(DOCUMENT["paths"].items()) for method in methods]

text = st.text(st.characters(codec="utf-8"), max_size=20)
ids = text | st.sampled_from(["lamp", "ann", "a/b", "%", "💡", "x" * 257, ""])
numbers = st.integers(-5, 600) | st.integers() | st.floats()
values = st.recursive(
    st.none() | st.booleans() | numbers | text | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)


def shaped(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values as the schema asks for them, each now and then replaced by anything."""
    return st.one_of(_like(schema), _like(schema), _like(schema), values)


def _like(schema: dict[str, Any]) -> st.SearchStrategy[Any]:  # noqa: PLR0911 - a line for each kind of schema
    match schema:
        case {"$ref": reference}:
            return shaped(DOCUMENT["components"]["schemas"][reference.rpartition("/")[2]])
        case {"anyOf": options}:
            return st.one_of(*map(shaped, options))
        case {"enum": options}:
            return st.sampled_from(options)
        case {"const": constant}:
            return st.just(constant)
        case {"type": "object", "properties": properties}:
            required = {name: shaped(each) for name, each in properties.items() if name in schema.get("required", [])}
            rest = {name: shaped(each) for name, each in properties.items() if name not in required}
            return st.fixed_dictionaries(required, optional=rest)
        case {"type": "array", "items": items}:
            return st.lists(shaped(items), max_size=3)
        case {"type": "string"}:
            return ids
        case {"type": "integer" | "number"}:
            return numbers
    return records


# What the description leaves open (`{}`): the records of a batch and the items of a put, each checked by itself.
money = st.fixed_dictionaries(
    {"amount": st.sampled_from(["1.50", "1e3", "-0", "1e400", "NaN"]) | values, "currency": ids}
)
records = st.fixed_dictionaries(
    {},
    optional={
        "event": st.sampled_from(["Product Viewed", "Order Completed", "Article Read"]) | values,
        "userId": ids | values,
        "anonymousId": ids | values,
        "messageId": ids | values,
        "timestamp": st.sampled_from(["2026-01-01T00:00:00Z", "0001-01-01T00:00:00+23:00", "x"]) | values,
        "properties": st.fixed_dictionaries({"product_id": ids | values}) | values,
        "item_id": ids | values,
        "title": text | values,
        "price": money | values,
        "stock": numbers | values,
        "attributes": st.dictionaries(text, text, max_size=2) | values,
    },
)


def call(api: Api, data: st.DataObject, method: str, path: str) -> Response:
    """One call of the operation, made up from its description."""
    operation = DOCUMENT["paths"][path][method.lower()]
    query = []
    for parameter in operation.get("parameters", []):
        value = str(data.draw(shaped(parameter["schema"]), parameter["name"])).encode(errors="replace")
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", quote(value, safe="") or "x")
        elif data.draw(st.booleans(), "sent"):
            query.append(f"{parameter['name']}={quote(value, safe='')}")
    body = None
    if "requestBody" in operation:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        wire = json.dumps(data.draw(shaped(schema), "body"))
        cut = data.draw(st.just(len(wire)) | st.integers(0, len(wire)), "cut")
        body = wire[:cut]
    url = path + ("?" + "&".join(query) if query else "")
    return api.server.call(method, url, body)


def assert_as_described(reply: Response, method: str, path: str) -> None:
    described = DOCUMENT["paths"][path][method.lower()]["responses"]
    assert reply.status < 500, reply.text
    kind = "application/problem+json" if reply.status >= 400 else "application/json"
    assert reply.headers["content-type"] == kind
    assert str(reply.status) in described, f"{reply.status} is not described"
    schema = described[str(reply.status)].get("content", {}).get(kind, {}).get("schema", {})
    validator = OAS31Validator(schema | {"components": DOCUMENT["components"]})
    assert [error.message for error in validator.iter_errors(reply.json())] == []


@pytest.fixture
def api(keys: Keys) -> Api:
    return Api(keys)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
@given(data=st.data())
def test_every_reply_is_as_described(api: Api, method: str, path: str, data: st.DataObject) -> None:
    assert_as_described(call(api, data, method, path), method, path)


@pytest.mark.parametrize(("method", "path"), [each for each in OPERATIONS if each[0] not in ("GET", "DELETE")])
@pytest.mark.parametrize("body", ["", "{", "[]", "null", "NaN", '"x"', "1" * 5_000, "[" * 15_000, b"\xff\xfe", "\x00"])
def test_a_body_that_is_no_object_is_a_400(api: Api, method: str, path: str, body: str | bytes) -> None:
    reply = api.server.call(method, path, body)
    assert reply.status == (401 if path in openapi.SIGNED else 400)
    assert_as_described(reply, method, path)


def test_good_calls_are_as_described(api: Api) -> None:
    item = {"item_id": "lamp", "title": "Lamp", "price": {"amount": "9.90", "currency": "USD"}}
    event = {"event": "Product Viewed", "userId": "ann", "messageId": "m1", "properties": {"product_id": "lamp"}}
    good: list[tuple[str, str, Any, int]] = [
        ("PUT", "/v1/items", {"items": [item]}, 200),
        ("PUT", "/v1/items", {"items": [item, {}]}, 207),
        ("GET", "/v1/items", None, 200),
        ("POST", "/v1/items/patch", {"items": [item | {"stock": 3}]}, 200),
        ("POST", "/v1/items/patch", {"items": [item, {}, {"item_id": "rug"}]}, 207),
        ("POST", "/v1/items/get", {"item_ids": ["lamp", "vase"]}, 200),
        ("POST", "/v1/batch", {"batch": [event]}, 200),
        ("POST", "/v1/batch", {"batch": [event, {}]}, 207),
        ("POST", "/v1/track", event, 200),
        ("POST", "/v1/i", {"userId": "ann", "traits": {"email": "ann@example.com"}}, 200),
        ("POST", "/v1/m", {"series": []}, 200),
        ("POST", "/v1/events", {"events": [{"event": "Article Read", "customer_id": "ann"}]}, 200),
        ("POST", "/v1/events", {"events": [{"event": "Article Read", "customer_id": "ann"}, 7]}, 207),
        ("POST", "/v1/recommendations", {"surface": "for-you", "customer_id": "ann"}, 200),
        ("POST", "/v1/items/delete", {"item_ids": ["vase"]}, 200),
    ]
    for method, path, body, status in good:
        reply = api.server.call(method, path, body)
        assert reply.status == status, reply.text
        assert_as_described(reply, method, path)
    for method, url, path, body in (
        ("GET", "/v1/items/lamp", "/v1/items/{item_id}", None),
        ("PUT", "/v1/items/lamp", "/v1/items/{item_id}", item | {"cost": item["price"], "tags": ["a"]}),
        ("PATCH", "/v1/items/lamp", "/v1/items/{item_id}", {"available_from": "2026-05-01T12:00:00Z"}),
        ("DELETE", "/v1/items/lamp", "/v1/items/{item_id}", None),
        ("GET", "/v1/customers/ann/events", "/v1/customers/{customer_id}/events", None),
    ):
        reply = api.server.call(method, url, body)
        assert reply.status == 200
        assert_as_described(reply, method, path)


def test_a_conflict_is_as_described(api: Api) -> None:
    reply = api.server.call("PUT", "/v1/items/lamp", {"title": "Lamp"}, headers={"if-match": '"7"'})
    assert reply.status == 409
    assert_as_described(reply, "PUT", "/v1/items/{item_id}")

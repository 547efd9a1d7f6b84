"""Calls whose replies are known, good and bad: each as described. Made-up ones are in `test_schemathesis`."""

import json
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator

from infra import openapi
from shared.stores.table import Table
from tests.conftest import Keys
from tests.functions.api import Api
from tests.functions.prices.ledgers import priced
from tests.functions.prices.test_suggestions import NEAR, made, suggest
from tests.gateway import Response

DOCUMENT: dict[str, Any] = json.loads(openapi.PATH.read_text())
OPERATIONS = [(method.upper(), path) for path, methods in sorted(DOCUMENT["paths"].items()) for method in methods]


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


@pytest.mark.parametrize(("method", "path"), [each for each in OPERATIONS if each[0] not in ("GET", "DELETE")])
@pytest.mark.parametrize("body", ["", "{", "[]", "null", "NaN", '"x"', "1" * 5_000, "[" * 15_000, b"\xff\xfe", "\x00"])
def test_a_body_that_is_no_object_is_a_400(api: Api, method: str, path: str, body: str | bytes) -> None:
    reply = api.server.call(method, path, body)
    assert reply.status == (401 if path in openapi.SIGNED else 400)
    assert_as_described(reply, method, path)


def test_good_calls_are_as_described(api: Api) -> None:
    item = {"item_id": "lamp", "title": "Lamp", "price": {"amount": "9.90", "currency": "USD"}}
    event = {"event": "Product Viewed", "userId": "ann", "messageId": "m1", "properties": {"product_id": "lamp"}}
    rule = {"name": "Lamps", "effect": {"kind": "boost", "factor": 2}, "filter": "margin > 1"}
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
        ("POST", "/v1/recommendations", {"surface": "trending", "fields": ["price"], "filter": "stock > 1"}, 200),
        ("POST", "/v1/recommendations/lists", {"lists": [{"surface": "new", "language": "de"}]}, 400),
        ("POST", "/v1/recommendations/lists", {"lists": [{"surface": "new"}], "language": "de"}, 200),
        ("POST", "/v1/rules/preview", {"rule": rule | {"rule_id": "r"}, "lists": [{"surface": "trending"}]}, 200),
        ("GET", "/v1/rules", None, 200),
        ("GET", "/v1/readiness", None, 200),
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
        ("PUT", "/v1/rules/r", "/v1/rules/{rule_id}", rule),
        ("GET", "/v1/rules/r", "/v1/rules/{rule_id}", None),
        ("PUT", "/v1/rules/r", "/v1/rules/{rule_id}", rule),
        ("GET", "/v1/rules/r/versions", "/v1/rules/{rule_id}/versions", None),
        ("DELETE", "/v1/rules/r", "/v1/rules/{rule_id}", None),
        ("GET", "/v1/customers/ann/events", "/v1/customers/{customer_id}/events", None),
    ):
        reply = api.server.call(method, url, body)
        assert reply.status == 200
        assert_as_described(reply, method, path)


def test_a_conflict_is_as_described(api: Api) -> None:
    reply = api.server.call("PUT", "/v1/items/lamp", {"title": "Lamp"}, headers={"if-match": '"7"'})
    assert reply.status == 409
    assert_as_described(reply, "PUT", "/v1/items/{item_id}")


def test_prices_are_as_described(api: Api, table: Table) -> None:
    priced(table, (60, "10.00"), (8, "9.00"))
    suggest(table, made(current="9.00", suggested="9.20", curve=({"price": "9.20", "units": NEAR, "profit": None},)))
    limits = {"minimum_margin": "0.1", "clearance": {"until": "2026-12-24"}, "endings": [".20", ".99"]}
    rival = {"item_id": "lamp", "competitor": "B", "price": {"amount": "9.50", "currency": "EUR"}}
    for method, url, path, body, status in (
        ("PUT", "/v1/prices/limits/all", "/v1/prices/limits/{scope}", limits, 200),
        ("GET", "/v1/prices/limits/item:lamp?holding=true", "/v1/prices/limits/{scope}", None, 200),
        ("GET", "/v1/prices/limits", "", None, 200),
        ("PUT", "/v1/competitor-prices", "", {"prices": [rival]}, 200),
        ("PUT", "/v1/competitor-prices", "", {"prices": [rival, {}]}, 207),
        ("GET", "/v1/competitor-prices/lamp", "/v1/competitor-prices/{item_id}", None, 200),
        ("GET", "/v1/prices/lamp", "/v1/prices/{item_id}", None, 200),
        ("GET", "/v1/prices/lamp/history", "/v1/prices/{item_id}/history", None, 200),
        ("POST", "/v1/prices/lamp/claims", "/v1/prices/{item_id}/claims", {"percent": "10"}, 200),
        ("POST", "/v1/prices/lamp/claims", "/v1/prices/{item_id}/claims", {"percent": "11"}, 422),
        ("GET", "/v1/prices/suggestions", "", None, 200),
        ("POST", "/v1/prices/suggestions/lamp/snooze", "/v1/prices/suggestions/{item_id}/snooze", {}, 200),
        ("POST", "/v1/prices/suggestions/lamp/approve", "/v1/prices/suggestions/{item_id}/approve", {}, 200),
        ("POST", "/v1/prices/suggestions/lamp/reject", "/v1/prices/suggestions/{item_id}/reject", {}, 409),
        ("DELETE", "/v1/prices/limits/all", "/v1/prices/limits/{scope}", None, 200),
    ):
        reply = api.server.call(method, url, body)
        assert reply.status == status, reply.text
        assert_as_described(reply, method, path or url)

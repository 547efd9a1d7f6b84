"""Every route x every kind of key -> the status. A route that is new in the API's description must be entered here."""

import json
from typing import Any

import pytest

from functions.ingest.segment import SHORT
from infra import openapi
from shared.domain.keys import KeyKind, new_key
from tests.functions.api import Api

DOCUMENT = json.loads(openapi.PATH.read_text())
CALL = {"event": "Article Read", "userId": "ann", "groupId": "club", "previousId": "phone", "messageId": "m1"}
EVENT = {"event": "Article Read", "userId": "ann", "messageId": "m1"}
PIN = {"kind": "pin", "item_ids": ["lamp"]}
OFFER = {"name": "Ten", "text": "10% off", "discount": {"kind": "percent", "percent": "10"}}
EXPERIMENT = {"category": "light", "arms": ["-2", "0", "2"], "start": "2099-01-05", "end": "2099-01-26"}
BODIES: dict[str, Any] = {
    "PUT /v1/items": {"items": [{"item_id": "lamp", "title": "Lamp"}]},
    "POST /v1/items/patch": {"items": [{"item_id": "lamp", "title": "New"}]},
    "PUT /v1/items/{item_id}": {"title": "Lamp"},
    "PATCH /v1/items/{item_id}": {"title": "New"},
    "POST /v1/items/get": {"item_ids": ["lamp"]},
    "POST /v1/items/delete": {"item_ids": ["lamp"]},
    "POST /v1/batch": {"batch": [EVENT]},
    "POST /v1/b": {"batch": [EVENT]},
    "POST /v1/m": {"series": []},
    "POST /v1/events": {"events": [{"event": "Article Read", "customer_id": "ann", "message_id": "m1"}]},
    **{f"POST /v1/{path}": CALL for kind, short in SHORT.items() for path in (kind, short)},
    "POST /v1/recommendations": {"surface": "trending"},
    "POST /v1/consent": {
        "anonymous_id": "phone",
        "decisions": [{"purpose": "analytics", "granted": False, "version": "1", "source": "banner"}],
    },
    "POST /v1/erasures": {"customer_id": "ann"},
    "POST /v1/exports": {"customer_id": "ann"},
    "POST /v1/recommendations/lists": {"lists": [{"surface": "trending"}]},
    "PUT /v1/rules/{rule_id}": {"name": "Lamp first", "effect": PIN},
    "POST /v1/offers": {"surface": "home", "customer_id": "ann"},
    "PUT /v1/offers/{offer_id}": OFFER,
    "POST /v1/offers/verify": {"code": "NONE", "cart": [{"item_id": "lamp"}]},
    "POST /v1/offers/redeem": {"code": "NONE", "order_id": "o1"},
    "POST /v1/sentiment": {"texts": ["Great lamp."]},
    "POST /v1/feedback": {"feedback": [{"feedback_id": "f", "source": "review", "text": "Great lamp."}]},
    "PUT /v1/feedback/settings": {"trade": "restaurant"},
    "PUT /v1/competitor-prices": {
        "prices": [{"item_id": "lamp", "competitor": "Shop B", "price": {"amount": "9.00", "currency": "EUR"}}]
    },
    "PUT /v1/prices/limits/{scope}": {"autopilot": False},
    "POST /v1/prices/{item_id}/claims": {"percent": "5"},
    "PUT /v1/prices/experiments/{experiment_id}": EXPERIMENT,
    **{f"POST /v1/prices/suggestions/{{item_id}}/{word}": {} for word in ("approve", "reject", "snooze")},
    "POST /v1/quotes": {"lines": [{"item_id": "lamp", "quantity": 2}]},
    "POST /v1/quotes/verify": {"token": "none"},
    "POST /v1/quotes/redeem": {"token": "none", "order_id": "o1"},
    "POST /v1/rules/preview": {
        "rule": {"rule_id": "r", "name": "Lamp first", "effect": PIN},
        "lists": [{"surface": "trending"}],
    },
}
EVERYBODY = {"none": 200, "malformed": 200, "unknown": 200, "publishable": 200, "secret": 200}
BROWSERS = EVERYBODY | {"none": 401, "malformed": 401, "unknown": 401}
SERVERS = BROWSERS | {"publishable": 403}
SIGNED = dict.fromkeys(EVERYBODY, 401)
"""No key opens these: the sender signs."""
MATRIX = {
    "POST /v1/webhooks/shopify": SIGNED,
    "POST /v1/webhooks/woocommerce": SIGNED,
    "GET /v1/openapi.json": EVERYBODY,
    "POST /v1/batch": BROWSERS,
    "POST /v1/b": BROWSERS,
    "POST /v1/m": EVERYBODY,
    "GET /v1/projects/{write_key}/settings": EVERYBODY,
    "POST /v1/events": SERVERS,
    **{f"POST /v1/{path}": BROWSERS for kind, short in SHORT.items() for path in (kind, short)},
    "POST /v1/recommendations": BROWSERS,
    "POST /v1/recommendations/lists": BROWSERS,
    "GET /v1/readiness": SERVERS,
    "GET /v1/rules": SERVERS,
    "GET /v1/rules/{rule_id}": SERVERS | {"secret": 404},
    "GET /v1/rules/{rule_id}/versions": SERVERS | {"secret": 404},
    "PUT /v1/rules/{rule_id}": SERVERS,
    "DELETE /v1/rules/{rule_id}": SERVERS | {"secret": 404},
    "POST /v1/rules/preview": SERVERS,
    "POST /v1/offers": BROWSERS,
    "GET /v1/offers": SERVERS,
    "GET /v1/offers/{offer_id}": SERVERS | {"secret": 404},
    "GET /v1/offers/{offer_id}/results": SERVERS | {"secret": 404},
    "PUT /v1/offers/{offer_id}": SERVERS,
    "DELETE /v1/offers/{offer_id}": SERVERS | {"secret": 404},
    "POST /v1/offers/verify": SERVERS,
    "POST /v1/offers/redeem": SERVERS | {"secret": 404},
    "POST /v1/sentiment": SERVERS,
    "POST /v1/feedback": SERVERS,
    "GET /v1/feedback": SERVERS,
    "GET /v1/feedback/summary": SERVERS,
    "GET /v1/feedback/themes": SERVERS,
    "GET /v1/feedback/issues": SERVERS,
    "GET /v1/feedback/settings": SERVERS,
    "PUT /v1/feedback/settings": SERVERS,
    "DELETE /v1/feedback/{feedback_id}": SERVERS | {"secret": 404},
    "GET /v1/customers/{customer_id}/events": SERVERS,
    "GET /v1/prices/suggestions": SERVERS,
    **{
        f"POST /v1/prices/suggestions/{{item_id}}/{word}": SERVERS | {"secret": 404}
        for word in ("approve", "reject", "snooze")
    },
    "GET /v1/prices/limits": SERVERS,
    "GET /v1/prices/limits/{scope}": SERVERS | {"secret": 404},
    "PUT /v1/prices/limits/{scope}": SERVERS,
    "DELETE /v1/prices/limits/{scope}": SERVERS | {"secret": 404},
    "GET /v1/prices/experiments": SERVERS,
    "GET /v1/prices/experiments/{experiment_id}": SERVERS | {"secret": 404},
    "GET /v1/prices/experiments/{experiment_id}/results": SERVERS | {"secret": 404},
    "PUT /v1/prices/experiments/{experiment_id}": SERVERS,
    "DELETE /v1/prices/experiments/{experiment_id}": SERVERS | {"secret": 404},
    "PUT /v1/competitor-prices": SERVERS | {"secret": 400},
    "GET /v1/competitor-prices/{item_id}": SERVERS,
    "GET /v1/prices/{item_id}": BROWSERS | {"publishable": 404, "secret": 404},
    "GET /v1/prices/{item_id}/history": SERVERS | {"secret": 404},
    "POST /v1/prices/{item_id}/claims": SERVERS | {"secret": 404},
    "GET /v1/customers/{customer_id}/value": SERVERS | {"secret": 404},
    "GET /v1/customers/summary": SERVERS | {"secret": 404},
    "PUT /v1/items": SERVERS,
    "GET /v1/items": SERVERS,
    "GET /v1/items/{item_id}": SERVERS | {"secret": 404},
    "PUT /v1/items/{item_id}": SERVERS,
    "PATCH /v1/items/{item_id}": SERVERS | {"secret": 404},
    "DELETE /v1/items/{item_id}": SERVERS,
    "POST /v1/items/patch": SERVERS | {"secret": 400},
    "POST /v1/items/get": SERVERS,
    "POST /v1/items/delete": SERVERS,
    "POST /v1/quotes": BROWSERS | {"publishable": 400, "secret": 400},
    "POST /v1/quotes/verify": BROWSERS | {"publishable": 400, "secret": 400},
    "POST /v1/quotes/redeem": SERVERS | {"secret": 400},
    "POST /v1/consent": BROWSERS,
    "GET /v1/consent": SERVERS | {"secret": 400},
    "POST /v1/erasures": SERVERS | {"secret": 202},
    "GET /v1/erasures/{erasure_id}": SERVERS | {"secret": 404},
    "POST /v1/exports": SERVERS | {"secret": 202},
    "GET /v1/exports/{export_id}": SERVERS | {"secret": 404},
}


def operations() -> set[str]:
    return {f"{method.upper()} {path}" for path, methods in DOCUMENT["paths"].items() for method in methods}


def test_every_operation_is_in_the_matrix() -> None:
    assert operations() == set(MATRIX)


@pytest.mark.parametrize("operation", sorted(MATRIX))
def test_who_may_call(api: Api, operation: str) -> None:
    method, path = operation.split(" ")
    url = path.replace("{customer_id}", "ann").replace("{item_id}", "lamp").replace("{rule_id}", "r")
    url = url.replace("{scope}", "all").replace("{offer_id}", "o").replace("{experiment_id}", "e")
    url = url.replace("{write_key}", api.keys.publishable)
    url = url.replace("{erasure_id}", "none").replace("{export_id}", "none").replace("{feedback_id}", "none")
    callers = {
        "none": api.caller(None),
        "malformed": api.caller(api.keys.secret[:-1] + "-"),
        "unknown": api.caller(new_key(KeyKind.SECRET)),
        "publishable": api.browser,
        "secret": api.server,
    }
    replies = {name: caller.call(method, url, BODIES.get(operation)) for name, caller in callers.items()}
    assert {name: reply.status for name, reply in replies.items()} == MATRIX[operation]
    for reply in replies.values():
        if reply.status >= 400:
            assert reply.headers["content-type"] == "application/problem+json"
        if reply.status == 401:
            expected = "HMAC-SHA256" if MATRIX[operation] is SIGNED else "Bearer"
            assert reply.headers["www-authenticate"] == expected


@pytest.mark.parametrize("operation", sorted(MATRIX))
def test_the_description_says_whether_a_key_or_a_signature_is_needed(operation: str) -> None:
    method, path = operation.split(" ")
    security = DOCUMENT["paths"][path][method.lower()]["security"]
    needed: list[dict[str, list[str]]] = [] if MATRIX[operation] == EVERYBODY else [{"key": []}]
    if MATRIX[operation] is SIGNED:
        needed = [{f"{path.rpartition('/')[2]}Signature": []}]
        scheme = DOCUMENT["components"]["securitySchemes"][f"{path.rpartition('/')[2]}Signature"]
        assert (scheme["type"], scheme["in"]) == ("apiKey", "header")
    assert security == needed


@pytest.mark.parametrize("operation", sorted(name for name, row in MATRIX.items() if row["publishable"] == 403))
def test_a_refused_call_changes_nothing(api: Api, operation: str) -> None:
    api.server.put("/v1/items", {"items": [{"item_id": "lamp", "title": "Old"}]})
    method, path = operation.split(" ")
    for caller in (api.browser, api.caller(None)):
        caller.call(
            method,
            path.replace("{item_id}", "lamp")
            .replace("{customer_id}", "ann")
            .replace("{rule_id}", "r")
            .replace("{scope}", "all"),
            BODIES.get(operation),
        )
    assert api.server.get("/v1/items/lamp").json()["title"] == "Old"

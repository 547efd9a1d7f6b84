"""The API's description: the functions' own OpenAPI documents, merged into the file that the catalogue function serves.

`python -m infra.openapi` writes it; a test compares it with what the code says.
"""

import importlib
import json
from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from infra.template import Template

PATH = Path(__file__).parent.parent / "functions/catalogue/openapi.json"
VERSION = "3.1.0"
TITLE = "Regulars"
INFO = {
    "title": TITLE,
    "version": "1",
    "description": "Events in; recommendations with reasons out. Keys go into `Authorization: Bearer KEY`.",
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}
PUBLIC = {"/v1/openapi.json", "/v1/m", "/v1/projects/{write_key}/settings"}
SIGNED = {
    "/v1/webhooks/shopify": "X-Shopify-Hmac-Sha256",
    "/v1/webhooks/woocommerce": "X-WC-Webhook-Signature",
}
"""Paths whose requests are signed in this header and carry no key."""
SIGNATURE = "Base64 of HMAC-SHA-256 over the body's bytes, with the secret from `regulars webhooks secret`."
REFUSING = {
    "/v1/prices/{item_id}/claims",
    "/v1/prices/suggestions/{item_id}/approve",
    "/v1/quotes",
    "/v1/quotes/redeem",
}
"""Paths where what is well formed may be refused for what it says."""
DECIDING = "/v1/prices/suggestions/{item_id}/"
"""Paths where somebody else may have decided."""
ONCE = {"/v1/offers/redeem", "/v1/quotes/redeem"}
"""Paths where another order may have had what this one asks for."""
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "description": "The request's id."},
        "errors": {
            "type": "array",
            "items": {"type": "object", "properties": {"field": {"type": "string"}, "message": {"type": "string"}}},
        },
    },
}
PROBLEMS = {
    "400": "A field is wrong; `errors` names it.",
    "401": "No key, or one that is malformed, unknown, expired or revoked; of a webhook, no signature that fits.",
    "403": "The key or the customer token does not open this.",
    "404": "There is no such thing.",
    "409": "It has another version than the one asked for.",
    "413": "The body is over its limit.",
    "422": "It is not allowed, or not true; `reason` is the word for programs.",
    "429": "Too many events of one customer; nothing was kept, repeat the call after `Retry-After` seconds.",
    "503": "A store did not answer; repeat the call after `Retry-After` seconds.",
}


def apps() -> dict[str, APIGatewayHttpResolver]:
    """The resolver of every function that has routes, by the function's name."""
    names = [name for name in Template.load().functions() if Template.load().routes(name)]
    return {name: importlib.import_module(f"functions.{name}.app").app for name in names}


def document() -> dict[str, Any]:
    """The merged OpenAPI 3.1 document."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {"Problem": PROBLEM}
    for app in apps().values():
        part = json.loads(app.get_openapi_json_schema(title=TITLE, version="1"))
        for path, operations in part["paths"].items():
            paths.setdefault(path, {}).update({method: _told(path, each) for method, each in operations.items()})
        for name, schema in part.get("components", {}).get("schemas", {}).items():
            if schemas.setdefault(name, schema) != schema:
                raise ValueError(f"two functions describe {name} differently")
    schemas = {name: schema for name, schema in sorted(schemas.items()) if "ValidationError" not in name}
    security: dict[str, Any] = {"key": {"type": "http", "scheme": "bearer", "description": "pk_... or sk_..."}}
    for path, header in SIGNED.items():
        security[_scheme(path)] = {"type": "apiKey", "in": "header", "name": header, "description": SIGNATURE}
    return {
        "openapi": VERSION,
        "info": INFO,
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": schemas, "securitySchemes": security},
    }


def _told(path: str, operation: dict[str, Any]) -> dict[str, Any]:
    """An operation with its key and its failures, as this API answers them."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    conditional = any(each["name"].lower() == "if-match" for each in operation.get("parameters", []))
    conditional = conditional or path.startswith(DECIDING) or path in ONCE
    limited = "requestBody" in operation and operation.get("tags") == ["ingest"]
    problems = {
        status: {"description": text, "content": content}
        for status, text in PROBLEMS.items()
        if {"409": conditional, "422": path in REFUSING, "429": limited}.get(status, True)
    }
    kept = {status: reply for status, reply in operation["responses"].items() if status != "422"}
    return operation | {"responses": kept | problems, "security": security_of(path)}


def security_of(path: str) -> list[dict[str, list[str]]]:
    """What a request to this path must show."""
    if path in PUBLIC:
        return []
    return [{_scheme(path): []}] if path in SIGNED else [{"key": []}]


def _scheme(path: str) -> str:
    return f"{path.rpartition('/')[2]}Signature"


def text() -> str:
    """The document as it is committed."""
    return json.dumps(document(), indent=1, sort_keys=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(text())

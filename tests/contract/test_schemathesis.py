"""Schemathesis, from the committed description: good and bad calls to every operation; never a 5xx, and every reply as
described, by either kind of key and by none."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from infra import openapi
from tests.conftest import Keys
from tests.functions.api import Api
from tests.gateway import Gateway

schema = schemathesis.openapi.from_dict(json.loads(openapi.PATH.read_text()))
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]


@pytest.fixture
def api(keys: Keys) -> Api:
    return Api(keys)


def send(gateway: Gateway, case: schemathesis.Case[Any]) -> schemathesis.Response:
    """The call that a client would make of this case."""
    wire = requests.Request(**case.as_transport_kwargs(base_url="http://shop.test")).prepare()
    parts = urlsplit(str(wire.url))
    url = parts.path + (f"?{parts.query}" if parts.query else "")
    body = wire.body.encode() if isinstance(wire.body, str) else wire.body
    headers = {name.lower(): str(value) for name, value in wire.headers.items()}
    reply = gateway.call(str(wire.method), url, body, headers=headers)
    told = {name: [value] for name, value in reply.headers.items()}
    return schemathesis.Response(reply.status, told, reply.text.encode(), wire, 0.0, verify=False)


def callers(api: Api) -> dict[str, Gateway]:
    return {"secret": api.server, "publishable": api.browser, "none": api.caller(None)}


@pytest.mark.parametrize("key", ["secret", "publishable", "none"])
@schema.parametrize()
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_reply_is_as_described(api: Api, case: schemathesis.Case[Any], key: str) -> None:
    case.validate_response(send(callers(api)[key], case), checks=CHECKS)

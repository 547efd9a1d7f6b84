"""A stand-in for the HTTP API: a call into the gateway's event (payload format 2.0), a reply into a response."""

import base64
import json
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


class Response(NamedTuple):
    """A reply as a client sees it."""

    status: int
    headers: dict[str, str]
    text: str

    def json(self) -> Any:
        return json.loads(self.text)


class Context:
    """What Lambda tells a handler about itself."""

    function_name = "test"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:test"
    aws_request_id = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        """A busy machine is slow: only tests of time-outs are short of time."""
        return 3_600_000


class Gateway:
    """Calls one function's handler with a key."""

    def __init__(self, handler: Handler, key: str | None = None) -> None:
        self._handler = handler
        self._key = key

    def call(
        self, method: str, url: str, body: Any = None, *, route: str = "", headers: dict[str, str] | None = None
    ) -> Response:
        reply = self._handler(http_event(method, url, body, self._key, route, headers or {}), Context())
        lower = {name.lower(): value for name, value in reply.get("headers", {}).items()}
        return Response(reply["statusCode"], lower, reply["body"])

    def get(self, url: str) -> Response:
        return self.call("GET", url)

    def post(self, url: str, body: Any) -> Response:
        return self.call("POST", url, body)

    def put(self, url: str, body: Any) -> Response:
        return self.call("PUT", url, body)


def http_event(
    method: str, url: str, body: Any, key: str | None, route: str, headers: dict[str, str]
) -> dict[str, Any]:
    """The event that an HTTP API sends for this call; `body` is JSON unless it is text or bytes already."""
    parts = urlsplit(url)
    sent = {"content-type": "application/json"} | headers
    if key is not None:
        sent["authorization"] = f"Bearer {key}"
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route or f"{method} {parts.path}",
        "rawPath": parts.path,
        "rawQueryString": parts.query,
        "headers": sent,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api",
            "domainName": "api.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "api",
            "http": {
                "method": method,
                "path": parts.path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "test",
            },
            "requestId": "request-1",
            "routeKey": route or f"{method} {parts.path}",
            "stage": "$default",
            "time": "01/Jan/2026:00:00:00 +0000",
            "timeEpoch": 0,
        },
        "isBase64Encoded": isinstance(body, bytes),
    }
    if parts.query:
        event["queryStringParameters"] = dict(parse_qsl(parts.query))
    if body is not None:
        event["body"] = _body(body)
    return event


def _body(body: Any) -> str:
    match body:
        case bytes():
            return base64.b64encode(body).decode()
        case str():
            return body
    return json.dumps(body)

"""Shopify and WooCommerce, as far as webhooks go: their files, their headers, their signatures."""

import json
from abc import ABC, abstractmethod
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from shared.domain.signatures import sign
from shared.stores import clients
from tests.functions.api import Api
from tests.gateway import Gateway, Response

FILES = Path(__file__).parent / "files"
SHOPIFY_SECRET = "shpss_5c1b"
WOOCOMMERCE_SECRET = "wc$ecret"


def payload(name: str, **changes: Any) -> dict[str, Any]:
    """A file's content, with changes."""
    content: dict[str, Any] = json.loads((FILES / f"{name}.json").read_text())
    return content | changes


def keep(parameter: str, value: str) -> None:
    clients.ssm().put_parameter(Name=parameter, Value=value, Type="SecureString", Overwrite=True)


class Sender(ABC):
    """Sends signed deliveries, each with an id of its own unless it is told one."""

    path: str
    secret: str

    def __init__(self, api: Api) -> None:
        self.gateway: Gateway = api.caller(None)
        self._ids = count(1)

    @abstractmethod
    def headers(self, topic: str, body: str, delivery: str, secret: str) -> dict[str, str]:
        """What the system sends with a delivery, signed."""

    def send(self, topic: str, body: Any, *, delivery: str = "", secret: str = "", **headers: str) -> Response:
        """One delivery; `headers` with underscores for dashes."""
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        sent = self.headers(topic, text, delivery or f"delivery-{next(self._ids)}", secret or self.secret)
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.gateway.call("POST", self.path, text, headers=sent | more)

    def told(self, topic: str, body: Any, **options: str) -> dict[str, Any]:
        """What the answer to a good delivery says."""
        reply = self.send(topic, body, **options)
        assert reply.status == 200, reply.text
        answer: dict[str, Any] = reply.json()
        return answer


class Shopify(Sender):
    path = "/v1/webhooks/shopify"
    secret = SHOPIFY_SECRET

    def headers(self, topic: str, body: str, delivery: str, secret: str) -> dict[str, str]:
        return {
            "x-shopify-topic": topic,
            "x-shopify-hmac-sha256": sign(body.encode(), secret),
            "x-shopify-webhook-id": delivery,
            "x-shopify-event-id": f"event-of-{delivery}",
            "x-shopify-triggered-at": datetime.now(UTC).isoformat(),
            "x-shopify-shop-domain": "weaver-berlin.myshopify.com",
            "x-shopify-api-version": "2025-07",
        }


class WooCommerce(Sender):
    path = "/v1/webhooks/woocommerce"
    secret = WOOCOMMERCE_SECRET

    def headers(self, topic: str, body: str, delivery: str, secret: str) -> dict[str, str]:
        resource, _, event = topic.partition(".")
        return {
            "x-wc-webhook-source": "https://shop.example/",
            "x-wc-webhook-topic": topic,
            "x-wc-webhook-resource": resource,
            "x-wc-webhook-event": event,
            "x-wc-webhook-signature": sign(body.encode(), secret),
            "x-wc-webhook-id": "3",
            "x-wc-webhook-delivery-id": delivery,
        }

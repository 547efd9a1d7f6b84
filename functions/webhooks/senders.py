"""Who sends webhooks: by which headers, and signed with which secret."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from cachetools import TTLCache

from functions.webhooks.payloads import utc
from shared.domain.clock import SteadyClock
from shared.domain.errors import BadSignatureError
from shared.domain.signatures import is_signed, secrets_in

KNOWN_SECONDS = 60
UNSET_SECONDS = 10
PING = re.compile(rb"webhook_id=\d{1,20}")
"""What WooCommerce sends, unsigned, to see whether anybody is there."""


class Sender(NamedTuple):
    """A shop system's own names."""

    source: str
    topic: str
    signature: str
    delivery: str
    triggered_at: str = ""


SHOPIFY = Sender(
    "shopify", "x-shopify-topic", "x-shopify-hmac-sha256", "x-shopify-webhook-id", "x-shopify-triggered-at"
)
WOOCOMMERCE = Sender("woocommerce", "x-wc-webhook-topic", "x-wc-webhook-signature", "x-wc-webhook-delivery-id")


class Delivery(NamedTuple):
    """One delivery, its signature verified. `key` tells it from all others."""

    source: str
    topic: str
    key: str
    body: str
    triggered_at: datetime | None = None


class Secrets:
    """The senders' secrets, remembered for a minute, so that one that is changed holds soon."""

    def __init__(self, find: Callable[[str], str | None], clock: Callable[[], float] | None = None) -> None:
        self._find = find
        clock = clock or SteadyClock()
        self._known: TTLCache[str, list[str]] = TTLCache(8, KNOWN_SECONDS, clock)
        self._unset: TTLCache[str, bool] = TTLCache(8, UNSET_SECONDS, clock)

    def get(self, parameter: str) -> list[str]:
        """The secrets kept under this name; none where the shop never set one."""
        if parameter in self._known:
            return self._known[parameter]
        if parameter in self._unset:
            return []
        found = secrets_in(self._find(parameter))
        if found:
            self._known[parameter] = found
        else:
            self._unset[parameter] = True
        return found


def verify(sender: Sender, headers: Mapping[str, str], body: bytes, secrets: list[str]) -> None:
    """Raises `BadSignatureError` unless the sender signed these very bytes. A ping may be unsigned: it does nothing."""
    signature = headers.get(sender.signature, "")
    if not signature and is_ping(sender, body):
        return
    if not is_signed(body, signature, secrets):
        raise BadSignatureError(f"The body is not signed with the secret of this deployment ({sender.signature}).")


def is_ping(sender: Sender, body: bytes) -> bool:
    return sender is WOOCOMMERCE and PING.fullmatch(body) is not None


def delivery(sender: Sender, headers: Mapping[str, str], body: str) -> Delivery:
    """The delivery that these headers name.

    Its key is made of the sender's id, the topic and the signature, which stands for the body: WooCommerce makes its
    ids of the second, so that two orders of one second may have the same.
    """
    named = [headers.get(name, "") for name in (sender.delivery, sender.topic, sender.signature)]
    key = sha256("\n".join(named).encode()).hexdigest()[:32]
    triggered_at = utc(headers.get(sender.triggered_at)) if sender.triggered_at else None
    return Delivery(sender.source, headers.get(sender.topic, "").lower(), key, body, triggered_at)

"""Whatever is signed is answered with 200: a sender stops sending after failures, and would not mend its bodies."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.webhooks import app as webhooks
from functions.webhooks import shopify as shopify_topics
from functions.webhooks import woocommerce as woocommerce_topics
from functions.webhooks.deliveries import news
from functions.webhooks.fitting import applied
from functions.webhooks.news import OrderNews, ProductNews, Shop, UnmappedError
from functions.webhooks.senders import Delivery
from shared.domain.events import MOST_ID_BYTES
from shared.domain.items import MOST_BYTES, Item, content
from shared.stores.items import ItemStore
from shared.stores.table import Table
from tests.conftest import Keys
from tests.functions.api import Api
from tests.functions.webhooks.senders import (
    FILES,
    SHOPIFY_SECRET,
    WOOCOMMERCE_SECRET,
    Shopify,
    WooCommerce,
    keep,
    payload,
)

STATUSES = {"done", "duplicate", "stale", "ignored", "unmapped"}
FITTING = {
    "shopify-order": ("orders/create", "orders/cancelled"),
    "shopify-refund": ("refunds/create",),
    "shopify-product": ("products/update",),
    "shopify-redact": ("customers/redact",),
    "shopify-data-request": ("customers/data_request",),
    "shopify-shop-redact": ("shop/redact",),
    "woocommerce-order": ("order.updated",),
    "woocommerce-product": ("product.updated",),
    "woocommerce-variation": ("product.updated",),
}
CASES = [(name, topic) for name, topics in FITTING.items() for topic in topics]
BODIES = [
    "",
    "{",
    "null",
    "[]",
    '"x"',
    "7",
    "NaN",
    '{"id": NaN}',
    '{"id": 1e999}',
    "1" * 5_000,
    '{"id": ' + "1" * 5_000 + "}",
    "[" * 15_000,
    '{"a":' * 15_000,
    "\x00",
    "\ufffd",
    '{"id": 1, "id": 2}',
    "{}",
]

text = st.text(st.characters(codec="utf-8"), max_size=30)
odd = text | st.sampled_from(
    ["\ud800", "a\ud83d", "x" * 70_000, "2026-11-20T10:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
)
odd |= st.sampled_from(
    ["-1", "1e400", "NaN", "0", "a#b", "a/b", "💡", " ", "12345678901234567890.5", "refunded", "https://"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | odd,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=6,
)


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a payload."""
    found = [path] if path else []
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, each in inner:
        found += places(each, (*path, name))
    return found


def put(node: Any, path: tuple[Any, ...], value: Any) -> None:
    """Put a value in its place, or take away what stands there (None)."""
    for name in path[:-1]:
        node = node[name]
    if value is places:
        node.pop(path[-1])
    else:
        node[path[-1]] = value


@st.composite
def spoilt(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """A payload with one to four of its values replaced or taken away."""
    body = payload(name)
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(places(body)))
        put(body, path, draw(st.just(places) | values))
        if not body:
            break
    return body


@pytest.fixture
def api(keys: Keys) -> Api:
    keep("/regulars-test/shopify-webhook-secret", SHOPIFY_SECRET)
    keep("/regulars-test/woocommerce-webhook-secret", WOOCOMMERCE_SECRET)
    return Api(keys)


def sender(api: Api, name: str) -> Shopify | WooCommerce:
    return Shopify(api) if name.startswith("shopify") else WooCommerce(api)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@pytest.mark.parametrize(("name", "topic"), CASES)
@given(data=st.data())
def test_a_spoilt_payload_is_read_or_unmapped(name: str, topic: str, data: st.DataObject) -> None:
    body = json.dumps(data.draw(spoilt(name)))
    try:
        told = news(Delivery(name.partition("-")[0], topic, "d", body), Shop("EUR", "https://shop.example"))
    except UnmappedError:
        return
    if isinstance(told, OrderNews):
        assert json.loads(json.dumps([act.details for act in told.acts])) is not None
        assert all(0 < len(each.encode()) <= MOST_ID_BYTES for act in told.acts for each in act.items)
    for each in told.items.values() if isinstance(told, ProductNews) else ():
        item = applied(None, each)
        assert item is None or len(content(item).encode()) <= MOST_BYTES


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@pytest.mark.parametrize(("name", "topic"), CASES)
@given(data=st.data())
def test_a_spoilt_payload_is_answered_and_leaves_only_what_can_be_read(
    api: Api, table: Table, name: str, topic: str, data: st.DataObject
) -> None:
    body = data.draw(spoilt(name))
    reply = sender(api, name).send(topic, json.dumps(body), delivery=data.draw(st.uuids().map(str)))
    assert reply.status == 200, reply.text
    assert reply.json()["status"] in STATUSES
    for item in ItemStore(table).all():
        assert len(content(Item.model_validate(item.model_dump())).encode()) <= MOST_BYTES
    for customer in ("7011223344", "26"):
        assert api.server.get(f"/v1/customers/{customer}/events").status == 200


@pytest.mark.parametrize("name", ["shopify-order", "woocommerce-order"])
@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_a_body_that_is_no_payload_is_unmapped(api: Api, name: str, body: str) -> None:
    told = sender(api, name).told(FITTING[name][0], body)
    assert told["status"] == "unmapped"


def test_a_body_that_is_no_text_is_unmapped(api: Api) -> None:
    """As bytes, which the gateway hands on in base64."""
    from shared.domain.signatures import sign  # noqa: PLC0415

    shopify = Shopify(api)
    raw = b'{"id": "\xff\xfe"}'
    headers = shopify.headers("orders/create", "", "d1", SHOPIFY_SECRET)
    headers["x-shopify-hmac-sha256"] = sign(raw, SHOPIFY_SECRET)
    reply = api.caller(None).call("POST", shopify.path, raw, headers=headers)
    assert (reply.status, reply.json()["status"]) == (200, "unmapped")


def test_what_cannot_be_mapped_is_logged_and_counted_without_what_stands_in_it(
    api: Api, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    body = payload("shopify-order", id="ann.weber@example.com")
    told = Shopify(api).told("orders/create", body)
    assert (told["status"], told["reason"]) == ("unmapped", "id is missing or malformed")
    (warned,) = (vars(record) for record in caplog.records if record.message == "unmapped webhook")
    assert (warned["source"], warned["reason"]) == ("shopify", "id is missing or malformed")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    counted = [line for line in lines if "WebhookDeliveries" in line]
    assert [(line["source"], line["status"], line["WebhookDeliveries"]) for line in counted] == [
        ("shopify", "unmapped", [1.0])
    ]
    assert "weber" not in f"{lines} {warned}".lower()


def test_each_topic_has_a_payload_here() -> None:
    topics = {topic for topics in FITTING.values() for topic in topics} | {"products/delete", "products/create"}
    alike = {"order.created", "order.restored", "product.created", "product.restored", "product.deleted"}
    assert set(shopify_topics.TOPICS) | set(woocommerce_topics.TOPICS) == topics | alike
    assert {Path(each).stem for each in FILES.glob("*.json")} == set(FITTING)


def test_a_reader_names_the_field_and_not_its_value() -> None:
    with pytest.raises(UnmappedError) as caught:
        shopify_topics.created(payload("shopify-order", customer={"id": "Ann"}), Shop("EUR", ""))
    assert str(caught.value) == "customer.id is missing or malformed"
    assert webhooks.MOST_BODY_BYTES == 2_000_000

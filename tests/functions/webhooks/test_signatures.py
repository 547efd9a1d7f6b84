"""Who may send: forged, altered, unsigned and replayed deliveries; secrets that are not set, or changed."""

import base64
import gzip
import json
from typing import Any

import pytest

from functions.webhooks import app as webhooks
from functions.webhooks.senders import KNOWN_SECONDS, Secrets
from shared.domain.signatures import rotated, sign
from shared.stores import clients
from shared.stores.table import Table
from tests.conftest import TABLE, Keys
from tests.functions.api import Api
from tests.functions.webhooks.senders import SHOPIFY_SECRET, Shopify, WooCommerce, keep, payload
from tests.gateway import Response
from tests.shared.stores.faults import refusing

PARAMETER = "/regulars-test/shopify-webhook-secret"
ORDER = payload("shopify-order")


def records() -> list[str]:
    """The keys of all that is in the table."""
    return sorted(f"{each['pk']['S']} {each['sk']['S']}" for each in clients.dynamodb().scan(TableName=TABLE)["Items"])


def assert_refused(reply: Response, before: list[str]) -> None:
    assert reply.status == 401
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["www-authenticate"] == "HMAC-SHA256"
    assert records() == before


@pytest.fixture
def before(shopify: Shopify) -> list[str]:  # noqa: ARG001 - makes the keys
    return records()


def test_another_secret_is_refused(shopify: Shopify, before: list[str]) -> None:
    assert_refused(shopify.send("orders/create", ORDER, secret="shpss_guessed"), before)


def test_the_other_senders_secret_is_refused(woocommerce: WooCommerce, before: list[str]) -> None:
    body = payload("woocommerce-order")
    assert_refused(woocommerce.send("order.updated", body, secret=SHOPIFY_SECRET), before)


@pytest.mark.parametrize("signature", ["", "x", "é", "=" * 44, base64.b64encode(b"0" * 32).decode()])
def test_no_signature_or_nonsense_is_refused(shopify: Shopify, before: list[str], signature: str) -> None:
    assert_refused(shopify.send("orders/create", ORDER, x_shopify_hmac_sha256=signature), before)


def test_one_byte_more_or_other_is_refused(shopify: Shopify, before: list[str]) -> None:
    text = json.dumps(ORDER)
    signature = sign(text.encode(), SHOPIFY_SECRET)
    for altered in (text + " ", text.replace("119.90", "919.90"), text[:-1]):
        assert_refused(shopify.send("orders/create", altered, x_shopify_hmac_sha256=signature), before)


def test_the_signature_is_over_the_bytes_and_not_over_what_they_mean(shopify: Shopify, before: list[str]) -> None:
    sent = json.dumps(ORDER, indent=1, ensure_ascii=True)
    signature = sign(json.dumps(json.loads(sent)).encode(), SHOPIFY_SECRET)
    assert_refused(shopify.send("orders/create", sent, x_shopify_hmac_sha256=signature), before)
    assert shopify.told("orders/create", sent)["status"] == "done"


def test_a_body_in_base64_is_signed_as_it_was_before(api: Api, shopify: Shopify) -> None:
    raw = json.dumps(ORDER, ensure_ascii=False).encode()
    headers = shopify.headers("orders/create", raw.decode(), "d1", SHOPIFY_SECRET)
    reply = api.caller(None).call("POST", shopify.path, raw, headers=headers)
    assert (reply.status, reply.json()["status"]) == (200, "done")


def test_a_body_is_never_unpacked(api: Api, shopify: Shopify) -> None:
    packed = gzip.compress(json.dumps(ORDER).encode())
    signature = sign(packed, SHOPIFY_SECRET)
    headers = shopify.headers("orders/create", "", "d1", SHOPIFY_SECRET) | {"content-encoding": "gzip"}
    reply = api.caller(None).call("POST", shopify.path, packed, headers=headers | {"x-shopify-hmac-sha256": signature})
    assert (reply.status, reply.json()["status"]) == (200, "unmapped")


def test_a_body_over_the_limit_is_refused_before_it_is_hashed(shopify: Shopify, before: list[str]) -> None:
    reply = shopify.send("products/update", "x" * (webhooks.MOST_BODY_BYTES + 1))
    assert reply.status == 413
    assert records() == before


def test_no_api_key_opens_it(api: Api, shopify: Shopify, before: list[str]) -> None:
    for key in (api.keys.secret, api.keys.publishable):
        assert_refused(api.caller(key).call("POST", shopify.path, json.dumps(ORDER)), before)


def test_where_no_secret_was_set_nothing_is_signed(keys: Keys) -> None:
    shopify = Shopify(Api(keys))
    for secret in ("None", "\n", SHOPIFY_SECRET):
        assert shopify.send("orders/create", ORDER, secret=secret).status == 401


def test_an_empty_secret_is_none(shopify: Shopify) -> None:
    keep(PARAMETER, "\n")
    text = json.dumps(ORDER)
    assert shopify.send("orders/create", text, x_shopify_hmac_sha256=sign(text.encode(), "")).status == 401


def test_a_secret_that_cannot_be_read_is_our_failure(shopify: Shopify) -> None:
    with refusing(clients.ssm(), "GetParameter"):
        reply = shopify.send("orders/create", ORDER)
    assert reply.status == 503
    assert "retry-after" in reply.headers
    assert shopify.told("orders/create", ORDER)["status"] == "done"


def test_a_changed_secret_holds_beside_the_one_before_within_a_minute() -> None:
    kept, seconds = {"p": "old"}, 0.0
    secrets = Secrets(kept.get, lambda: seconds)
    assert secrets.get("p") == ["old"]
    kept["p"] = rotated(kept["p"], "new")
    assert secrets.get("p") == ["old"]
    seconds = KNOWN_SECONDS + 1
    assert secrets.get("p") == ["new", "old"]
    kept["p"] = rotated(kept["p"], "newest")
    seconds += KNOWN_SECONDS + 1
    assert secrets.get("p") == ["newest", "new"]


def test_deliveries_signed_with_either_of_two_secrets_are_taken(shopify: Shopify) -> None:
    keep(PARAMETER, rotated(SHOPIFY_SECRET, "shpss_new"))
    assert shopify.told("orders/create", ORDER)["status"] == "done"
    assert shopify.told("orders/create", ORDER, secret="shpss_new")["status"] == "done"
    keep(PARAMETER, rotated("shpss_new", "shpss_newest", at_once=True))
    webhooks.secrets.cache_clear()
    assert shopify.send("orders/create", ORDER, secret="shpss_new").status == 401


# --- replays


def test_a_replay_changes_nothing_and_is_answered_by_one_read(shopify: Shopify, table: Table) -> None:
    assert shopify.told("orders/create", ORDER, delivery="d1") | {"events": 1} == {
        "status": "done",
        "reason": None,
        "events": 1,
        "items": 0,
        "job_id": None,
    }
    after = records()
    with refusing(clients.dynamodb(), "BatchWriteItem"), refusing(clients.dynamodb(), "PutItem"):
        assert shopify.told("orders/create", ORDER, delivery="d1")["status"] == "duplicate"
    assert records() == after
    assert len(table.query("CUSTOMER#user:7011223344", "ORDER#", 10)) == 1


def test_the_same_body_under_another_delivery_id_is_one_event(shopify: Shopify, table: Table) -> None:
    for _ in range(3):
        assert shopify.told("orders/create", ORDER)["status"] == "done"
    assert len(table.query("CUSTOMER#user:7011223344", "ORDER#", 10)) == 1


def test_one_delivery_id_for_two_orders_of_a_second_loses_neither(woocommerce: WooCommerce, api: Api) -> None:
    """WooCommerce makes its ids of the webhook and the second."""
    for number in (727, 728):
        told = woocommerce.told("order.created", payload("woocommerce-order", id=number), delivery="5d41402abc")
        assert told["status"] == "done"
    found = api.server.get("/v1/customers/26/events").json()["events"]
    assert sorted(each["order_id"] for each in found) == ["727", "728"]


SHAPES: list[tuple[str, str]] = [
    ("shopify-order", "orders/cancelled"),
    ("shopify-order", "products/delete"),
    ("shopify-order", "customers/redact"),
    ("shopify-order", "shop/redact"),
    ("shopify-product", "products/delete"),
    ("shopify-product", "orders/cancelled"),
    ("shopify-data-request", "customers/redact"),
    ("shopify-data-request", "shop/redact"),
    ("shopify-redact", "shop/redact"),
    ("shopify-redact", "customers/data_request"),
    ("shopify-refund", "orders/cancelled"),
    ("shopify-refund", "orders/create"),
]


@pytest.mark.parametrize(("name", "topic"), SHAPES)
def test_a_body_replayed_under_another_topic_does_not_fit_it(shopify: Shopify, name: str, topic: str) -> None:
    """Headers are not signed: who has a signed body can send it under any of them."""
    before = records()
    assert shopify.told(topic, payload(name))["status"] == "unmapped"
    assert [each for each in records() if each not in before and "DELIVERY" not in each] == []
    assert clients.sqs().receive_message(QueueUrl=webhooks.settings().queue_url).get("Messages", []) == []


def test_the_shops_address_is_not_taken_from_a_header(shopify: Shopify, api: Api) -> None:
    shopify.told("products/update", payload("shopify-product"), x_shopify_shop_domain="evil.myshopify.com")
    assert api.server.get("/v1/items/SH-W-M").json()["url"] == "https://shop.example/products/linen-shirt"


# --- WooCommerce's ping


def ping(api: Api, body: Any) -> Response:
    form = {"content-type": "application/x-www-form-urlencoded"}
    return api.caller(None).call("POST", WooCommerce.path, body, headers=form)


def test_a_ping_is_answered_and_does_nothing(api: Api) -> None:
    before = records()
    for body in ("webhook_id=3", b"webhook_id=3"):
        reply = ping(api, body)
        assert (reply.status, reply.json()["status"]) == (200, "ping")
    assert records() == before


@pytest.mark.parametrize("body", ["webhook_id=3&x=1", "webhook_id=", '{"id": 1}', "", "webhook_id=3\n"])
def test_whatever_else_is_unsigned_is_refused(api: Api, body: str) -> None:
    assert ping(api, body).status == 401


def test_a_ping_to_shopifys_path_is_refused(api: Api) -> None:
    assert api.caller(None).call("POST", Shopify.path, "webhook_id=3").status == 401

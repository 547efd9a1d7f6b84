"""Redactions and requests for data: they are carried out, whenever they come, and a sweep finds nothing."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.webhooks import app as webhooks
from shared.domain.errors import StoreUnavailableError
from shared.domain.events import ANONYMOUS, KNOWN, CustomerRef
from shared.stores import clients
from shared.stores.jobs import Job, JobStore, Kind, Request, Status
from shared.stores.orders import OrderStore
from shared.stores.table import Table
from tests.conftest import TABLE
from tests.functions.api import Api, app
from tests.functions.webhooks.senders import Shopify, payload
from tests.functions.webhooks.test_shopify_orders import ANN, ORDER_ID, guest, history, order
from tests.shared.stores.faults import refusing, unreachable

GUEST = "7d2f6bb19bfe4d0c"
GUESTS_ORDER = "5310442897999"
TRACES = (ANN, GUEST, ORDER_ID, GUESTS_ORDER, "ann.weber@example.com", "device-77")
LONG_AGO = (datetime.now(UTC) - timedelta(days=400)).isoformat()


def queued() -> list[Request]:
    """The jobs that wait in the queue."""
    url = webhooks.settings().queue_url
    messages = clients.sqs().receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for each in messages:
        clients.sqs().delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
    return [Request.model_validate_json(each["Body"]) for each in messages]


def carry_out(table: Table, job_id: str) -> Job:
    """Let the worker do what is queued, until the job is done."""
    worker = app("fulfil")
    for _ in range(10):
        for request in queued():
            worker.handler({"Records": [{"body": request.model_dump_json()}]}, None)
        job = JobStore(table).get(job_id)
        if job.status == Status.DONE:
            return job
    raise AssertionError("it never ends")


def traces() -> list[str]:
    """Every record in which one of Ann's ids stands."""
    found = [json.dumps(each, default=str) for each in clients.dynamodb().scan(TableName=TABLE)["Items"]]
    return [each for each in found if any(word in each for word in TRACES)]


@pytest.fixture
def shop(api: Api, shopify: Shopify) -> Shopify:
    """Ann has bought by her account, as a guest, before by an imported file; on her device she looked around."""
    shopify.told("orders/create", order())
    shopify.told("refunds/create", payload("shopify-refund"))
    shopify.told("orders/create", guest(id=int(GUESTS_ORDER)))
    view = {"event": "Product Viewed", "anonymousId": "device-77", "messageId": "v1", "properties": {"product_id": "a"}}
    api.browser.post("/v1/track", view)
    imported = {"event": "purchase", "customer_id": "ann.weber@example.com", "message_id": "i1", "order_id": "#7"}
    api.server.post("/v1/events", {"events": [imported | {"items": [{"item_id": "lamp"}]}]})
    shopify.told("orders/create", order(id=1, customer={"id": 1}, note_attributes=[]))
    return shopify


def test_a_redaction_names_the_customer_by_all_ids_and_the_guest_of_each_order(shop: Shopify) -> None:
    job_id = shop.told("customers/redact", payload("shopify-redact"))["job_id"]
    (request,) = queued()
    assert (request.job_id, request.kind) == (job_id, Kind.ERASURE)
    assert set(request.customers) == {
        CustomerRef(kind=KNOWN, id=ANN),
        CustomerRef(kind=KNOWN, id="ann.weber@example.com"),
        CustomerRef(kind=ANONYMOUS, id=GUEST),
    }


@pytest.mark.parametrize("orders", [None, "all", [None, {}, "x", 5310442897561]])
def test_a_redaction_does_not_fail_for_an_order_that_cannot_be_read(shop: Shopify, orders: Any) -> None:
    told = shop.told("customers/redact", payload("shopify-redact", orders_to_redact=orders))
    assert told["status"] == "done"
    (request,) = queued()
    assert CustomerRef(kind=KNOWN, id=ANN) in request.customers


def test_a_redaction_really_erases_and_the_sweep_finds_nothing(api: Api, shop: Shopify, table: Table) -> None:
    assert len(traces()) > 5
    job = carry_out(table, shop.told("customers/redact", payload("shopify-redact"))["job_id"])
    assert [sweep.found for sweep in job.sweeps] == [0, 0]
    assert traces() == []
    assert len(history(api, "1")) == 1
    assert OrderStore(table).owner("shopify", "1") == CustomerRef(kind=KNOWN, id="1")


def test_an_erasure_by_the_api_takes_what_says_whose_the_orders_are(api: Api, shop: Shopify, table: Table) -> None:
    """Shopify's redaction names the orders; a call of the API does not."""
    reply = api.server.post("/v1/erasures", {"customer_id": ANN})
    assert reply.status == 202, reply.text
    (request,) = queued()
    clients.sqs().send_message(QueueUrl=webhooks.settings().queue_url, MessageBody=request.model_dump_json())
    carry_out(table, request.job_id)
    assert OrderStore(table).owner("shopify", ORDER_ID) is None
    assert not any(f"user:{ANN}" in each for each in traces())
    assert OrderStore(table).owner("shopify", "1") is not None
    # A refund of the order that was erased waits for nobody.
    assert shop.told("refunds/create", payload("shopify-refund", id=2))["reason"] == "waits for its order"


@pytest.mark.parametrize("topic", ["customers/redact", "shop/redact"])
def test_a_worker_that_fails_at_any_write_leaves_nothing_in_the_end(shop: Shopify, table: Table, topic: str) -> None:
    """What says whose an order is goes before what leads to it, or it could not be found any more."""
    name = {"customers/redact": "shopify-redact", "shop/redact": "shopify-shop-redact"}[topic]
    job_id = shop.told(topic, payload(name))["job_id"]
    (request,) = queued()
    worker, failed = app("fulfil"), 0
    for after in range(8):
        with refusing(clients.dynamodb(), "BatchWriteItem", after=after):
            try:
                worker.handler({"Records": [{"body": request.model_dump_json()}]}, None)
            except StoreUnavailableError:
                failed += 1
    assert failed > 1
    clients.sqs().send_message(QueueUrl=webhooks.settings().queue_url, MessageBody=request.model_dump_json())
    carry_out(table, job_id)
    assert traces() == []


def test_what_was_redacted_does_not_come_back_by_a_replay(api: Api, shop: Shopify, table: Table) -> None:
    carry_out(table, shop.told("customers/redact", payload("shopify-redact"))["job_id"])
    assert shop.told("orders/create", order())["reason"] == "erased"
    assert shop.told("orders/create", guest(id=int(GUESTS_ORDER)))["reason"] == "erased"
    assert history(api) == []
    assert traces() == []


def test_a_shop_that_leaves_takes_all_shoppers_with_it(api: Api, shop: Shopify, table: Table) -> None:
    job = carry_out(table, shop.told("shop/redact", payload("shopify-shop-redact"))["job_id"])
    assert job.kind == Kind.SHOP_ERASURE
    assert traces() == []
    assert history(api, "1") == []
    left = {each["pk"]["S"].partition("#")[0] for each in clients.dynamodb().scan(TableName=TABLE)["Items"]}
    assert not {"CUSTOMER", "PLACED"} & left


def test_a_request_for_data_is_an_export_of_all_ids(shop: Shopify, table: Table) -> None:
    job = carry_out(table, shop.told("customers/data_request", payload("shopify-data-request"))["job_id"])
    assert (job.kind, job.status) == (Kind.EXPORT, Status.DONE)


@pytest.mark.parametrize(
    ("topic", "name"),
    [
        ("customers/redact", "shopify-redact"),
        ("customers/data_request", "shopify-data-request"),
        ("shop/redact", "shopify-shop-redact"),
    ],
)
def test_rights_are_never_too_old_and_a_delivery_is_one_job(shop: Shopify, topic: str, name: str) -> None:
    first = shop.told(topic, payload(name), delivery="d1", x_shopify_triggered_at=LONG_AGO)
    assert (first["status"], len(queued())) == ("done", 1)
    again = shop.told(topic, payload(name), delivery="d1", x_shopify_triggered_at=LONG_AGO)
    assert (again["status"], len(queued())) == ("duplicate", 0)
    later = shop.told(topic, payload(name), delivery="d2")
    assert (later["status"], len(queued())) == ("done", 1)
    assert later["job_id"] != first["job_id"]


def test_where_the_queue_is_out_of_reach_nothing_is_forgotten_and_the_repeated_delivery_is_the_same_job(
    shop: Shopify, table: Table
) -> None:
    body = payload("shopify-redact")
    with unreachable(clients.sqs()):
        assert shop.send("customers/redact", body, delivery="d1").status == 503
    assert OrderStore(table).owner("shopify", GUESTS_ORDER) is not None
    OrderStore(table).wait("shopify", GUESTS_ORDER, "m1", "{}", datetime.now(UTC))
    with refusing(clients.dynamodb(), "BatchWriteItem"):
        assert shop.send("customers/redact", body, delivery="d1").status == 503
    (first,) = queued()
    assert shop.told("customers/redact", body, delivery="d1")["job_id"] == first.job_id
    (second,) = queued()
    assert set(second.customers) == set(first.customers)
    assert OrderStore(table).waiting("shopify", GUESTS_ORDER) == {}


@pytest.mark.parametrize(
    "customer", [{"id": None, "email": None}, {"id": 1.5, "email": ["x"]}, {"email": "x" * 300}, {}, None]
)
def test_nobody_to_erase_is_no_erasure(shop: Shopify, customer: Any) -> None:
    told = shop.told("customers/redact", payload("shopify-redact", customer=customer, orders_to_redact=[]))
    assert told["status"] == "unmapped"
    assert queued() == []

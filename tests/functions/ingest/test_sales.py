"""From an order on the wire to what training counts: every format, and through both ways of keeping it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.domain.events import Event, Line
from shared.domain.money import Money
from shared.stores import clients
from shared.stores.archive import ArchiveStore
from shared.stores.table import Table
from tests.conftest import BUCKET, Keys
from tests.functions.api import Api, Stream, app
from training.archived import Archived
from training.sales import purchases, weekly

NOW = datetime.now(UTC)
YESTERDAY = (NOW - timedelta(days=1)).isoformat()
LAMPS = {"quantity": 2, "price": 9.5, "coupon": "SPRING"}
SEGMENT = {
    "event": "Order Completed",
    "userId": "ann",
    "messageId": "m1",
    "timestamp": YESTERDAY,
    "properties": {"order_id": "o1", "total": "21.00", "currency": "EUR", "products": [LAMPS | {"product_id": "lamp"}]},
}
PLAIN = {
    "event": "Order Completed",
    "customer_id": "ann",
    "message_id": "m1",
    "timestamp": YESTERDAY,
    "order_id": "o1",
    "items": [LAMPS | {"item_id": "lamp"}],
    "total": "21.00",
    "currency": "EUR",
}
GA4 = SEGMENT | {
    "event": "purchase",
    "properties": {"transaction_id": "o1", "value": 21, "currency": "EUR", "items": [LAMPS | {"item_id": "lamp"}]},
}
LINES = (Line("lamp", 2, Decimal("9.5")),)


@pytest.fixture
def api(keys: Keys) -> Api:
    return Api(keys)


def sent(api: Api, record: dict[str, Any]) -> list[Event]:
    """The archive's lines of a record that was sent twice."""
    stream = Stream("archive")
    path, body = ("/v1/events", {"events": [record]}) if "customer_id" in record else ("/v1/track", record)
    for _ in range(2):
        assert api.server.post(path, body).json()["accepted"] == 1
    assert app("archive").handler({"Records": stream.new()}, None)["batchItemFailures"] == []
    return list(ArchiveStore(clients.s3(), BUCKET).read())


@pytest.mark.parametrize("record", [SEGMENT, PLAIN, GA4])
@pytest.mark.parametrize("note", ["", "x" * 1500])
def test_an_order_is_counted_with_its_quantities_and_prices(
    api: Api, table: Table, record: dict[str, Any], note: str
) -> None:
    assert table
    found = sent(api, record | {"note": note})
    assert len(found) == (2 if note else 1)
    assert [each.lines for each in found if each.lines] == [LINES]
    (told,) = [each for each in found if each.lines]
    assert (told.paid, told.coupons) == (Money(amount=Decimal(21), currency="EUR"), ("SPRING",))
    archived = Archived(ArchiveStore(clients.s3(), BUCKET), NOW, lambda _: None)
    sold, paid = weekly(archived), purchases(archived)
    assert (sold.items, sold.units.tolist(), sold.price.tolist(), sold.orders.tolist()) == (("lamp",), [2], [9.5], [1])
    assert (paid.customers, paid.paid.tolist(), paid.currency) == (("user:ann",), [21], "EUR")


def test_amounts_that_cannot_be_cost_no_event(api: Api, table: Table) -> None:
    assert table
    bad = {"product_id": "lamp", "quantity": -2, "price": "NaN", "coupon": 7}
    properties = {"order_id": "o1", "total": -5, "currency": "€", "products": [bad]}
    (event,) = sent(api, SEGMENT | {"properties": properties})
    assert (event.items, event.lines, event.paid, event.currency, event.coupons) == (("lamp",), (), None, None, ())


def test_a_plain_events_properties_may_say_it_too(api: Api, table: Table) -> None:
    assert table
    told = {"properties": {"total": 5, "currency": "CHF", "coupon": "MAY", "products": [{"product_id": "vase"}]}}
    (event,) = sent(api, {name: each for name, each in PLAIN.items() if name not in {"total", "currency"}} | told)
    assert (event.items, event.paid) == (("lamp",), Money(amount=Decimal(5), currency="CHF"))
    assert event.coupons == ("MAY", "SPRING")


def test_what_is_kept_without_identity_tells_nothing_of_money(api: Api, table: Table) -> None:
    stream = Stream("archive")
    headers = {"sec-gpc": "1"}
    assert api.server.call("POST", "/v1/track", SEGMENT, headers=headers).json()["accepted"] == 1
    app("archive").handler({"Records": stream.new()}, None)
    records = clients.dynamodb().scan(TableName=table.name)["Items"]
    assert not [each for each in records if "sale" in each or "SPRING" in str(each)]
    assert list(ArchiveStore(clients.s3(), BUCKET).read()) == []

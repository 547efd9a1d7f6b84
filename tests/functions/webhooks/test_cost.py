"""What a delivery costs: calls of the table, by topic. A sender waits five seconds, and the shop pays for each."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from shared.stores import clients
from tests.functions.webhooks.senders import Shopify, payload

READS = {"GetItem", "BatchGetItem", "Query"}


@contextmanager
def calls() -> Iterator[Counter[str]]:
    """Counts the table's calls, as reads and writes."""
    counted: Counter[str] = Counter()

    def note(model: Any, **_: Any) -> None:
        counted["reads" if model.name in READS else "writes"] += 1

    client = clients.dynamodb()
    client.meta.events.register_first("before-call.dynamodb", note)
    yield counted
    client.meta.events.unregister("before-call.dynamodb", note)


@pytest.mark.parametrize(
    ("topic", "name", "reads", "writes"),
    [
        ("orders/create", "shopify-order", 5, 5),
        ("refunds/create", "shopify-refund", 3, 2),
        ("products/create", "shopify-product", 4, 6),
        ("app/uninstalled", "shopify-shop-redact", 1, 1),
    ],
)
def test_a_delivery_makes_so_many_calls(shopify: Shopify, topic: str, name: str, reads: int, writes: int) -> None:
    with calls() as made:
        assert shopify.send(topic, payload(name), delivery="d1").status == 200
    assert made == {"reads": reads, "writes": writes}
    with calls() as made:
        assert shopify.told(topic, payload(name), delivery="d1")["status"] == "duplicate"
    assert made == {"reads": 1}


def test_a_product_that_did_not_change_writes_no_item(shopify: Shopify) -> None:
    shopify.told("products/create", payload("shopify-product"))
    with calls() as made:
        shopify.told("products/update", payload("shopify-product"))
    assert made == {"reads": 4, "writes": 5}

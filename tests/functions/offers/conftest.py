"""A small shop with offers: items with costs, customers of known value, and the stream behind the API."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain.decisions import Decision
from shared.domain.events import KNOWN, CustomerRef
from shared.domain.items import Item
from shared.domain.keys import sign_customer
from shared.domain.value import CustomerValue, Lifecycle, Likely
from shared.stores.decisions import DecisionStore
from shared.stores.items import ItemStore
from shared.stores.table import Table
from shared.stores.values import ValueStore
from tests.functions.api import Api, Stream, app

NOW = datetime.now(UTC)
FIVE_OFF: dict[str, Any] = {
    "name": "Come back",
    "text": "5 euros off",
    "discount": {"kind": "amount", "amount": {"amount": "5", "currency": "EUR"}},
    "eligibility": {"lifecycles": ["lapsing"]},
    "hold_out": 0,
}
PUBLIC: dict[str, Any] = {
    "name": "All",
    "text": "2% off for everybody",
    "discount": {"kind": "percent", "percent": "2"},
    "public": True,
    "code": "HELLO",
}


def known(customer: str) -> CustomerRef:
    return CustomerRef(kind=KNOWN, id=customer)


class Shop:
    """What a test does with the shop."""

    def __init__(self, api: Api, table: Table) -> None:
        self.api, self.table = api, table
        self.stream = Stream("project")
        self.project = app("project").handler
        self.decisions = DecisionStore(table)
        ItemStore(table).put([item("lamp", "50", "20"), item("vase", "20", "8"), item("gift", "10", None)])

    def put(self, offer_id: str, **fields: Any) -> Any:
        reply = self.api.server.call("PUT", f"/v1/offers/{offer_id}", {**FIVE_OFF, **fields})
        assert reply.status == 200, reply.json()
        return reply.json()

    def public(self, **fields: Any) -> Any:
        return self.api.server.call("PUT", "/v1/offers/all", {**PUBLIC, **fields}).json()

    def worth(
        self, customer: str, lifecycle: Lifecycle = Lifecycle.LAPSING, orders: float = 0.1, **fields: Any
    ) -> None:
        """Let the nightly job have said this of the customer: so many orders are expected in 90 days."""
        value = CustomerValue(
            lifecycle=lifecycle,
            orders=3,
            first_order=NOW - timedelta(days=300),
            last_order=NOW - timedelta(days=150),
            expected_orders=Likely(value=orders, low=0, high=1),
            computed=NOW,
            model_id="v1",
            **{"average_order": 60.0, "currency": "EUR"} | fields,
        )
        ValueStore(self.table).put_many({known(customer): value})

    def ask(self, customer: str | None = "ann", **body: Any) -> Any:
        reply = self.api.server.post("/v1/offers", {"surface": "home", "customer_id": customer} | body)
        assert reply.status == 200, reply.json()
        return reply.json()

    def token(self, customer: str) -> str:
        return sign_customer(customer, NOW + timedelta(hours=1), self.api.keys.token_secret)

    def track(self, event: str, customer: str = "ann", **properties: Any) -> None:
        """Something that a customer does a minute later, through the ingest."""
        time = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
        body = {"event": event, "userId": customer, "timestamp": time, "properties": properties}
        assert self.api.server.post("/v1/track", body | {"messageId": properties.get("message", event)}).status == 200

    def buy(self, order_id: str = "o1", customer: str = "ann", **properties: Any) -> None:
        lines = [{"product_id": "lamp", "quantity": 1, "price": 50}]
        order = {"order_id": order_id, "currency": "EUR", "products": lines, "message": f"buy-{order_id}"}
        self.track("Order Completed", customer, **order | properties)

    def flow(self) -> None:
        """What was written, through the stream."""
        assert self.project({"Records": self.stream.new(), "shardId": "s"}, None)["batchItemFailures"] == []

    def results(self, offer_id: str) -> Any:
        reply = self.api.server.get(f"/v1/offers/{offer_id}/results")
        assert reply.status == 200, reply.json()
        return reply.json()

    def decision(self, customer: str = "ann") -> Decision:
        (found,) = self.decisions.of(known(customer))
        return found

    def forget(self) -> None:
        """What a warm function remembers."""
        for name in ("book", "switch"):
            getattr(self.api.apps["offers"], name).cache_clear()


def item(item_id: str, price: str, cost: str | None) -> Item:
    money = {"amount": price, "currency": "EUR"}
    costs = {"cost": {"amount": cost, "currency": "EUR"}} if cost else {}
    return Item.model_validate({"item_id": item_id, "title": item_id.title(), "price": money, **costs})


@pytest.fixture
def shop(api: Api, table: Table) -> Shop:
    return Shop(api, table)

"""A table that throttles, times out and half-writes at random, under 100,000 events of a client that repeats a 503."""
# ruff: noqa: N803 - boto3's names

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import batched
from random import Random
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

from shared.stores import clients, consents, links
from shared.stores import table as tables
from shared.stores.table import Table
from tests.conftest import Keys
from tests.functions.api import Api

EVENTS = 100_000
A_CALL = 100
CUSTOMERS = 400
NOW = datetime.now(UTC).replace(microsecond=0)
HOW_OFTEN = {"throttled": 0.02, "unreachable": 0.02, "reply lost": 0.02, "failed": 0.02}


class Memory:
    """What ingest asks of DynamoDB, in a dictionary: as strict as the real one about what it takes, and quick."""

    def __init__(self, client: Any, table: str) -> None:
        self.exceptions = client.exceptions
        self.items = {_key(item): item for item in client.scan(TableName=table)["Items"]}

    def batch_get_item(self, RequestItems: dict[str, Any]) -> Any:
        ((table, asked),) = RequestItems.items()
        assert len(asked["Keys"]) <= 100
        found = [self.items[_key(key)] for key in asked["Keys"] if _key(key) in self.items]
        return {"Responses": {table: found}, "UnprocessedKeys": {}}

    def batch_write_item(self, RequestItems: dict[str, list[Any]]) -> Any:
        (requests,) = RequestItems.values()
        puts = {_key(each["PutRequest"]["Item"]): each["PutRequest"]["Item"] for each in requests}
        assert len(puts) == len(requests) <= 25, "DynamoDB refuses a batch with one key twice"
        self.items |= puts
        return {"UnprocessedItems": {}}

    def get_item(self, Key: Any, **_: Any) -> Any:
        return {"Item": self.items[_key(Key)]} if _key(Key) in self.items else {}

    def put_item(self, Item: Any, ConditionExpression: str = "", **_: Any) -> Any:
        if not self._holds(ConditionExpression, Item):
            raise self.exceptions.ConditionalCheckFailedException({"Error": {}, "ResponseMetadata": {}}, "PutItem")
        self.items[_key(Item)] = Item

    def transact_write_items(self, TransactItems: list[Any]) -> Any:
        puts = [each["Put"] for each in TransactItems]
        holds = [self._holds(put.get("ConditionExpression", ""), put["Item"]) for put in puts]
        if not all(holds):
            reasons = [{"Code": "None" if each else "ConditionalCheckFailed"} for each in holds]
            reply: Any = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
            raise self.exceptions.TransactionCanceledException(reply, "TransactWriteItems")
        self.items |= {_key(put["Item"]): put["Item"] for put in puts}

    def _holds(self, condition: str, item: Any) -> bool:
        assert condition in {"", "attribute_not_exists(pk)"}
        return not condition or _key(item) not in self.items


def _key(item: Any) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


class Faulty:
    """A DynamoDB client that does to its calls what a bad day does."""

    def __init__(self, client: Memory, dice: Random) -> None:
        self._client = client
        self._dice = dice
        self.exceptions = client.exceptions
        self.faults: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        return self._half_written if name == "batch_write_item" else self._struck(getattr(self._client, name))

    def _struck(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(**parameters: Any) -> Any:
            fault = next((name for name, share in HOW_OFTEN.items() if self._dice.random() < share), "none")
            self.faults[fault] += 1
            match fault:
                case "throttled":
                    raise _refusal("ThrottlingException", 400)
                case "failed":
                    raise _refusal("InternalServerError", 500)
                case "unreachable":
                    raise ConnectTimeoutError(endpoint_url="https://dynamodb.example")
                case "reply lost":
                    real(**parameters)
                    raise ReadTimeoutError(endpoint_url="https://dynamodb.example")
            return real(**parameters)

        return call

    def _half_written(self, RequestItems: dict[str, list[Any]]) -> Any:
        """Often some of a batch are not processed, and now and then none."""
        ((table, requests),) = RequestItems.items()
        kept = requests if self._dice.random() < 0.7 else [each for each in requests if self._dice.random() < 0.8]
        if kept:
            self._struck(self._client.batch_write_item)(RequestItems={table: kept})
        left = [each for each in requests if not any(each is one for one in kept)]
        self.faults["half written"] += bool(left)
        return {"UnprocessedItems": {table: left} if left else {}}


def _refusal(code: str, status: int) -> ClientError:
    reply: Any = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(reply, "AnyCall")


@pytest.fixture
def memory(table: Table, keys: Keys) -> Memory:
    """A table that has the keys already."""
    assert keys
    return Memory(clients.dynamodb(), table.name)


@pytest.fixture
def faulty(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> Faulty:
    """Every function's table is the faulty one, and nobody waits."""
    client = Faulty(memory, Random(7))  # noqa: S311 - a day that can be repeated
    monkeypatch.setattr(clients, "dynamodb", cache(lambda: client))
    for module in (tables, links, consents):
        monkeypatch.setattr(module, "sleep", lambda _: None)
    return client


def sent() -> Iterator[dict[str, Any]]:
    """Browsing and orders of some customers, some on two devices, one in fifty without a time of its own."""
    for n in range(EVENTS):
        customer = n % CUSTOMERS
        event: dict[str, Any] = {"event": "Product Viewed", "messageId": f"m{n}", "properties": {"product_id": "lamp"}}
        if n % 50:
            event["timestamp"] = (NOW - timedelta(seconds=n)).isoformat()
        if n % 10 == 0:
            event |= {
                "event": "Order Completed",
                "properties": {"order_id": n, "products": [{"product_id": "lamp"}] * 9},
            }
        event |= {"userId": f"c{customer}"} if n % 3 else {"anonymousId": f"device-{customer}"}
        yield event | ({"anonymousId": f"device-{customer}"} if n % 40 == 1 else {})


def delivered(api: Api, batch: list[Any]) -> int:
    """Send a batch until it is taken; how often it was refused. No reply below 500 stands for a store's failure."""
    for refused in range(200):
        reply = api.server.post("/v1/batch", {"batch": batch})
        if reply.status == 200:
            assert reply.json() == {"accepted": len(batch), "rejected": []}
            return refused
        assert (reply.status, reply.headers["retry-after"]) == (503, "2"), reply.text
        assert "accepted" not in reply.json()
    raise AssertionError("never taken")


def test_of_100_000_events_none_is_lost_and_none_is_double(faulty: Faulty, memory: Memory, keys: Keys) -> None:
    api, events = Api(keys), list(sent())
    refused = sum(delivered(api, list(batch)) for batch in batched(events, A_CALL, strict=False))
    assert refused > 100
    assert min(faulty.faults[name] for name in (*HOW_OFTEN, "half written")) > 100
    kept = Counter(sk.rpartition("#")[2] for _, sk in memory.items if sk.startswith(("EVENT#", "ORDER#")))
    assert kept == Counter(event["messageId"] for event in events)

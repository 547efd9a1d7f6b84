"""The table's client as the stores have it: replies are taken as they are, and mean what botocore would say of them."""

import gc
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError

from shared.stores import clients
from shared.stores.table import Table
from tests.conftest import TABLE

RECORDS: list[dict[str, Any]] = [
    {"pk": "a", "sk": str(n), "text": 'Grüße "💡"', "n": n, "yes": True, "list": ["x", 1], "map": {"k": "v"}}
    for n in range(5)
]


@pytest.fixture
def plain(table: Table) -> Any:
    """A client that nobody has taught anything."""
    table.write_many(RECORDS)
    return botocore.session.get_session().create_client("dynamodb")


ASKED: dict[str, dict[str, Any]] = {
    "get_item": {"TableName": TABLE, "Key": {"pk": {"S": "a"}, "sk": {"S": "1"}}},
    "batch_get_item": {"RequestItems": {TABLE: {"Keys": [{"pk": {"S": "a"}, "sk": {"S": str(n)}} for n in range(3)]}}},
    "query": {
        "TableName": TABLE,
        "Limit": 2,
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": "a"}},
        "ReturnConsumedCapacity": "TOTAL",
    },
    "scan": {"TableName": TABLE},
}


@pytest.mark.parametrize("operation", ASKED)
def test_a_reply_says_what_botocore_makes_of_it(plain: Any, operation: str) -> None:
    ours: Any = getattr(clients.dynamodb(), operation)(**ASKED[operation])
    theirs = getattr(plain, operation)(**ASKED[operation])
    assert ours.pop("ResponseMetadata")["HTTPStatusCode"] == theirs.pop("ResponseMetadata")["HTTPStatusCode"] == 200
    assert ours == theirs
    assert ours.get("Items", ours.get("Item", ours.get("Responses")))


def test_a_refusal_is_still_an_error_with_its_code(table: Table) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        clients.dynamodb().get_item(TableName=f"{table.name}-not", Key={"pk": {"S": "a"}, "sk": {"S": "1"}})


def test_a_reply_that_is_no_json_is_left_to_botocore() -> None:
    reply = {"status_code": 200, "body": b'{"Items": [', "headers": {}}
    told: dict[str, Any] = {}
    clients._as_it_is(reply, told)
    assert (reply["body"], told) == (b'{"Items": [', {})


def test_the_services_logs_see_who_asks(table: Table) -> None:
    seen: list[str] = []

    def note(request: Any, **_: Any) -> None:
        seen.append(request.headers["User-Agent"].decode())

    clients.dynamodb().meta.events.register_first("before-send.dynamodb", note)
    table.get("a", "b")
    clients.dynamodb().meta.events.unregister("before-send.dynamodb", note)
    (agent,) = seen
    assert agent.startswith(clients.AGENT)
    assert "boto" not in agent.lower()


def test_the_first_client_sets_the_collector_to_work_again(table: Table) -> None:
    """On what comes from now on: whatever was imported stays."""
    assert table
    clients._session.cache_clear()
    clients.dynamodb.cache_clear()
    usual = gc.get_threshold()
    try:
        gc.set_threshold(300_000)
        clients.dynamodb()
        assert gc.get_threshold() == usual == (clients.YOUNG_OBJECTS, *usual[1:])
        assert gc.get_freeze_count() > 0
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()

"""The table's batches, their retries, and its errors in the domain's words."""

from collections.abc import Callable
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from moto.core.models import botocore_stubber

from shared.domain.errors import StoreUnavailableError
from shared.stores import clients
from shared.stores.table import ATTEMPTS, Table, pack, unpack
from tests.shared.stores.faults import DOWN, THROTTLED, refusing, unreachable


class Strict:
    """The client, with DynamoDB's own limits on batches (moto has none), which does at most `share` of each batch."""

    def __init__(self, client: Any, share: int = 100) -> None:
        self._client = client
        self._share = share

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def batch_write_item(self, RequestItems: dict[str, Any]) -> Any:  # noqa: N803 - the API's name
        ((table, requests),) = RequestItems.items()
        keys = [str(each.get("PutRequest", {}).get("Item", {}).get("pk") or each) for each in requests]
        assert 1 <= len(requests) <= 25
        assert len(set(keys)) == len(keys)
        if self._share:
            self._client.batch_write_item(RequestItems={table: requests[: self._share]})
        left = requests[self._share :]
        return {"UnprocessedItems": {table: left} if left else {}}

    def batch_get_item(self, RequestItems: dict[str, Any]) -> Any:  # noqa: N803
        ((table, request),) = RequestItems.items()
        keys = request["Keys"]
        assert 1 <= len(keys) <= 100
        assert len({str(key) for key in keys}) == len(keys)
        assert request["ConsistentRead"]
        reply: dict[str, Any] = {"Responses": {table: []}}
        if self._share:
            reply = self._client.batch_get_item(RequestItems={table: request | {"Keys": keys[: self._share]}})
        left = keys[self._share :]
        return reply | {"UnprocessedKeys": {table: request | {"Keys": left}} if left else {}}


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that would have been made."""
    made: list[float] = []
    monkeypatch.setattr("shared.stores.table.sleep", made.append)
    return made


def strict(table: Table, share: int = 100) -> Table:
    client: Any = Strict(clients.dynamodb(), share)
    return Table(client, table.name)


def rows(n: int) -> list[dict[str, Any]]:
    return [{"pk": f"row-{i:03d}", "sk": "S", "n": i} for i in range(n)]


def keys(n: int) -> list[tuple[str, str]]:
    return [(row["pk"], row["sk"]) for row in rows(n)]


@pytest.mark.parametrize("n", [0, 1, 25, 26, 101])
def test_batches_of_any_size_are_written_read_and_deleted(table: Table, n: int) -> None:
    strict(table).write_many(rows(n))
    found = strict(table).get_many(keys(n + 1))
    assert sorted(found, key=lambda row: row["pk"]) == rows(n)
    strict(table).write_many(deletes=keys(n))
    assert strict(table).get_many(keys(n)) == []


def test_of_several_writes_to_one_key_the_last_wins(table: Table) -> None:
    same = [{"pk": "p", "sk": "s", "n": n} for n in range(30)]
    strict(table).write_many(same)
    assert strict(table).get_many([("p", "s")] * 101) == [{"pk": "p", "sk": "s", "n": 29}]


def test_what_a_batch_leaves_is_asked_for_again(table: Table, pauses: list[float]) -> None:
    reluctant = strict(table, share=30)
    reluctant.write_many(rows(75))
    assert pauses == []
    assert len(strict(table, share=20).get_many(keys(75))) == 75
    assert len(pauses) == 3
    strict(table, share=5).write_many(rows(25))
    assert len(pauses) == 3 + 4


@pytest.mark.parametrize("call", [lambda table: table.write_many(rows(1)), lambda table: table.get_many(keys(1))])
def test_a_batch_that_is_never_done_is_our_failure(
    table: Table, pauses: list[float], call: Callable[[Table], Any]
) -> None:
    with pytest.raises(StoreUnavailableError):
        call(strict(table, share=0))
    assert len(pauses) == ATTEMPTS
    assert all(pause <= 0.05 * 2**attempt for pause, attempt in zip(pauses, count(), strict=False))


CALLS: dict[str, Callable[[Table], Any]] = {
    "get": lambda table: table.get("p", "s"),
    "put": lambda table: table.put({"pk": "p", "sk": "s"}),
    "put_if": lambda table: table.put_if({"pk": "p", "sk": "s"}, "attribute_not_exists(pk)"),
    "update_if": lambda table: table.update_if(
        ("p", "s"), "ADD #n :n", "attribute_not_exists(#n)", {"#n": "n"}, {":n": 1}
    ),
    "query": lambda table: table.query("p", "s", 1),
    "query_all": lambda table: list(table.query_all("p")),
    "query_index": lambda table: table.query_index("catalogue", "shelf", "1", "item_id", "", 1),
    "get_many": lambda table: table.get_many([("p", "s")]),
    "write_many": lambda table: table.write_many([{"pk": "p", "sk": "s"}]),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_table_in_trouble_is_unavailable_and_a_fault_of_ours_is_not(
    table: Table, call: Callable[[Table], Any]
) -> None:
    client = clients.dynamodb()
    for error in (THROTTLED, DOWN, ("ThrottlingException", 400), ("RequestLimitExceeded", 400)):
        with refusing(client, error=error), pytest.raises(StoreUnavailableError, match=error[0]):
            call(table)
    with unreachable(client), pytest.raises(StoreUnavailableError, match="EndpointConnectionError"):
        call(table)
    with refusing(client, error=("ValidationException", 400)), pytest.raises(ClientError, match="ValidationException"):
        call(table)
    call(table)


def test_conditions(table: Table) -> None:
    record = {"pk": "p", "sk": "s", "n": 1}
    assert table.put_if(record, "attribute_not_exists(pk)")
    assert not table.put_if(record | {"n": 2}, "attribute_not_exists(pk)")
    assert table.get("p", "s") == record
    add = ("ADD #n :more", "#n < :most", {"#n": "n"}, {":more": 5, ":most": 3})
    assert table.update_if(("p", "s"), *add)
    assert not table.update_if(("p", "s"), *add)
    assert table.get("p", "s") == record | {"n": 6}


def test_queries_are_bounded_and_ordered(table: Table) -> None:
    table.write_many({"pk": "p", "sk": f"{prefix}#{n}"} for prefix in "AB" for n in range(5))
    assert [row["sk"] for row in table.query("p", "A#", 2)] == ["A#0", "A#1"]
    assert [row["sk"] for row in table.query("p", "A#", 2, newest_first=True)] == ["A#4", "A#3"]
    assert len(list(table.query_all("p"))) == 10
    assert table.query("nobody", "A#", 2) == []


def test_none_is_left_out_and_values_come_back_as_they_went() -> None:
    record = {"pk": "ü", "list": ["a", ""], "flag": True, "n": Decimal("1.5"), "none": None}
    assert unpack(pack(record)) == {name: value for name, value in record.items() if value is not None}


def test_a_conditional_write_whose_reply_was_lost_is_known_as_our_own(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client repeats it, and the condition does not hold any more: for what stands there now is what we wrote."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    events, lost = clients.dynamodb().meta.events, iter([True])

    def lose(request: Any, **_: Any) -> None:
        if next(lost, False):
            botocore_stubber("", request)
            raise ReadTimeoutError(endpoint_url=request.url)

    events.register_first("before-send.dynamodb.PutItem", lose)
    assert table.put_if({"pk": "a", "sk": "b"}, "attribute_not_exists(pk)")
    assert not table.put_if({"pk": "a", "sk": "b"}, "attribute_not_exists(pk)")
    lost = iter([True])
    assert not table.put_if({"pk": "a", "sk": "b"} | {"n": 2}, "attribute_not_exists(pk)")

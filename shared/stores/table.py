"""The one DynamoDB table, as plain dictionaries: typed values, batches with retries, errors in the domain's words.

Every record has a partition key `pk` and a sort key `sk`. Each store owns its own prefixes of both.
"""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import batched
from time import sleep
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from shared.domain.errors import StoreUnavailableError
from shared.stores.typed import plain, typed

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Record = dict[str, Any]
Key = tuple[str, str]
"""`pk` and `sk`."""

WRITE_BATCH = 25
READ_BATCH = 100
ATTEMPTS = 6
FIRST_PAUSE_SECONDS = 0.05
TRANSIENT = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TransactionConflictException",
}
NOT_OURS = {
    "ExpiredTokenException",
    "InvalidSignatureException",
    "RequestExpired",
    "UnrecognizedClientException",
}
"""What AWS says where a machine's clock is minutes off, or its credentials have run out: another one may be right."""

LOST = "ConditionalCheckFailed"
PASSING = {"None", LOST, "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
"""Reasons of a cancelled transaction that the next attempt may not meet."""


class Put(NamedTuple):
    """A record to be written, if `condition` holds for what stands there; `values` fill its placeholders."""

    record: Record
    condition: str = ""
    values: Mapping[str, Any] = MappingProxyType({})


class Add(NamedTuple):
    """Whole numbers to be added to attributes of the record under a key, which is made where there is none.

    Only if `condition` holds for what stands there; `names` and `values` fill its placeholders.
    """

    key: Key
    amounts: Mapping[str, int]
    expires_at: int
    condition: str = ""
    names: Mapping[str, str] = MappingProxyType({})
    values: Mapping[str, Any] = MappingProxyType({})


class Delete(NamedTuple):
    """A record to be deleted, if it is there."""

    key: Key


def pack(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record in DynamoDB's typed form; None values are left out."""
    return {name: typed(value) for name, value in record.items() if value is not None}


def unpack(item: Mapping[str, Any]) -> Record:
    """A record from DynamoDB's typed form; numbers come back as `Decimal`."""
    return {name: plain(value) for name, value in item.items()}


class Table:
    """A thin view of one table. All methods raise `StoreUnavailableError` when the table stays out of reach."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        self._client = client
        self.name = name

    def get(self, pk: str, sk: str, *, consistent: bool = True) -> Record | None:
        """The record under these keys, or None."""
        with _translated():
            reply = self._client.get_item(
                TableName=self.name, Key=pack({"pk": pk, "sk": sk}), ConsistentRead=consistent
            )
        return unpack(reply["Item"]) if "Item" in reply else None

    def put(self, record: Mapping[str, Any]) -> None:
        """Write the record, over whatever stood there."""
        with _translated():
            self._client.put_item(TableName=self.name, Item=pack(record))

    def put_if(self, record: Mapping[str, Any], condition: str, values: Mapping[str, Any] | None = None) -> bool:
        """Write the record if `condition` holds for what stands there; whether it was written."""
        optional: Any = {"ExpressionAttributeValues": pack(values)} if values else {}
        item = pack(record)
        with _translated():
            try:
                self._client.put_item(
                    TableName=self.name,
                    Item=item,
                    ConditionExpression=condition,
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    **optional,
                )
            except self._client.exceptions.ConditionalCheckFailedException as error:
                return _is_own(error, item)
        return True

    def transact(self, writes: Sequence[Put | Add | Delete]) -> list[str]:
        """Write all, or none: then the reasons, one for each write; `LOST` where its condition did not hold."""
        actions: Any = [_action(self.name, write) for write in writes]
        with _translated():
            try:
                self._client.transact_write_items(TransactItems=actions)
            except self._client.exceptions.TransactionCanceledException as error:
                reasons = [str(reason.get("Code", "None")) for reason in error.response["CancellationReasons"]]
                if not set(reasons) <= PASSING:
                    raise
                return reasons
        return []

    def update_if(
        self, key: tuple[str, str], expression: str, condition: str, names: Mapping[str, str], values: Mapping[str, Any]
    ) -> bool:
        """Update a record if `condition` holds for it; `names` and `values` fill the placeholders; whether it was."""
        with _translated():
            try:
                self._client.update_item(
                    TableName=self.name,
                    Key=pack({"pk": key[0], "sk": key[1]}),
                    UpdateExpression=expression,
                    ConditionExpression=condition,
                    ExpressionAttributeNames=names,
                    ExpressionAttributeValues=pack(values),
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return False
        return True

    def query(self, pk: str, prefix: str, limit: int, *, newest_first: bool = False) -> list[Record]:
        """At most `limit` records of one partition whose sort key begins with `prefix`; one consistent query."""
        condition, values = "pk = :pk AND begins_with(sk, :prefix)", {":pk": pk, ":prefix": prefix}
        return self._query(condition, values, limit, ConsistentRead=True, ScanIndexForward=not newest_first)

    def query_prefix(self, pk: str, prefix: str) -> Iterator[Record]:
        """Every record of one partition whose sort key begins with `prefix`, page by page, consistently."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self.name,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=pack({":pk": pk, ":prefix": prefix}),
            ConsistentRead=True,
        )
        with _translated():
            for page in pages:
                yield from map(unpack, page["Items"])

    def query_after(self, pk: str, after: str, limit: int) -> list[Record]:
        """At most `limit` records of one partition with a sort key greater than `after`; eventually consistent."""
        return self._query("pk = :pk AND sk > :after", {":pk": pk, ":after": after}, limit)

    def _query(self, condition: str, values: Mapping[str, Any], limit: int, **options: Any) -> list[Record]:
        """One page of a query; `values` fill the placeholders of `condition`."""
        with _translated():
            reply = self._client.query(
                TableName=self.name,
                KeyConditionExpression=condition,
                ExpressionAttributeValues=pack(values),
                Limit=limit,
                **options,
            )
        return [unpack(item) for item in reply["Items"]]

    def query_all(self, pk: str, *, consistent: bool = False) -> Iterator[Record]:
        """Every record of one partition, page by page."""
        return self._query_pages("pk", pk, ConsistentRead=consistent)

    def scan(self, prefix: str) -> Iterator[Record]:
        """Every record of the partitions whose key begins with `prefix`. Reads the whole table, consistently."""
        pages = self._client.get_paginator("scan").paginate(
            TableName=self.name,
            FilterExpression="begins_with(pk, :prefix)",
            ExpressionAttributeValues=pack({":prefix": prefix}),
            ConsistentRead=True,
        )
        with _translated():
            for page in pages:
                yield from map(unpack, page["Items"])

    def query_index_all(self, index: str, attribute: str, value: str) -> Iterator[Record]:
        """Every record of one partition of an index, page by page, eventually consistent."""
        return self._query_pages(attribute, value, IndexName=index)

    def _query_pages(self, attribute: str, value: str, **options: Any) -> Iterator[Record]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self.name,
            KeyConditionExpression="#a = :v",
            ExpressionAttributeNames={"#a": attribute},
            ExpressionAttributeValues=pack({":v": value}),
            **options,
        )
        with _translated():
            for page in pages:
                yield from map(unpack, page["Items"])

    def query_index(self, index: str, attribute: str, value: str, sort: str, after: str, limit: int) -> list[Record]:
        """At most `limit` records of one partition of an index, those with `sort` greater than `after` (all for "")."""
        # A key is never compared with an empty string.
        beyond: Any = ("#p = :p AND #s > :after", {"#s": sort}, {":after": after}) if after else ("#p = :p", {}, {})
        condition, names, values = beyond
        names, values = {"#p": attribute, **names}, {":p": value, **values}
        return self._query(condition, values, limit, IndexName=index, ExpressionAttributeNames=names)

    def query_index_down(
        self, index: str, partition: tuple[str, str], until: tuple[str, str], limit: int
    ) -> list[Record]:
        """At most `limit` records of one partition of an index, from the sort key `until` (included) downwards."""
        return self._query(
            "#p = :p AND #s <= :until",
            {":p": partition[1], ":until": until[1]},
            limit,
            IndexName=index,
            ExpressionAttributeNames={"#p": partition[0], "#s": until[0]},
            ScanIndexForward=False,
        )

    def query_index_between(
        self,
        index: str,
        partition: tuple[str, str],
        sort: tuple[str, str, str],
        limit: int,
        *,
        newest_first: bool = False,
    ) -> list[Record]:
        """At most `limit` records of one partition of an index, from one sort key to another, both included."""
        return self._query(
            "#p = :p AND #s BETWEEN :low AND :high",
            {":p": partition[1], ":low": sort[1], ":high": sort[2]},
            limit,
            IndexName=index,
            ExpressionAttributeNames={"#p": partition[0], "#s": sort[0]},
            ScanIndexForward=not newest_first,
        )

    def count_index(self, index: str, attribute: str, value: str, most: int) -> int:
        """How many records of one partition of an index there are, counted up to `most`, or a megabyte of them."""
        with _translated():
            reply = self._client.query(
                TableName=self.name,
                IndexName=index,
                KeyConditionExpression="#p = :p",
                ExpressionAttributeNames={"#p": attribute},
                ExpressionAttributeValues=pack({":p": value}),
                Select="COUNT",
                Limit=most,
            )
        return reply["Count"]

    def get_many(self, keys: Iterable[tuple[str, str]], *, consistent: bool = True) -> list[Record]:
        """The records under these keys that exist, in no particular order."""
        records: list[Record] = []
        for some in batched(dict.fromkeys(keys), READ_BATCH, strict=False):
            records.extend(self._get_batch([pack({"pk": pk, "sk": sk}) for pk, sk in some], consistent))
        return records

    def _get_batch(self, keys: Sequence[Mapping[str, Any]], consistent: bool) -> Iterator[Record]:
        for pause in pauses():
            with _translated():
                reply = self._client.batch_get_item(
                    RequestItems={self.name: {"Keys": list(keys), "ConsistentRead": consistent}}
                )
            yield from map(unpack, reply["Responses"].get(self.name, []))
            left = reply.get("UnprocessedKeys", {})
            if self.name not in left:
                return
            keys = left[self.name]["Keys"]
            sleep(pause)
        raise StoreUnavailableError("The table did not give all the records asked for.")

    def write_many(self, puts: Iterable[Mapping[str, Any]] = (), deletes: Iterable[tuple[str, str]] = ()) -> None:
        """Put and delete in batches. Of several puts with one key the last wins. All is written, or it raises."""
        requests = {(record["pk"], record["sk"]): {"PutRequest": {"Item": pack(record)}} for record in puts}
        for pk, sk in deletes:
            requests[pk, sk] = {"DeleteRequest": {"Key": pack({"pk": pk, "sk": sk})}}
        for some in batched(requests.values(), WRITE_BATCH, strict=False):
            self._write_batch(list(some))

    def _write_batch(self, requests: list[Any]) -> None:
        for pause in pauses():
            with _translated():
                reply = self._client.batch_write_item(RequestItems={self.name: requests})
            requests = list(reply.get("UnprocessedItems", {}).get(self.name, []))
            if not requests:
                return
            sleep(pause)
        raise StoreUnavailableError("The table did not take all the records.")


def pauses() -> Iterator[float]:
    """Exponential backoff with full jitter, in seconds."""
    for attempt in range(ATTEMPTS):
        yield random.uniform(0, FIRST_PAUSE_SECONDS * 2**attempt)  # noqa: S311 - jitter, not a secret


def _action(table: str, write: Put | Add | Delete) -> dict[str, Any]:
    match write:
        case Put():
            return {"Put": _conditional(table, write)}
        case Add():
            return {"Update": _adding(table, write)}
        case Delete():
            return {"Delete": {"TableName": table, "Key": _packed_key(write.key)}}


def _adding(table: str, add: Add) -> dict[str, Any]:
    names = {f"#{n}": name for n, name in enumerate(add.amounts)}
    values = {f":{n}": amount for n, amount in enumerate(add.amounts.values())}
    sums = ", ".join(f"#{n} :{n}" for n in range(len(names)))
    action = {
        "TableName": table,
        "Key": _packed_key(add.key),
        "UpdateExpression": f"ADD {sums} SET expires_at = :expires",
        "ExpressionAttributeNames": {**names, **add.names},
        "ExpressionAttributeValues": pack({**values, **add.values, ":expires": add.expires_at}),
    }
    return action | ({"ConditionExpression": add.condition} if add.condition else {})


def _packed_key(key: Key) -> dict[str, Any]:
    return pack({"pk": key[0], "sk": key[1]})


def _conditional(table: str, put: Put) -> dict[str, Any]:
    action: dict[str, Any] = {"TableName": table, "Item": pack(put.record)}
    if put.condition:
        action["ConditionExpression"] = put.condition
    return action | ({"ExpressionAttributeValues": pack(put.values)} if put.values else {})


def _is_own(error: ClientError, item: Mapping[str, Any]) -> bool:
    """Whether the write was refused for itself: the client repeats one whose reply was lost, and then meets its own."""
    repeated: Any = error.response["ResponseMetadata"].get("RetryAttempts", 0)
    return bool(repeated) and error.response.get("Item") == item


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the client's errors that a later try may mend into the domain's; a fault of ours passes through."""
    try:
        yield
    except ClientError as error:
        code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        if status >= 500 or code in TRANSIENT | NOT_OURS:
            raise StoreUnavailableError(f"The table refused: {code}.") from error
        raise
    except BotoCoreError as error:
        raise StoreUnavailableError(f"The table was out of reach: {type(error).__name__}.") from error

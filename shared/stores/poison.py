"""Stream records that could not be processed, whole, each an object of the bucket until it is redriven.

An object is `poison/shard=S/CONSUMER/SHARD-SEQUENCE.json`, S as in the archive, so that whatever is kept of one shopper
lies under one prefix. Setting a record aside again writes the same object.
"""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from shared.domain.events import CustomerRef
from shared.stores.archive import shard_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ROOT = "poison/"
OWNER = "CUSTOMER#"


class Poison(NamedTuple):
    """Where a record is set aside, which function could not process it, and the stream's shard that it came from."""

    key: str
    consumer: str
    stream_shard: str


class PoisonStore:
    """Sets records aside, and gives them back."""

    def __init__(self, s3: "S3Client", bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def put(self, consumer: str, name: str, record: Mapping[str, Any]) -> None:
        """Set a stream record aside for this consumer, as it came."""
        key = f"{ROOT}{_shard(record)}/{consumer}/{name}.json"
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=json.dumps(record).encode())

    def all(self) -> Iterator[Poison]:
        """All that are set aside, those of one shard of the stream in its order."""
        yield from sorted(map(_poison, self._keys(ROOT)), key=_order)

    def get(self, key: str) -> dict[str, Any]:
        """A record as it was set aside."""
        record: dict[str, Any] = json.loads(self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read())
        return record

    def delete(self, key: str) -> None:
        self._s3.delete_object(Bucket=self._bucket, Key=key)

    def _keys(self, prefix: str) -> Iterator[str]:
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix):
            yield from (entry["Key"] for entry in page.get("Contents", []))


def _owner(record: Mapping[str, Any]) -> str:
    """Whose record it is, as far as its key can be read: anything may be wrong with it."""
    try:
        return str(record["dynamodb"]["Keys"]["pk"]["S"]).removeprefix(OWNER)
    except (KeyError, TypeError):
        return ""


def _shard(record: Mapping[str, Any]) -> str:
    kind, _, id_ = _owner(record).partition(":")
    return shard_of(CustomerRef.model_construct(kind=kind, id=id_))


def _poison(key: str) -> Poison:
    consumer, name = key.split("/")[2:4]
    return Poison(key, consumer, name.removesuffix(".json").rpartition("-")[0])


def _order(poison: Poison) -> tuple[str, str, int]:
    sequence = poison.key.removesuffix(".json").rpartition("-")[2]
    return poison.consumer, poison.stream_shard, int(sequence)

"""Records of the stream that could not be worked on, which lie whole in the bucket until they are driven again.

Objects are `poison/shard=S/CONSUMER/NAME.json`, each the JSON of a stream record. There are few, if any.
"""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from shared.domain.events import CustomerRef
from shared.domain.rights import Cut
from shared.stores.events import partition
from shared.stores.shoppers import PREFIX, moment
from shared.stores.table import unpack

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ROOT = "poison/"
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError)
"""What reading one may raise: anything may be wrong with a record that could not be worked on."""


class PoisonedRecords:
    """Finds and deletes shoppers' poison records."""

    def __init__(self, s3: "S3Client", bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def count(self, customers: frozenset[CustomerRef] | None, cut: Cut) -> int:
        """How many an erasure of these customers, or of all, takes."""
        return sum(1 for _ in self._doomed(customers, cut))

    def erase(self, customers: frozenset[CustomerRef] | None, cut: Cut) -> None:
        for key in self._doomed(customers, cut):
            self._s3.delete_object(Bucket=self._bucket, Key=key)

    def _doomed(self, customers: frozenset[CustomerRef] | None, cut: Cut) -> Iterator[str]:
        owners = None if customers is None else {partition(each) for each in customers}
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=ROOT)
        for key in [entry["Key"] for page in pages for entry in page.get("Contents", [])]:
            if is_doomed(self._get(key), owners, cut):
                yield key

    def _get(self, key: str) -> str:
        """The text; none where the record was driven again meanwhile."""
        try:
            return self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read().decode(errors="replace")
        except self._s3.exceptions.NoSuchKey:
            return ""


def is_doomed(text: str, owners: set[str] | None, cut: Cut) -> bool:
    """Whether an erasure of these partitions, or of all customers', takes this record.

    One whose key cannot be read is searched as it stands; one whose time cannot be read is taken whenever it was.
    """
    record = _record(text)
    if record is None:
        return bool(text) and (owners is None or any(_stands_in(text, owner) for owner in owners))
    if not (record["pk"].startswith(PREFIX) if owners is None else record["pk"] in owners):
        return False
    try:
        return cut.takes(moment(record))
    except UNREADABLE:
        return True


def _record(text: str) -> Mapping[str, Any] | None:
    try:
        change = json.loads(text)["dynamodb"]
        keys = {name: str(change["Keys"][name]["S"]) for name in ("pk", "sk")}
    except UNREADABLE:
        return None
    try:
        return unpack(change["NewImage"]) | keys
    except UNREADABLE:
        return keys


def _stands_in(text: str, owner: str) -> bool:
    return json.dumps(owner) in text or json.dumps(owner, ensure_ascii=False) in text

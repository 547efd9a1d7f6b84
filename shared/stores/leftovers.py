"""Records of the stream that could not be worked on, which lie whole in the bucket until they are driven again.

Objects are `poison/shard=S/CONSUMER/NAME.json`, each the JSON of a stream record. There are few, if any.
"""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from shared.domain.events import CustomerRef
from shared.domain.rights import Cut
from shared.stores.shoppers import PREFIX, moment
from shared.stores.table import unpack

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ROOT = "poison/"


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
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=ROOT)
        for key in [entry["Key"] for page in pages for entry in page.get("Contents", [])]:
            if self._is_doomed(key, customers, cut):
                yield key

    def _is_doomed(self, key: str, customers: frozenset[CustomerRef] | None, cut: Cut) -> bool:
        """Raises where the object is not what it should be: then nobody may say that nothing is left."""
        try:
            change = json.loads(self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read())["dynamodb"]
        except self._s3.exceptions.NoSuchKey:
            return False  # driven again meanwhile
        record = unpack(change.get("NewImage", {}) | change["Keys"])
        if not record["pk"].startswith(PREFIX):
            return False
        customer = CustomerRef.parse(record["pk"].removeprefix(PREFIX))
        return (customers is None or customer in customers) and cut.takes(moment(record))

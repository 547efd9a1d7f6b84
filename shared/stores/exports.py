"""Exports of shoppers, ready to be fetched: objects of the bucket that a lifecycle rule deletes after a few days.

Each customer's partition has a record of the exports that hold something of them, so that erasure finds those too.
"""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from shared.domain.errors import ConflictError, StoreUnavailableError
from shared.domain.events import CustomerRef
from shared.stores.events import partition
from shared.stores.table import Table

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ROOT = "exports/"
MARK = "EXPORT#"
KEPT = timedelta(days=7)
URL_SECONDS = 300
MOST = 1000


class ExportStore:
    """Keeps exports for a week, or until their customer is erased."""

    def __init__(self, table: Table, s3: "S3Client", bucket: str) -> None:
        self._table = table
        self._s3 = s3
        self._bucket = bucket

    def put(self, job_id: str, customers: Iterable[CustomerRef], document: bytes, now: datetime) -> None:
        """Keep an export. Raises `ConflictError` where one of the customers is erased meanwhile."""
        keys = [(partition(customer), MARK + job_id) for customer in customers]
        expires = int((now + KEPT).timestamp())
        self._table.write_many({"pk": pk, "sk": sk, "expires_at": expires} for pk, sk in keys)
        self._s3.put_object(
            Bucket=self._bucket, Key=_object(job_id), Body=document, ContentType="application/json; charset=utf-8"
        )
        if len(self._table.get_many(keys)) < len(keys):
            self._delete([job_id])
            raise ConflictError("The customer was erased while the export was written.")

    def size(self, job_id: str) -> int | None:
        """An export's size in bytes; None where it is not there any more. Raises `StoreUnavailableError`."""
        try:
            return self._s3.head_object(Bucket=self._bucket, Key=_object(job_id))["ContentLength"]
        except (ClientError, BotoCoreError) as error:
            if isinstance(error, ClientError) and error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                return None
            raise StoreUnavailableError("The bucket does not say whether the export is there.") from error

    def read(self, job_id: str) -> bytes:
        """Raises `StoreUnavailableError`."""
        try:
            return self._s3.get_object(Bucket=self._bucket, Key=_object(job_id))["Body"].read()
        except (ClientError, BotoCoreError) as error:
            raise StoreUnavailableError("The bucket does not give the export.") from error

    def url(self, job_id: str) -> str:
        """Where whoever holds this address can fetch the export within the next minutes."""
        where = {"Bucket": self._bucket, "Key": _object(job_id)}
        return self._s3.generate_presigned_url("get_object", Params=where, ExpiresIn=URL_SECONDS)

    def erase(self, customers: Iterable[CustomerRef]) -> None:
        """Delete the exports of these customers; their records in the partitions are the table's to erase."""
        for customer in customers:
            marks = self._table.query(partition(customer), MARK, MOST)
            self._delete([mark["sk"].removeprefix(MARK) for mark in marks])

    def erase_all(self) -> None:
        """Delete every export."""
        while found := self._list():
            self._delete([key.removeprefix(ROOT).removesuffix(".json") for key in found])

    def count_all(self) -> int:
        """How many there are, up to a thousand."""
        return len(self._list())

    def _list(self) -> list[str]:
        page = self._s3.list_objects_v2(Bucket=self._bucket, Prefix=ROOT, MaxKeys=MOST)
        return [entry["Key"] for entry in page.get("Contents", [])]

    def _delete(self, job_ids: list[str]) -> None:
        for job_id in job_ids:
            self._s3.delete_object(Bucket=self._bucket, Key=_object(job_id))


def _object(job_id: str) -> str:
    return f"{ROOT}{job_id}.json"


def as_json(document: Any) -> bytes:
    """A document as it is kept."""
    return json.dumps(document, ensure_ascii=False, indent=1).encode()

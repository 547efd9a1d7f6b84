"""Models: immutable objects in the bucket, and in the table one pointer to the champion, moved last."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, ConfigDict

from shared.domain.errors import ConflictError, NotFoundError, StoreUnavailableError
from shared.stores.table import Table

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

POINTER = ("MODEL", "CHAMPION")
VERSION = "VERSION#"
MOST_VERSIONS = 100


class ModelVersion(BaseModel):
    """A published model: its id, when, its files, and one line on what the gate said."""

    model_config = ConfigDict(frozen=True)

    model_id: str
    created_at: datetime
    files: tuple[str, ...]
    summary: str


class ModelStore:
    """Publishes models, and finds and loads the champion."""

    def __init__(self, table: Table, s3: "S3Client", bucket: str) -> None:
        self._table = table
        self._s3 = s3
        self._bucket = bucket

    def champion(self) -> str | None:
        """The champion's `model_id`, or None before the first model."""
        pointer = self._table.get(*POINTER, consistent=False)
        return pointer["model_id"] if pointer else None

    def files(self, model_id: str) -> dict[str, bytes]:
        """All files of a model by name. Raises `NotFoundError` for a model that was never published."""
        record = self._table.get("MODEL", VERSION + model_id)
        if record is None:
            raise NotFoundError(f"There is no model {model_id}.")
        names = ModelVersion.model_validate_json(record["body"]).files
        return {name: self.file(model_id, name) for name in names}

    def file(self, model_id: str, name: str) -> bytes:
        """One file of a model. Raises `NotFoundError`, or `StoreUnavailableError` while the bucket does not give it."""
        try:
            return self._s3.get_object(Bucket=self._bucket, Key=_key(model_id, name))["Body"].read()
        except self._s3.exceptions.NoSuchKey as error:
            raise NotFoundError(f"The model {model_id} has no file {name}.") from error
        except (ClientError, BotoCoreError) as error:
            raise StoreUnavailableError(f"The bucket does not give {name} of the model {model_id}.") from error

    def publish(self, model_id: str, files: Mapping[str, bytes], summary: str) -> None:
        """Write the objects, each once and never again, then the version's record. Safe to repeat after any failure."""
        for name, body in files.items():
            self._put_once(_key(model_id, name), body)
        version = ModelVersion(model_id=model_id, created_at=datetime.now(UTC), files=tuple(files), summary=summary)
        record = {"pk": "MODEL", "sk": VERSION + model_id, "body": version.model_dump_json()}
        self._table.put_if(record, "attribute_not_exists(pk)")

    def promote(self, model_id: str, over: str | None) -> None:
        """Point to this model if `over` is still the champion; raises `ConflictError` where somebody was quicker.

        Safe to repeat: the client itself repeats a write whose reply was lost.
        """
        record = {"pk": POINTER[0], "sk": POINTER[1], "model_id": model_id}
        if over is None:
            moved = self._table.put_if(record, "attribute_not_exists(pk) OR model_id = :me", {":me": model_id})
        else:
            moved = self._table.put_if(record, "model_id IN (:over, :me)", {":over": over, ":me": model_id})
        if not moved:
            raise ConflictError(f"{over or 'No model'} is not the champion any more; train again.")

    def versions(self) -> Iterable[ModelVersion]:
        """The published models, newest first."""
        found = self._table.query("MODEL", VERSION, MOST_VERSIONS, newest_first=True)
        versions = (ModelVersion.model_validate_json(record["body"]) for record in found)
        return sorted(versions, key=lambda version: version.created_at, reverse=True)

    def _put_once(self, key: str, body: bytes) -> None:
        try:
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, IfNoneMatch="*")
        except ClientError as error:
            if error.response["Error"]["Code"] != "PreconditionFailed":
                raise


def _key(model_id: str, name: str) -> str:
    return f"models/{model_id}/{name}"

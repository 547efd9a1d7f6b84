"""Models: immutable objects in the bucket, and in the table one pointer to the champion, moved last.

The pointer's record says what served before, so that a rollback goes to a model that did serve, and what was rolled
back, so that neither a further rollback nor a training that finds the same model again lets it serve. Each move is
conditional on the revision that it was decided on.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, ConfigDict

from shared.domain.errors import ConflictError, NotFoundError, StoreUnavailableError
from shared.stores.table import Record, Table

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

RANKING, SENTIMENT, DEMAND = "MODEL", "SENTIMENT", "DEMAND"
"""Kinds of models: each has its versions and its champion. The objects of all lie under `models/`."""
CHAMPION = "CHAMPION"
POINTER = (RANKING, CHAMPION)
VERSION = "VERSION#"
MOST_VERSIONS = 100
MOST_REMEMBERED = 30
"""Of what served before, and of what was rolled back: the record stays within what one cheap read gives."""


class ModelVersion(BaseModel):
    """A published model: its id, when, its files, and one line on what the gate said."""

    model_config = ConfigDict(frozen=True)

    model_id: str
    created_at: datetime
    files: tuple[str, ...]
    summary: str


class Pointer(BaseModel):
    """Which model serves. `before` are those that did until now, the latest last; `withdrawn` were rolled back."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    model_id: str
    revision: int = 0
    before: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()

    def earlier(self) -> list[str]:
        """What a rollback may go to, the latest first."""
        past = dict.fromkeys(reversed(self.before))
        return [model_id for model_id in past if model_id != self.model_id and model_id not in self.withdrawn]

    def promoted(self, model_id: str) -> "Pointer":
        """The pointer after this one, to a model that takes over."""
        return Pointer(
            model_id=model_id,
            revision=self.revision + 1,
            before=(*self.before, self.model_id)[-MOST_REMEMBERED:],
            withdrawn=_without(self.withdrawn, model_id),
        )

    def rolled_back(self, model_id: str) -> "Pointer":
        """The pointer after this one, back to a model of `earlier`."""
        last = max(at for at, each in enumerate(self.before) if each == model_id)
        return Pointer(
            model_id=model_id,
            revision=self.revision + 1,
            before=self.before[:last],
            withdrawn=(*_without(self.withdrawn, self.model_id), self.model_id)[-MOST_REMEMBERED:],
        )


class ModelStore:
    """Publishes models, and finds and loads the champion."""

    def __init__(self, table: Table, s3: "S3Client", bucket: str, kind: str = RANKING) -> None:
        self._table = table
        self._kind = kind
        self._s3 = s3
        self._bucket = bucket

    def champion(self) -> str | None:
        """The champion's `model_id`, or None before the first model."""
        pointer = self._table.get(self._kind, CHAMPION, consistent=False)
        return pointer["model_id"] if pointer else None

    def files(self, model_id: str, without: Collection[str] = ()) -> dict[str, bytes]:
        """A model's files by name. Raises `NotFoundError` for a model that was never published."""
        record = self._table.get(self._kind, VERSION + model_id)
        if record is None:
            raise NotFoundError(f"There is no model {model_id}.")
        names = ModelVersion.model_validate_json(record["body"]).files
        return {name: self.file(model_id, name) for name in names if name not in without}

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
        record = {"pk": self._kind, "sk": VERSION + model_id, "body": version.model_dump_json()}
        self._table.put_if(record, "attribute_not_exists(pk)")

    def pointer(self) -> Pointer | None:
        """The pointer as it is at this moment, or None before the first model."""
        record = self._table.get(self._kind, CHAMPION)
        return Pointer.model_validate(record) if record else None

    def promote(self, model_id: str, over: str | None) -> None:
        """Point to this model if `over` is still the champion; raises `ConflictError` where somebody was quicker.

        Safe to repeat, and a model that was rolled back may serve again: whoever promotes it wants that.
        """
        old = self.pointer()
        if old and old.model_id == model_id:
            return
        new = old.promoted(model_id) if old else Pointer(model_id=model_id)
        if (old.model_id if old else None) != over or not self._moved(old, new):
            raise ConflictError(f"{over or 'No model'} is not the champion any more; train again.")

    def roll_back(self, model_id: str, pointer: Pointer) -> None:
        """Point back to a model of `pointer.earlier()`; raises `ConflictError` where `pointer` has been moved since."""
        if not self._moved(pointer, pointer.rolled_back(model_id)):
            raise ConflictError(f"{pointer.model_id} is not the champion any more; look again.")

    def _moved(self, old: Pointer | None, new: Pointer) -> bool:
        """Whether the pointer is now `new`. The client repeats a write whose reply was lost, and then meets its own."""
        condition, values = "attribute_not_exists(pk)", {}
        if old is not None:
            # A pointer without a revision was written before there were any.
            condition = "model_id = :was AND (revision = :revision OR attribute_not_exists(revision))"
            values = {":was": old.model_id, ":revision": old.revision}
        record = {"pk": self._kind, "sk": CHAMPION, **new.model_dump()}
        return self._table.put_if(record, condition, values) or self.pointer() == new

    def versions(self) -> Iterable[ModelVersion]:
        """The published models, newest first."""
        found = self._table.query(self._kind, VERSION, MOST_VERSIONS, newest_first=True)
        versions = (ModelVersion.model_validate_json(record["body"]) for record in found)
        return sorted(versions, key=lambda version: version.created_at, reverse=True)

    def sweep(self, prefix: str, earlier: int, before: datetime) -> list[str]:
        """Delete the models whose ids begin so, and tell which they were; safe to repeat after any failure.

        The champion stays, so do as many `earlier` ones as a rollback may go to, and what is not from `before` that
        time: somebody may be publishing it. Objects go first: while one is there, its model is found again.
        """
        pointer = self.pointer()
        if pointer is None:
            return []
        kept = {pointer.model_id, *pointer.earlier()[:earlier]}
        doomed = {key: _model_of(key) for key in self._keys(prefix, before) if _model_of(key) not in kept}
        for key in doomed:
            self._s3.delete_object(Bucket=self._bucket, Key=key)
        records = [
            record["sk"] for record in self._table.query_all(self._kind, consistent=True) if _is_old(record, before)
        ]
        gone = [sk for sk in records if sk.startswith(VERSION + prefix) and sk.removeprefix(VERSION) not in kept]
        self._table.write_many(deletes=((self._kind, sk) for sk in gone))
        return sorted({*doomed.values(), *(sk.removeprefix(VERSION) for sk in gone)})

    def _keys(self, prefix: str, before: datetime) -> list[str]:
        """The objects from before that time of models whose ids begin so."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=_key(prefix))
        found = (each for page in pages for each in page.get("Contents", []))
        return [each["Key"] for each in found if each["LastModified"] < before]

    def _put_once(self, key: str, body: bytes) -> None:
        try:
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, IfNoneMatch="*")
        except ClientError as error:
            if error.response["Error"]["Code"] != "PreconditionFailed":
                raise


def _without(model_ids: tuple[str, ...], model_id: str) -> tuple[str, ...]:
    return tuple(each for each in model_ids if each != model_id)


def _is_old(record: Record, before: datetime) -> bool:
    """Whether it is a version's record from before that time."""
    return "body" in record and ModelVersion.model_validate_json(record["body"]).created_at < before


def _key(model_id: str, *name: str) -> str:
    return "/".join(("models", model_id, *name))


def _model_of(key: str) -> str:
    return key.split("/")[1]

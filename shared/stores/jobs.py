"""Exports and erasures that were asked for: how far each is, and what came of it.

They take longer than a request may. So a request is a record, which is the receipt later on and holds no personal
data, and a message in a queue, which names the customers. While a job runs, its subjects (the customers with all ids
linked to them) stand beside its record, since what would lead to them is erased on the way.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, ConfigDict

from shared.domain.errors import ConflictError, NotFoundError, StoreUnavailableError
from shared.domain.events import CustomerRef
from shared.stores.table import Record, Table

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

SORT = "JOB"
SUBJECT = "SUBJECT#"
KEPT = timedelta(days=180)
"""How long a receipt can be shown."""
SUBJECTS_KEPT = timedelta(days=14)
"""As long as the queues keep a message: who cannot be dealt with by then is not remembered for it."""
MOST_DELAY_SECONDS = 900


class Kind(StrEnum):
    """What was asked for."""

    ERASURE = "erasure"
    SHOP_ERASURE = "shop_erasure"
    EXPORT = "export"


class Status(StrEnum):
    """How far it is. Of an erasure, `sweeping` means that all is erased and will be looked through once more."""

    QUEUED = "queued"
    SWEEPING = "sweeping"
    DONE = "done"


class Sweep(BaseModel):
    """A look for what is left: when, and how many keys and lines it found."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    found: int


class Job(BaseModel):
    """A request and its outcome. `removed` counts by kind what was found and is gone; `sweeps` show that it is."""

    model_config = ConfigDict(frozen=True)

    job_id: str
    kind: Kind
    requested_at: datetime
    status: Status = Status.QUEUED
    removed: dict[str, int] | None = None
    sweeps: tuple[Sweep, ...] = ()
    completed_at: datetime | None = None
    copies_expire_at: datetime | None = None
    model_before: str | None = None
    models_without_from: datetime | None = None


class Request(BaseModel):
    """A message of the queue."""

    model_config = ConfigDict(frozen=True)

    job_id: str
    kind: Kind
    customers: tuple[CustomerRef, ...] = ()
    at: datetime


class JobStore:
    """The records of the jobs, and their subjects while they run."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, job: Job) -> Job:
        """Note a request; the job as it is, if it was noted before."""
        if self._table.put_if(_record(job, 1), "attribute_not_exists(pk)"):
            return job
        return self.get(job.job_id)

    def get(self, job_id: str) -> Job:
        """Raises `NotFoundError`."""
        return Job.model_validate_json(self._read(job_id)["body"])

    def update(self, job_id: str, **changes: Any) -> Job:
        """Change a job as it is now. Raises `ConflictError` where somebody else does at the same time."""
        record = self._read(job_id)
        job = Job.model_validate_json(record["body"]).model_copy(update=changes)
        version = int(record["version"])
        if not self._table.put_if(_record(job, version + 1), "version = :seen", {":seen": version}):
            raise ConflictError("The job is being worked on by another.")
        return job

    def add_subjects(self, job_id: str, customers: Iterable[CustomerRef], now: datetime) -> None:
        """Remember whom a job is about, for as long as it runs."""
        expires = _seconds(now + SUBJECTS_KEPT)
        self._table.write_many(
            {"pk": _partition(job_id), "sk": SUBJECT + str(customer), "expires_at": expires} for customer in customers
        )

    def subjects(self, job_id: str) -> list[CustomerRef]:
        """Whom a job is about, as far as was found out."""
        return [CustomerRef.parse(sk.removeprefix(SUBJECT)) for sk in self._subject_keys(job_id)]

    def forget_subjects(self, job_id: str) -> None:
        """Leave nothing beside the receipt."""
        self._table.write_many(deletes=[(_partition(job_id), sk) for sk in self._subject_keys(job_id)])

    def _subject_keys(self, job_id: str) -> Iterator[str]:
        records = self._table.query_all(_partition(job_id), consistent=True)
        return (record["sk"] for record in records if record["sk"].startswith(SUBJECT))

    def _read(self, job_id: str) -> Record:
        record = self._table.get(_partition(job_id), SORT)
        if record is None:
            raise NotFoundError("There is no such job.")
        return record


class PrivacyJobs:
    """Takes requests. One that is repeated with the same `key` is the same job, and is sent again until it is done."""

    def __init__(self, table: Table, sqs: "SQSClient", queue_url: str) -> None:
        self._jobs = JobStore(table)
        self._sqs = sqs
        self._queue_url = queue_url

    def request_erasure(self, customers: Sequence[CustomerRef], now: datetime, key: str) -> str:
        """Erase what these customers did until now, and all that is known of them; the job's id."""
        return self._request(Kind.ERASURE, customers, now, key)

    def request_export(self, customers: Sequence[CustomerRef], now: datetime, key: str) -> str:
        """Write down all that is known of these customers, who are one person; the job's id."""
        return self._request(Kind.EXPORT, customers, now, key)

    def request_shop_erasure(self, now: datetime, key: str) -> str:
        """Erase every shopper; the job's id."""
        return self._request(Kind.SHOP_ERASURE, (), now, key)

    def find(self, job_id: str, *kinds: Kind) -> Job:
        """Raises `NotFoundError` where there is no such job of these kinds."""
        job = self._jobs.get(job_id)
        if job.kind not in kinds:
            raise NotFoundError("There is no such job.")
        return job

    def send(self, request: Request, delay_seconds: int = 0) -> None:
        """Queue a job, or what is left of it. Raises `StoreUnavailableError`."""
        delay = min(delay_seconds, MOST_DELAY_SECONDS)
        try:
            self._sqs.send_message(QueueUrl=self._queue_url, MessageBody=request.model_dump_json(), DelaySeconds=delay)
        except (ClientError, BotoCoreError) as error:
            raise StoreUnavailableError("The queue did not take the request.") from error

    def _request(self, kind: Kind, customers: Sequence[CustomerRef], now: datetime, key: str) -> str:
        job_id = hashlib.sha256(f"{kind}:{key}".encode()).hexdigest()[:32]
        job = self._jobs.add(Job(job_id=job_id, kind=kind, requested_at=now))
        if job.status != Status.DONE:
            # Sent again, since the first time may have failed between the record and the message.
            self.send(Request(job_id=job_id, kind=kind, customers=tuple(customers), at=job.requested_at))
        return job_id


def _record(job: Job, version: int) -> Record:
    expires = _seconds(job.requested_at + KEPT)
    body = job.model_dump_json(exclude_none=True)
    return {"pk": _partition(job.job_id), "sk": SORT, "version": version, "body": body, "expires_at": expires}


def _partition(job_id: str) -> str:
    return f"JOB#{job_id}"


def _seconds(time: datetime) -> int:
    return int(time.timestamp())

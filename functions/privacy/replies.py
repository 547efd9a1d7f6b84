"""What the privacy function is asked for and answers."""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, Field, ValidationError, model_validator

from shared.domain.errors import InvalidInputError
from shared.domain.events import ANONYMOUS, KNOWN, CustomerRef, Id
from shared.stores.jobs import Job, Status, Sweep


class Subject(BaseModel):
    """Whom it is about: one of the two."""

    customer_id: Id | None = None
    anonymous_id: Id | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.customer_id is None) == (self.anonymous_id is None):
            raise ValueError("customer_id or anonymous_id is required, and not both")
        return self

    @classmethod
    def of(cls, customer_id: str | None, anonymous_id: str | None) -> Self:
        """Of a query's parameters. Raises `InvalidInputError`."""
        try:
            return cls(customer_id=customer_id, anonymous_id=anonymous_id)
        except ValidationError as error:
            raise InvalidInputError("customer_id or anonymous_id is required, and not both.") from error

    def customer(self) -> CustomerRef:
        if self.customer_id is not None:
            return CustomerRef(kind=KNOWN, id=self.customer_id)
        return CustomerRef(kind=ANONYMOUS, id=self.anonymous_id or "")


class Models(BaseModel):
    """Which models have learnt from the shopper: none that is published after `without_from`."""

    last_before: str | None
    without_from: datetime


class Erasure(BaseModel):
    """An erasure, and once its status is `done` the receipt for it."""

    erasure_id: str
    status: Status
    requested_at: datetime
    completed_at: datetime | None = None
    removed: dict[str, int] | None = Field(None, description="What was found and is erased, by kind.")
    sweeps: list[Sweep] = Field([], description="Looks for what is left, and how much each found.")
    point_in_time_copies_expire_at: datetime | None = None
    models: Models | None = None

    @classmethod
    def of(cls, job: Job) -> Self:
        models = None
        if job.models_without_from is not None:
            models = Models(last_before=job.model_before, without_from=job.models_without_from)
        return cls(
            erasure_id=job.job_id,
            status=job.status,
            requested_at=job.requested_at,
            completed_at=job.completed_at,
            removed=job.removed,
            sweeps=list(job.sweeps),
            point_in_time_copies_expire_at=job.copies_expire_at,
            models=models,
        )


class Export(BaseModel):
    """An export. Once its status is `done`, either `data` is the export or `url` is where it is, for a few minutes."""

    export_id: str
    status: Status
    requested_at: datetime
    completed_at: datetime | None = None
    data: dict[str, Any] | None = None
    url: str | None = None

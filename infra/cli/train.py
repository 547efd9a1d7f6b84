"""Training, as the schedule does it: by the deployed function, or as a job on AWS Batch where that has taken over."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from rich.console import Console

from infra.cli.deployment import Deployment
from shared.inference.card import CARD, Card
from shared.stores.models import ModelStore

POLL_SECONDS = 15.0
ENDED = {"SUCCEEDED", "FAILED"}


class TrainingFailedError(Exception):
    """The training failed; the message has its words."""


class Outcome(NamedTuple):
    """The model that was published, or why there is none; with both, why it was not promoted."""

    card: Card | None
    reason: str | None


def train(deployment: Deployment, console: Console) -> Outcome:
    """Train where the schedule does, and wait. Raises `TrainingFailedError`."""
    if deployment.access.training_job:
        return by_job(deployment, console)
    name = deployment.access.training_function
    with console.status(f"training: {name} is running"):
        reply = deployment.functions.invoke(FunctionName=name, InvocationType="RequestResponse", Payload=b"{}")
        payload: dict[str, Any] = json.loads(reply["Payload"].read())
    if reply.get("FunctionError"):
        words = payload.get("errorMessage", payload)
        raise TrainingFailedError(f"The training function failed: {words}. Its log group has the rest.")
    if payload["model_id"] is None:
        return Outcome(None, payload["reason"])
    return Outcome(Card.model_validate(payload["card"]), payload.get("not_promoted"))


def by_job(deployment: Deployment, console: Console, wait: Callable[[float], None] = time.sleep) -> Outcome:
    """Submit the job and follow it to its end; what came of it is seen in the models. Raises `TrainingFailedError`."""
    access, started = deployment.access, datetime.now(UTC)
    submitted = deployment.jobs.submit_job(
        jobName="training", jobQueue=access.training_queue, jobDefinition=access.training_job
    )
    with console.status("training: the job is submitted") as status:
        while (job := _job(deployment, submitted["jobId"]))["status"] not in ENDED:
            status.update(f"training: the job is {job['status'].lower()}")
            wait(POLL_SECONDS)
    if job["status"] == "FAILED":
        words = job.get("statusReason", "no reason given")
        raise TrainingFailedError(f"The training job {submitted['jobId']} failed: {words}. Its log group has the rest.")
    return _outcome(deployment.models, started)


def _job(deployment: Deployment, job_id: str) -> dict[str, Any]:
    job: dict[str, Any] = deployment.jobs.describe_jobs(jobs=[job_id])["jobs"][0]
    return job


def _outcome(models: ModelStore, started: datetime) -> Outcome:
    """The newest model, if it was made since; a model that the same data gave before is published once only."""
    newest = next(iter(models.versions()), None)
    if newest is None or newest.created_at < started:
        return Outcome(None, "The job published nothing new: its log says why.")
    card = Card.model_validate_json(models.file(newest.model_id, CARD))
    return Outcome(
        card, None if models.champion() == card.model_id else "Another model serves: the job's log says why."
    )

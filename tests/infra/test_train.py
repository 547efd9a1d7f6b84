"""`regulars train` where the training runs as a job: it is submitted, followed, and what came of it is told."""

from collections.abc import Iterator

import boto3
import pytest
from botocore.stub import Stubber
from rich.console import Console

from infra.cli.deployment import Access, Deployment, access_of
from infra.cli.train import POLL_SECONDS, TrainingFailedError, by_job
from shared.stores import clients
from shared.stores.models import ModelStore
from shared.stores.table import Table
from tests.conftest import BUCKET
from tests.functions.recommend.conftest import model

QUIET = Console(quiet=True)
QUEUE, JOB = "arn:aws:batch:eu-west-1:1:job-queue/q", "arn:aws:batch:eu-west-1:1:job-definition/training:1"
ACCESS = Access(
    stack="s",
    api_url="",
    table_name="t",
    bucket_name="b",
    training_function="f",
    training_queue=QUEUE,
    training_job=JOB,
)


class Batched(Deployment):
    """A deployment whose jobs are as a test says, and whose models are the local stack's."""

    def __init__(self, models: ModelStore) -> None:
        super().__init__(ACCESS)
        self.models = models
        self.jobs = boto3.client("batch", region_name="eu-west-1")


@pytest.fixture
def deployment(table: Table) -> Batched:
    return Batched(ModelStore(table, clients.s3(), BUCKET))


@pytest.fixture
def batch(deployment: Batched) -> Iterator[Stubber]:
    with Stubber(deployment.jobs) as stub:
        stub.add_response(
            "submit_job",
            {"jobName": "training", "jobId": "j1"},
            {"jobName": "training", "jobQueue": QUEUE, "jobDefinition": JOB},
        )
        yield stub
        stub.assert_no_pending_responses()


def is_now(batch: Stubber, status: str, **more: str) -> None:
    """What the next look finds."""
    detail = {"jobName": "training", "jobId": "j1", "jobQueue": QUEUE, "status": status, "startedAt": 1} | more
    batch.add_response("describe_jobs", {"jobs": [detail | {"jobDefinition": JOB}]}, {"jobs": ["j1"]})


def test_a_job_is_followed_until_its_model_is_there(deployment: Batched, batch: Stubber) -> None:
    for status in ("RUNNABLE", "RUNNING", "SUCCEEDED"):
        is_now(batch, status)
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 2:
            deployment.models.publish("m1", model(), "")
            deployment.models.promote("m1", None)

    outcome = by_job(deployment, QUIET, wait)
    assert waited == [POLL_SECONDS] * 2
    assert (outcome.card and outcome.card.model_id, outcome.reason) == ("m1", None)


def test_a_model_that_was_not_promoted_is_said_to_be_so(deployment: Batched, batch: Stubber) -> None:
    is_now(batch, "RUNNING")
    is_now(batch, "SUCCEEDED")
    outcome = by_job(deployment, QUIET, lambda _: deployment.models.publish("m1", model(), ""))
    assert outcome.card is not None
    assert "Another model serves" in str(outcome.reason)


def test_a_job_that_published_nothing_is_no_model(deployment: Batched, batch: Stubber) -> None:
    deployment.models.publish("before", model("before"), "")
    is_now(batch, "SUCCEEDED")
    assert by_job(deployment, QUIET).card is None


def test_a_job_that_failed_says_why(deployment: Batched, batch: Stubber) -> None:
    is_now(batch, "FAILED", statusReason="Essential container in task exited")
    with pytest.raises(TrainingFailedError, match="j1 failed: Essential container"):
        by_job(deployment, QUIET)


def test_only_a_stack_with_a_job_trains_by_it() -> None:
    outputs = {"ApiUrl": "", "TableName": "", "BucketName": "", "TrainingFunctionName": "f"}
    assert not access_of("s", outputs, None).training_job
    assert access_of("s", outputs | {"TrainingJobArn": JOB, "TrainingQueueArn": QUEUE}, None).training_job == JOB

"""Dead letters go back to who gave them up, none is lost where it breaks off, and a dry run touches nothing."""

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from rich.console import Console
from typer.testing import CliRunner

from infra.cli import letters, operate
from infra.cli.app import app
from infra.cli.deployment import QUEUES, Deployment
from infra.cli.redrive import Tally, look, redrive
from shared.stores import clients
from shared.stores.table import Table
from tests.infra.shop import ACCESS
from tests.shared.stores.faults import refusing

quiet = Console(file=io.StringIO())
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:regulars-"


class Functions:
    """Lambda's API; remembers what was started."""

    def __init__(self) -> None:
        self.started: list[str] = []

    def invoke(self, FunctionName: str, InvocationType: str, Payload: bytes) -> None:  # noqa: N803 - the API's names
        assert (InvocationType, Payload) == ("Event", b"{}")
        self.started.append(FunctionName)


class Here(Deployment):
    functions: Any = None


@pytest.fixture
def deployment(table: Table) -> Here:
    assert table
    sqs = clients.sqs()
    urls = {name: sqs.create_queue(QueueName=name.replace(" ", "-"))["QueueUrl"] for name in QUEUES}
    here = Here(
        ACCESS.model_copy(
            update={
                "queues": urls,
                "stream_functions": {"archive": "archive-1", "project": "project-1"},
                "stream_failures_url": urls["stream failures"],
            }
        )
    )
    here.functions = Functions()
    return here


def send(deployment: Here, queue: str, *bodies: str, **attributes: str) -> None:
    told = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
    for body in bodies:
        deployment.queues.send_message(
            QueueUrl=deployment.access.queues[queue],
            MessageBody=body,
            MessageAttributes=told,  # type: ignore[arg-type]
        )


def bodies(deployment: Here, queue: str) -> list[str]:
    return sorted(each["Body"] for each in letters.receive(deployment, deployment.access.queues[queue]))


def of_lambda(function: str) -> str:
    """As Lambda writes of an invocation that failed for good."""
    return json.dumps({"requestContext": {"functionArn": f"{ARN}{function}:$LATEST"}, "requestPayload": {}})


@pytest.mark.parametrize(("failures", "queue"), letters.BACK.items())
def test_a_job_goes_back_into_its_queue_once(deployment: Here, failures: str, queue: str) -> None:
    send(deployment, failures, '{"job_id": "a"}', '{"job_id": "b"}')
    assert redrive(deployment, quiet)[queue] == Tally(redriven=2)
    assert redrive(deployment, quiet)[queue] == Tally()
    assert bodies(deployment, queue) == ['{"job_id": "a"}', '{"job_id": "b"}']
    assert letters.waiting(deployment)[failures] == 0


def test_what_breaks_off_is_done_twice_and_not_lost(deployment: Here) -> None:
    send(deployment, "privacy failures", "job")
    with refusing(deployment.queues, "DeleteMessage"), pytest.raises(ClientError):
        letters.send_back(deployment, "privacy failures")
    assert bodies(deployment, "privacy jobs") == ["job"]
    assert letters.waiting(deployment)["privacy failures"] == 1


def test_a_night_is_repeated_once_for_each_function_that_failed(deployment: Here) -> None:
    send(deployment, letters.NIGHTLY, of_lambda("training"), of_lambda("training"), of_lambda("compact"))
    send(deployment, letters.NIGHTLY, "{}", TARGET_ARN=f"{ARN}compact", ERROR_CODE="AccessDenied")
    tallies = redrive(deployment, quiet)
    assert sorted(deployment.functions.started) == ["regulars-compact", "regulars-training"]
    assert (tallies["regulars-training"], tallies["regulars-compact"]) == (Tally(redriven=2), Tally(redriven=2))
    assert letters.waiting(deployment)[letters.NIGHTLY] == 0


def test_a_message_of_nobody_we_know_stays_and_is_said(deployment: Here) -> None:
    send(deployment, letters.NIGHTLY, "{}", TARGET_ARN="arn:aws:scheduler:::aws-sdk:batch:submitJob")
    assert redrive(deployment, quiet)["unknown"] == Tally(failed=1)
    assert deployment.functions.started == []
    assert letters.waiting(deployment)[letters.NIGHTLY] == 1


def test_a_dry_run_counts_and_touches_nothing(deployment: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    send(deployment, "privacy failures", "job")
    send(deployment, letters.NIGHTLY, of_lambda("training"))
    record = {"dynamodb": {"Keys": {"pk": {"S": "CUSTOMER#user:a"}}, "SequenceNumber": "1"}}
    deployment.poison.put("archive", "shard-1", record)
    monkeypatch.setattr(operate, "find", lambda *_: deployment)
    told = CliRunner().invoke(app, ["redrive", "--dry-run", "--json"])
    assert json.loads(told.stdout) == look(deployment)
    assert look(deployment) == {
        "set aside by archive": 1,
        "set aside by project": 0,
        "privacy failures": 1,
        "feedback failures": 0,
        "stream failures": 0,
        "nightly failures": 1,
    }
    assert deployment.functions.started == []

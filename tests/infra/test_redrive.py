"""`regulars redrive`: what was set aside or given up is included, once, however often and wherever it is broken off."""

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from rich.console import Console
from typer.testing import CliRunner

from functions.archive import app as archive_app
from functions.project import project as project_module
from infra.cli import app as cli
from infra.cli import operate
from infra.cli.deployment import Deployment, NoDeploymentError
from infra.cli.redrive import Tally, redrive
from shared.domain.counting import Series
from shared.domain.events import KNOWN, CustomerRef, Event
from shared.stores import clients
from shared.stores.counters import CounterStore
from shared.stores.events import EventStore
from shared.stores.events import parse as parse_event
from shared.stores.table import Table
from tests.conftest import Keys
from tests.functions.api import Stream, app
from tests.infra.shop import ACCESS
from tests.shared.stores.faults import refusing

NOW = datetime.now(UTC)
ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/2026"
NOTHING = {"archive": Tally(), "project": Tally()}
quiet = Console(file=io.StringIO())


class Functions:
    """Lambda's API in front of the handlers."""

    def __init__(self) -> None:
        self.handlers = {f"{name}-1": app(name).handler for name in ("archive", "project")}

    def invoke(self, FunctionName: str, InvocationType: str, Payload: bytes) -> Any:  # noqa: N803 - the API's names
        assert InvocationType == "RequestResponse"
        try:
            reply: Any = {}, self.handlers[FunctionName](json.loads(Payload), None)
        except Exception as error:  # as Lambda does
            reply = {"FunctionError": "Unhandled"}, {"errorMessage": str(error)}
        return reply[0] | {"Payload": io.BytesIO(json.dumps(reply[1]).encode())}


class Here(Deployment):
    """The deployment of the test's table."""

    functions: Any = None
    streams: Any = None


@pytest.fixture
def deployment(table: Table, keys: Keys) -> Here:
    assert table
    assert keys
    names = {name: f"{name}-1" for name in ("archive", "project")}
    url = clients.sqs().create_queue(QueueName="failures")["QueueUrl"]
    here = Here(ACCESS.model_copy(update={"stream_functions": names, "stream_failures_url": url}))
    here.functions = Functions()
    return here


def put(table: Table, *numbers: int) -> None:
    EventStore(table).put((event(n), {}) for n in numbers)


def event(n: int) -> Event:
    time = NOW - timedelta(minutes=n)
    customer = CustomerRef(kind=KNOWN, id=f"c{n}")
    return Event(customer=customer, message_id=f"m{n}", time=time, name="Order Completed", items=("lamp",))


def sold(table: Table) -> int:
    days = [NOW.date() - timedelta(days=n) for n in range(3)]
    return sum(n for day in days for n in CounterStore(table).read(Series.SOLD, day).values())


def archived(deployment: Deployment) -> list[str]:
    return sorted(each.message_id for each in deployment.archive.read())


class Fault:
    """A fault in both functions that makes one event poison, until it is mended."""

    mended = False

    def parse(self, record: Any) -> Event:
        if record["sk"].endswith("m2") and not self.mended:
            raise ValueError("a fault of ours")
        return parse_event(record)


@pytest.fixture
def fault(monkeypatch: pytest.MonkeyPatch) -> Fault:
    fault = Fault()
    monkeypatch.setattr(project_module, "parse", fault.parse)
    monkeypatch.setattr(archive_app, "parse", fault.parse)
    return fault


def deliver(deployment: Here) -> None:
    for name in ("archive", "project"):
        records = Stream(name).new()
        assert deployment.functions.handlers[f"{name}-1"]({"Records": records, "shardId": "s-1"}, None)


# --- what was set aside


def test_poison_is_redriven_once_after_the_fault_is_mended(table: Table, deployment: Here, fault: Fault) -> None:
    put(table, 1, 2, 3)
    deliver(deployment)
    assert (sold(table), archived(deployment)) == (2, ["m1", "m3"])
    again = {"archive": Tally(failed=1), "project": Tally(failed=1)}
    assert redrive(deployment, quiet) == redrive(deployment, quiet) == again
    fault.mended = True
    assert redrive(deployment, quiet) == {"archive": Tally(redriven=1), "project": Tally(redriven=1)}
    assert redrive(deployment, quiet) == NOTHING
    assert (sold(table), archived(deployment)) == (3, ["m1", "m2", "m3"])


def test_a_redrive_that_breaks_off_before_it_deletes_is_run_again(table: Table, deployment: Here, fault: Fault) -> None:
    put(table, 1, 2, 3)
    deliver(deployment)
    fault.mended = True
    for _ in range(2):
        with refusing(deployment.poison._s3, "DeleteObject"), pytest.raises(ClientError):
            redrive(deployment, quiet)
    redrive(deployment, quiet)
    assert redrive(deployment, quiet) == NOTHING
    assert (sold(table), set(archived(deployment))) == (3, {"m1", "m2", "m3"})


# --- what was given up


class Shard:
    """One shard of a table's stream as boto3 gives it: pages, some empty, and an error for what is trimmed."""

    PAGE = 2

    def __init__(self, records: list[dict[str, Any]]) -> None:
        self.records = records
        self.trimmed = 0

    def get_shard_iterator(self, **asked: str) -> Any:
        assert (asked["StreamArn"], asked["ShardId"], asked["ShardIteratorType"]) == (ARN, "s-1", "AT_SEQUENCE_NUMBER")
        numbers = [each["dynamodb"]["SequenceNumber"] for each in self.records]
        start = numbers.index(asked["SequenceNumber"])
        if start < self.trimmed:
            raise ClientError({"Error": {"Code": "TrimmedDataAccessException"}}, "GetShardIterator")
        return {"ShardIterator": f"{start}/empty"}

    def get_records(self, ShardIterator: str) -> Any:  # noqa: N803 - the API's name
        start, _, empty = ShardIterator.partition("/")
        if empty:
            return {"Records": [], "NextShardIterator": start}
        end = int(start) + self.PAGE
        return {"Records": self.records[int(start) : end], "NextShardIterator": f"{end}/empty"}


@pytest.fixture
def stream(table: Table, deployment: Here) -> Shard:
    """Five changes of the table, of which one is of an item and one is no insert."""
    put(table, 1, 2, 3)
    table.put({"pk": "ITEM#x", "sk": "ITEM"})
    records: list[dict[str, Any]] = []
    for n, item in enumerate(clients.dynamodb().scan(TableName=table.name)["Items"]):
        if item["sk"]["S"].startswith(("ORDER#", "ITEM")):
            change = {"Keys": {"pk": item["pk"], "sk": item["sk"]}, "NewImage": item, "SequenceNumber": str(n + 95)}
            records.append({"eventName": "INSERT", "dynamodb": change | {"ApproximateCreationDateTime": NOW}})
    removed = {"Keys": records[0]["dynamodb"]["Keys"], "SequenceNumber": "200"}
    shard = Shard([*records, {"eventName": "REMOVE", "dynamodb": removed}])
    deployment.streams = shard
    return shard


def give_up(deployment: Here, function: str, first: int, last: int) -> None:
    """Give up a range of the stream's records, as the event source does."""
    numbers = [each["dynamodb"]["SequenceNumber"] for each in deployment.streams.records]
    info = {"shardId": "s-1", "streamArn": ARN, "batchSize": last - first + 1}
    info |= {"startSequenceNumber": numbers[first], "endSequenceNumber": numbers[last]}
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{function}-1:$LATEST"
    body = {"requestContext": {"functionArn": arn, "condition": "MaxRecordAgeExceeded"}, "DDBStreamBatchInfo": info}
    clients.sqs().send_message(QueueUrl=deployment.access.stream_failures_url, MessageBody=json.dumps(body))


@pytest.mark.usefixtures("stream")
def test_what_the_stream_still_has_is_read_from_it_again(table: Table, deployment: Here) -> None:
    give_up(deployment, "project", 0, 4)
    give_up(deployment, "archive", 0, 4)
    assert redrive(deployment, quiet) == {"archive": Tally(redriven=3), "project": Tally(redriven=3)}
    assert redrive(deployment, quiet) == NOTHING
    give_up(deployment, "project", 0, 3)
    redrive(deployment, quiet)
    assert (sold(table), archived(deployment)) == (3, ["m1", "m2", "m3"])


def test_only_the_range_that_was_given_up_is_redriven(table: Table, deployment: Here, stream: Shard) -> None:
    orders = [n for n, each in enumerate(stream.records[:4]) if "ORDER#" in each["dynamodb"]["Keys"]["sk"]["S"]]
    give_up(deployment, "project", orders[1], orders[1])
    assert redrive(deployment, quiet)["project"] == Tally(redriven=1)
    assert sold(table) == 1


@pytest.mark.usefixtures("stream")
def test_a_message_is_kept_until_all_of_it_is_included(table: Table, deployment: Here) -> None:
    give_up(deployment, "project", 0, 4)
    with refusing(clients.dynamodb(), "UpdateItem", after=3):
        assert redrive(deployment, quiet)["project"] == Tally(redriven=1, failed=2)
    assert redrive(deployment, quiet)["project"] == Tally(redriven=3)
    assert redrive(deployment, quiet) == NOTHING
    assert sold(table) == 3


def test_what_the_stream_has_no_more_is_said_and_stays_in_the_queue(deployment: Here, stream: Shard) -> None:
    give_up(deployment, "project", 0, 4)
    stream.trimmed = 2
    for _ in range(2):
        assert redrive(deployment, quiet)["project"] == Tally(gone=5)


# --- the command


def test_the_command_says_what_became_of_them_and_fails_where_some_fail(
    table: Table, deployment: Here, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(table, 1, 2)
    deliver(deployment)
    monkeypatch.setattr(operate, "find", lambda *_: deployment)
    run = CliRunner().invoke(cli.app, ["redrive", "--json"])
    assert run.exit_code == 1
    assert json.loads(run.stdout)["project"] == {"redriven": 0, "failed": 1, "gone": 0}
    fault.mended = True
    assert "project: 1 redriven, 0 failed again" in CliRunner().invoke(cli.app, ["redrive"]).stdout


def test_a_deployment_from_before_is_said(deployment: Here) -> None:
    older = Here(deployment.access.model_copy(update={"stream_functions": {}}))
    with pytest.raises(NoDeploymentError, match="deploy it again"):
        redrive(older, quiet)

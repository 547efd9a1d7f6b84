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
from infra.cli import letters, operate
from infra.cli import redrive as redriving
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
        self.given: list[tuple[str, int]] = []

    def invoke(self, FunctionName: str, InvocationType: str, Payload: bytes) -> Any:  # noqa: N803 - the API's names
        assert InvocationType == "RequestResponse"
        self.given.append((FunctionName, len(json.loads(Payload)["Records"])))
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
def deployment(table: Table, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> Here:
    monkeypatch.setattr(letters, "WAIT_SECONDS", 0)
    assert table
    assert keys
    names = {name: f"{name}-1" for name in ("archive", "project")}
    url = clients.sqs().create_queue(QueueName="failures")["QueueUrl"]
    here = Here(
        ACCESS.model_copy(
            update={"stream_functions": names, "stream_failures_url": url, "queues": {"stream failures": url}}
        )
    )
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
        assert (asked["StreamArn"], asked["ShardId"]) == (ARN, "s-1")
        if asked["ShardIteratorType"] == "TRIM_HORIZON":
            return {"ShardIterator": f"{self.trimmed}/empty"}
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


@pytest.mark.usefixtures("stream")
def test_the_archive_takes_many_records_at_once(deployment: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    give_up(deployment, "archive", 0, 4)
    give_up(deployment, "project", 0, 4)
    redrive(deployment, quiet)
    assert sorted(deployment.functions.given) == [("archive-1", 3), *[("project-1", 1)] * 3]
    for name, most in (("MOST_RECORDS", 2), ("MOST_BYTES", 10)):
        monkeypatch.setattr(redriving, name, most)
        deployment.functions.given.clear()
        give_up(deployment, "archive", 0, 4)
        redrive(deployment, quiet)
        assert [count for _, count in deployment.functions.given] == ([2, 1] if most == 2 else [1, 1, 1])


@pytest.mark.usefixtures("stream")
def test_of_many_records_only_those_that_fail_are_left_out(table: Table, deployment: Here, fault: Fault) -> None:
    give_up(deployment, "archive", 0, 4)
    assert redrive(deployment, quiet)["archive"] == Tally(redriven=2, failed=1)
    assert set(archived(deployment)) == {"m1", "m3"}
    fault.mended = True
    assert redrive(deployment, quiet)["archive"] == Tally(redriven=3)
    assert redrive(deployment, quiet) == NOTHING
    assert set(archived(deployment)) == {"m1", "m2", "m3"}
    assert sold(table) == 0


@pytest.mark.usefixtures("stream")
def test_a_store_that_is_down_fails_all_of_them(deployment: Here) -> None:
    give_up(deployment, "archive", 0, 4)
    with refusing(clients.quick_s3(), "PutObject"):
        assert redrive(deployment, quiet)["archive"] == Tally(failed=3)
    assert redrive(deployment, quiet)["archive"] == Tally(redriven=3)


@pytest.mark.parametrize("function", ["project", "archive"])
def test_what_the_stream_still_has_of_a_part_is_redriven_and_the_rest_said(
    deployment: Here, stream: Shard, function: str
) -> None:
    give_up(deployment, function, 0, 4)
    stream.trimmed = 2
    left = sum(redriving._is_event(each) for each in stream.records[2:])
    assert 0 < left < 3
    for _ in range(2):  # the message stays
        assert redrive(deployment, quiet)[function] == Tally(redriven=left, gone=5 - left)
    stream.trimmed = 5
    assert redrive(deployment, quiet)[function] == Tally(gone=5)
    assert redriving.discard(deployment, "stream failures") == 1
    assert redrive(deployment, quiet) == NOTHING


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


def test_what_can_never_succeed_is_discarded_by_its_place_when_that_is_confirmed(
    table: Table, deployment: Here, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not fault.mended
    put(table, 1, 2)
    deliver(deployment)
    monkeypatch.setattr(operate, "find", lambda *_: deployment)

    def run(*options: str, said: str = "") -> Any:
        return CliRunner().invoke(cli.app, ["redrive", *options], input=said)

    wrong = run("--discard", "poison")
    assert (wrong.exit_code, "set aside by archive" in wrong.output) == (2, True)
    assert run("--discard", "set aside by archive", said="n\n").exit_code == 1
    assert redriving.look(deployment)["set aside by archive"] == 1
    assert "1 discarded (set aside by archive)" in run("--discard", "set aside by archive", said="y\n").stdout
    left = redriving.look(deployment)
    assert (left["set aside by archive"], left["set aside by project"]) == (0, 1)
    assert json.loads(run("--discard", "set aside by project", "--yes", "--json").stdout) == {
        "discarded (set aside by project)": 1
    }
    fault.mended = True
    assert redrive(deployment, quiet) == NOTHING


def test_a_deployment_from_before_is_said(deployment: Here) -> None:
    older = Here(deployment.access.model_copy(update={"stream_functions": {}}))
    with pytest.raises(NoDeploymentError, match="deploy it again"):
        redrive(older, quiet)

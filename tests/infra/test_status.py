"""`regulars status`: each thing as it stands, failures with what mends them; one blind spot hides no other."""

import inspect
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from functions.themes import app as themes
from infra.cli import operate
from infra.cli.app import app
from infra.cli.deployment import QUEUES
from infra.cli.findings import Finding, State
from infra.cli.nights import NIGHTS
from infra.cli.status import status
from shared.domain.budget import NOT_VALUED, Level, Standing
from shared.stores import clients
from tests.conftest import Keys
from tests.infra.shop import ACCESS, InProcess
from training.pricing import app as pricing
from training.pricing.run import NO_SALES
from training.value import app as value

NOW = datetime.now(UTC)


class Watched:
    """CloudWatch, its logs and Lambda's event sources, as a test sets them."""

    def __init__(self) -> None:
        self.behind_ms: list[float] = [12_000]
        self.alarms = [{"AlarmName": "regulars-test-UnmappedAlarm-X", "StateValue": "OK"}]
        self.source = "Enabled"
        self.nights = {name: timedelta(hours=5) for name in NIGHTS} | {"compact": timedelta(hours=6)}
        self.lines: dict[str, dict[str, Any]] = {}
        self.denied = False

    def get_metric_statistics(self, **asked: Any) -> Any:
        assert asked["MetricName"] == "IteratorAge"
        return {"Datapoints": [{"Maximum": each} for each in self.behind_ms]}

    def list_event_source_mappings(self, FunctionName: str) -> Any:  # noqa: N803 - the API's name
        assert FunctionName
        return {"EventSourceMappings": [{"State": self.source}]}

    def get_paginator(self, name: str) -> Any:
        return type("Paginator", (), {"paginate": staticmethod(getattr(self, name))})

    def describe_alarms(self, AlarmNamePrefix: str) -> Iterator[Any]:  # noqa: N803 - the API's name
        if self.denied:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not you"}}, "DescribeAlarms")
        yield {"MetricAlarms": [each for each in self.alarms if each["AlarmName"].startswith(AlarmNamePrefix)]}

    def filter_log_events(self, logGroupName: str, startTime: int, filterPattern: str) -> Iterator[Any]:  # noqa: N803
        name = logGroupName.rpartition("/")[2]
        ago, line = self.nights.get(name), self.lines.get(name, {"message": NIGHTS[name].ended})
        at = int((NOW - ago).timestamp() * 1000) if ago else 0
        told = json.dumps(line)
        yield {"events": [{"timestamp": at, "message": told}] if at > startTime and filterPattern in told else []}


class Here(InProcess):
    logs: Any = None
    cloudwatch: Any = None
    functions: Any = None
    down = False

    def anybody(self) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self._broken)) if self.down else self.api()

    def _broken(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route", request=request)


@pytest.fixture
def here(keys: Keys) -> Here:
    found = Here(keys)
    urls = {name: clients.sqs().create_queue(QueueName=name.replace(" ", "-"))["QueueUrl"] for name in QUEUES}
    consumers = {"archive": "archive-1", "project": "project-1"}
    found.access = ACCESS.model_copy(update={"queues": urls, "stream_functions": consumers})
    found.logs = found.cloudwatch = found.functions = Watched()
    return found


def told(here: Here, keys: Keys) -> dict[str, Finding]:
    return {each.name: each for each in status(here, keys.secret)}


def states(found: dict[str, Finding], *wanted: State) -> list[str]:
    return sorted(name for name, each in found.items() if each.state in wanted)


def test_a_new_deployment_lacks_its_model_and_nothing_else(here: Here, keys: Keys) -> None:
    found = told(here, keys)
    assert states(found, State.FAIL, State.UNKNOWN) == []
    assert found["model"].mend == "regulars train"
    assert states(found, State.WARN) == ["model", "surfaces"]
    assert "12 s behind" in found["stream, archive"].says
    assert found["alarms"].says == "none of 1 rings"
    assert found["nightly, training"].says == "5 hours ago"
    assert found["budget"].state is State.OK


BREAKS: dict[str, Callable[[Here], Any]] = {
    "api": lambda here: setattr(here, "down", True),
    "stream, archive": lambda here: setattr(here.cloudwatch, "behind_ms", [10.0, 7_200_000.0]),
    "stream, project": lambda here: setattr(here.cloudwatch, "source", "Disabled"),
    "set aside": lambda here: here.poison.put("archive", "s-1", {"dynamodb": {}}),
    "privacy failures": lambda here: send(here, "privacy failures"),
    "nightly failures": lambda here: send(here, "nightly failures"),
    "alarm": lambda here: here.cloudwatch.alarms[0].update(StateValue="ALARM", AlarmDescription="First look"),
    "budget": lambda here: here.budgets.record(standing(Level.STOPPED)),
}


def send(here: Here, queue: str) -> None:
    here.queues.send_message(QueueUrl=here.access.queues[queue], MessageBody="job")


def standing(level: Level) -> Standing:
    return Standing(month="2026-11", budget=10, spent=13, level=level, measured=NOW)


@pytest.mark.parametrize("broken", BREAKS)
def test_what_is_broken_fails_and_says_what_mends_it(here: Here, keys: Keys, broken: str) -> None:
    BREAKS[broken](here)
    found = told(here, keys)
    assert found[broken].state is State.FAIL
    assert found[broken].mend


@pytest.mark.parametrize("name", NIGHTS)
def test_a_night_that_has_not_been_warns(here: Here, keys: Keys, name: str) -> None:
    here.logs.nights[name] = timedelta(hours=37)
    assert told(here, keys)[f"nightly, {name}"].state is State.WARN


LINES: dict[str, tuple[dict[str, Any], str]] = {
    "pricing": (
        {"model_id": "demand-1", "items": 1800, "suggestions": 12, "new": 3, "none": {}, "autopilot": {"changed": 2}},
        "5 hours ago: 12 suggestions for 1,800 items (demand-1), 2 changed by autopilot",
    ),
    "value": (
        {"model_id": "value-1", "customers": 2357, "written": 40},
        "5 hours ago: 2,357 customers, 40 of them with news (value-1)",
    ),
    "themes": (
        {"themes": 9, "mentions": 310, "open_issues": 1},
        "5 hours ago: 9 themes in 310 mentions; open issues: 1",
    ),
}


@pytest.mark.parametrize("name", LINES)
def test_a_night_says_what_it_did(here: Here, keys: Keys, name: str) -> None:
    line, says = LINES[name]
    here.logs.lines[name] = {"message": NIGHTS[name].ended} | line
    assert told(here, keys)[f"nightly, {name}"] == Finding(f"nightly, {name}", State.OK, says)


def test_a_night_with_nothing_to_do_says_why_and_one_that_the_budget_stopped_warns(here: Here, keys: Keys) -> None:
    here.logs.lines["pricing"] = {"message": NIGHTS["pricing"].ended, "model_id": None, "reason": NO_SALES}
    here.logs.lines["value"] = {"message": NIGHTS["value"].stopped, "reason": NOT_VALUED}
    found = told(here, keys)
    assert found["nightly, pricing"].says == f"5 hours ago: {NO_SALES}"
    assert found["nightly, pricing"].state is State.OK
    assert found["nightly, value"].says == f"5 hours ago, and did nothing: {NOT_VALUED}"
    assert (found["nightly, value"].state, found["nightly, value"].mend) == (State.WARN, "regulars budget lift")


@pytest.mark.parametrize("name", LINES)
def test_the_line_of_another_release_tells_of_the_night_all_the_same(here: Here, keys: Keys, name: str) -> None:
    here.logs.lines[name] = {"message": NIGHTS[name].ended, "suggestions": None, "customers": "many"}
    assert told(here, keys)[f"nightly, {name}"] == Finding(f"nightly, {name}", State.OK, "5 hours ago")


@pytest.mark.parametrize(("name", "app"), [("pricing", pricing), ("value", value), ("themes", themes)])
def test_the_words_that_are_looked_for_are_those_that_the_function_writes(name: str, app: ModuleType) -> None:
    written = inspect.getsource(app)
    assert f'logger.info("{NIGHTS[name].ended}", extra=done)' in written
    assert f'logger.warning("{NIGHTS[name].stopped}", extra=' in written


def test_a_warning_of_the_budget_is_no_failure(here: Here, keys: Keys) -> None:
    here.budgets.record(standing(Level.WARNED))
    assert told(here, keys)["budget"].state is State.WARN


def test_what_may_not_be_read_is_unknown_and_the_rest_is_told(here: Here, keys: Keys) -> None:
    here.cloudwatch.denied = True
    found = told(here, keys)
    assert (found["alarms"].state, "AccessDenied" in found["alarms"].says) == (State.UNKNOWN, True)
    assert found["budget"].state is State.OK


def test_without_a_key_the_surfaces_are_unknown(here: Here) -> None:
    found = {each.name: each for each in status(here)}
    assert found["surfaces"].state is State.UNKNOWN


def test_the_command_exits_by_what_it_found(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operate, "find", lambda *_: here)
    run = CliRunner().invoke(app, ["status", "--json"])
    assert run.exit_code == 0, run.output
    assert {each["name"] for each in json.loads(run.stdout)} >= {"api", "model", "budget"}
    here.down = True
    assert CliRunner().invoke(app, ["status"]).exit_code == 1

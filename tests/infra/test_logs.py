"""`regulars logs`: the right lines, in order, once; in the cloud's form, the local stack's and that of its files."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from typer.testing import CliRunner

from infra.cli import operate
from infra.cli.app import app
from infra.cli.deployment import Deployment, NoDeploymentError
from infra.cli.logs import Wanted, follow, kept, lines, read
from tests.infra.shop import ACCESS

NOW = datetime.now(UTC)
HOUR_AGO = NOW - timedelta(hours=1)


def ours(level: str, message: str, id_: str, **facts: Any) -> str:
    told = {"level": level, "location": "x:1", "message": message, "function": "ingest", "correlation_id": id_}
    return json.dumps(told | facts)


REPORT = {"requestId": "r9", "status": "timeout", "metrics": {"durationMs": 25000.0}}
WRITTEN = {
    "/regulars-test/ingest": [
        (10, "START RequestId: r1 Version: $LATEST"),
        (9, ours("WARNING", "answered", "r1", route="POST /v1/batch", status=400)),
        (3, ours("ERROR", "unhandled", "r2", exception="app.py:1 post\nedge.py:2 call")),
    ],
    "/regulars-test/recommend": [
        (5, json.dumps({"level": "INFO", "correlation_id": "r3", "_aws": {}, "Latency": [12.5], "surface": "cart"})),
        (4, json.dumps({"time": "t", "type": "platform.report", "record": REPORT})),
        (90, ours("ERROR", "long ago", "r0")),
    ],
}


class CloudWatch:
    """The part of CloudWatch Logs that is used; a test may write more while it is read."""

    def __init__(self) -> None:
        self.written = {name: list(some) for name, some in WRITTEN.items()}

    def get_paginator(self, name: str) -> Any:
        return type("Paginator", (), {"paginate": staticmethod(getattr(self, name))})

    def describe_log_groups(self, logGroupNamePrefix: str) -> Iterator[Any]:  # noqa: N803 - the API's names
        yield {"logGroups": [{"logGroupName": name} for name in self.written if name.startswith(logGroupNamePrefix)]}

    def filter_log_events(self, logGroupName: str, startTime: int, filterPattern: str = '""') -> Iterator[Any]:  # noqa: N803
        word = json.loads(filterPattern)
        for number, (minutes, message) in enumerate(self.written[logGroupName]):
            at = int((NOW - timedelta(minutes=minutes)).timestamp() * 1000)
            if at >= startTime and word in message:
                yield {"events": [{"timestamp": at, "message": message, "eventId": str(number)}]}


class Here(Deployment):
    logs: Any = None


@pytest.fixture
def deployment() -> Here:
    here = Here(ACCESS.model_copy())
    here.logs = CloudWatch()
    return here


def messages(deployment: Here, **wanted: Any) -> list[str]:
    return [line.message for line in lines(deployment, Wanted(HOUR_AGO, **wanted))]


def test_lines_of_all_functions_come_in_the_order_of_time(deployment: Here) -> None:
    assert messages(deployment, level="INFO") == ["answered", "metrics", "platform.report", "unhandled"]
    assert messages(deployment)[0].startswith("START")


def test_level_function_and_request_each_narrow_it_down(deployment: Here) -> None:
    assert messages(deployment, level="ERROR") == ["platform.report", "unhandled"]
    assert messages(deployment, level="INFO", functions=("recommend",)) == ["metrics", "platform.report"]
    assert messages(deployment, level="INFO", correlation_id="r1") == ["answered"]
    assert len(messages(deployment, correlation_id="r1")) == 2, "with the line that Lambda wrote around it"
    assert messages(deployment, correlation_id="r") == []


def test_a_function_that_there_is_not_is_said(deployment: Here) -> None:
    with pytest.raises(NoDeploymentError, match=r"no log of nonsense here; there is ingest, recommend"):
        lines(deployment, Wanted(HOUR_AGO, ("nonsense",)))


def test_a_line_for_people_has_its_facts_and_where_an_exception_came_from(deployment: Here) -> None:
    refused, told, report, unhandled = (line.text for line in lines(deployment, Wanted(HOUR_AGO, level="INFO")))
    assert refused.endswith("WARNING ingest    answered route=POST /v1/batch status=400 [r1]")
    assert told.endswith("metrics Latency=12.5 surface=cart [r3]")
    assert report.endswith("ERROR   recommend platform.report status=timeout durationMs=25000 [r9]")
    assert unhandled.splitlines()[1:] == ["    app.py:1 post", "    edge.py:2 call"]


def test_what_is_followed_comes_once_also_what_is_written_meanwhile(deployment: Here) -> None:
    def sleep(_: float) -> None:
        deployment.logs.written["/regulars-test/ingest"].append((-60, ours("INFO", "new", "r4")))

    found = [line.message for line in islice(follow(deployment, Wanted(HOUR_AGO, level="INFO"), sleep), 5)]
    assert found == ["answered", "metrics", "platform.report", "unhandled", "new"]


def test_a_bare_traceback_is_shown_as_it_stands() -> None:
    line = read("ingest", NOW, "Traceback (most recent call last):", "1")
    assert (line.level, line.message) == ("INFO", "Traceback (most recent call last):")


def test_a_stopped_local_stack_is_read_from_its_files(
    deployment: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "stack/logs/functions"
    folder.mkdir(parents=True)
    for name, some in WRITTEN.items():
        text = "".join(f"{(NOW - timedelta(minutes=ago)).isoformat()} {message}\n" for ago, message in some)
        (folder / f"{name.rpartition('/')[2]}.log").write_text(text)
    wanted = Wanted(HOUR_AGO, level="INFO")
    assert [line.message for line in kept(folder, wanted)] == messages(deployment, level="INFO")

    def gone(_: str) -> None:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    deployment.access.endpoint_url = "http://127.0.0.1:1"
    deployment.logs.get_paginator = gone
    monkeypatch.setenv("REGULARS_STATE", str(tmp_path))
    monkeypatch.setattr(operate, "find", lambda *_: deployment)
    told = CliRunner().invoke(app, ["logs", "ingest", "--since", "1h", "--local"])
    assert told.exit_code == 0, told.output
    assert "answered" in told.stdout
    assert "metrics" not in told.stdout
    assert "is stopped" in told.stderr


@pytest.mark.parametrize("arguments", [["--since", "10"], ["--level", "LOUD"]])
def test_what_is_no_time_or_level_is_refused(arguments: list[str]) -> None:
    assert CliRunner().invoke(app, ["logs", *arguments]).exit_code == 2

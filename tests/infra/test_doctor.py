"""`regulars doctor`: each thing that can be wrong with a machine is found, and said with what mends it."""

import json
import os
import shutil
import socket
import sys
from collections import namedtuple
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from infra.cli import doctor, local
from infra.cli.app import app
from infra.cli.findings import Finding, State
from infra.local import processes, tools
from infra.local.processes import Process

Usage = namedtuple("Usage", ["total", "used", "free"])


def one(findings: Any, name: str) -> Finding:
    (found,) = (each for each in findings if each.name == name)
    assert isinstance(found, Finding)
    return found


def bad(finding: Finding, state: State = State.FAIL) -> bool:
    """Whether it stands so, and what to type is said."""
    return finding.state is state and bool(finding.mend)


def test_another_python_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    assert one(doctor._python(), "python").state is State.OK
    monkeypatch.setattr(sys, "version_info", (3, 12, 0))
    assert bad(one(doctor._python(), "python"))


def test_without_programs_it_says_which_and_what_they_are_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("UV", raising=False)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(tools, "_ROOT", tmp_path)
    found = list(doctor._programs())
    assert [each.name for each in found if bad(each)] == ["uv", "make"]
    assert [each.name for each in found if each.state is State.WARN] == ["git", "chromium", "node", "docker"]
    assert [each.name for each in found if each.state is State.UNKNOWN] == ["emulator", "sam"]


def test_tools_that_are_not_installed_yet_warn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "is_installed", lambda package: package == tools.SAM)
    assert [each.state for each in doctor._emulator()] == [State.WARN, State.OK]


def test_a_docker_whose_daemon_is_down_warns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: "/bin/false")
    assert bad(one(doctor._docker(), "docker"), State.WARN)


@pytest.mark.parametrize(("free", "state"), [(1e9, State.FAIL), (4e9, State.WARN), (9e9, State.OK)])
def test_little_room_warns_and_hardly_any_fails(monkeypatch: pytest.MonkeyPatch, free: float, state: State) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, free))
    assert one(doctor._room(Path()), "disk").state is state


@pytest.mark.parametrize(
    ("kilobytes", "state"), [(1_000_000, State.FAIL), (3_000_000, State.WARN), (8_000_000, State.OK)]
)
def test_little_memory_warns_and_hardly_any_fails(tmp_path: Path, kilobytes: int, state: State) -> None:
    (tmp_path / "meminfo").write_text(f"MemTotal: 9 kB\nMemAvailable:    {kilobytes} kB\n")
    assert one(doctor._memory(tmp_path / "meminfo"), "memory").state is state


def test_a_port_that_belongs_to_another_warns(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setattr(doctor, "PAGE_PORT", other.getsockname()[1])
        (found,) = doctor._ports(tmp_path)
        assert bad(found, State.WARN)


def running(state: Path, born: str | None = None) -> None:
    """An emulator that was noted to run: this process, unless it was born otherwise."""
    (state / "stack").mkdir(parents=True, exist_ok=True)
    process = Process.of(os.getpid())
    noted = process if born is None else process._replace(born=born)
    (state / "stack/running.json").write_text(json.dumps({"port": 9} | noted._asdict()))


def test_a_stack_that_was_killed_fails_and_one_that_runs_does_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert one(doctor._leftovers(tmp_path), "local stack").state is State.OK
    running(tmp_path)
    assert bad(one(doctor._leftovers(tmp_path), "local stack"))
    monkeypatch.setattr(processes, "answers", lambda _: True)
    assert one(doctor._leftovers(tmp_path), "local stack").state is State.OK
    running(tmp_path, born="another-boot 1")
    assert bad(one(doctor._leftovers(tmp_path), "local stack")), "another's number, and another's port"


def test_stale_files_and_an_older_deployment_warn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(doctor, "BUILT", tmp_path / "template.yaml")
    (tmp_path / "template.yaml").touch()
    (tmp_path / local.PID).write_text(f"{os.getpid()}\nanother-boot 1")
    (tmp_path / local.DEPLOYED).write_text("1")
    found = list(doctor._leftovers(tmp_path))
    assert [each.name for each in found if bad(each, State.WARN)] == ["process file", "deployed"]


def test_artefacts_that_are_older_than_their_sources_warn(tmp_path: Path) -> None:
    built = tmp_path / "built.yaml"
    assert bad(one(doctor._artefacts(built, tmp_path), "artefacts"), State.WARN)
    head = "training/sentiment/head/numbers.npz"
    builder = [f"infra/{each}.py" for each in ("build", "carried", "deferred", "descriptions", "sentiment")]
    for name in ("functions/x.py", head, "template.yaml", "uv.lock", *builder):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        os.utime(path, (1_000, 1_000))
    built.touch()
    assert one(doctor._artefacts(built, tmp_path), "artefacts").state is State.OK
    (tmp_path / "functions/new.py").touch()
    for newer in ("functions/new.py", head):
        os.utime(tmp_path / newer, (2**32, 2**32))
        found = one(doctor._artefacts(built, tmp_path), "artefacts")
        assert bad(found, State.WARN)
        assert newer in found.says
        os.utime(tmp_path / newer, (1_000, 1_000))


# --- the way to AWS


class Session:
    """A session of boto3, as a test sets it."""

    def __init__(self, **facts: Any) -> None:
        self.region_name = facts.get("region", "eu-west-1")
        self._credentials = facts.get("credentials", type("C", (), {"method": "env"})())
        self._status = facts.get("status", "UPDATE_COMPLETE")
        self._date = datetime.now(UTC) + timedelta(minutes=facts.get("ahead", 0))
        self._refused = facts.get("refused")

    def get_credentials(self) -> Any:
        return self._credentials

    def client(self, name: str) -> Any:
        assert name in {"sts", "cloudformation"}
        return self

    def get_caller_identity(self) -> Any:
        if self._refused:
            raise ClientError({"Error": {"Code": self._refused, "Message": "no"}}, "GetCallerIdentity")
        headers = {"date": f"{self._date:%a, %d %b %Y %H:%M:%S GMT}"}
        return {"Account": "1", "Arn": "arn:aws:iam::1:user/dev", "ResponseMetadata": {"HTTPHeaders": headers}}

    def describe_stacks(self, StackName: str) -> Any:  # noqa: N803 - the API's name
        if self._status is None:
            message = f"Stack with id {StackName} does not exist"
            raise ClientError({"Error": {"Code": "ValidationError", "Message": message}}, "DescribeStacks")
        return {"Stacks": [{"StackStatus": self._status}]}


def cloud(monkeypatch: pytest.MonkeyPatch, **facts: Any) -> list[Finding]:
    monkeypatch.setattr(boto3, "Session", lambda: Session(**facts))
    return list(doctor._cloud("regulars"))


def test_a_stack_that_is_there_is_all_right(monkeypatch: pytest.MonkeyPatch) -> None:
    found = cloud(monkeypatch)
    assert {each.state for each in found} == {State.OK}
    assert [each.name for each in found] == ["credentials", "region", "account", "clock", "stack"]


@pytest.mark.parametrize(
    ("facts", "name", "state"),
    [
        ({"credentials": None}, "credentials", State.FAIL),
        ({"region": None}, "region", State.FAIL),
        ({"refused": "ExpiredToken"}, "account", State.FAIL),
        ({"ahead": -20}, "clock", State.FAIL),
        ({"ahead": 3}, "clock", State.WARN),
        ({"status": None}, "stack", State.FAIL),
        ({"status": "UPDATE_ROLLBACK_FAILED"}, "stack", State.FAIL),
        ({"status": "ROLLBACK_COMPLETE"}, "stack", State.FAIL),
        ({"status": "UPDATE_IN_PROGRESS"}, "stack", State.WARN),
    ],
)
def test_the_first_thing_that_is_wrong_on_the_way_is_said(
    monkeypatch: pytest.MonkeyPatch, facts: dict[str, Any], name: str, state: State
) -> None:
    found = cloud(monkeypatch, **facts)
    assert [(each.name, each.state) for each in found if each.state is not State.OK] == [(name, state)]
    assert one(found, name).mend


def test_the_command_exits_by_what_it_found(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str | None] = []

    def found(_: Path, stack: str | None) -> list[Finding]:
        asked.append(stack)
        return [Finding("clock", State.FAIL if stack else State.OK, "late", "mend [it]")]

    monkeypatch.setattr(doctor, "doctor", found)
    assert CliRunner().invoke(app, ["doctor"]).exit_code == 0
    bad_run = CliRunner().invoke(app, ["doctor", "--stage", "dev", "--json"])
    assert (bad_run.exit_code, json.loads(bad_run.stdout)[0]["state"]) == (1, "fail")
    assert "mend [it]" in CliRunner().invoke(app, ["doctor", "--stack", "other"]).stdout
    assert asked == [None, "dev-regulars", "other"]
    assert CliRunner().invoke(app, ["doctor", "--stage", "test"]).exit_code == 2

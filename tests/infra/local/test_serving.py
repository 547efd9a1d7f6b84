"""`regulars local`: started, asked to stop, and never two on one state; without an emulator."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from infra.cli import local, serve
from infra.cli.app import app
from infra.cli.deployment import LOCAL, Deployment
from infra.local.emulator import Emulator
from infra.local.errors import LocalStackError, PortTakenError, StateInUseError
from infra.local.processes import Process
from infra.local.stack import LocalStack, Outputs
from tests.infra.shop import ACCESS

NOBODY = 999_999_999


def test_the_first_port_that_is_free_is_taken_and_a_wanted_one_or_none(tmp_path: Path) -> None:
    outputs = Outputs({}, {}, "api", ())
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        stack = LocalStack(tmp_path)
        with pytest.raises(PortTakenError, match="--port"):
            local.proxy_of(stack, outputs, port)
        any_port = [local.proxy_of(stack, outputs, None) for _ in range(2)]
        try:
            assert len({proxy.url for proxy in any_port}) == 2
        finally:
            for proxy in any_port:
                proxy.stop()


def note(state: Path, process: Process) -> None:
    """Let the state's file name this process, as one that serves writes it itself."""
    (state / local.PID).write_text(f"{process.pid}\n{process.born}")


def said(*command: str, state: Path) -> str:
    """What a command of `regulars local` says, in one line."""
    run = CliRunner().invoke(app, ["local", *command, "--state", str(state)])
    assert run.exit_code == 0
    return " ".join(run.output.split())


@pytest.fixture
def stranger() -> Iterator[Process]:
    """A program of somebody else's, that ends by SIGTERM."""
    program = subprocess.Popen(["sleep", "600"])
    yield Process.of(program.pid)
    still_runs = program.poll() is None
    program.kill()
    program.wait()
    assert still_runs, "it was asked to end"


def test_a_stack_is_not_started_twice_on_one_state(tmp_path: Path) -> None:
    with local.announced(tmp_path), pytest.raises(StateInUseError, match="regulars local stop"):
        serve.start(tmp_path, None, print)
    assert local.holder(tmp_path) is None


def test_what_did_not_start_is_said_in_its_own_words(tmp_path: Path) -> None:
    (tmp_path / local.PID).write_text(str(NOBODY))
    other = Emulator(local.folder_of(tmp_path))
    other._take_folder()
    try:
        with pytest.raises(LocalStackError, match=r"did not start .*local\.log.*Another local stack runs on"):
            serve.start(tmp_path, None, print)
    finally:
        other._leave_folder()
    assert local.holder(tmp_path) is None


def test_what_it_says_while_it_starts_is_said_where_it_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    announced = f"p.joinpath({local.PID!r}).write_text(str(os.getpid()))"
    code = f"import os,pathlib,sys; p=pathlib.Path(sys.argv[1]); print('All was thrown away.', flush=True); {announced}"
    started = subprocess.Popen

    def other(arguments: list[str], **options: Any) -> "subprocess.Popen[bytes]":
        assert arguments[1:3] == ["-m", "infra.cli.serve"]
        return started([sys.executable, "-c", code, arguments[3]], **options)

    monkeypatch.setattr(subprocess, "Popen", other)
    ACCESS.save(tmp_path)
    heard: list[str] = []
    assert serve.start(tmp_path, None, heard.append) == ACCESS
    assert heard == ["All was thrown away."]


def test_whoever_holds_the_stack_is_asked_to_end_and_waited_for(tmp_path: Path) -> None:
    gentle = "import signal,sys,time; signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.5), sys.exit(0)))\n"
    code = f"{gentle}print('up', flush=True)\nwhile True: time.sleep(1)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as served:
        assert served.stdout
        served.stdout.readline()
        held = Process.of(served.pid)
        note(tmp_path, held)
        try:
            assert said("stop", state=tmp_path) == "Stopped; the state is kept."
            assert not held.lives()
        finally:
            served.kill()
    assert served.returncode == 0
    assert local.holder(tmp_path) is None
    assert said("stop", state=tmp_path) == f"Nothing runs on {tmp_path}."


@pytest.mark.parametrize("born", ["another-boot 1234", ""], ids=["after a restart", "by an earlier release"])
def test_a_program_that_has_the_number_by_now_is_not_asked_to_end(tmp_path: Path, stranger: Process, born: str) -> None:
    note(tmp_path, stranger._replace(born=born))
    assert "Stopped" not in said("stop", state=tmp_path)
    assert local.holder(tmp_path) is None
    assert stranger.lives()


def test_of_a_number_alone_it_is_said_that_it_may_be_anybodys(tmp_path: Path, stranger: Process) -> None:
    (tmp_path / local.PID).write_text(str(stranger.pid))
    assert f"end it with `kill {stranger.pid}`" in said("stop", state=tmp_path)


def test_a_reset_asks_no_stranger_to_end_either(tmp_path: Path, stranger: Process) -> None:
    note(tmp_path, stranger._replace(born="another-boot 1234"))
    assert f"process {stranger.pid} of its local.pid is gone" in said("reset", state=tmp_path)


def test_a_stack_starts_where_a_stranger_has_the_number(
    tmp_path: Path, stranger: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    note(tmp_path, stranger._replace(born="another-boot 1234"))

    def is_up_at_once(child: "subprocess.Popen[bytes]", *_: object) -> None:
        child.kill()
        child.wait()

    monkeypatch.setattr(serve, "_wait", is_up_at_once)
    ACCESS.save(tmp_path)
    assert serve.start(tmp_path, None, print) == ACCESS
    assert local.holder(tmp_path) is None


@pytest.mark.parametrize("content", [str(NOBODY), "", "\n", "no number"])
def test_a_process_file_of_nobody_is_cleared_away(tmp_path: Path, content: str) -> None:
    (tmp_path / local.PID).write_text(content)
    assert "That file is removed." in said("stop", state=tmp_path)
    assert local.holder(tmp_path) is None


def test_a_reset_forgets_what_the_stack_held(tmp_path: Path) -> None:
    ACCESS.save(tmp_path)
    (tmp_path / local.DEPLOYED).write_text("1")
    (tmp_path / "stack/state").mkdir(parents=True)
    assert CliRunner().invoke(app, ["local", "reset", "--state", str(tmp_path)]).exit_code == 0
    assert not (tmp_path / "stack/state").exists()
    assert not (tmp_path / LOCAL).exists()
    assert not (tmp_path / local.DEPLOYED).exists()


def test_the_files_of_the_log_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "stack/logs/functions"
    folder.mkdir(parents=True)
    for path in (folder / "ingest.log", folder.parent / "emulator.log"):
        path.touch()
    told = CliRunner().invoke(app, ["local", "logs", "--state", str(tmp_path)]).stdout.splitlines()
    assert told == [str(folder.parent / "emulator.log"), str(folder / "ingest.log")]


def test_local_commands_look_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ACCESS.save(tmp_path)
    monkeypatch.setenv("REGULARS_STATE", str(tmp_path))
    assert Deployment.on_this_machine().access == ACCESS

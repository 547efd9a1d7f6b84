"""`regulars local`: started, asked to stop, and never two on one state; without an emulator."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from infra.cli import local, serve
from infra.cli.app import app
from infra.cli.deployment import LOCAL, Deployment
from infra.local import processes
from infra.local.emulator import Emulator
from infra.local.errors import LocalStackError, PortTakenError, StateInUseError
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


def test_a_stack_is_not_started_twice_on_one_state(tmp_path: Path) -> None:
    (tmp_path / local.PID).write_text(str(os.getpid()))
    with pytest.raises(StateInUseError, match="regulars local stop"):
        serve.start(tmp_path, None)


def test_what_did_not_start_is_said_in_its_own_words(tmp_path: Path) -> None:
    (tmp_path / local.PID).write_text(str(NOBODY))
    other = Emulator(local.folder_of(tmp_path))
    other._take_folder()
    try:
        with pytest.raises(LocalStackError, match=r"did not start .*local\.log.*Another local stack runs on"):
            serve.start(tmp_path, None)
    finally:
        other._leave_folder()
    assert local.pid_of(tmp_path) is None


def test_whoever_holds_the_stack_is_asked_to_end_and_waited_for(tmp_path: Path) -> None:
    gentle = "import signal,sys,time; signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.5), sys.exit(0)))\n"
    code = f"{gentle}print('up', flush=True)\nwhile True: time.sleep(1)"
    holder = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert holder.stdout
    holder.stdout.readline()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody's child: its end is seen without asking for it
    try:
        (tmp_path / local.PID).write_text(str(holder.pid))
        assert local.stop(tmp_path)
        assert not processes.exists(holder.pid)
        assert local.pid_of(tmp_path) is None
        assert not local.stop(tmp_path)
    finally:
        holder.kill()
        holder.wait()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        holder.stdout.close()


def test_a_process_file_of_nobody_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / local.PID).write_text(str(NOBODY))
    run = CliRunner().invoke(app, ["local", "stop", "--state", str(tmp_path)])
    assert run.exit_code == 0
    assert local.pid_of(tmp_path) is None


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

"""What goes wrong before or around the emulator is said in clear words."""

import json
import socket
import sys
from pathlib import Path

import pytest

from infra.local import tools
from infra.local.emulator import Emulator
from infra.local.errors import (
    EmulatorDiedError,
    PortTakenError,
    StateInUseError,
    StateLostError,
    ToolMissingError,
)
from infra.local.stack import LocalStack


@pytest.fixture
def no_uv(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("UV", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(tools, "_ROOT", tmp_path)


@pytest.fixture
def no_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "emulator", lambda: ["false"])


@pytest.mark.usefixtures("no_uv")
def test_uv_missing(tmp_path: Path) -> None:
    with pytest.raises(ToolMissingError, match="needs `uv`"):
        LocalStack(tmp_path / "state").start()


@pytest.mark.usefixtures("no_uv")
def test_uv_in_the_repositorys_tools(tmp_path: Path) -> None:
    (tmp_path / ".tools").mkdir()
    program = tmp_path / ".tools" / "uv"
    program.touch(0o755)
    assert tools.uv() == program


def test_no_real_account_reaches_the_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "real")
    environment = tools.environment({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})
    aws = {name: value for name, value in environment.items() if name.startswith("AWS_")}
    assert aws == {
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    }


@pytest.mark.usefixtures("no_install")
def test_port_taken(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTakenError, match=f"Port {port} is taken by another process"):
            LocalStack(tmp_path, port).start()


@pytest.mark.usefixtures("no_install")
def test_an_emulator_that_ends_at_once_is_said_with_its_log(tmp_path: Path) -> None:
    stack = LocalStack(tmp_path)
    for _ in range(2):  # no state is lost by it
        with pytest.raises(EmulatorDiedError, match=r"(?s)exit code 1.*emulator\.log"):
            stack.start()


@pytest.mark.usefixtures("no_install")
def test_one_folder_serves_one_stack(tmp_path: Path) -> None:
    first = Emulator(tmp_path)
    first._take_folder()
    try:
        with pytest.raises(StateInUseError, match="Another local stack runs on"):
            LocalStack(tmp_path).start()
    finally:
        first._leave_folder()


@pytest.mark.usefixtures("no_install")
def test_a_stack_that_was_not_stopped_gently_is_said_until_it_is_reset(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "running.json").write_text(json.dumps({"pid": 1, "port": 9}))
    stack = LocalStack(tmp_path)
    for _ in range(2):
        with pytest.raises(StateLostError, match="Reset it and import again"):
            stack.start()
    stack.reset()
    assert not (tmp_path / "state").exists()
    with pytest.raises(EmulatorDiedError):
        stack.start()


def test_a_stack_that_was_not_started_is_said(tmp_path: Path) -> None:
    with pytest.raises(EmulatorDiedError, match="start it first"):
        LocalStack(tmp_path).client("s3")

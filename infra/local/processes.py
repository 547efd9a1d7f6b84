"""Small questions to the operating system, about processes and ports."""

import os
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Self

import httpx

_STATE, _TICKS = 0, 19
"""Of /proc/PID/stat, counted from the third field: the state, and when the process began, since the machine did."""


class Process(NamedTuple):
    """A process that was noted down, to be asked to end later. Its id alone may be another's by then."""

    pid: int
    born: str

    @classmethod
    def of(cls, pid: int) -> Self:
        """The process that has this id now."""
        return cls(pid, born(pid) or "")

    def lives(self) -> bool:
        """Say whether this process has the id, and no later one. Never so where its birth was not noted."""
        return born(self.pid) == self.born


def born(pid: int) -> str | None:
    """When the process of this id began, in a word that no other of this id has, after a restart of the machine either.

    None where there is none. One that has ended and that nobody has asked for its end (a zombie) counts as none.
    """
    try:
        # The second field is the program's name in brackets, which may hold spaces and brackets itself.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return None if fields[_STATE] in "ZX" else f"{boot} {fields[_TICKS]}"


def ended(process: Process, seconds: float) -> bool:
    """Ask a process to end, and say whether it did in time. Whoever else has its id by now is not asked."""
    with suppress(ProcessLookupError):
        if process.lives():
            os.kill(process.pid, signal.SIGTERM)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not process.lives():
            return True
        time.sleep(0.05)
    return False


def kill_group(pid: int) -> None:
    """Kill a process and all that it spawned."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def answers(port: int) -> bool:
    """Say whether an emulator answers on this port."""
    try:
        with httpx.Client(trust_env=False, timeout=2) as client:
            return client.get(f"http://127.0.0.1:{port}/_ministack/health").is_success
    except httpx.TransportError:
        return False


def listens(port: int) -> bool:
    """Say whether anybody takes connections on this port, without taking the port away from whoever is about to."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2):
            return True
    except OSError:
        return False


def is_free(port: int) -> bool:
    """Say whether this port can be bound."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return True
    return False


def free_port() -> int:
    """Give a port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

"""Small questions to the operating system, about processes and ports."""

import os
import signal
import socket
import subprocess
import time
from contextlib import suppress

import httpx


def ended(pid: int, child: subprocess.Popen[bytes] | None, seconds: float) -> bool:
    """Ask a process to end, and say whether it did in time; `child` is its handle when it is ours."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if (child.poll() is not None) if child else not exists(pid):
            return True
        time.sleep(0.05)
    return False


def exists(pid: int) -> bool:
    """Say whether a process exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


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

"""The emulator's process: started on a folder and a port, watched, and stopped so that it saves what it holds.

It saves its tables on SIGTERM only, while objects go to disk at once. `running.json` exists for as long as that is
pending, so that an unclean end is known for what it is at the next start.
"""

import fcntl
import json
import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from infra.local import processes, tools
from infra.local.errors import EmulatorDiedError, LocalStackError, PortTakenError, StateInUseError, StateLostError
from infra.local.processes import Process

REGION = "eu-west-1"
_RUNNING = "running.json"
_START_SECONDS = 60.0
_STOP_SECONDS = 90.0
_STARTS = 3


class Emulator:
    """One emulator process on one state folder."""

    def __init__(self, state_dir: Path, port: int | None = None) -> None:
        self.state_dir = state_dir.resolve()
        self.port = port or 0
        self.log = self.state_dir / "logs" / "emulator.log"
        self._wanted = port
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None

    @property
    def url(self) -> str:
        """Give the emulator's origin."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Give the id of the process, which leads a process group with its workers."""
        self.check()
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Start the process and wait until it answers. Refuse a folder or a port that is in use, or a lost state."""
        if self._process is not None:
            return self.check()
        command = tools.emulator()
        self._take_folder()
        try:
            self._settle_last_run()
            for last_try in [False] * (_STARTS - 1) + [True]:
                if self._launched(command, last_try=last_try):
                    return None
        except BaseException:
            self._kill()
            self._leave_folder()
            raise
        return None

    def stop(self) -> None:
        """Ask the process to save and end, wait for it, and leave no worker of it behind."""
        if self._process is None:
            return
        gone_before = self._process.poll() is not None
        saved = not gone_before and _ended_well(self._process)
        self._kill()
        if saved:
            self._running.unlink(missing_ok=True)
        self._leave_folder()
        if not saved and not gone_before:
            raise LocalStackError(
                f"The emulator did not end properly within {_STOP_SECONDS:.0f} s; its tables were not saved. "
                f"Its log: {self.log}"
            )

    def check(self, patience_seconds: float = 0.0) -> None:
        """Raise in clear words when the process is gone, or goes within the time given."""
        if self._process is None:
            raise EmulatorDiedError("The local stack is not running: start it first.")
        try:
            code = self._process.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            return
        raise EmulatorDiedError(
            f"The emulator ended by itself or was killed (exit code {code}). What was in its tables since the last "
            f"gentle stop is lost: reset the local stack and import again. The end of its log ({self.log}):\n"
            + _tail(self.log)
        )

    def is_alive(self) -> bool:
        """Say whether the process runs and answers."""
        return self._process is not None and self._process.poll() is None and processes.answers(self.port)

    def wipe(self) -> None:
        """Delete everything that a stopped emulator has kept."""
        self._take_folder()
        try:
            with suppress(StateLostError):
                self._settle_last_run()
            for name in ("state", "objects", "tmp"):
                shutil.rmtree(self.state_dir / name, ignore_errors=True)
            self._running.unlink(missing_ok=True)
        finally:
            self._leave_folder()

    @property
    def _running(self) -> Path:
        return self.state_dir / _RUNNING

    def _take_folder(self) -> None:
        (self.state_dir / "logs").mkdir(parents=True, exist_ok=True)
        lock = (self.state_dir / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            message = f"Another local stack runs on {self.state_dir}: stop it, or use another folder."
            raise StateInUseError(message) from None
        self._lock = lock

    def _leave_folder(self) -> None:
        self._process = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _settle_last_run(self) -> None:
        """Stop an emulator whose owner was killed; say so when it could not save its tables."""
        if not self._running.exists():
            return
        last = running_on(self.state_dir)
        if last and processes.ended(last, _STOP_SECONDS):
            processes.kill_group(last.pid)
            self._running.unlink()
            return
        raise StateLostError(
            f"The local stack on {self.state_dir} was not stopped gently, so its tables are lost or older than its "
            "buckets. Reset it and import again."
        )

    def _launched(self, command: list[str], *, last_try: bool) -> bool:
        self.port = self._choose_port()
        self._spawn(command)
        try:
            self._wait()
        except BaseException as error:
            self._running.unlink()  # it served nobody, so nothing is lost
            # A free port that was chosen here may be lost to a neighbour before the emulator binds it.
            if last_try or self._wanted or not isinstance(error, EmulatorDiedError) or not self._lost_its_port():
                raise
            return False
        return True

    def _lost_its_port(self) -> bool:
        return "already in use" in _tail(self.log)

    def _choose_port(self) -> int:
        """Take the port asked for, else the last one (addresses of queues hold it), else any free one."""
        remembered = self.state_dir / "port"
        if self._wanted:
            if not processes.is_free(self._wanted):
                message = f"Port {self._wanted} is taken by another process: stop that one, or choose another port."
                raise PortTakenError(message)
            port = self._wanted
        else:
            last = int(remembered.read_text()) if remembered.exists() else 0
            port = last if last and processes.is_free(last) else processes.free_port()
        remembered.write_text(str(port))
        return port

    def _spawn(self, command: list[str]) -> None:
        shutil.rmtree(self.state_dir / "tmp", ignore_errors=True)  # unpacked functions of the last run
        (self.state_dir / "tmp").mkdir()
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                env=tools.environment(self._settings()),
                cwd=self.state_dir,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches us, and we stop it gently; its group holds its workers
            )
        self._running.write_text(json.dumps({"port": self.port} | Process.of(self._process.pid)._asdict()))

    def _settings(self) -> dict[str, str]:
        return {
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "PERSIST_STATE": "1",
            "S3_PERSIST": "1",
            "STATE_DIR": str(self.state_dir / "state"),
            "S3_DATA_DIR": str(self.state_dir / "objects"),
            "TMPDIR": str(self.state_dir / "tmp"),
            "MINISTACK_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "PYTHONUTF8": "1",
        }

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not processes.answers(self.port):
            self.check()
            if time.monotonic() > deadline:
                raise LocalStackError(f"The emulator did not answer within {_START_SECONDS:.0f} s:\n{_tail(self.log)}")
            time.sleep(0.05)
        self.check()

    def _kill(self) -> None:
        if self._process is not None:
            processes.kill_group(self._process.pid)
            self._process.wait()


def running_on(state_dir: Path) -> Process | None:
    """The emulator that was noted to run on this folder, where it still does."""
    noted = state_dir / _RUNNING
    if not noted.exists():
        return None
    last = json.loads(noted.read_text())
    process = Process(last["pid"], last.get("born", ""))
    return process if process.lives() and processes.answers(last["port"]) else None


def _ended_well(process: subprocess.Popen[bytes]) -> bool:
    """Ask our child to end, and say whether it did, in time and without an error."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        return process.wait(_STOP_SECONDS) == 0
    return False


def _tail(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""

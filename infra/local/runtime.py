"""A built function as Lambda runs it: AWS's Runtime Interface Emulator and its Python client, with boto3 beside them.

with Runtime(Path(".aws-sam/build/IngestFunction"), "functions.ingest.app.handler", environment) as runtime:
    reply = runtime.invoke(json.loads(Path("tests/events/ingest/smoke-track.json").read_text()))
"""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import httpx

from infra.local import processes, tools
from infra.local.errors import LocalStackError

_START_SECONDS = 30.0
_INVOKE_SECONDS = 120.0
_INVOCATIONS = "/2015-03-31/functions/function/invocations"


class Runtime:
    """One execution environment of one artefact. Its first invocation is a cold start, as in Lambda."""

    def __init__(self, artefact: Path, handler: str, environment: Mapping[str, str], megabytes: int = 512) -> None:
        self._artefact = artefact.resolve()
        self._handler = handler
        self._environment = environment
        self._megabytes = megabytes
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    def __enter__(self) -> Self:
        self._port, runtime_api = processes.free_port(), processes.free_port()
        emulator, python = tools.runtime()
        self._log = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [
                *(emulator, "--runtime-interface-emulator-address", f"127.0.0.1:{self._port}"),
                *("--runtime-api-address", f"127.0.0.1:{runtime_api}"),
                *(python, "-m", "awslambdaric", self._handler),
            ],
            cwd=self._artefact,
            env=self._told(),
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            processes.kill_group(self._process.pid)
            self._process.wait()
        if self._log is not None:
            self._log.close()

    def invoke(self, event: Any) -> Any:
        """What the function answers; where it fails, `errorType` and `errorMessage` as Lambda gives them."""
        with httpx.Client(trust_env=False, timeout=_INVOKE_SECONDS) as client:
            reply = client.post(f"http://127.0.0.1:{self._port}{_INVOCATIONS}", content=json.dumps(event).encode())
        return reply.json()

    def log(self) -> str:
        """What the function and the emulator have printed so far."""
        if self._log is None:
            return ""
        # The processes write where this file is read, so it is read without moving.
        return os.pread(self._log.fileno(), os.fstat(self._log.fileno()).st_size, 0).decode(errors="replace")

    def _told(self) -> dict[str, str]:
        """As Lambda tells it: the artefact is the task's root and first on the path, and nothing is written there."""
        root = str(self._artefact)
        lambdas = {"LAMBDA_TASK_ROOT": root, "PYTHONPATH": root, "PYTHONDONTWRITEBYTECODE": "1"}
        named = {"AWS_LAMBDA_FUNCTION_NAME": "function", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self._megabytes)}
        timed = {"AWS_LAMBDA_FUNCTION_TIMEOUT": str(int(_INVOKE_SECONDS)), "AWS_LAMBDA_LOG_FORMAT": "JSON"}
        return tools.environment({**lambdas, **named, **timed, **self._environment})

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not processes.listens(self._port):
            if self._process is None or self._process.poll() is not None or time.monotonic() > deadline:
                raise LocalStackError(f"The runtime's emulator did not start:\n{self.log()}")
            time.sleep(0.02)

"""The built artefacts, deployed into the local stack; for the demo, `regulars local` and the end-to-end tests."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from pydantic import SecretStr

from infra.cli.deployment import LOCAL, Deployment, access_of
from infra.cli.keys import make_key
from infra.local import processes
from infra.local.emulator import REGION
from infra.local.errors import LocalStackError, PortTakenError, StateLostError
from infra.local.processes import Process
from infra.local.proxy import LocalProxy
from infra.local.stack import LocalStack, Outputs
from shared.domain.keys import KeyKind

BUILT = Path(__file__).parents[2] / ".aws-sam/build/template.yaml"
STACK = "regulars"
# Functions run in the emulator's own interpreter, so all of them must be built for this machine.
# Nothing here is in flight for a quarter of an hour, as it may be in the cloud.
PARAMETERS = {"LightArchitecture": "x86_64", "TrainingState": "DISABLED", "SweepDelaySeconds": "5"}
DEPLOYED = "deployed"
"""Remembers which build is deployed: the time of its template."""
PID = "local.pid"
"""Has the process that holds the stack, its id and its birth, and is there for as long as the stack serves."""
PORT = 8080
_STOP_SECONDS = 120.0


class NotBuiltError(Exception):
    """There is nothing to deploy yet."""


def deploy(stack: LocalStack, state: Path, parameters: Mapping[str, str] = MappingProxyType({})) -> Outputs:
    """Deploy what was built; where just that is deployed already, only say what it is. Raises `NotBuiltError`.

    `parameters` are the template's, besides those that the local stack needs.
    """
    if not BUILT.exists():
        raise NotBuiltError("Nothing is built: run `make build LIGHT_ARCHITECTURE=x86_64` first.")
    deployed = state / DEPLOYED
    built = str(BUILT.stat().st_mtime_ns)
    if deployed.exists() and deployed.read_text() == built:
        return stack.describe(STACK)
    outputs = stack.deploy(BUILT, STACK, {**PARAMETERS, **parameters})
    deployed.write_text(built)
    return outputs


def deployment(stack: LocalStack, outputs: Outputs, proxy: LocalProxy, secret_key: str | None) -> Deployment:
    """The deployment behind `proxy`; makes a secret key where none is given."""
    access = access_of(STACK, dict(outputs.values) | {"ApiUrl": proxy.url}, secret_key)
    found = Deployment(access.model_copy(update={"endpoint_url": stack.url, "region": REGION}))
    if secret_key is None:
        made = SecretStr(make_key(found, KeyKind.SECRET, "local"))
        found = Deployment(found.access.model_copy(update={"secret_key": made}))
    return found


def remembered_key(state: Path) -> str | None:
    """The secret key of an earlier run on this state."""
    if not (state / LOCAL).exists():
        return None
    access = Deployment.on_this_machine(state).access
    return access.secret_key.get_secret_value() if access.secret_key else None


def folder_of(state: Path) -> Path:
    """Where the emulator of this state has its own files."""
    return state / "stack"


def started(state: Path, say: Callable[[str], None]) -> LocalStack:
    """The local stack, started. State that an unclean stop spoiled is thrown away, which is said."""
    stack = LocalStack(folder_of(state))
    try:
        stack.start()
    except StateLostError as error:
        say(str(error))
        forget(state)
        stack.start()
    return stack


def forget(state: Path) -> None:
    """Throw away all that the stopped stack has kept."""
    LocalStack(folder_of(state)).reset()
    for left in (DEPLOYED, LOCAL):
        (state / left).unlink(missing_ok=True)


def proxy_of(stack: LocalStack, outputs: Outputs, port: int | None, page: Path | None = None) -> LocalProxy:
    """The API's plain origin: on this port, or on 8080 where that is free, or on any. Raises `PortTakenError`."""
    wanted = port or (PORT if processes.is_free(PORT) else 0)
    try:
        return LocalProxy(stack.url, outputs.api_id or "", static=page, port=wanted)
    except OSError as error:
        raise PortTakenError(f"Port {wanted} is taken by another process: stop that one, or use --port.") from error


@contextmanager
def announced(state: Path) -> Iterator[None]:
    """For as long as this process serves, `regulars local stop` finds whom to ask."""
    half_written = state / f"{PID}.new"
    half_written.write_text("\n".join(map(str, Process.of(os.getpid()))))
    half_written.replace(state / PID)
    try:
        yield
    finally:
        (state / PID).unlink(missing_ok=True)


def holder(state: Path) -> Process | None:
    """The process that was noted to hold the stack. Whether it lives is to be asked before it is told anything."""
    path = state / PID
    if not path.exists():
        return None
    pid, _, born = path.read_text().partition("\n")
    return Process(int(pid) if pid.isdecimal() else 0, born)


def stop(state: Path, say: Callable[[str], None]) -> None:
    """Ask whoever holds the stack to save it and end, and wait for that; says how it stands then."""
    noted = holder(state)
    if noted is None:
        return say(f"Nothing runs on {state}.")
    lived = noted.lives()
    if lived and not processes.ended(noted, _STOP_SECONDS):
        raise LocalStackError(
            f"The process {noted.pid} did not end within {_STOP_SECONDS:.0f} s; see {folder_of(state)}/logs."
        )
    (state / PID).unlink(missing_ok=True)
    return say("Stopped; the state is kept." if lived else _words_of_a_stranger(state, noted))


def _words_of_a_stranger(state: Path, noted: Process) -> str:
    if not noted.born and processes.born(noted.pid):
        return (
            f"Nothing was stopped: {state / PID}, now removed, had no more than the number {noted.pid}, which may be "
            f"another program's. If `ps {noted.pid}` shows the local stack, end it with `kill {noted.pid}`."
        )
    return f"Nothing runs on {state}: the process {noted.pid} of its {PID} is gone. That file is removed."


def reset(state: Path, say: Callable[[str], None]) -> None:
    """Stop the stack if it runs, and forget everything."""
    stop(state, say)
    forget(state)


def logs(state: Path) -> list[Path]:
    """The files in which the local stack has written: its own first, then one for each function once it was stopped."""
    folder = folder_of(state) / "logs"
    return [*sorted(folder.glob("*.log")), *sorted((folder / "functions").glob("*.log"))]

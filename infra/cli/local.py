"""The built artefacts, deployed into the local stack; for the demo, `regulars local` and the end-to-end tests."""

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
"""Has the process that holds the stack, and is there for as long as the stack serves."""
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
def announced(state: Path, pid: int) -> Iterator[None]:
    """For as long as it serves, `regulars local stop` finds whom to ask."""
    (state / PID).write_text(str(pid))
    try:
        yield
    finally:
        (state / PID).unlink(missing_ok=True)


def pid_of(state: Path) -> int | None:
    """The process that holds the stack, as far as is known."""
    path = state / PID
    return int(path.read_text()) if path.exists() else None


def stop(state: Path) -> bool:
    """Ask whoever holds the stack to save it and end, and wait for that; whether there was anybody."""
    pid = pid_of(state)
    if pid is None:
        return False
    if processes.exists(pid) and not processes.ended(pid, None, _STOP_SECONDS):
        raise LocalStackError(
            f"The process {pid} did not end within {_STOP_SECONDS:.0f} s; see {folder_of(state)}/logs."
        )
    (state / PID).unlink(missing_ok=True)
    return True


def reset(state: Path) -> None:
    """Stop the stack if it runs, and forget everything."""
    stop(state)
    forget(state)


def logs(state: Path) -> list[Path]:
    """The files in which the local stack has written: its own first, then one for each function once it was stopped."""
    folder = folder_of(state) / "logs"
    return [*sorted(folder.glob("*.log")), *sorted((folder / "functions").glob("*.log"))]

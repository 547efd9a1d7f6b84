"""The built artefacts, deployed into the local stack; for the demo and the end-to-end tests."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from pydantic import SecretStr

from infra.cli.deployment import LOCAL, Deployment, access_of
from infra.cli.keys import make_key
from infra.local.emulator import REGION
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

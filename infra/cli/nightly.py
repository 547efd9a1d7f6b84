"""The functions of the night, run now: where their schedules run them, and waited for."""

import json
from typing import Any

from infra.cli.deployment import Deployment


class NightlyFailedError(Exception):
    """The function failed, or the deployment has none; the message has the words."""


def run(deployment: Deployment, job: str) -> dict[str, Any]:
    """What the function answers. Raises `NightlyFailedError`."""
    name = deployment.access.nightly.get(job)
    if not name:
        raise NightlyFailedError(f"This deployment is older than its {job} function: deploy again.")
    reply = deployment.functions.invoke(FunctionName=name, InvocationType="RequestResponse", Payload=b"{}")
    done: dict[str, Any] = json.loads(reply["Payload"].read())
    if reply.get("FunctionError"):
        words = done.get("errorMessage", done)
        raise NightlyFailedError(f"The {job} function failed: {words}. Its log group has the rest.")
    return done

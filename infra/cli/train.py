"""Training, as the schedule does it: by invoking the deployed function through the Lambda API."""

import json
from typing import Any, NamedTuple

from rich.console import Console

from infra.cli.deployment import Deployment
from shared.inference.card import Card


class TrainingFailedError(Exception):
    """The function failed; the message has its words."""


class Outcome(NamedTuple):
    """The model that was published, or why there is none; with both, why it was not promoted."""

    card: Card | None
    reason: str | None


def train(deployment: Deployment, console: Console) -> Outcome:
    """Invoke the training function and wait. Raises `TrainingFailedError`."""
    name = deployment.access.training_function
    with console.status(f"training: {name} is running"):
        reply = deployment.functions.invoke(FunctionName=name, InvocationType="RequestResponse", Payload=b"{}")
        payload: dict[str, Any] = json.loads(reply["Payload"].read())
    if reply.get("FunctionError"):
        words = payload.get("errorMessage", payload)
        raise TrainingFailedError(f"The training function failed: {words}. Its log group has the rest.")
    if payload["model_id"] is None:
        return Outcome(None, payload["reason"])
    return Outcome(Card.model_validate(payload["card"]), payload.get("not_promoted"))

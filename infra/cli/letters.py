"""Dead letters: what a queue's reader or a nightly run gave up, given to them once more.

A message goes back into its queue before it leaves that of the failures, so that what breaks off there is done twice
and never lost: a privacy job and a review each have an id of their own, by which a second one changes nothing. A
nightly run is not repeated for each of its failures, but once for each function.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from infra.cli.deployment import Deployment, NoDeploymentError

HIDDEN_SECONDS = 900
"""For how long a message that is being worked on is not given to another."""
WAIT_SECONDS = 1
"""So that all of a queue's servers are asked."""
BACK = {"privacy failures": "privacy jobs", "feedback failures": "feedback"}
NIGHTLY = "nightly failures"

Message = Mapping[str, Any]


def waiting(deployment: Deployment) -> dict[str, int]:
    """How many messages there are in each queue of failures, about."""
    urls = {name: url for name, url in deployment.access.queues.items() if name.endswith("failures")}
    return {name: depth(deployment, url) for name, url in urls.items()}


def depth(deployment: Deployment, url: str) -> int:
    """About how many messages a queue holds, those included that somebody is working on."""
    names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    told = deployment.queues.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(value) for value in told.values())


def send_back(deployment: Deployment, failures: str) -> int:
    """Put every message of a queue of failures back into the queue that it comes from; how many."""
    source, target = deployment.access.queues[failures], deployment.access.queues.get(BACK[failures])
    if target is None:
        raise NoDeploymentError(f"This deployment does not name its queue of {BACK[failures]}: deploy it again.")
    messages = receive(deployment, source)
    for message in messages:
        deployment.queues.send_message(QueueUrl=target, MessageBody=message["Body"])
        remove(deployment, source, message)
    return len(messages)


def run_again(deployment: Deployment) -> dict[str, tuple[int, bool]]:
    """Start each function once that a nightly failure tells of; how many failures of it, and whether it was started.

    It runs in the background, since a training takes minutes: what fails again becomes a dead letter again.
    """
    url = deployment.access.queues[NIGHTLY]
    found: dict[str, list[Message]] = {}
    for message in receive(deployment, url):
        found.setdefault(_function(message), []).append(message)
    return {name or "unknown": (len(some), _started(deployment, url, name, some)) for name, some in found.items()}


def _started(deployment: Deployment, url: str, function: str, messages: list[Message]) -> bool:
    if not function:
        for message in messages:
            put_back(deployment, url, message)
        return False
    deployment.functions.invoke(FunctionName=function, InvocationType="Event", Payload=b"{}")
    for message in messages:
        remove(deployment, url, message)
    return True


def _function(message: Message) -> str:
    """Which function failed: Lambda says it in the body, the scheduler in an attribute; "" where neither does."""
    attributes = message.get("MessageAttributes", {})
    arn = attributes.get("TARGET_ARN", {}).get("StringValue", "")
    with suppress(KeyError, TypeError, ValueError):  # of the scheduler's own, the body is what would have been invoked
        arn = json.loads(message["Body"])["requestContext"]["functionArn"]
    # arn:aws:lambda:REGION:ACCOUNT:function:NAME:QUALIFIER
    parts = str(arn).split(":")
    return parts[6] if len(parts) > 6 and parts[5] == "function" else ""


def receive(deployment: Deployment, url: str) -> list[Message]:
    """All messages, first: one that is put back must not be met again in the same run."""
    messages: list[Message] = []
    while found := deployment.queues.receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=10,
        VisibilityTimeout=HIDDEN_SECONDS,
        WaitTimeSeconds=WAIT_SECONDS,
        MessageAttributeNames=["All"],
    ).get("Messages", []):
        messages += found
    return messages


def remove(deployment: Deployment, url: str, message: Message) -> None:
    deployment.queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def put_back(deployment: Deployment, url: str, message: Message) -> None:
    """Let others have it again at once."""
    deployment.queues.change_message_visibility(
        QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
    )


def sources(deployment: Deployment) -> Iterator[str]:
    """The queues of failures that this deployment names, whose messages go back into their queue."""
    yield from (name for name in BACK if name in deployment.access.queues)

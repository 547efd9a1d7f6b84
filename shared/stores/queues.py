"""Queues that carry events to a room that deals with them later, each event whole, at least once.

A message is the event as JSON with its `details`; its `id` is the event's identity, the same in every delivery.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from shared.domain.errors import NotDoneError
from shared.domain.events import Event

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MOST_MESSAGES = 10
MOST_BYTES = 250_000
"""Of all messages of one call. SQS takes 262,144."""


class Message(NamedTuple):
    """An event with its details, and the stream record that it comes from."""

    sequence: str
    event: Event
    details: Mapping[str, Any]


class EventQueue:
    """Sends events to one queue."""

    def __init__(self, sqs: "SQSClient", url: str) -> None:
        self._sqs = sqs
        self._url = url

    def send(self, messages: Iterable[Message]) -> None:
        """Send these, in their order. Raises `NotDoneError`, naming the first that the queue did not take."""
        for some in _batches((each.sequence, _body(each)) for each in messages):
            self._send(some)

    def _send(self, batch: Sequence[tuple[str, str]]) -> None:
        entries: Any = [{"Id": str(n), "MessageBody": body} for n, (_, body) in enumerate(batch)]
        try:
            reply = self._sqs.send_message_batch(QueueUrl=self._url, Entries=entries)
        except (ClientError, BotoCoreError) as error:
            raise NotDoneError(batch[0][0]) from error
        if failed := reply.get("Failed"):
            raise NotDoneError(batch[min(int(each["Id"]) for each in failed)][0])


def _body(message: Message) -> str:
    event = message.event
    unsold = {name for name in ("lines", "coupons") if not getattr(event, name)}
    fields = event.model_dump(mode="json", exclude={"customer", *unsold}, exclude_none=True)
    identity = {"id": f"{event.customer}#{event.message_id}", "customer": str(event.customer)}
    # ASCII, since SQS takes no control characters, and half a surrogate pair is no UTF-8.
    return json.dumps(identity | fields | {"details": message.details}, separators=(",", ":"))


def _batches(bodies: Iterable[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """As many as one call takes, by number and by size."""
    batch: list[tuple[str, str]] = []
    for sequence, body in bodies:
        if len(batch) == MOST_MESSAGES or sum(len(each) for _, each in batch) + len(body) > MOST_BYTES:
            yield batch
            batch = []
        batch.append((sequence, body))
    if batch:
        yield batch

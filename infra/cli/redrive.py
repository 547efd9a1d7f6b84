"""Redriving: what was set aside or given up is given to its function again.

Of the stream, record by record; of the queues and the nightly runs see `infra.cli.letters`.

The stream has two sources: records that a function set aside (`poison/` in the bucket), and messages about deliveries
that the event source gave up, whose records the stream still has for some hours. A function that is given a record with
`redrive` includes it once, however often that is tried; so what is interrupted here is simply run again.
"""

import json
from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from botocore.exceptions import ClientError
from rich.console import Console

from infra.cli import letters
from infra.cli.deployment import Deployment, NoDeploymentError
from shared.stores.events import DETAIL, EVENT, NOTE, ORDER

MOST_EMPTY_PAGES = 50
TRIMMED = {"TrimmedDataAccessException", "ResourceNotFoundException"}

KINDS = (EVENT, ORDER, NOTE, DETAIL)

StreamRecord = Mapping[str, Any]


class Tally(NamedTuple):
    """Of one function: how many records it took, how many it failed at again, how many are in the stream no more."""

    redriven: int = 0
    failed: int = 0
    gone: int = 0


class Batch(NamedTuple):
    """The records that a message of the failure queue is about."""

    function: str
    stream: str
    shard: str
    start: str
    end: str
    size: int


class GoneError(Exception):
    """The stream has these records no more."""


def redrive(deployment: Deployment, console: Console) -> dict[str, Tally]:
    """Redrive whatever there is; the tally of each function. What succeeded is deleted from where it was kept."""
    if not deployment.access.stream_functions:
        raise NoDeploymentError("This deployment does not name its stream's functions yet: deploy it again.")
    tallies: dict[str, Tally] = defaultdict(Tally, {name: Tally() for name in deployment.access.stream_functions})
    with console.status("redriving"):
        # First what the stream keeps for hours only.
        for consumer, tally in (*_given_up(deployment), *_set_aside(deployment)):
            tallies[consumer] = Tally(*map(sum, zip(tallies[consumer], tally, strict=True)))
        tallies |= dict(_letters(deployment))
    return dict(tallies)


def look(deployment: Deployment) -> dict[str, int]:
    """How much there is to redrive, by where it waits; nothing is touched."""
    aside = {f"set aside by {name}": 0 for name in deployment.access.stream_functions}
    for found in deployment.poison.all():
        name = f"set aside by {found.consumer}"
        aside[name] = aside.get(name, 0) + 1
    return aside | letters.waiting(deployment)


def _letters(deployment: Deployment) -> Iterator[tuple[str, Tally]]:
    for name in letters.sources(deployment):
        yield letters.BACK[name], Tally(redriven=letters.send_back(deployment, name))
    if letters.NIGHTLY in deployment.access.queues:
        for function, (failures, started) in letters.run_again(deployment).items():
            yield function, Tally(redriven=failures) if started else Tally(failed=failures)


def _set_aside(deployment: Deployment) -> Iterator[tuple[str, Tally]]:
    for found in deployment.poison.all():
        taken = _invoke(deployment, found.consumer, deployment.poison.get(found.key), found.stream_shard)
        if taken:
            deployment.poison.delete(found.key)
        yield found.consumer, Tally(redriven=int(taken), failed=int(not taken))


def _given_up(deployment: Deployment) -> Iterator[tuple[str, Tally]]:
    consumers = {name: consumer for consumer, name in deployment.access.stream_functions.items()}
    queue = deployment.access.stream_failures_url
    for message in letters.receive(deployment, queue):
        batch = _batch(json.loads(message["Body"]))
        tally = _redrive_batch(deployment, consumers[batch.function], batch)
        if tally.failed or tally.gone:
            letters.put_back(deployment, queue, message)
        else:
            letters.remove(deployment, queue, message)
        yield consumers[batch.function], tally


def _redrive_batch(deployment: Deployment, consumer: str, batch: Batch) -> Tally:
    try:
        records = list(_records(deployment.streams, batch))
    except GoneError:
        return Tally(gone=batch.size)
    taken = [_invoke(deployment, consumer, record, batch.shard) for record in records]
    return Tally(redriven=sum(taken), failed=len(taken) - sum(taken))


def _records(streams: Any, batch: Batch) -> Iterator[StreamRecord]:
    """The events that this part of the stream inserts, which are what the functions' filters let through."""
    for record in _range(streams, batch):
        if record["eventName"] == "INSERT" and record["dynamodb"]["Keys"]["sk"]["S"].startswith(KINDS):
            yield json.loads(json.dumps(record, default=_as_delivered))


def _range(streams: Any, batch: Batch) -> Iterator[StreamRecord]:
    try:
        iterator = streams.get_shard_iterator(
            StreamArn=batch.stream,
            ShardId=batch.shard,
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            SequenceNumber=batch.start,
        )["ShardIterator"]
        empty = 0
        while iterator and empty < MOST_EMPTY_PAGES:
            page = streams.get_records(ShardIterator=iterator)
            for record in page["Records"]:
                yield record
                if int(record["dynamodb"]["SequenceNumber"]) >= int(batch.end):
                    return
            iterator, empty = page.get("NextShardIterator"), 0 if page["Records"] else empty + 1
    except ClientError as error:
        if error.response["Error"]["Code"] not in TRIMMED:
            raise
    raise GoneError


def _invoke(deployment: Deployment, consumer: str, record: StreamRecord, shard: str) -> bool:
    """Whether the function took the record."""
    reply = deployment.functions.invoke(
        FunctionName=deployment.access.stream_functions[consumer],
        InvocationType="RequestResponse",
        Payload=json.dumps({"Records": [record], "shardId": shard, "redrive": True}).encode(),
    )
    payload: Any = json.loads(reply["Payload"].read())
    return not reply.get("FunctionError") and not payload["batchItemFailures"]


def _batch(message: Mapping[str, Any]) -> Batch:
    """What the event source says of a delivery that it gave up."""
    info = message["DDBStreamBatchInfo"]
    # arn:aws:lambda:REGION:ACCOUNT:function:NAME:QUALIFIER
    function = message["requestContext"]["functionArn"].split(":")[6]
    return Batch(
        function=function,
        stream=info["streamArn"],
        shard=info["shardId"],
        start=info["startSequenceNumber"],
        end=info["endSequenceNumber"],
        size=info["batchSize"],
    )


def _as_delivered(value: Any) -> Any:
    """What boto3 made of a time or of bytes, as Lambda delivers it."""
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, bytes):
        return b64encode(value).decode()
    raise TypeError(type(value).__name__)

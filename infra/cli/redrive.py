"""Redriving: what was set aside or given up is given to its function again, or discarded where that is said.

Of the stream here; of the queues and the nightly runs see `infra.cli.letters`.

The stream has two sources: records that a function set aside (`poison/` in the bucket), and messages about deliveries
that the event source gave up, whose records the stream still has for some hours. A function that is given a record with
`redrive` includes it once, however often that is tried; so what is interrupted here is simply run again. The archive
takes many at once, since it has hours for what may be a day's events, and its readers know an event that they meet
twice; what counts is given its records one by one, each under a name of its own.
"""

import json
from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from botocore.exceptions import ClientError
from rich.console import Console

from infra.cli import letters
from infra.cli.deployment import Deployment, NoDeploymentError
from shared.stores.events import DETAIL, EVENT, NOTE, ORDER

MOST_EMPTY_PAGES = 50
TAKES_MANY = {"archive"}
MOST_RECORDS = 1000
MOST_BYTES = 4_000_000
"""Of one call, as JSON: Lambda takes six million."""
ASIDE = "set aside by "
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
    aside = {ASIDE + name: 0 for name in deployment.access.stream_functions}
    for found in deployment.poison.all():
        name = ASIDE + found.consumer
        aside[name] = aside.get(name, 0) + 1
    return aside | letters.waiting(deployment)


def discard(deployment: Deployment, source: str) -> int:
    """Delete what waits in one place, named as in `look`, for good; how much."""
    if not source.startswith(ASIDE):
        url = deployment.access.queues[source]
        messages = letters.receive(deployment, url)
        for message in messages:
            letters.remove(deployment, url, message)
        return len(messages)
    aside = [found.key for found in deployment.poison.all() if found.consumer == source.removeprefix(ASIDE)]
    for key in aside:
        deployment.poison.delete(key)
    return len(aside)


def _letters(deployment: Deployment) -> Iterator[tuple[str, Tally]]:
    for name in letters.sources(deployment):
        yield letters.BACK[name], Tally(redriven=letters.send_back(deployment, name))
    if letters.NIGHTLY in deployment.access.queues:
        for function, (failures, started) in letters.run_again(deployment).items():
            yield function, Tally(redriven=failures) if started else Tally(failed=failures)


def _set_aside(deployment: Deployment) -> Iterator[tuple[str, Tally]]:
    for found in deployment.poison.all():
        taken = _give(deployment, found.consumer, [deployment.poison.get(found.key)], found.stream_shard)
        if taken:
            deployment.poison.delete(found.key)
        yield found.consumer, Tally(redriven=taken, failed=1 - taken)


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
    found = _found(deployment.streams, batch)
    records = [json.loads(json.dumps(each, default=_as_delivered)) for each in found if _is_event(each)]
    is_whole = bool(found) and _sequence(found[0]) == batch.start and _sequence(found[-1]) == batch.end
    most = MOST_RECORDS if consumer in TAKES_MANY else 1
    taken = sum(_give(deployment, consumer, some, batch.shard) for some in _parts(records, most))
    gone = 0 if is_whole else max(1, batch.size - len(records))
    return Tally(redriven=taken, failed=len(records) - taken, gone=gone)


def _is_event(record: StreamRecord) -> bool:
    """Whether it inserts an event, which is what the functions' filters let through."""
    key: str = record["dynamodb"]["Keys"]["sk"]["S"]
    return record["eventName"] == "INSERT" and key.startswith(KINDS)


def _found(streams: Any, batch: Batch) -> list[StreamRecord]:
    """What the stream still has of this part of it."""
    starts = {"ShardIteratorType": "AT_SEQUENCE_NUMBER", "SequenceNumber": batch.start}
    for at in (starts, {"ShardIteratorType": "TRIM_HORIZON"}):
        try:
            return list(_range(streams, batch, at))
        except ClientError as error:
            if error.response["Error"]["Code"] not in TRIMMED:
                raise
    return []


def _range(streams: Any, batch: Batch, at: Mapping[str, str]) -> Iterator[StreamRecord]:
    iterator = streams.get_shard_iterator(StreamArn=batch.stream, ShardId=batch.shard, **at)["ShardIterator"]
    empty = 0
    while iterator and empty < MOST_EMPTY_PAGES:
        page = streams.get_records(ShardIterator=iterator)
        for record in page["Records"]:
            place = int(_sequence(record))
            if int(batch.start) <= place <= int(batch.end):
                yield record
            if place >= int(batch.end):
                return
        iterator, empty = page.get("NextShardIterator"), 0 if page["Records"] else empty + 1


def _parts(records: Iterable[StreamRecord], most: int) -> Iterator[list[StreamRecord]]:
    """The records in their order, in parts that one call may have."""
    part: list[StreamRecord] = []
    size = 0
    for record in records:
        length = len(json.dumps(record))
        if part and (len(part) == most or size + length > MOST_BYTES):
            yield part
            part, size = [], 0
        part.append(record)
        size += length
    if part:
        yield part


def _give(deployment: Deployment, consumer: str, records: Sequence[StreamRecord], shard: str) -> int:
    """How many of the records the function took. What it fails as a whole it is given in halves."""
    if not records:
        return 0
    reply = deployment.functions.invoke(
        FunctionName=deployment.access.stream_functions[consumer],
        InvocationType="RequestResponse",
        Payload=json.dumps({"Records": records, "shardId": shard, "redrive": True}).encode(),
    )
    payload: Any = json.loads(reply["Payload"].read())
    done = 0 if reply.get("FunctionError") else _done(records, payload["batchItemFailures"])
    left = records[done:]
    if len(left) < 2:
        return done
    middle = len(left) // 2
    return done + sum(_give(deployment, consumer, some, shard) for some in (left[:middle], left[middle:]))


def _done(records: Sequence[StreamRecord], failures: Sequence[Mapping[str, str]]) -> int:
    """How many there are before the first that the function says it has not done."""
    not_done = {failure["itemIdentifier"] for failure in failures}
    return next((n for n, record in enumerate(records) if _sequence(record) in not_done), len(records))


def _sequence(record: StreamRecord) -> str:
    return str(record["dynamodb"]["SequenceNumber"])


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

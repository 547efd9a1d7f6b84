"""The archive: every event as a line of JSON in gzipped objects of the bucket, for training.

Objects are `events/shard=S/day=YYYY-MM-DD/NAME.jsonl.gz`, or `events/shard=S/import=SOURCE/NAME.jsonl.gz` for history
that was imported at once. The shard is a hash of the customer, so that one shopper's events lie in one shard.
An object's name follows from its content: writing it again writes the same object.
"""

import gzip
import hashlib
import json
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import batched
from typing import TYPE_CHECKING

from shared.domain.events import CustomerRef, Event

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ROOT = "events/"
SHARDS = 8
THREADS = 8


class ArchiveStore:
    """Appends events, and reads them all back. The same event may stand in it twice; `training` counts it once."""

    def __init__(self, s3: "S3Client", bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def append(self, events: Iterable[Event]) -> int:
        """Write events as they came from the stream; one object for each shard and day; how many objects."""
        groups: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            groups[f"{shard_of(event.customer)}/day={event.time:%Y-%m-%d}"].append(event)
        return self._write({f"{place}/{_digest(lines)}": lines for place, lines in _encoded(groups).items()})

    def append_import(self, source: str, events: Iterable[Event]) -> int:
        """Write imported history, one object for each shard; importing the same again writes the same objects."""
        groups: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            groups[f"{shard_of(event.customer)}/import={source}"].append(event)
        return self._write({f"{place}/{_digest(lines)}": lines for place, lines in _encoded(groups).items()})

    def read(self) -> Iterator[Event]:
        """Every event of the archive, an object at a time."""
        with ThreadPoolExecutor(THREADS) as pool:
            # A few at a time: a pool would fetch all that it is given, and the archive need not fit in memory.
            for some in batched(self._keys(), THREADS, strict=False):
                for body in pool.map(self._get, some):
                    for line in gzip.decompress(body).splitlines():
                        yield _parse(line)

    def _write(self, objects: dict[str, bytes]) -> int:
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(self._put, objects.items()))
        return len(objects)

    def _put(self, named: tuple[str, bytes]) -> None:
        place, lines = named
        # mtime=0: the same lines make the same bytes.
        body = gzip.compress(lines, compresslevel=6, mtime=0)
        self._s3.put_object(Bucket=self._bucket, Key=f"{ROOT}{place}.jsonl.gz", Body=body)

    def _get(self, key: str) -> bytes:
        return self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()

    def _keys(self) -> list[str]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=ROOT)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]


def shard_of(customer: CustomerRef) -> str:
    """The shard that a customer's events lie in, as keys have it: `shard=03`."""
    return f"shard={zlib.crc32(str(customer).encode()) % SHARDS:02d}"


def _encoded(groups: dict[str, list[Event]]) -> dict[str, bytes]:
    return {place: b"\n".join(map(_line, events)) + b"\n" for place, events in groups.items()}


def _digest(lines: bytes) -> str:
    return hashlib.sha256(lines).hexdigest()[:32]


def _line(event: Event) -> bytes:
    fields = {"customer": str(event.customer), "message_id": event.message_id, "time": event.time.isoformat()}
    rest = {"name": event.name, "items": event.items, "anonymous_id": event.anonymous_id}
    rest |= {"order_id": event.order_id} if event.order_id else {}
    rest |= {"recommendation_id": event.recommendation_id} if event.recommendation_id else {}
    return json.dumps(fields | rest, separators=(",", ":"), ensure_ascii=False).encode()


def _parse(line: bytes) -> Event:
    fields = json.loads(line)
    return Event(**fields | {"customer": CustomerRef.parse(fields["customer"])})

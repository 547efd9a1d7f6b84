"""The archive: every event as a line of JSON in gzipped objects of the bucket, for training.

Objects are `events/shard=S/day=YYYY-MM-DD/NAME.jsonl.gz`, or `events/shard=S/import=SOURCE/NAME.jsonl.gz` for history
that was imported at once; `shared.stores.rewriting` merges them into `events/shard=S/merged/NAME.jsonl.gz`.
The shard is a hash of the customer, so that one shopper's events lie in one shard.
An object's name follows from its content: writing it again writes the same object.
Beside a large object, under `columns/`, lies what training reads in its place (`shared.stores.columns`).
"""

import gzip
import hashlib
import json
import zlib
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from io import BytesIO
from itertools import batched, groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from shared.domain.errors import StoreUnavailableError
from shared.domain.events import CustomerRef, Event
from shared.stores import columns, sold
from shared.stores.columns import Columns

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ROOT = "events/"
BESIDE = "columns/"
SHARDS = 8
THREADS = 8
MOST_DELETED = 1000


class ArchiveObject(NamedTuple):
    """An object of the archive, as a listing tells of it."""

    key: str
    size: int
    modified: datetime


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
        return (parse(line) for lines in self._standing(ROOT) for line in lines)

    def read_of(self, customers: Iterable[CustomerRef]) -> Iterator[Event]:
        """Every event of these customers."""
        for shard, some in by_shard(customers).items():
            mine = frozenset(map(head, some))
            for lines in self._standing(ROOT + shard + "/"):
                yield from (parse(line) for line in lines if head_of(line) in mine)

    def objects(self, shard: str) -> list[ArchiveObject]:
        """The objects of a shard."""
        return self._list(f"{ROOT}{shard}/")

    def standing(self) -> Iterator[tuple[str, list[ArchiveObject], set[str]]]:
        """Each shard that has anything: its objects, and its columns' keys; one listing of each for all shards."""
        laid: dict[str, set[str]] = defaultdict(set)
        for each in self._listed(BESIDE):
            laid[_shard_in(each)].add(each.key)
        # Keys are listed in their order, so no more than a shard's objects are held at once.
        for shard, objects in groupby(self._listed(ROOT), _shard_in):
            if shard in all_shards():
                yield shard, list(objects), laid.pop(shard, set())
        yield from ((shard, [], laid[shard]) for shard in all_shards() if shard in laid)

    def contents(self, keys: Iterable[str]) -> Iterator[tuple[str, list[bytes] | None]]:
        """The lines of these objects; None for one that is not there any more."""
        keys = list(keys)
        for key, body in zip(keys, self._side_by_side(self._get, keys), strict=True):
            yield key, None if body is None else gzip.decompress(body).splitlines()

    def write(self, folder: str, lines: Iterable[bytes]) -> str:
        """Write lines as an object of this folder, named by its content; its key."""
        content = b"\n".join(lines) + b"\n"
        return self._put((f"{folder}/{_digest(content)}", content))

    def columns(self, shard: str) -> Iterator[Columns]:
        """The events of a shard as columns, an object at a time: those that lie beside it, else from its lines."""
        read: set[str] = set()
        while True:
            keys = [each.key for each in self.objects(shard) if each.key not in read]
            beside = self.columns_keys(shard)
            is_whole = True
            fetched = self._side_by_side(partial(self._fetch, beside), keys)
            for key, (laid, lines) in zip(keys, fetched, strict=True):
                found = self._unpacked(key, laid, lines)
                is_whole = is_whole and found is not None
                if found is not None:
                    yield found
            if is_whole:
                return
            read.update(keys)

    def columns_keys(self, shard: str) -> set[str]:
        """The keys of all columns of a shard."""
        return {each.key for each in self._list(f"{BESIDE}{shard}/")}

    def write_columns(self, key: str) -> None:
        """Lay an object's columns beside it. Only for who holds the shard's lease."""
        body = self._get(key)
        if body is not None:
            content = columns.packed(columns.of_lines(_lines(body)))
            self._s3.put_object(Bucket=self._bucket, Key=columns_key(key), Body=content)

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects, their columns first. One that is not there is deleted already."""
        self.delete_columns(map(columns_key, keys))
        self._delete(keys)

    def delete_columns(self, keys: Iterable[str]) -> None:
        """Delete columns by their own keys."""
        self._delete(keys)

    def _delete(self, keys: Iterable[str]) -> None:
        for some in batched(keys, MOST_DELETED, strict=False):
            named: Any = {"Objects": [{"Key": key} for key in some], "Quiet": True}
            errors = self._s3.delete_objects(Bucket=self._bucket, Delete=named).get("Errors", [])
            if errors:
                raise StoreUnavailableError(f"The bucket did not delete {len(errors)} objects of the archive.")

    def _standing(self, prefix: str) -> Iterator[list[bytes]]:
        """The lines of every object, of those too that others are merged into while this goes on."""
        read: set[str] = set()
        while True:
            keys = [each.key for each in self._list(prefix) if each.key not in read]
            is_whole = True
            for _, lines in self.contents(keys):
                is_whole = is_whole and lines is not None
                yield lines or []
            if is_whole:
                return
            read.update(keys)

    def _fetch(self, beside: Container[str], key: str) -> tuple[bytes | None, bytes | None]:
        """An object's columns, or itself where it has none."""
        laid = self._get(columns_key(key)) if columns_key(key) in beside else None
        return laid, self._get(key) if laid is None else None

    def _unpacked(self, key: str, laid: bytes | None, lines: bytes | None) -> Columns | None:
        """The columns, from the object's lines where there are none or they cannot be read."""
        if laid is not None:
            try:
                return columns.unpacked(laid)
            except ValueError:
                lines = self._get(key)
        return None if lines is None else columns.of_lines(_lines(lines))

    def _side_by_side[T](self, get: Callable[[str], T], keys: Iterable[str]) -> Iterator[T]:
        with ThreadPoolExecutor(THREADS) as pool:
            # A few at a time: a pool would fetch all that it is given, and the archive need not fit in memory.
            for some in batched(keys, THREADS, strict=False):
                yield from pool.map(get, some)

    def _write(self, objects: dict[str, bytes]) -> int:
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(self._put, objects.items()))
        return len(objects)

    def _put(self, named: tuple[str, bytes]) -> str:
        place, lines = named
        key = f"{ROOT}{place}.jsonl.gz"
        # mtime=0: the same lines make the same bytes.
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=gzip.compress(lines, compresslevel=6, mtime=0))
        return key

    def _get(self, key: str) -> bytes | None:
        try:
            return self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except self._s3.exceptions.NoSuchKey:
            return None

    def _list(self, prefix: str) -> list[ArchiveObject]:
        return list(self._listed(prefix))

    def _listed(self, prefix: str) -> Iterator[ArchiveObject]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        entries = (entry for page in pages for entry in page.get("Contents", []))
        return (ArchiveObject(each["Key"], each["Size"], each["LastModified"]) for each in entries)


def columns_key(key: str) -> str:
    """Where the columns of an object lie."""
    return f"{BESIDE}{key.removeprefix(ROOT)}.v{columns.VERSION}"


def _lines(body: bytes) -> Iterator[bytes]:
    """The lines of an object one by one: an import's may be too many to be held at once."""
    with gzip.open(BytesIO(body)) as file:
        yield from file


def shard_of(customer: CustomerRef) -> str:
    """The shard that a customer's events lie in, as keys have it: `shard=03`."""
    return f"shard={zlib.crc32(str(customer).encode()) % SHARDS:02d}"


def _shard_in(each: ArchiveObject) -> str:
    return each.key.split("/")[1]


def all_shards() -> list[str]:
    return [f"shard={n:02d}" for n in range(SHARDS)]


def by_shard(customers: Iterable[CustomerRef]) -> dict[str, list[CustomerRef]]:
    """These customers by the shard that they lie in."""
    found: dict[str, list[CustomerRef]] = defaultdict(list)
    for customer in customers:
        found[shard_of(customer)].append(customer)
    return found


def head(customer: CustomerRef) -> bytes:
    """What every line of this customer begins with, and no other's."""
    return b'{"customer":' + json.dumps(str(customer), ensure_ascii=False).encode()


def head_of(line: bytes) -> bytes:
    """A line's `head`, without reading the rest of it. Quotes in a text are escaped: no id looks like the end."""
    return line[: line.index(b',"message_id":')]


def _encoded(groups: dict[str, list[Event]]) -> dict[str, bytes]:
    return {place: b"\n".join(map(_line, events)) + b"\n" for place, events in groups.items()}


def _digest(lines: bytes) -> str:
    return hashlib.sha256(lines).hexdigest()[:32]


def _line(event: Event) -> bytes:
    fields = {"customer": str(event.customer), "message_id": event.message_id, "time": event.time.isoformat()}
    rest = {"name": event.name, "items": event.items, "anonymous_id": event.anonymous_id}
    rest |= {"order_id": event.order_id} if event.order_id else {}
    rest |= {"recommendation_id": event.recommendation_id} if event.recommendation_id else {}
    return json.dumps(fields | rest | sold.written(event), separators=(",", ":"), ensure_ascii=False).encode()


def parse(line: bytes) -> Event:
    """The event of a line."""
    fields = json.loads(line)
    return Event(**fields | {"customer": CustomerRef.parse(fields["customer"])} | sold.read(fields))

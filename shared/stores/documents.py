"""The owner's documents in the table: JSON with a version that rises by one with each change.

A kind of document is one partition. What was deleted leaves its version behind for a time, so that one of the same name
goes on from there, and whoever read the old one cannot take the new one for it. Of a kind that has `past`, what is
replaced or deleted is first put beside, in a partition of the document's own, and can be read for as long as that.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from shared.domain.errors import ConflictError, InvalidInputError, NotFoundError
from shared.stores.table import Key, Record, Table
from shared.telemetry.log import logger

VERSION = "VERSION#"
DIGITS = 12


class Kind(NamedTuple):
    """Where documents of a kind lie, how messages speak of them, and how long the version of a deleted one is kept."""

    partition: str
    prefix: str
    none: str
    """`There is no rule {}.`"""
    have: str
    """`The rule has`"""
    again: str
    """`read it again`"""
    remembered: timedelta = timedelta(days=30)
    past: bool = False
    """Whether versions that are replaced are kept, as long as the version of a deleted one."""


class Document(NamedTuple):
    """A document as it was read."""

    name: str
    body: str
    version: int


class Past(NamedTuple):
    """A document as it was until then."""

    document: Document
    until: datetime


class Documents:
    """Puts, gets, lists and deletes documents of a kind, each conditional on the version that was read."""

    def __init__(self, table: Table, kind: Kind) -> None:
        self._table = table
        self._kind = kind

    def all(self) -> Iterator[Document]:
        """Every one, by its name; eventually consistent."""
        return self._those_in(self._table.query_all(self._kind.partition))

    def after(self, name: str, count: int) -> list[Document]:
        """The next `count` after this name, which need not be one's; "" for the first. Eventually consistent."""
        found: list[Document] = []
        while len(found) < count:
            records = self._table.query_after(self._kind.partition, self._kind.prefix + name, count)
            if not records:
                break
            found += self._those_in(records)
            name = records[-1]["sk"].removeprefix(self._kind.prefix)
        return found[:count]

    def some(self, names: Iterable[str]) -> Iterator[Document]:
        """Those of these names that there are, in no particular order."""
        return self._those_in(self._table.get_many(map(self._key, names)))

    def has_any(self) -> bool:
        """Whether there is one, or was one that is remembered."""
        return bool(self._table.query(self._kind.partition, self._kind.prefix, 1))

    def find(self, name: str) -> Document | None:
        """The one of this name."""
        return self._document(self._read(name))

    def get(self, name: str) -> Document:
        """The one of this name. Raises `NotFoundError`."""
        found = self.find(name)
        if found is None:
            raise NotFoundError(self._kind.none.format(name))
        return found

    def past(self, name: str, count: int) -> list[Past]:
        """The last versions that were replaced or deleted, at most `count`, the latest first.

        Raises `NotFoundError` where there is none and was none.
        """
        found = self.find(name)
        # One more: a write that came to nothing leaves the version that still holds.
        records = self._table.query(self._kind.prefix + name, VERSION, count + 1, newest_first=True)
        if found is None and not records:
            raise NotFoundError(self._kind.none.format(name))
        present = found.version if found else 0
        past = (_past(name, record) for record in records)
        return [each for each in past if each.document.version != present][:count]

    def put(self, name: str, version: int | None, body: Callable[[int], str], now: datetime | None = None) -> int:
        """Write what `body` makes of the new version, which is returned; what says the same already is left as it is.

        Over any other version, or over `version` only (0: only if there is none). `now` is for a kind that has `past`.
        Raises `ConflictError`.
        """
        before = self._read(name)
        self._require(version, before)
        found = self._document(before)
        if found and found.body == body(found.version):
            return found.version
        if found and now is not None:
            self._keep(found, now)
        after = _version(before) + 1
        self._write(name, before, {"body": body(after), "version": after})
        return after

    def delete(self, name: str, version: int | None, now: datetime) -> None:
        """Delete it, in any version or in this one only. Raises `NotFoundError` and `ConflictError`."""
        before = self._read(name)
        found = self._document(before)
        if found is None:
            raise NotFoundError(self._kind.none.format(name))
        self._require(version, before)
        self._keep(found, now)
        self._write(name, before, {"version": _version(before) + 1, "expires_at": self._end(now)})

    def _key(self, name: str) -> Key:
        return self._kind.partition, self._kind.prefix + name

    def _read(self, name: str) -> Record | None:
        return self._table.get(*self._key(name))

    def _those_in(self, records: Iterable[Record]) -> Iterator[Document]:
        return filter(None, map(self._document, records))

    def _document(self, record: Record | None) -> Document | None:
        """None where only the version is left."""
        if record is None or "body" not in record:
            return None
        return Document(record["sk"].removeprefix(self._kind.prefix), record["body"], _version(record))

    def _keep(self, found: Document, now: datetime) -> None:
        """Put a version beside before it is replaced; twice is once."""
        if self._kind.past:
            key = {"pk": self._kind.prefix + found.name, "sk": f"{VERSION}{found.version:0{DIGITS}}"}
            told = {"body": found.body, "version": found.version, "until": now.isoformat()}
            self._table.put(key | told | {"expires_at": self._end(now)})

    def _end(self, now: datetime) -> int:
        return int((now + self._kind.remembered).timestamp())

    def _require(self, version: int | None, before: Record | None) -> None:
        found = self._document(before)
        have = found.version if found else 0
        if version is not None and version != have:
            raise ConflictError(f"{self._kind.have} version {have}, not {version}: {self._kind.again}.")

    def _write(self, name: str, before: Record | None, record: Record) -> None:
        pk, sk = self._key(name)
        condition = "attribute_not_exists(pk)" if before is None else "version = :version"
        values = None if before is None else {":version": before["version"]}
        if not self._table.put_if({"pk": pk, "sk": sk} | record, condition, values):
            changed = f"{self._kind.have} been changed by somebody else at the same time"
            raise ConflictError(f"{changed}: {self._kind.again}.")


def readable[D, T](documents: Iterable[D], read: Callable[[D], T]) -> Iterator[T]:
    """What `read` makes of these, without those for which it raises `InvalidInputError`.

    A rollback leaves documents behind that only a later release can read: one of them must not take the others with it.
    """
    for document in documents:
        try:
            yield read(document)
        except InvalidInputError as error:
            logger.warning("a document is left out", extra={"reason": str(error)})


def _past(name: str, record: Record) -> Past:
    return Past(Document(name, record["body"], _version(record)), datetime.fromisoformat(record["until"]))


def _version(record: Record | None) -> int:
    return int(record["version"]) if record else 0

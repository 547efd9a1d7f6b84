"""The owner's documents in the table: JSON with a version that rises by one with each change.

A kind of document is one partition. What was deleted leaves its version behind for a time, so that one of the same name
goes on from there, and whoever read the old one cannot take the new one for it.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from shared.domain.errors import ConflictError, InvalidInputError, NotFoundError
from shared.stores.table import Key, Record, Table
from shared.telemetry.log import logger


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


class Document(NamedTuple):
    """A document as it was read."""

    name: str
    body: str
    version: int


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

    def put(self, name: str, version: int | None, body: Callable[[int], str]) -> int:
        """Write what `body` makes of the new version, which is returned.

        Over any other version, or over `version` only (0: only if there is none). Raises `ConflictError`.
        """
        before = self._read(name)
        self._require(version, before)
        after = _version(before) + 1
        self._write(name, before, {"body": body(after), "version": after})
        return after

    def delete(self, name: str, version: int | None, now: datetime) -> None:
        """Delete it, in any version or in this one only. Raises `NotFoundError` and `ConflictError`."""
        before = self._read(name)
        if self._document(before) is None:
            raise NotFoundError(self._kind.none.format(name))
        self._require(version, before)
        expires = int((now + self._kind.remembered).timestamp())
        self._write(name, before, {"version": _version(before) + 1, "expires_at": expires})

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


def readable[T](documents: Iterable[Document], read: Callable[[Document], T]) -> Iterator[T]:
    """What `read` makes of these, without those for which it raises `InvalidInputError`.

    A rollback leaves documents behind that only a later release can read: one of them must not take the others with it.
    """
    for document in documents:
        try:
            yield read(document)
        except InvalidInputError as error:
            logger.warning("a document is left out", extra={"reason": str(error)})


def _version(record: Record | None) -> int:
    return int(record["version"]) if record else 0

"""The archive as training reads it: columns, a shard at a time, of what counts still and was not erased."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from shared.stores.archive import all_shards
from shared.stores.columns import Columns
from training.rows import Erased, Gathering, Rows


class Archive(Protocol):
    """Gives the columns of a shard, an object at a time."""

    def columns(self, shard: str) -> Iterator[Columns]: ...


class Archived:
    """The events of an archive that are neither expired at `now` nor `erased`; nothing is read before `rows`."""

    def __init__(self, archive: Archive, now: datetime, erased: Erased) -> None:
        self._archive, self._now, self._erased = archive, now, erased

    def rows(self, *, sales: bool = False) -> Rows:
        """All of them, in order; for `sales` the orders and what undoes them, with what was paid."""
        gathering = Gathering(self._now, self._erased, sales=sales)
        for shard in all_shards():
            for columns in self._archive.columns(shard):
                gathering.add(columns)
            gathering.end_shard()
        return gathering.rows()

"""Live counters of what is bought and looked at, per day (UTC, by event time) and bucket of items.

`project` adds to them from the stream. There is a counter record for each of the stream's
shards, with the last sequence number that it includes, so that a batch delivered again changes nothing.
"""

import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from shared.domain.trending import WINDOW_DAYS
from shared.stores.table import Table

BUCKETS = 256
ITEM = "i:"
LAST = "last_sequence"
KEEP = timedelta(days=WINDOW_DAYS + 2)


class TrendingStore:
    """Adds a day's weights, and reads days back."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, day: date, weights: Mapping[str, int], shard: str, sequence: str) -> None:
        """Add weights that end at `sequence` of the stream's `shard`; nothing where they are included already."""
        buckets: dict[str, dict[str, int]] = defaultdict(dict)
        for item, weight in weights.items():
            buckets[f"{zlib.crc32(item.encode()) % BUCKETS:03d}"][item] = weight
        for bucket, counts in buckets.items():
            self._add(_partition(day), f"{bucket}#{shard}", counts, sequence, _expiry(day))

    def read(self, days: Iterable[date]) -> dict[date, Counter[str]]:
        """The weights of each of these days: the sum over shards and buckets."""
        return {day: self._day(day) for day in days}

    def _add(self, pk: str, sk: str, counts: Mapping[str, int], sequence: str, expires_at: int) -> None:
        """One conditional write. Sequence numbers have at most 40 digits: padded, their order is the text's."""
        names = {f"#{n}": ITEM + item for n, item in enumerate(counts)}
        values = {f":{n}": weight for n, weight in enumerate(counts.values())}
        self._table.update_if(
            (pk, sk),
            f"ADD {', '.join(f'#{n} :{n}' for n in range(len(counts)))} SET #last = :last, #expires = :expires",
            "attribute_not_exists(#last) OR #last < :last",
            names=names | {"#last": LAST, "#expires": "expires_at"},
            values=values | {":last": sequence.zfill(40), ":expires": expires_at},
        )

    def _day(self, day: date) -> Counter[str]:
        total: Counter[str] = Counter()
        for record in self._table.query_all(_partition(day)):
            total.update({name.removeprefix(ITEM): int(n) for name, n in record.items() if name.startswith(ITEM)})
        return total


def _partition(day: date) -> str:
    return f"TRENDING#{day.isoformat()}"


def _expiry(day: date) -> int:
    return int((day + KEEP - date(1970, 1, 1)).total_seconds())

"""The use case of compaction: which of the archive's objects are merged, and which lines are dropped."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zlib import crc32

from shared.domain.errors import ConflictError
from shared.domain.retention import is_expired
from shared.stores.archive import ArchiveObject, parse
from shared.stores.rewriting import ArchiveRewriter, Doomed

TARGET_BYTES = 8_000_000
"""Of a merged object, compressed: about 200,000 events."""
FAN_IN = 8
"""So many objects of one size make one of the next: a line is rewritten once for each size that it goes through."""
LARGE = 4
"""The tier of what is large enough."""
SMALLEST_TIER_BYTES = TARGET_BYTES // FAN_IN**3
QUIET = timedelta(days=2)
"""The stream keeps a day: what is older is not written again."""
ROUND_DAYS = 30
"""Every large object is looked through for expired events once in so many days."""
MOST_AT_ONCE = 2_000
LEAST_COLUMNS_BYTES = 100_000
"""Of an object that gets columns, compressed: some 2,500 events. A smaller one is merged soon, and quickly parsed."""


class Compacted(NamedTuple):
    """How many objects were deleted, how many got columns, and which shards another was at work on."""

    deleted: int
    columns: int
    skipped: list[str]


def compact(rewriter: ArchiveRewriter, now: datetime, has_time: Callable[[], bool]) -> Compacted:
    """Merge what can be merged, and lay columns beside what is large, for as long as there is time; what is left is
    the next night's.
    """

    def plan(objects: Sequence[ArchiveObject]) -> Iterator[list[str]]:
        return groups(objects, now)

    def in_time(objects: Sequence[ArchiveObject]) -> Iterator[list[str]]:
        return (group for group in plan(objects) if has_time())

    deleted, laid, skipped = 0, 0, []
    for shard in rewriter.unsettled(plan, gets_columns):
        try:
            deleted += rewriter.merge(shard, in_time, expired_at(now))
            laid += rewriter.lay_columns(shard, gets_columns, has_time)
        except ConflictError:
            skipped.append(shard)
    return Compacted(deleted, laid, skipped)


def gets_columns(each: ArchiveObject) -> bool:
    return each.size >= LEAST_COLUMNS_BYTES


def groups(objects: Sequence[ArchiveObject], now: datetime) -> Iterator[list[str]]:
    """The keys to be merged, group by group; and by itself each large object whose turn it is to be looked through."""
    tiers: dict[int, list[ArchiveObject]] = defaultdict(list)
    for each in sorted(objects, key=lambda each: each.key):
        if now - each.modified > QUIET:
            tiers[tier(each.size)].append(each)
    large = tiers.pop(LARGE, [])
    for _, some in sorted(tiers.items()):
        if len(some) >= FAN_IN:
            yield from _filled(some)
    yield from ([each.key] for each in large if (crc32(each.key.encode()) - now.toordinal()) % ROUND_DAYS == 0)


def tier(size: int) -> int:
    """How large an object is: 0 the smallest, each next one `FAN_IN` times as large, `LARGE` not to be merged."""
    thresholds = [*(SMALLEST_TIER_BYTES * FAN_IN**n for n in range(LARGE - 1)), TARGET_BYTES // 2]
    return bisect_right(thresholds, size)


def _filled(some: list[ArchiveObject]) -> Iterator[list[str]]:
    """Groups of at least two that together are about as large as the target."""
    group: list[str] = []
    size = 0
    for each in some:
        group.append(each.key)
        size += each.size
        if size >= TARGET_BYTES or len(group) == MOST_AT_ONCE:
            yield group
            group, size = [], 0
    if len(group) > 1:
        yield group


def expired_at(now: datetime) -> Doomed:
    """The lines of events that have outlived their time."""
    return lambda line: is_expired(parse(line), now)

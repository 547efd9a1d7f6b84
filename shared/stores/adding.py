"""Sums in the table that are exact whatever the stream does: each record of it is added once.

A sum's record is of one part of the stream, whose records come in order: a shard, or a redriven record by itself. It
has the last sequence number that it includes, and takes only what comes after: so it is exact however the records are
cut into batches, whichever of these come again, and wherever a delivery was broken off.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from time import sleep
from typing import NamedTuple

from botocore.exceptions import ClientError

from shared.domain.errors import NotDoneError, StoreUnavailableError
from shared.stores.table import Key, Table, pauses
from shared.telemetry.log import logger

MOST_AT_ONCE = 100
"""Of one update: what DynamoDB's update expressions have room for, with the one record that goes over it."""
LAST = "last_sequence"
ADVANCE = "SET #last = :last, #expires = :expires"
NAMES = {"#last": LAST, "#expires": "expires_at"}
FULL = "Item size to update has exceeded the maximum allowed size"


class Addition(NamedTuple):
    """What a record of the stream adds to one attribute of the sums that lie under a key."""

    sequence: str
    key: Key
    attribute: str
    by: int
    expires_at: int


def include(table: Table, additions: Iterable[Addition]) -> None:
    """Add these, in the stream's order, where they are not included yet. A key is of one part of the stream.

    Raises `NotDoneError` when the table fails: what comes before the record that it names is included.
    """
    sums: dict[Key, list[Addition]] = defaultdict(list)
    for each in additions:
        sums[each.key].append(each)
    # In the order of their first additions: all before the first one of the sum that fails are done.
    for some in sums.values():
        try:
            for portion in _portions(some):
                _add_once(table, portion)
        except StoreUnavailableError as error:
            raise NotDoneError(some[0].sequence) from error


def _portions(additions: Sequence[Addition]) -> Iterator[list[Addition]]:
    """As many of one key at once as an update takes; those of one record always together."""
    portion: list[Addition] = []
    for each in additions:
        if len(portion) >= MOST_AT_ONCE and each.sequence != portion[-1].sequence:
            yield portion
            portion = []
        portion.append(each)
    yield portion


def _add_once(table: Table, additions: Sequence[Addition]) -> None:
    """Nearly always one conditional write: only where some are included already, it reads which."""
    if _add(table, additions, "attribute_not_exists(#last) OR #last < :seen", _padded(additions[0].sequence)):
        return
    for pause in pauses():
        seen = str((table.get(*additions[0].key) or {}).get(LAST, ""))
        left = [each for each in additions if _padded(each.sequence) > seen]
        if not left or _add(table, left, "#last = :seen" if seen else "attribute_not_exists(#last)", seen):
            return
        sleep(pause)
    raise StoreUnavailableError("Others keep changing the same counter.")


def _add(table: Table, additions: Sequence[Addition], condition: str, seen: str) -> bool:
    sums: Counter[str] = Counter()
    for each in additions:
        sums[each.attribute] += each.by
    values: dict[str, int | str] = {f":{n}": amount for n, amount in enumerate(sums.values())}
    add = f"ADD {', '.join(f'#{n} :{n}' for n in range(len(sums)))} "
    names = {f"#{n}": name for n, name in enumerate(sums)}
    rest = {":last": _padded(additions[-1].sequence), ":expires": additions[0].expires_at}
    rest |= {":seen": seen} if ":seen" in condition else {}
    key = additions[0].key
    try:
        return table.update_if(key, add + ADVANCE, condition, NAMES | names, values | rest)
    except ClientError as error:
        if FULL not in str(error):
            raise
        # Only a flood of invented items makes one so large; that must not hold up the others.
        logger.error("a counter is full, its items are not counted", extra={"items": len(sums)})
        return table.update_if(key, ADVANCE, condition, NAMES, rest)


def _padded(sequence: str) -> str:
    """Sequence numbers have at most 40 digits: padded, their order is the text's."""
    return sequence.zfill(40)

"""The price ledger: which public price of an item held from when, as a chain of hashes that shows any later change."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.domain.money import Money

GENESIS = "0" * 64
PRIOR_DAYS = 30


class Entry(BaseModel):
    """From `since` on, this was the item's public price in this currency; None when it had none any more."""

    model_config = ConfigDict(frozen=True)

    item_id: str
    seq: int
    currency: str
    amount: Decimal | None
    since: AwareDatetime
    previous: str
    hash: str = ""

    def digest(self) -> str:
        """SHA-256 over the previous entry's hash and all else that this one says."""
        return hashlib.sha256(self.model_dump_json(exclude={"hash"}).encode()).hexdigest()


class Head(NamedTuple):
    """The end of an item's chain, to append to."""

    seq: int
    hash: str
    since: datetime

    @classmethod
    def parse(cls, text: str) -> Self:
        """The head that `str()` wrote."""
        seq, hash_, since = json.loads(text)
        return cls(seq, hash_, datetime.fromisoformat(since))

    def __str__(self) -> str:
        return json.dumps([self.seq, self.hash, self.since.isoformat()])


class Period(NamedTuple):
    """A price and the time in which it was in force; `until` None while it still is."""

    amount: Decimal
    since: datetime
    until: datetime | None


def head(entry: Entry) -> Head:
    """The end of a chain of which this entry is the last."""
    return Head(entry.seq, entry.hash, entry.since)


def changes(item_id: str, before: Money | None, after: Money | None, now: datetime, end: Head | None) -> list[Entry]:
    """What to append when a price becomes another: nothing where it is the same, two entries for another currency."""
    if before == after:
        return []
    entries: list[Entry] = []
    if before and (after is None or after.currency != before.currency):
        entries.append(_next(item_id, before.currency, None, now, end))
        end = head(entries[-1])
    if after:
        entries.append(_next(item_id, after.currency, after.amount, now, end))
    return entries


def _next(item_id: str, currency: str, amount: Decimal | None, now: datetime, end: Head | None) -> Entry:
    """The entry after `end`. Its time is never before the earlier one's: the clocks of two writers may differ."""
    entry = Entry(
        item_id=item_id,
        seq=end.seq + 1 if end else 1,
        currency=currency,
        amount=amount,
        since=max(now, end.since) if end else now,
        previous=end.hash if end else GENESIS,
    )
    return entry.model_copy(update={"hash": entry.digest()})


def broken(entries: Sequence[Entry], end: Head | None, *, tail: bool = False) -> int | None:
    """The number of the first entry that is missing or not as it was written; None for a whole chain.

    `entries` are an item's, in their order; `end` is what the item itself says of its chain's end, so that entries cut
    off there are missed too. With `tail` they may be the latest only: what was before the first is not looked at.
    """
    before = entries[0].seq - 1 if tail and entries else 0
    previous = entries[0].previous if before else GENESIS
    for seq, entry in enumerate(entries, start=before + 1):
        if entry.seq != seq or entry.previous != previous or entry.hash != entry.digest():
            return seq
        previous = entry.hash
    return None if (end.hash if end else GENESIS) == previous else _wrong_end(entries, before, end)


def _wrong_end(entries: Sequence[Entry], before: int, end: Head | None) -> int:
    """The number of the first entry that is missing, too many or changed, of a chain that does not end in `end`."""
    last = before + len(entries)
    if end is None or end.seq > last:
        return last + 1
    is_kept = end.seq <= before or entries[end.seq - before - 1].hash == end.hash
    return max(end.seq, before) + 1 if is_kept else end.seq


def periods(entries: Sequence[Entry], currency: str) -> list[Period]:
    """The prices of this currency with the time in which each was in force, oldest first.

    In UTC: between two times of one zone Python counts by the clock on the wall, also across daylight saving.
    """
    own = [(entry.amount, entry.since.astimezone(UTC)) for entry in entries if entry.currency == currency]
    ends = [*(since for _, since in own[1:]), None]
    return [
        Period(amount, since, until)
        for (amount, since), until in zip(own, ends, strict=False)
        if amount is not None and since != until
    ]


def lowest(entries: Sequence[Entry], currency: str, at: datetime) -> Decimal | None:
    """The lowest price in force at any time in the 30 days before `at`; None where the ledger has none."""
    start = at.astimezone(UTC) - timedelta(days=PRIOR_DAYS)
    return min(
        (
            period.amount
            for period in periods(entries, currency)
            if period.since < at and (period.until is None or period.until > start)
        ),
        default=None,
    )

"""Sums of feedback in the table: a partition for each subject and month, in it a record for each facet.

Whoever draws a year of a subject, with all its aspects, reads twelve partitions. A sum is kept for each day and source,
so that weeks and any other span can be made of them. They are exact whatever the stream does (`shared.stores.adding`).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import NamedTuple

from shared.domain.feedback import Source
from shared.domain.retention import LONG
from shared.domain.tallies import Measure, Tally
from shared.stores.adding import Addition, include
from shared.stores.table import Record, Table

PREFIX = "TALLY#"
CODES = {Source.REVIEW: "r", Source.SURVEY: "s", Source.SOCIAL: "o", Source.SUPPORT: "u", Source.OTHER: "x"}
SOURCES = {code: source for source, code in CODES.items()}
THREADS = 12


class Change(NamedTuple):
    """What is added, and the stream record that it comes from."""

    sequence: str
    tally: Tally


class Sum(NamedTuple):
    """A sum of a subject's facet, of one day and source."""

    facet: str
    day: date
    source: Source
    measure: Measure


class TallyStore:
    """Adds to the sums, and reads those of a subject."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def include(self, part: str, changes: Iterable[Change]) -> None:
        """Add these, in the stream's order, where they are not included yet.

        Raises `NotDoneError` when the table fails: what comes before the record that it names is included.
        """
        include(self._table, (_addition(change, part) for change in changes))

    def read(self, subject: str, since: date, until: date) -> Counter[Sum]:
        """The sums of a subject of these days, both ends included; eventually consistent."""
        months = _months(since, until)
        with ThreadPoolExecutor(THREADS) as pool:
            found = list(pool.map(lambda month: self._month(subject, month), months))
        total: Counter[Sum] = Counter()
        for month, records in zip(months, found, strict=True):
            for each, amount in _sums(month, records):
                if since <= each.day <= until:
                    total[each] += amount
        return total

    def _month(self, subject: str, month: str) -> list[Record]:
        return list(self._table.query_all(_partition(subject, month)))


def _addition(change: Change, part: str) -> Addition:
    tally = change.tally
    month = f"{tally.day:%Y-%m}"
    attribute = f"{tally.day:%d}{CODES[tally.source]}{tally.measure}"
    key = (_partition(tally.subject, month), f"{tally.facet}#{part}")
    return Addition(change.sequence, key, attribute, tally.by, _expiry(tally.day))


def _partition(subject: str, month: str) -> str:
    return f"{PREFIX}{month}#{subject}"


def _sums(month: str, records: Sequence[Record]) -> Iterator[tuple[Sum, int]]:
    days = {f"{day:02d}": date.fromisoformat(f"{month}-01") + timedelta(days=day - 1) for day in range(1, 32)}
    for record in records:
        facet = record["sk"].rpartition("#")[0]
        for name, amount in record.items():
            if len(name) == 4 and name[:2].isdigit():
                yield Sum(facet, days[name[:2]], SOURCES[name[2]], Measure(name[3])), int(amount)


def _months(since: date, until: date) -> list[str]:
    months = range(since.year * 12 + since.month - 1, until.year * 12 + until.month)
    return [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in months]


def _expiry(day: date) -> int:
    return int((day.replace(day=1) + timedelta(days=31) + LONG - date(1970, 1, 1)).total_seconds())

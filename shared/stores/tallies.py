"""Sums of feedback in the table: a partition for each subject and month, in it a record for each facet.

Whoever draws a year of a subject, with all its aspects, reads twelve partitions, however much was said. A sum is kept
for each day and source, so that weeks and any other span can be made of them. What is added is added in the
transaction that keeps what was said (`shared.stores.feedback`): so it counts once, and at once.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import NamedTuple

from shared.domain.feedback import Source
from shared.domain.retention import LONG
from shared.domain.tallies import Measure, Tally
from shared.stores.table import Add, Key, Record, Table

PREFIX = "TALLY#"
CODES = {Source.REVIEW: "r", Source.SURVEY: "s", Source.SOCIAL: "o", Source.SUPPORT: "u", Source.OTHER: "x"}
SOURCES = {code: source for source, code in CODES.items()}
MEASURES = {measure.value: measure for measure in Measure}
FACET = "FACET#"
THREADS = 13


class DaySum(NamedTuple):
    """A sum of one day."""

    day: date
    source: Source
    measure: Measure


class FacetSum(NamedTuple):
    """A sum of all days that were asked for."""

    facet: str
    source: Source
    measure: Measure


class Sums(NamedTuple):
    """Of a subject: those of one facet by day, and those of every facet in all."""

    by_day: Counter[DaySum]
    by_facet: Counter[FacetSum]


class TallyStore:
    """Reads the sums of a subject."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, subject: str, facet: str, since: date, until: date) -> Sums:
        """The sums of a subject of these days, both ends included; eventually consistent."""
        months = _months(since, until)
        with ThreadPoolExecutor(THREADS) as pool:
            found = list(pool.map(lambda month: self._month(subject, month), months))
        sums = Sums(Counter(), Counter())
        for month, records in zip(months, found, strict=True):
            days = _wanted(month, since, until)
            for record in records:
                _take(record, facet, days, sums)
        return sums

    def _month(self, subject: str, month: str) -> list[Record]:
        return list(self._table.query_all(_partition(subject, month)))


def additions(tallies: Iterable[Tally]) -> list[Add]:
    """What is to be added, each record once."""
    amounts: dict[Key, Counter[str]] = defaultdict(Counter)
    expiries: dict[Key, int] = {}
    for each in tallies:
        key = sum_key(each)
        amounts[key][f"{each.day:%d}{CODES[each.source]}{each.measure}"] += each.by
        expiries[key] = _expiry(each.day)
    return [Add(key, sums, expiries[key]) for key, sums in amounts.items()]


def sum_key(tally: Tally) -> Key:
    """The record that has its sum."""
    return _partition(tally.subject, f"{tally.day:%Y-%m}"), FACET + tally.facet


def _partition(subject: str, month: str) -> str:
    return f"{PREFIX}{month}#{subject}"


def _wanted(month: str, since: date, until: date) -> dict[str, date]:
    """The days of a month that are asked for, as attributes begin with them."""
    first = date.fromisoformat(f"{month}-01")
    days = (first + timedelta(days=n) for n in range(31))
    return {f"{day:%d}": day for day in days if day.month == first.month and since <= day <= until}


def _take(record: Record, asked: str, days: Mapping[str, date], sums: Sums) -> None:
    """Add up a record: a busy shop's year has a hundred thousand numbers, so little is done for each."""
    facet = record["sk"].removeprefix(FACET)
    whole: dict[str, int] = {}
    for name, amount in record.items():
        if len(name) == 4 and name[:2] in days:
            whole[name[2:]] = whole.get(name[2:], 0) + int(amount)
            if facet == asked:
                sums.by_day[DaySum(days[name[:2]], SOURCES[name[2]], MEASURES[name[3]])] += int(amount)
    for kind, amount in whole.items():
        sums.by_facet[FacetSum(facet, SOURCES[kind[0]], MEASURES[kind[1]])] += amount


def _months(since: date, until: date) -> list[str]:
    months = range(since.year * 12 + since.month - 1, until.year * 12 + until.month)
    return [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in months]


def _expiry(day: date) -> int:
    return int((day.replace(day=1) + timedelta(days=31) + LONG - date(1970, 1, 1)).total_seconds())

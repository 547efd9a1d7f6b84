"""When an item could not be had. Weeks in which it sold nothing since nobody could buy it say nothing of its demand.

It is told anew with each change of the item, from the change on and without an end, so that what is known stays true
while time goes by and nobody writes: an item's window opens and closes by itself.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from shared.domain.items import Item

KEPT = timedelta(days=730)
"""So far back the demand model need not know why an item did not sell: what older weeks say has faded."""
SHORTEST = timedelta(hours=1)
"""What was over sooner changed no week's sales."""
MOST = 40
"""Of one item, so that its record stays small; the longest are kept."""


class Absence(NamedTuple):
    """From `since` on the item could not be had; `until` None while nobody knows of an end."""

    since: datetime
    until: datetime | None


def absences(known: Iterable[Absence], after: Item | None, now: datetime) -> tuple[Absence, ...]:
    """What is known of an item that becomes `after` now, None for no item any more; oldest first.

    What was foretold of the time after now falls away. Telling the same again changes nothing.
    """
    ended = [each._replace(until=min(each.until or now, now)) for each in known if each.since < now]
    told = [each for each in _joined([*ended, *_ahead(after, now)]) if _counts(each, now)]
    while len(told) > MOST:
        told.remove(min(told, key=lambda each: (_length(each, now), each.since)))
    return tuple(told)


def _ahead(item: Item | None, now: datetime) -> Iterator[Absence]:
    """When the item cannot be had, from now on, if nobody changes it."""
    if item is None or item.stock == 0:
        yield Absence(now, None)
        return
    if item.available_from is not None and item.available_from > now:
        yield Absence(now, item.available_from.astimezone(UTC))
    if item.available_until is not None:
        yield Absence(max(now, item.available_until.astimezone(UTC)), None)


def _joined(told: Iterable[Absence]) -> Iterator[Absence]:
    """In order, with one for two of which the second begins where the first ends."""
    last: Absence | None = None
    for each in told:
        if last is None or (last.until is not None and last.until < each.since):
            if last is not None:
                yield last
            last = each
        else:
            last = last._replace(until=each.until)
    if last is not None:
        yield last


def _counts(absence: Absence, now: datetime) -> bool:
    """One that is over must have been long enough, and not be too old; others may still become so."""
    if absence.until is None or absence.until > now:
        return True
    return _length(absence, now) >= SHORTEST and absence.until > now - KEPT


def _length(absence: Absence, now: datetime) -> timedelta:
    """One that lasts is the longest: it is the one that the next change tells the end of."""
    return absence.until - absence.since if absence.until is not None and absence.until <= now else timedelta.max

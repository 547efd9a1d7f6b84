"""What customers said, in the table: kept, found, got and taken back.

What it adds to the sums of what customers say is added in the transaction that keeps it: so it counts once, at once.
The index `newest` has all of a year in order of time, keys only: whoever reads them reads the records themselves, so
that nothing is left to be read of what was erased.
"""

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from enum import StrEnum
from itertools import batched
from time import sleep
from typing import NamedTuple

from shared.domain.errors import FieldError, InvalidInputError, NotFoundError, StoreUnavailableError
from shared.domain.feedback import Feedback
from shared.domain.tallies import Counted, tallies
from shared.stores.conditional import MOST_IN_TRANSACTION
from shared.stores.feedback_records import (
    CLAIM,
    FEEDBACK,
    FORMAT,
    SHELF,
    Claim,
    claim_of,
    digest_of,
    key_of,
    parse,
    read_claim,
    record_of,
    since_of,
    stamp,
)
from shared.stores.table import LOST, Delete, Key, Put, Record, Table, pauses
from shared.stores.tallies import additions, sum_key
from shared.telemetry.log import logger

INDEX = "newest"
BEFORE, AFTER = "\0", "~"
"""Before and after whatever follows a time in the index."""
AT_ONCE = 100
MOST_KEYS = 1_000
MOST_READ = 500
"""Records that one page looks through, whatever its filter leaves of them."""
MOST_PAGE_BYTES = 700_000
"""Of the texts of a page: written as JSON, twice, they may take four times as much, and a function may answer 6 MB."""
MOST_TOGETHER = 20
"""In one transaction, which takes 4 MB."""
THREADS = 8


class Kept(StrEnum):
    """What became of feedback that was to be put."""

    NEW = "new"
    KNOWN = "known"
    OTHER = "other"
    """Its id is that of feedback which says something else."""


Wanted = Callable[[Feedback], bool]


class Window(NamedTuple):
    """The time of feedback that is asked for, both ends included."""

    since: datetime
    until: datetime


class FeedbackStore:
    """Puts, finds, gets and withdraws feedback. Raises `StoreUnavailableError`; all of it may be repeated."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def put(self, feedback: Sequence[Feedback]) -> list[bool]:
        """Keep these; whether each was new. What has its id already stays as it is."""
        return [each is Kept.NEW for each in self.keep(feedback, {})]

    def keep(self, feedback: Sequence[Feedback], digests: Mapping[str, str]) -> list[Kept]:
        """Keep these, whose contents as they came have these digests by id; what became of each."""
        first = {each.feedback_id: each for each in reversed(feedback)}
        said = {id_: digests.get(id_) or digest_of(each) for id_, each in first.items()}
        lost = set[str]().union(*(self._together(some, said) for some in _groups(list(first.values())[::-1])))
        before = self.claims(lost)
        return [_kept(each, first, lost, said, before) for each in feedback]

    def _together(self, feedback: Sequence[Feedback], said: Mapping[str, str]) -> set[str]:
        """Keep these and count them, in one transaction; the ids of those that others have."""
        left, lost = list(feedback), set[str]()
        for pause in pauses():
            claims = [Put(claim_of(each, said[each.feedback_id]), "attribute_not_exists(pk)") for each in left]
            sums = additions(tally for each in left for tally in tallies(Counted.of(each)))
            reasons = self._table.transact([*claims, *(Put(record_of(each)) for each in left), *sums])
            taken = {each.feedback_id for each, why in zip(left, reasons, strict=False) if why == LOST}
            lost |= taken
            left = [each for each in left if each.feedback_id not in taken]
            if not (reasons and left):
                return lost
            if not taken:
                sleep(pause)
        raise StoreUnavailableError("Others keep adding to the same sums.")

    def claims(self, feedback_ids: Iterable[str]) -> dict[str, Claim]:
        """Who has these ids; strongly consistent."""
        found = self._table.get_many((FEEDBACK + id_, CLAIM) for id_ in feedback_ids)
        return {record["pk"].removeprefix(FEEDBACK): read_claim(record) for record in found}

    def get(self, feedback_ids: Iterable[str]) -> dict[str, Feedback]:
        """Those of these that there are, by id; eventually consistent."""
        found = self._table.get_many(((FEEDBACK + id_, CLAIM) for id_ in feedback_ids), consistent=False)
        claims = {record["pk"].removeprefix(FEEDBACK): read_claim(record) for record in found}
        keys = [key_of(id_, claim.owner) for id_, claim in claims.items() if not claim.withdrawn]
        return {each.feedback_id: each for each in self._read(keys)}

    def withdraw(self, feedback_id: str) -> None:
        """Take feedback back: its text goes, and it counts no more. Raises `NotFoundError`.

        The claim stays, without whose it was, so that the same feedback does not come back with the next import; and
        so that whoever asks again, since a reply was lost, hears that it is done.
        """
        for pause in pauses():
            claim = self.claims([feedback_id]).get(feedback_id)
            if claim and claim.withdrawn:
                return
            record = self._table.get(*key_of(feedback_id, claim.owner)) if claim else None
            if claim is None or record is None:
                raise NotFoundError("There is no such feedback.")
            feedback = parse(record)
            taken = claim_of(feedback, claim.digest) | {"owned_by": None, "withdrawn": True}
            marked = Put(taken, "digest = :digest AND attribute_not_exists(withdrawn)", {":digest": claim.digest})
            sums = additions(tallies(Counted.of(feedback), -1))
            if not self._table.transact([marked, Delete((record["pk"], record["sk"])), *sums]):
                return
            sleep(pause)
        raise StoreUnavailableError("Others keep changing the same feedback.")

    def page(self, window: Window, limit: int, cursor: str | None, wanted: Wanted) -> tuple[list[Feedback], str | None]:
        """The newest of the window that are `wanted`, at most `limit`, and the cursor of the next page.

        It looks through `MOST_READ` at most, and ends where its texts are large, so a page may have few or none though
        there are more.
        """
        found: list[Feedback] = []
        looked = size = 0
        for keys, more in self._down(window, cursor, min(AT_ONCE, max(limit, 25))):
            for feedback in self._read(keys, newest_first=True):
                if wanted(feedback):
                    found.append(feedback)
                    size += len(feedback.text.encode())
                if len(found) == limit or size >= MOST_PAGE_BYTES:
                    return found, _cursor(feedback)
            looked += len(keys)
            if looked >= MOST_READ and more:
                return found, more
        return found, None

    def count(self, since: datetime, until: datetime) -> int:
        """How much there is of that time, by its keys; no record is read."""
        return sum(1 for _ in self._keys(Window(since, until)))

    def between(
        self, since: datetime, until: datetime, chosen: Callable[[str], bool] = lambda _: True
    ) -> Iterator[Feedback]:
        """All of that time, in its order; eventually consistent. For jobs: as many as there are.

        Of what is not `chosen` by its id nothing is read.
        """
        keys = (key for key in self._keys(Window(since, until)) if chosen(key[1].removeprefix(FEEDBACK)))
        with ThreadPoolExecutor(THREADS) as pool:
            pages = batched(keys, AT_ONCE, strict=False)
            for some in batched(pages, THREADS, strict=False):
                for found in pool.map(self._read, some):
                    yield from found

    def _keys(self, window: Window) -> Iterator[Key]:
        for shelf in _shelves(window):
            low, high = stamp(window.since), stamp(window.until) + AFTER
            while found := self._in_index(shelf, low, high, MOST_KEYS):
                yield from ((record["pk"], record["sk"]) for record in found)
                low = found[-1]["since"] + BEFORE

    def _down(self, window: Window, cursor: str | None, count: int) -> Iterator[tuple[list[Key], str]]:
        """Keys from the newest down, some at a time, each with the cursor of what follows."""
        last = _read_cursor(cursor)
        for shelf in reversed(_shelves(window)):
            if last and shelf > SHELF + last[:4]:
                continue
            while found := self._older(shelf, window, last, count):
                last = found[-1]["since"]
                yield [(record["pk"], record["sk"]) for record in found], _write_cursor(last)

    def _older(self, shelf: str, window: Window, last: str, count: int) -> list[Record]:
        """The next of a year's, without `last` itself."""
        high = stamp(window.until) + AFTER
        found = self._in_index(shelf, stamp(window.since), min(high, last or high), count + 1, newest_first=True)
        return [record for record in found if record["since"] != last]

    def _in_index(self, shelf: str, low: str, high: str, limit: int, *, newest_first: bool = False) -> list[Record]:
        if low > high:
            return []
        sort = ("since", low, high)
        return self._table.query_index_between(INDEX, ("shelf", shelf), sort, limit, newest_first=newest_first)

    def _read(self, keys: Iterable[Key], *, newest_first: bool = False) -> list[Feedback]:
        """The feedback under these keys that can be read, in order of time."""
        found = [each for each in map(_readable, self._table.get_many(keys, consistent=False)) if each]
        return sorted(found, key=lambda each: (each.time, each.feedback_id), reverse=newest_first)


def _readable(record: Record) -> Feedback | None:
    """None for what cannot be read, as after a rollback: one of them must not take every page with it."""
    try:
        return parse(record)
    except ValueError:
        logger.warning("feedback is left out, since it cannot be read")
        return None


def _groups(feedback: Iterable[Feedback]) -> Iterator[list[Feedback]]:
    """As many at once as a transaction takes, with all the sums that they add to."""
    group: list[Feedback] = []
    sums: set[Key] = set()
    for each in feedback:
        its = {sum_key(tally) for tally in tallies(Counted.of(each))}
        if group and (len(group) == MOST_TOGETHER or 2 * (len(group) + 1) + len(sums | its) > MOST_IN_TRANSACTION):
            yield group
            group, sums = [], set()
        group.append(each)
        sums |= its
    if group:
        yield group


def _kept(
    each: Feedback,
    first: Mapping[str, Feedback],
    lost: set[str],
    said: Mapping[str, str],
    before: Mapping[str, Claim],
) -> Kept:
    id_ = each.feedback_id
    if each is not first[id_]:
        return Kept.KNOWN if digest_of(each) == digest_of(first[id_]) else Kept.OTHER
    if id_ not in lost:
        return Kept.NEW
    return Kept.KNOWN if id_ in before and before[id_].digest == said[id_] else Kept.OTHER


def _shelves(window: Window) -> list[str]:
    """The years of the window, the oldest first: few, since each is a query, however little there is."""
    years = range(window.since.astimezone(UTC).year, window.until.astimezone(UTC).year + 1)
    return [f"{SHELF}{year:04d}" for year in years]


def _cursor(feedback: Feedback) -> str:
    return _write_cursor(since_of(feedback))


def _write_cursor(since: str) -> str:
    return base64.urlsafe_b64encode(since.encode()).decode()


def _read_cursor(cursor: str | None) -> str:
    """Where a page ended; raises `InvalidInputError`."""
    try:
        last = base64.b64decode(cursor or "", altchars=b"-_", validate=True).decode()
        if last:
            datetime.strptime(last.partition("#")[0], FORMAT)  # noqa: DTZ007 - only whether it is one
    except ValueError as error:
        errors = [FieldError("cursor", "is not a cursor")]
        raise InvalidInputError("The cursor is not one that this API gave.", errors) from error
    return last

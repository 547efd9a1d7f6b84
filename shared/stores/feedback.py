"""What customers said, in the table: each under its customer's own partition, what is nobody's under its own.

`FEEDBACK#id` is the feedback, beside the customer's events, so that one query exports it and one erases it. Its id is
claimed with it, in a partition of the id's own: by that it is found, and two that say different things cannot share one
id. The index `newest` has all of a year in order of time, keys only: whoever reads them reads the records themselves,
so that nothing is left to be read of what was erased. (No attribute may be called `item_id` beside `shelf`: the index
of the catalogue would take it in.)
"""

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from itertools import batched
from typing import Any, NamedTuple

from shared.domain.errors import FieldError, InvalidInputError, NotFoundError
from shared.domain.events import CustomerRef
from shared.domain.feedback import Feedback
from shared.domain.retention import LONG
from shared.domain.sentiment import Sentence
from shared.domain.tallies import Counted
from shared.stores.conditional import write_all
from shared.stores.events import partition
from shared.stores.table import Key, Put, Record, Table
from shared.telemetry.log import logger

FEEDBACK = "FEEDBACK#"
CLAIM = "CLAIM"
WITHDRAWN = "WITHDRAWN#"
INDEX = "newest"
SHELF = "feedback#"
BEFORE, AFTER = "\0", "~"
"""Before and after whatever follows a time in the index."""
AT_ONCE = 100
MOST_KEYS = 1_000
MOST_READ = 500
"""Records that one page looks through, whatever its filter leaves of them."""
THREADS = 8
FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
"""Of times in the index: in their order as texts."""


class Kept(StrEnum):
    """What became of feedback that was to be put."""

    NEW = "new"
    KNOWN = "known"
    OTHER = "other"
    """Its id is that of feedback which says something else."""


class Claim(NamedTuple):
    """Who has an id: what was said under it, whose it is, and whether the owner of the shop took it back."""

    digest: str
    owner: CustomerRef | None
    withdrawn: bool


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
        said = {id_: digests.get(id_) or _digest(each) for id_, each in first.items()}
        lost = write_all(self._table, {id_: _together(first[id_], said[id_]) for id_ in reversed(first)})
        before = self.claims(lost)
        return [_kept(each, first, lost, said, before) for each in feedback]

    def claims(self, feedback_ids: Iterable[str]) -> dict[str, Claim]:
        """Who has these ids; strongly consistent."""
        found = self._table.get_many((FEEDBACK + id_, CLAIM) for id_ in feedback_ids)
        return {record["pk"].removeprefix(FEEDBACK): _read_claim(record) for record in found}

    def get(self, feedback_ids: Iterable[str]) -> dict[str, Feedback]:
        """Those of these that there are, by id; eventually consistent."""
        found = self._table.get_many(((FEEDBACK + id_, CLAIM) for id_ in feedback_ids), consistent=False)
        claims = {record["pk"].removeprefix(FEEDBACK): _read_claim(record) for record in found}
        keys = [_key(id_, claim.owner) for id_, claim in claims.items() if not claim.withdrawn]
        return {each.feedback_id: each for each in self._read(keys)}

    def withdraw(self, feedback_id: str) -> None:
        """Take feedback back: its text goes, and it counts no more. Raises `NotFoundError`.

        What is counted is taken off by a record that the stream sees once. The claim stays, so that the same feedback
        does not come back with the next import; that is how this may be repeated after a crash, too.
        """
        claim = self.claims([feedback_id]).get(feedback_id)
        record = self._table.get(*_key(feedback_id, claim.owner)) if claim else None
        if record:
            self._change(feedback_id, "SET #it = :true", "withdrawn")
            told = {"body": Counted.of(parse(record)).model_dump_json(), "expires_at": int(record["expires_at"])}
            gone = {"pk": FEEDBACK + feedback_id, "sk": WITHDRAWN + feedback_id} | told
            self._table.put_if(gone, "attribute_not_exists(pk)")
            self._table.write_many(deletes=[(record["pk"], record["sk"])])
        if claim and claim.owner and (record or claim.withdrawn):
            self._change(feedback_id, "SET withdrawn = :true REMOVE #it", "owned_by")
        if record is None:
            raise NotFoundError("There is no such feedback.")

    def _change(self, feedback_id: str, expression: str, attribute: str) -> None:
        """Change its claim, if it is still there."""
        key = (FEEDBACK + feedback_id, CLAIM)
        self._table.update_if(key, expression, "attribute_exists(pk)", {"#it": attribute}, {":true": True})

    def page(self, window: Window, limit: int, cursor: str | None, wanted: Wanted) -> tuple[list[Feedback], str | None]:
        """The newest of the window that are `wanted`, at most `limit`, and the cursor of the next page.

        It looks through `MOST_READ` at most, so a page may have few or none though there are more.
        """
        found: list[Feedback] = []
        looked = 0
        for keys, more in self._down(window, cursor, min(AT_ONCE, max(limit, 25))):
            for feedback in self._read(keys, newest_first=True):
                if wanted(feedback):
                    found.append(feedback)
                if len(found) == limit:
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
            low, high = _stamp(window.since), _stamp(window.until) + AFTER
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
        high = _stamp(window.until) + AFTER
        found = self._in_index(shelf, _stamp(window.since), min(high, last or high), count + 1, newest_first=True)
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


def record_of(feedback: Feedback) -> Record:
    """The feedback's record. The sentences' meanings lie apart from the text, as bytes."""
    pk, sk = _place(feedback)
    sentences = [[each.start, each.end, each.score, len(each.vector)] for each in feedback.sentences]
    return {
        "pk": pk,
        "sk": sk,
        "shelf": SHELF + _stamp(feedback.time)[:4],
        "since": _since(feedback),
        "time": feedback.time.astimezone(UTC).isoformat(),
        "body": feedback.model_dump_json(exclude={"sentences"}, exclude_defaults=True),
        "sentences": json.dumps(sentences, separators=(",", ":")) if sentences else None,
        "vectors": b"".join(each.vector for each in feedback.sentences) or None,
        "expires_at": int((feedback.time + LONG).timestamp()),
    }


def parse(record: Mapping[str, Any]) -> Feedback:
    """The feedback of a record; raises `ValueError` for one that cannot be read."""
    feedback = Feedback.model_validate_json(record["body"], extra="ignore")
    return feedback.model_copy(update={"sentences": tuple(_sentences(record))})


def counted(record: Mapping[str, Any]) -> tuple[Counted, int] | None:
    """What a record adds to what is counted, and how often: -1 times where it was withdrawn. None for other records."""
    if record["sk"].startswith(WITHDRAWN):
        return Counted.model_validate_json(record["body"], extra="ignore"), -1
    if record["sk"].startswith(FEEDBACK):
        return Counted.of(parse(record)), 1
    return None


def led_to(sk: str) -> list[Key]:
    """The key of the claim that belongs to a customer's record of this sort key."""
    return [(sk, CLAIM)] if sk.startswith(FEEDBACK) else []


def _sentences(record: Mapping[str, Any]) -> Iterator[Sentence]:
    vectors, at = record.get("vectors", b""), 0
    for start, end, score, size in json.loads(record.get("sentences", "[]")):
        yield Sentence(start, end, score, vectors[at : at + size])
        at += size


def _readable(record: Record) -> Feedback | None:
    """None for what cannot be read, as after a rollback: one of them must not take every page with it."""
    try:
        return parse(record)
    except ValueError:
        logger.warning("feedback is left out, since it cannot be read")
        return None


def _together(feedback: Feedback, digest: str) -> list[Put]:
    """The claim and what it is of, of which neither is ever without the other."""
    return [Put(_claim(feedback, digest), "attribute_not_exists(pk)"), Put(record_of(feedback))]


def _kept(
    each: Feedback,
    first: Mapping[str, Feedback],
    lost: set[str],
    said: Mapping[str, str],
    before: Mapping[str, Claim],
) -> Kept:
    id_ = each.feedback_id
    if each is not first[id_]:
        return Kept.KNOWN if _digest(each) == _digest(first[id_]) else Kept.OTHER
    if id_ not in lost:
        return Kept.NEW
    return Kept.KNOWN if id_ in before and before[id_].digest == said[id_] else Kept.OTHER


def _claim(feedback: Feedback, digest: str) -> Record:
    return {
        "pk": FEEDBACK + feedback.feedback_id,
        "sk": CLAIM,
        "digest": digest,
        "owned_by": str(feedback.customer) if feedback.customer else None,
        "expires_at": int((feedback.time + LONG).timestamp()),
    }


def _read_claim(record: Record) -> Claim:
    owner = record.get("owned_by")
    return Claim(record["digest"], CustomerRef.parse(owner) if owner else None, bool(record.get("withdrawn", False)))


def _digest(feedback: Feedback) -> str:
    """What was said, where nobody gave a digest of it as it came in."""
    said = feedback.model_dump_json(include={"source", "text", "rating", "item_id", "order_id", "customer"})
    return sha256(said.encode()).hexdigest()[:32]


def _place(feedback: Feedback) -> Key:
    return _key(feedback.feedback_id, feedback.customer)


def _key(feedback_id: str, owner: CustomerRef | None) -> Key:
    return partition(owner) if owner else FEEDBACK + feedback_id, FEEDBACK + feedback_id


def _since(feedback: Feedback) -> str:
    """As the index has it: in order of time, and each its own."""
    return f"{_stamp(feedback.time)}#{feedback.feedback_id}"


def _stamp(time: datetime) -> str:
    return time.astimezone(UTC).strftime(FORMAT)


def _shelves(window: Window) -> list[str]:
    """The years of the window, the oldest first: few, since each is a query, however little there is."""
    years = range(window.since.astimezone(UTC).year, window.until.astimezone(UTC).year + 1)
    return [f"{SHELF}{year:04d}" for year in years]


def _cursor(feedback: Feedback) -> str:
    return _write_cursor(_since(feedback))


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

"""One run: read the feedback, analyse it, keep what was found, and tell the owner of what is new.

Whatever breaks off on the way leaves the last run's result in place, and may be repeated: the pointer moves last, and
issues are told after it, each by a claim.
"""

import time
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from functions.themes.analyse import Before, Found, analyse
from functions.themes.items import item_sentiments
from functions.themes.mentions import Corpus, gather
from functions.themes.metrics import count_run
from functions.themes.reading import Read, Readable, read
from functions.themes.telling import Publish, tell
from shared.domain.themes import Run
from shared.stores.lease import LeaseStore
from shared.stores.opinions import ItemSentimentStore
from shared.stores.themes import ThemeStore

LEASE = "themes"
LEASE_SECONDS = 300.0
PATIENCE_SECONDS = LEASE_SECONDS + 10
"""A run that died with the lease is waited for; one that is at work is still there then."""


class Rooms(NamedTuple):
    """The stores that a run works with."""

    feedback: Readable
    themes: ThemeStore
    opinions: ItemSentimentStore
    leases: LeaseStore


class Renewed(Protocol):
    """A lease that is held."""

    def renew(self) -> None: ...


def run(rooms: Rooms, publish: Publish, now: datetime, patience: float = PATIENCE_SECONDS) -> dict[str, Any]:
    """Run once; what it did, for the log. Raises `ConflictError` where another run is at work."""
    with rooms.leases.hold(LEASE, patience) as lease:
        return _run(rooms, publish, now, lease)


def _run(rooms: Rooms, publish: Publish, now: datetime, lease: Renewed) -> dict[str, Any]:
    began, last = time.monotonic(), rooms.themes.current()
    found_there = read(rooms.feedback, now, lease.renew)
    corpus = gather(found_there.feedback, found_there.weights)
    found = analyse(corpus, _before(rooms.themes, last, corpus), now)
    after = _after(last, found, corpus, found_there, now)
    lease.renew()
    rooms.opinions.replace(item_sentiments(found_there.feedback, now, found_there.weights), now)
    rooms.themes.publish(after, found.centroids)
    told = tell(after.issues, rooms.themes, publish, now)
    count_run(len(found_there.feedback), len(after.themes), _raised(last, after), time.monotonic() - began)
    if told.errors:
        raise ExceptionGroup("issues could not be told; the next run tries again", told.errors)
    return _report(after, corpus, found_there, told.issues)


def _before(themes: ThemeStore, last: Run | None, corpus: Corpus) -> Before:
    """Of another model's themes no place is known among this one's meanings; issues go on by their feedback."""
    if last is None:
        return Before()
    same = corpus.model_id in {None, last.model_id}
    return Before(last.issues, themes.centroids(last.run_id) if same else ())


def _after(last: Run | None, found: Found, corpus: Corpus, there: Read, now: datetime) -> Run:
    revision = (last.revision if last else 0) + 1
    return Run(
        run_id=f"{now:%Y%m%dT%H%M%S}-{revision}",
        revision=revision,
        as_of=now,
        model_id=corpus.model_id or (last.model_id if last else None),
        feedback=there.there,
        sampled=round(there.share, 4),
        themes=found.themes,
        issues=found.issues,
    )


def _raised(last: Run | None, after: Run) -> int:
    """How many issues the last run did not know."""
    known = {each.issue.issue_id for each in last.issues} if last else set()
    return sum(each.issue.issue_id not in known for each in after.issues)


def _report(run: Run, corpus: Corpus, there: Read, told: int) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "feedback": there.there,
        "read": len(there.feedback),
        "note": "sampled" if there.share < 1 else "all of it",
        "left_out": dict(corpus.left_out),
        "mentions": len(corpus.mentions),
        "themes": len(run.themes),
        "open_issues": sum(each.issue.status == "open" for each in run.issues),
        "told": told,
    }

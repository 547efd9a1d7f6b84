"""The use case of erasure: tombstones first, then everything, then a look for what is left, and another look later.

Every step may be repeated, so a message that is delivered again after a crash goes on where the first one stopped.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from functions.fulfil.reach import OfCustomers, OfEveryone, Places, Reach, bury
from shared.domain.errors import StoreUnavailableError
from shared.domain.rights import Cut
from shared.stores.jobs import Job, JobStore, Kind, PrivacyJobs, Request, Status, Sweep

COPIES_KEPT = timedelta(days=35)
"""How far back the table's point-in-time recovery reaches."""
LONGEST_TRAINING = timedelta(hours=4)
"""One that began before the archive was clean has ended by then, be it a job."""
TRIES = 3
MOST_SWEEPS = 8


class Office(NamedTuple):
    """What an erasure is carried out with."""

    jobs: JobStore
    queue: PrivacyJobs
    places: Places
    champion: Callable[[], str | None]
    now: Callable[[], datetime]
    sweep_delay: timedelta


def erase(request: Request, office: Office) -> None:
    """Do what is next of an erasure."""
    job = office.jobs.get(request.job_id)
    match job.status:
        case Status.QUEUED:
            _erase(request, job, office)
        case Status.SWEEPING if (wait := _until_sweep(job, office)) > timedelta(0):
            # A request that was repeated meanwhile, or a clock that goes slow: the later look must come later.
            _send(request, wait, office)
        case Status.SWEEPING:
            _sweep(request, job, office)
        case Status.DONE:
            office.jobs.forget_subjects(job.job_id)


def _erase(request: Request, job: Job, office: Office) -> None:
    reach = _reach(request, office)
    # What happened since the request is a new history; what is dated later than now is not.
    cut = Cut(request.at, office.now())
    if job.removed is None:
        # Noted before anything is deleted, so that a crash cannot lose it.
        office.jobs.update(job.job_id, removed=dict(reach.count(cut)))
    for _ in range(TRIES):
        reach.erase(cut)
        if not reach.count(Cut(request.at)):
            break
    else:
        raise StoreUnavailableError("Something of the shopper is written again and again.")
    # The message before the record: after a crash between the two, all this is repeated.
    _send(request, office.sweep_delay, office)
    office.jobs.update(job.job_id, status=Status.SWEEPING, sweeps=(Sweep(at=office.now(), found=0),))


def _sweep(request: Request, job: Job, office: Office) -> None:
    """Look again, since an ingest or an archive that was at work during the erasure may have written still."""
    reach, cut = _reach(request, office), Cut(request.at)
    found = reach.count(cut)
    sweeps = (*job.sweeps, Sweep(at=office.now(), found=found.total()))
    if found:
        reach.erase(cut)
        if len(sweeps) >= MOST_SWEEPS:
            raise StoreUnavailableError("Something of the shopper is written again and again.")
        _send(request, office.sweep_delay, office)
        removed = dict(Counter(job.removed) + found)
        office.jobs.update(job.job_id, removed=removed, sweeps=sweeps)
    else:
        _complete(job, sweeps, office)


def _complete(job: Job, sweeps: tuple[Sweep, ...], office: Office) -> None:
    now = office.now()
    office.jobs.update(
        job.job_id,
        status=Status.DONE,
        sweeps=sweeps,
        completed_at=now,
        copies_expire_at=now + COPIES_KEPT,
        model_before=office.champion(),
        models_without_from=now + LONGEST_TRAINING,
    )
    office.jobs.forget_subjects(job.job_id)


def _reach(request: Request, office: Office) -> Reach:
    """Whom it reaches; linked ids are remembered before the links go, and have tombstones before anything does."""
    if request.kind == Kind.SHOP_ERASURE:
        return OfEveryone(office.places)
    known = [*request.customers, *office.jobs.subjects(request.job_id)]
    subjects = office.places.shoppers.subjects(known)
    office.jobs.add_subjects(request.job_id, subjects, office.now())
    bury(subjects, request.at, office.places.tombstones)
    return OfCustomers(subjects, office.places)


def _until_sweep(job: Job, office: Office) -> timedelta:
    return job.sweeps[-1].at + office.sweep_delay - office.now()


def _send(request: Request, wait: timedelta, office: Office) -> None:
    office.queue.send(request, -int(-wait.total_seconds() // 1))

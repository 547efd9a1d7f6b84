"""Erasure: nothing of the shopper is left anywhere, nothing of another is touched, and no crash changes that."""

from datetime import datetime, timedelta

import pytest

from functions.fulfil.erase import erase
from shared.domain.consent import Decision, Purpose
from shared.domain.errors import NotFoundError
from shared.domain.events import ANONYMOUS, KNOWN, CustomerRef
from shared.stores import clients
from shared.stores.consents import ConsentStore
from shared.stores.events import EventStore
from shared.stores.feedback import FeedbackStore
from shared.stores.jobs import Job, Kind, Request, Status
from shared.stores.links import LinkStore
from shared.stores.table import Table
from tests.conftest import BUCKET
from tests.functions.fulfil.world import (
    ANN,
    ASKED,
    BOB,
    LAPTOP,
    PHONE,
    CrashError,
    World,
    crashing,
    event,
    objects,
    opinion,
)

TRACES_OF_ANN = ("ann", "phone")


def finish(world: World, request: Request) -> Job:
    """Deliver until it is done."""
    for _ in range(10):
        erase(request, world.office())
        world.later(minutes=16)
        if world.jobs.get(request.job_id).status == Status.DONE:
            return world.jobs.get(request.job_id)
    raise AssertionError("it never ends")


def test_nothing_is_left_anywhere(world: World) -> None:
    assert len(world.traces(*TRACES_OF_ANN)) > 20
    job = finish(world, world.message(ANN))
    assert world.traces(*TRACES_OF_ANN) == []
    assert [sweep.found for sweep in job.sweeps] == [0, 0]
    assert job.sweeps[1].at - job.sweeps[0].at >= timedelta(minutes=15)


def test_the_receipt_says_what_was_removed_and_what_follows(world: World) -> None:
    job = finish(world, world.message(ANN))
    assert job.removed == {
        "events": 6,
        "events about orders": 2,
        "details of events": 2,
        "arrival markers": 1,
        "links": 2,
        "consents": 2,
        "exports": 2,
        "feedback": 2,
        "archived events": 9,
        "set-aside stream records": 1,
    }
    assert job.completed_at is not None
    assert job.copies_expire_at == job.completed_at + timedelta(days=35)
    assert job.model_before == "m1"
    assert job.models_without_from is not None
    assert job.models_without_from > job.completed_at


def test_nothing_of_another_customer_is_touched(world: World) -> None:
    before = world.traces("bob", "laptop")
    finish(world, world.message(ANN))
    assert world.traces("bob", "laptop") == before


def test_what_they_said_is_gone_with_their_id_and_what_nobody_said_stays(world: World) -> None:
    said = FeedbackStore(world.table)
    said.put([opinion(None, 1), opinion(ANN, 9, feedback_id="r-1", time=ASKED + timedelta(seconds=5))])
    finish(world, world.message(ANN))
    assert set(said.get(["ann-said-1", "phone-said-2", "nobody-said-1", "bob-said-1", "r-1"])) == {
        "nobody-said-1",
        "bob-said-1",
        "r-1",
    }
    assert set(said.claims(["ann-said-1", "phone-said-2", "nobody-said-1", "r-1"])) == {"nobody-said-1", "r-1"}
    found = said.between(ASKED - timedelta(days=1), ASKED + timedelta(days=1))
    assert {each.feedback_id for each in found} == {"nobody-said-1", "bob-said-1", "laptop-said-2", "r-1"}


def test_where_everybody_goes_so_does_what_nobody_said(world: World) -> None:
    said = FeedbackStore(world.table)
    said.put([opinion(None, 1), opinion(None, 2, time=ASKED + timedelta(seconds=5))])
    job = finish(world, whole_shop(world))
    assert set(said.get(["nobody-said-1", "nobody-said-2", "bob-said-1"])) == {"nobody-said-2"}
    assert set(said.claims(["nobody-said-1", "nobody-said-2", "bob-said-1"])) == {"nobody-said-2"}
    assert job.removed is not None
    assert job.removed["feedback"] == 5


def test_a_shopper_who_was_never_here_is_erased_too(world: World) -> None:
    before = world.traces("ann", "bob")
    job = finish(world, world.message(CustomerRef(kind=KNOWN, id="carol")))
    assert job.removed == {}
    assert world.traces("ann", "bob") == before


def test_an_anonymous_id_alone_leaves_its_owner_and_takes_the_link(world: World) -> None:
    finish(world, world.message(PHONE))
    assert LinkStore(world.table).linked(ANN) == [ANN]
    assert LinkStore(world.table).owner(PHONE) is None
    assert {each.customer for each in world.archive.read_of([ANN, PHONE])} == {ANN}
    assert EventStore(world.table).recent([ANN], ASKED)


def test_all_linked_ids_go_not_only_those_that_serving_reads(world: World) -> None:
    for n in range(9):
        device = CustomerRef(kind=ANONYMOUS, id=f"device-of-ann-{n}")
        LinkStore(world.table).claim(device.id, ANN, ASKED - timedelta(hours=1))
        EventStore(world.table).put([(event(device, 1), {})])
    finish(world, world.message(ANN))
    assert world.traces(*TRACES_OF_ANN) == []


def test_what_the_shopper_does_afterwards_stays(world: World) -> None:
    request = world.message(ANN)
    new = event(ANN, 0, time=ASKED + timedelta(seconds=5), anonymous_id="phone", message_id="new")
    EventStore(world.table).put([(new, {})])
    world.archive.append([new])
    LinkStore(world.table).claim("tablet", ANN, ASKED + timedelta(seconds=5))
    job = finish(world, request)
    assert EventStore(world.table).recent([ANN], ASKED) == [new]
    assert list(world.archive.read_of([ANN])) == [new]
    assert [sweep.found for sweep in job.sweeps] == [0, 0]


def test_a_link_made_anew_stays_and_one_that_only_an_old_event_made_does_not(world: World) -> None:
    request = world.message(ANN)
    erase(request, world.office())
    new = event(ANN, 0, time=ASKED + timedelta(minutes=5), anonymous_id="phone", message_id="new")
    EventStore(world.table).put([(new, {})])
    LinkStore(world.table).claim("phone", ANN, ASKED + timedelta(minutes=5))
    LinkStore(world.table).claim("late", ANN, ASKED + timedelta(minutes=5))
    job = finish(world, request)
    assert LinkStore(world.table).linked(ANN) == [ANN, PHONE]
    assert LinkStore(world.table).owner(PHONE) == ANN
    assert LinkStore(world.table).owner(CustomerRef(kind=ANONYMOUS, id="late")) is None
    assert job.sweeps[-1].found == 0


def test_an_event_of_a_clock_that_is_ahead_is_erased(world: World) -> None:
    ahead = event(ANN, 0, time=world.clock + timedelta(minutes=40), message_id="ahead")
    EventStore(world.table).put([(ahead, {})])
    world.archive.append([ahead])
    finish(world, world.message(ANN))
    assert world.traces(*TRACES_OF_ANN) == []


def test_a_decision_made_anew_holds_and_the_old_ones_are_gone(world: World) -> None:
    no = Decision(
        purpose=Purpose.PERSONALISATION, granted=False, version="2", time=ASKED + timedelta(seconds=5), source="page"
    )
    ConsentStore(world.table).decide(ANN, [no])
    finish(world, world.message(ANN))
    assert ConsentStore(world.table).standing([ANN]) == {ANN: {Purpose.PERSONALISATION: no}}
    assert ConsentStore(world.table).decisions(ANN) == [no]


def test_what_an_ingest_in_flight_wrote_is_found_by_the_later_sweep(world: World) -> None:
    request = world.message(ANN)
    erase(request, world.office())
    world.archive.append([event(ANN, 7)])
    EventStore(world.table).put([(event(PHONE, 7), {})])
    LinkStore(world.table).claim("tablet", ANN, ASKED + timedelta(seconds=11))
    tablet = CustomerRef(kind=ANONYMOUS, id="tablet")
    EventStore(world.table).put([(event(tablet, 8), {})])
    job = finish(world, request)
    assert world.traces(*TRACES_OF_ANN, "tablet") == []
    assert [sweep.found for sweep in job.sweeps] == [0, 5, 0]
    assert job.removed is not None
    assert job.removed["archived events"] == 10
    assert set(world.tombstones.erased([ANN, PHONE, tablet])) == {ANN, PHONE, tablet}


def test_a_later_sweep_that_comes_early_waits(world: World) -> None:
    request = world.message(ANN)
    for _ in range(3):
        erase(request, world.office())
    assert world.jobs.get(request.job_id).status == Status.SWEEPING


def test_something_that_is_written_again_and_again_is_never_called_done(world: World) -> None:
    request = world.message(ANN)
    erase(request, world.office())
    with pytest.raises(Exception, match="again and again"):  # noqa: PT012 - until it gives up
        for n in range(20):
            world.archive.append([event(ANN, n + 10)])
            world.later(minutes=16)
            erase(request, world.office())
    assert world.jobs.get(request.job_id).status == Status.SWEEPING


def test_a_request_that_is_repeated_is_the_same_job_and_sent_until_it_is_done(world: World) -> None:
    first, again = world.message(ANN), world.message(ANN)
    assert (first, world.sent()) == (again, 2)
    job = finish(world, first)
    sent = world.sent()
    assert world.requests.request_erasure([ANN], ASKED + timedelta(days=1), "k1") == first.job_id
    assert world.sent() == sent
    erase(again, world.office())
    assert world.jobs.get(first.job_id) == job
    assert world.message(ANN, key="k2").job_id != first.job_id


def test_a_job_leaves_nothing_personal_behind(world: World) -> None:
    request = world.message(ANN)
    erase(request, world.office())
    assert world.traces("SUBJECT#user:ann")
    finish(world, request)
    assert world.traces("SUBJECT#") == []
    with pytest.raises(NotFoundError):
        world.requests.find(request.job_id, Kind.EXPORT)


def whole_shop(world: World) -> Request:
    job_id = world.requests.request_shop_erasure(ASKED, "shop")
    return Request(job_id=job_id, kind=Kind.SHOP_ERASURE, at=ASKED)


def test_the_whole_shop(world: World) -> None:
    request = whole_shop(world)
    new = event(BOB, 0, time=ASKED + timedelta(seconds=5), message_id="new")
    EventStore(world.table).put([(new, {})])
    only_archived = event(CustomerRef(kind=KNOWN, id="old-customer"), 9)
    world.archive.append([new, only_archived])
    job = finish(world, request)
    assert [each for each in objects() if not each.startswith("events/")] == []
    assert list(world.archive.read()) == [new]
    assert len(world.traces("ann", "phone", "laptop", "old-customer")) == 0
    assert EventStore(world.table).recent([BOB], ASKED) == [new]
    everyone = [ANN, PHONE, BOB, LAPTOP, only_archived.customer]
    assert set(world.tombstones.erased(everyone)) == set(everyone)
    assert job.removed is not None
    assert job.removed["exported files"] == 2
    assert job.removed["archived events"] == 19


@pytest.mark.parametrize(("who", "step"), [(ANN, 1), (PHONE, 5), (None, 7)])
def test_a_crash_at_any_call_and_a_second_delivery_end_the_same(
    table: Table, who: CustomerRef | None, step: int
) -> None:
    """`None` is the whole shop."""
    ends: set[tuple[str, ...]] = set()
    receipts: set[str] = set()
    for calls in range(0, 10_000, step):
        world = World(table)
        _empty(table)
        world.fill()
        request = world.message(who) if who else whole_shop(world)
        crashed = _deliver_with_crash(world, request, calls)
        job = finish(world, request)
        ends.add(tuple(world.traces("ann", "phone", "bob", "laptop")))
        receipts.add(str(job.removed))
        if not crashed:
            break
    assert calls > 30
    assert (len(ends), len(receipts)) == (1, 1)


def _deliver_with_crash(world: World, request: Request, calls: int) -> bool:
    try:
        with crashing(calls):
            erase(request, world.office())
    except CrashError:
        world.later(minutes=3)  # the lease of the dead expires
        return True
    return False


def _empty(table: Table) -> None:
    table.write_many(deletes=[(each["pk"], each["sk"]) for each in table.scan("")])
    for key in objects():
        clients.s3().delete_object(Bucket=BUCKET, Key=key)


def test_without_the_archive_a_sweep_would_not_be_zero(world: World) -> None:
    """What keeps the receipt honest: take one place out of what is erased, and it never comes."""
    office = world.office()
    broken = office._replace(places=office.places._replace(archive=_Lazy(office)))  # type: ignore[arg-type]
    with pytest.raises(Exception, match="again and again"):
        erase(world.message(ANN), broken)


class _Lazy:
    """Counts, and erases nothing."""

    def __init__(self, office: object) -> None:
        self.count = office.places.archive.count  # type: ignore[attr-defined]

    def erase(self, *_: object) -> None:
        pass


def test_times_of_the_receipt_are_in_order(world: World) -> None:
    job = finish(world, world.message(ANN))
    times: list[datetime | None] = [job.requested_at, job.sweeps[0].at, job.sweeps[-1].at, job.completed_at]
    assert times == sorted(each for each in times if each)

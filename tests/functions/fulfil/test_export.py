"""An export has all that is known of one person, as people can read it, and nothing of another."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from functions.fulfil.erase import erase
from functions.fulfil.export import export
from shared.domain.errors import ConflictError
from shared.domain.events import CustomerRef, Line
from shared.domain.sales import NO_SALE
from shared.stores import clients
from shared.stores.archive import ArchiveStore
from shared.stores.events import EventStore
from shared.stores.jobs import Kind, Request, Status
from shared.stores.links import LinkStore
from tests.conftest import BUCKET
from tests.functions.fulfil.world import ANN, ASKED, BOB, PHONE, World, event, objects


def exported(world: World, *customers: CustomerRef, key: str = "e1") -> Any:
    job_id = world.requests.request_export(customers, ASKED, key)
    export(Request(job_id=job_id, kind=Kind.EXPORT, customers=customers, at=ASKED), world.desk(), world.clock)
    return json.loads(world.exports.read(job_id))


def test_it_has_all_that_is_known(world: World) -> None:
    told = exported(world, ANN)
    assert (told["customer_ids"], told["anonymous_ids"]) == (["ann"], ["phone"])
    assert told["consents"] == [
        {"purpose": "analytics", "granted": True, "version": "1", "time": "2026-04-22T12:00:00Z", "source": "form"}
    ]
    ids = [each["message_id"] for each in told["events"]]
    assert sorted(ids) == sorted(["ann-old", *(f"{who}-{n}" for who in ("ann", "phone") for n in (1, 2, 3, 4))])
    assert [each["time"] for each in told["events"]] == sorted(each["time"] for each in told["events"])
    assert told["other"] == []


def test_what_they_said_is_told_as_it_is_kept_and_as_people_read_it(world: World) -> None:
    said, of_phone = reversed(exported(world, ANN)["feedback"])
    assert said == {
        "feedback_id": "ann-said-1",
        "source": "review",
        "time": "2026-05-01T11:00:00Z",
        "text": "I am ann.",
        "rating": 4.0,
        "item_id": "lamp",
        "redacted": {},
        "sentiment": {
            "label": "neutral",
            "score": 0.1,
            "confidence": 0.5,
            "abstained": False,
            "aspects": [],
            "evidence": [],
        },
        "categories": [],
        "model_id": "m1",
        "customer_id": "ann",
    }
    assert of_phone["anonymous_id"] == "phone"


def test_an_event_is_told_whole_with_what_came_with_it(world: World) -> None:
    by_id = {each["message_id"]: each for each in exported(world, ANN)["events"]}
    assert by_id["ann-1"] == {
        "time": "2026-05-01T11:00:00+00:00",
        "event": "Product Viewed",
        "items": ["lamp"],
        "customer_id": "ann",
        "message_id": "ann-1",
        "details": {"price": "9.90"},
    }
    assert by_id["ann-2"]["order_id"] == "o1"
    assert by_id["phone-1"]["anonymous_id"] == "phone"
    assert len(by_id["ann-3"]["items"]) == 120
    assert by_id["ann-3"]["details"] == {"note": "x" * 900}
    assert by_id["ann-old"]["details"] == {}


@pytest.mark.parametrize("note", [{}, {"note": "x" * 900}])
@pytest.mark.parametrize("in_table", [True, False])
def test_an_order_is_told_with_what_was_paid_wherever_it_is_kept(
    world: World, note: dict[str, str], in_table: bool
) -> None:
    sale = {
        "lines": [Line("lamp", 2, Decimal("9.50"))],
        "paid": {"amount": "19", "currency": "EUR"},
        "coupons": ["MAY"],
    }
    bought = event(ANN, 9, name="Order Completed", order_id="o9", currency="EUR", **sale)
    short = bought.model_copy(update=NO_SALE._asdict())
    if in_table:
        EventStore(world.table).put([(bought, note)])
    ArchiveStore(clients.s3(), BUCKET).append([short, bought, short])
    told = next(each for each in exported(world, ANN, key="e9")["events"] if each["message_id"] == "ann-9")
    assert told["lines"] == [{"item_id": "lamp", "quantity": 2, "price": "9.50"}]
    assert (told["paid"], told["coupons"]) == ({"amount": "19", "currency": "EUR"}, ["MAY"])
    assert told["details"] == (note if in_table else {})


def test_nothing_of_another_is_in_it_and_no_key_of_ours(world: World) -> None:
    text = json.dumps(exported(world, ANN))
    for word in ("bob", "laptop", "CUSTOMER#", "EVENT#", "expires_at", '"pk"'):
        assert word not in text


def test_an_anonymous_id_does_not_open_its_owners_history(world: World) -> None:
    told = exported(world, PHONE)
    assert (told["customer_ids"], told["anonymous_ids"]) == ([], ["phone"])
    assert "ann" not in json.dumps(told)


def test_an_id_claimed_by_another_does_not_open_theirs(world: World) -> None:
    """Bob says that Ann's phone is his, as a browser without a token can; only the first owner's link counts."""
    LinkStore(world.table).claim("phone", BOB, ASKED)
    EventStore(world.table).put([(event(BOB, 9, anonymous_id="phone"), {})])
    assert "phone" not in exported(world, BOB)["anonymous_ids"]


def test_a_record_that_this_version_does_not_know_is_told_too(world: World) -> None:
    world.table.put({"pk": "CUSTOMER#user:ann", "sk": "WISH#1", "body": '{"item_id": "rug"}', "text": "{half", "n": 3})
    assert exported(world, ANN)["other"] == [{"body": {"item_id": "rug"}, "text": "{half", "n": "3"}]


def test_a_customer_with_more_than_a_page_of_events(world: World) -> None:
    EventStore(world.table).put((event(ANN, n, message_id=f"m{n}"), {"text": "x" * 700}) for n in range(10, 1600))
    assert len(exported(world, ANN)["events"]) == 9 + 1590


def test_delivered_twice_it_is_one(world: World) -> None:
    first = exported(world, ANN)
    world.later(minutes=5)
    assert exported(world, ANN) == first


def test_an_erasure_takes_the_export_too(world: World) -> None:
    exported(world, ANN)
    erase(world.message(ANN), world.office())
    assert [key for key in objects() if key.startswith("exports/")] == ["exports/export-bob.json"]


def test_an_export_that_an_erasure_overtakes_is_not_left_lying(world: World) -> None:
    job_id = world.requests.request_export([ANN], ASKED, "e1")
    request = Request(job_id=job_id, kind=Kind.EXPORT, customers=(ANN,), at=ASKED)
    erasing = world.message(ANN)

    def overtake(**_: Any) -> None:
        clients.s3().meta.events.unregister("before-call.s3.PutObject", overtake)
        erase(erasing, world.office())

    clients.s3().meta.events.register_first("before-call.s3.PutObject", overtake)
    with pytest.raises(ConflictError):
        export(request, world.desk(), world.clock)
    assert f"exports/{job_id}.json" not in objects()
    assert world.jobs.get(job_id).status == Status.QUEUED
    world.later(seconds=1)
    export(request, world.desk(), world.clock + timedelta(minutes=1))
    assert json.loads(world.exports.read(job_id))["events"] == []

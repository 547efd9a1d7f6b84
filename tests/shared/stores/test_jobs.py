"""Requests of exports and erasures: the same key is the same job, and none is lost between the record and the queue."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain.errors import ConflictError, NotFoundError, StoreUnavailableError
from shared.domain.events import KNOWN, CustomerRef
from shared.stores import clients
from shared.stores.jobs import KEPT, JobStore, Kind, PrivacyJobs, Request, Status
from shared.stores.table import Table
from tests.shared.stores.faults import DOWN, refusing

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ANN = CustomerRef(kind=KNOWN, id="ann")


class Shop:
    """Requests, and the queue that they go to."""

    def __init__(self, table: Table) -> None:
        self._url = clients.sqs().create_queue(QueueName="jobs")["QueueUrl"]
        self.jobs = JobStore(table)
        self.requests = PrivacyJobs(table, clients.sqs(), self._url)

    def sent(self) -> list[Request]:
        """The messages since the last look."""
        found: list[Request] = []
        while messages := clients.sqs().receive_message(QueueUrl=self._url).get("Messages", []):
            found += [Request.model_validate_json(each["Body"]) for each in messages]
        return found


@pytest.fixture
def shop(table: Table) -> Shop:
    return Shop(table)


def test_a_request_is_a_record_and_a_message(shop: Shop, table: Table) -> None:
    job_id = shop.requests.request_erasure([ANN], NOON, "delivery-1")
    assert shop.sent() == [Request(job_id=job_id, kind=Kind.ERASURE, customers=(ANN,), at=NOON)]
    job = shop.requests.find(job_id, Kind.ERASURE)
    assert (job.status, job.requested_at) == (Status.QUEUED, NOON)
    (record,) = table.scan("JOB#")
    assert "ann" not in json.dumps(record, default=str)
    assert record["expires_at"] == int((NOON + KEPT).timestamp())


def test_a_repeated_request_keeps_its_first_time_and_is_sent_again(shop: Shop) -> None:
    first = shop.requests.request_erasure([ANN], NOON, "delivery-1")
    again = shop.requests.request_erasure([ANN], NOON + timedelta(hours=1), "delivery-1")
    assert first == again
    assert [each.at for each in shop.sent()] == [NOON, NOON]


def test_the_same_key_for_another_right_is_another_job(shop: Shop) -> None:
    ids = {
        shop.requests.request_erasure([ANN], NOON, "k"),
        shop.requests.request_export([ANN], NOON, "k"),
        shop.requests.request_shop_erasure(NOON, "k"),
    }
    assert len(ids) == 3


def test_a_queue_that_is_down_is_told_and_the_next_try_sends(shop: Shop) -> None:
    with refusing(clients.sqs(), "SendMessage", DOWN), pytest.raises(StoreUnavailableError):
        shop.requests.request_erasure([ANN], NOON, "k")
    assert shop.sent() == []
    shop.requests.request_erasure([ANN], NOON, "k")
    assert len(shop.sent()) == 1


def test_what_is_done_is_not_sent_again(shop: Shop) -> None:
    job_id = shop.requests.request_erasure([ANN], NOON, "k")
    shop.sent()
    shop.jobs.update(job_id, status=Status.DONE)
    shop.requests.request_erasure([ANN], NOON, "k")
    assert shop.sent() == []


def test_of_two_changes_at_once_one_is_refused(shop: Shop) -> None:
    job_id = shop.requests.request_erasure([ANN], NOON, "k")
    events = clients.dynamodb().meta.events

    def interrupt(**_: Any) -> None:
        events.unregister("before-call.dynamodb.PutItem", interrupt)
        shop.jobs.update(job_id, removed={"events": 1})

    events.register_first("before-call.dynamodb.PutItem", interrupt)
    with pytest.raises(ConflictError):
        shop.jobs.update(job_id, status=Status.DONE)
    assert shop.jobs.get(job_id).status == Status.QUEUED
    assert shop.jobs.get(job_id).removed == {"events": 1}


def test_subjects_are_kept_and_forgotten(shop: Shop) -> None:
    many = [CustomerRef(kind=KNOWN, id=f"c{n}") for n in range(60)]
    job_id = shop.requests.request_erasure([ANN], NOON, "k")
    shop.jobs.add_subjects(job_id, many, NOON)
    assert set(shop.jobs.subjects(job_id)) == set(many)
    shop.jobs.forget_subjects(job_id)
    assert shop.jobs.subjects(job_id) == []
    assert shop.jobs.get(job_id).status == Status.QUEUED


def test_there_is_no_such_job(shop: Shop) -> None:
    with pytest.raises(NotFoundError):
        shop.jobs.get("none")
    with pytest.raises(NotFoundError):
        shop.requests.find(shop.requests.request_export([ANN], NOON, "k"), Kind.ERASURE)

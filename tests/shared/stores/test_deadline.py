"""No call of AWS begins when the time for it is over, nor is any repeated; before, and without a deadline, all are."""

import pytest
from botocore.exceptions import ReadTimeoutError

from shared.domain.errors import StoreUnavailableError
from shared.stores import clients
from shared.stores.deadline import DEADLINE, SPARE_SECONDS, Deadline, OutOfTimeError
from shared.stores.table import Table

RECORD = {"pk": "a", "sk": "b"}


def test_a_call_after_the_deadline_is_not_made(table: Table) -> None:
    DEADLINE.within(SPARE_SECONDS)
    with pytest.raises(StoreUnavailableError, match="OutOfTimeError"):
        table.put(RECORD)
    DEADLINE.within(SPARE_SECONDS + 60)
    assert table.get("a", "b") is None
    table.put(RECORD)
    assert table.get("a", "b") == RECORD


def test_every_client_heeds_it(table: Table) -> None:
    assert table
    DEADLINE.within(0)
    for call in (clients.s3().list_buckets, clients.quick_s3().list_buckets, clients.sqs().list_queues):
        with pytest.raises(OutOfTimeError):
            call()


def test_what_timed_out_is_repeated_only_while_there_is_time(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does the client pause before it gives up."""
    now, attempts = [0.0], []
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    monkeypatch.setattr(DEADLINE, "_clock", lambda: now[0])

    def time_out(**_: object) -> None:
        attempts.append(now[0])
        now[0] += 2
        raise ReadTimeoutError(endpoint_url="https://dynamodb.example")

    clients.dynamodb().meta.events.register_first("before-send", time_out)
    DEADLINE.within(SPARE_SECONDS + 3)
    with pytest.raises(StoreUnavailableError, match="ReadTimeoutError"):
        table.get("a", "b")
    assert attempts == [0, 2]


def test_without_one_there_is_all_the_time() -> None:
    assert Deadline().seconds_left == float("inf")

"""Events sent to a queue: whole, known by their identity, and none forgotten where the queue refuses."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.domain.errors import NotDoneError
from shared.domain.events import KNOWN, CustomerRef, Event
from shared.stores import clients
from shared.stores.queues import EventQueue, Message
from shared.stores.table import Table
from tests.shared.stores.faults import refusing


@pytest.fixture
def url(table: Table) -> str:
    assert table
    return clients.sqs().create_queue(QueueName="feedback")["QueueUrl"]


def message(n: int, text: str = "Good.") -> Message:
    event = Event(
        customer=CustomerRef(kind=KNOWN, id="ann"),
        message_id=f"m{n}",
        time=datetime(2026, 5, 1, tzinfo=UTC),
        name="Product Reviewed",
        items=("lamp",),
    )
    return Message(str(n), event, {"properties": {"text": text}})


def received(url: str) -> list[Any]:
    found: list[Any] = []
    while messages := clients.sqs().receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        found += [json.loads(each["Body"]) for each in messages]
    return sorted(found, key=lambda each: int(each["message_id"][1:]))


def test_a_message_is_the_event_with_its_details_and_identity(url: str) -> None:
    EventQueue(clients.sqs(), url).send([message(1)])
    assert received(url) == [
        {
            "id": "user:ann#m1",
            "customer": "user:ann",
            "message_id": "m1",
            "time": "2026-05-01T00:00:00Z",
            "name": "Product Reviewed",
            "items": ["lamp"],
            "details": {"properties": {"text": "Good."}},
        }
    ]


def test_many_large_and_odd_ones_arrive(url: str) -> None:
    texts = ["\x00\ud800 ü" if n % 2 else "x" * 32_000 for n in range(45)]
    EventQueue(clients.sqs(), url).send(message(n, text) for n, text in enumerate(texts))
    assert [each["details"]["properties"]["text"] for each in received(url)] == texts


def test_a_queue_that_does_not_answer_names_the_first_that_it_did_not_take(url: str) -> None:
    queue = EventQueue(clients.sqs(), url)
    with refusing(clients.sqs(), "SendMessageBatch", after=1), pytest.raises(NotDoneError) as caught:
        queue.send(message(n) for n in range(25))
    assert caught.value.sequence == "10"
    assert len(received(url)) == 10


def test_a_queue_that_takes_some_of_a_batch_names_the_first_of_the_others() -> None:
    class Picky:
        def send_message_batch(self, **_: Any) -> Any:
            return {"Failed": [{"Id": "5"}, {"Id": "3"}]}

    picky: Any = Picky()
    with pytest.raises(NotDoneError) as caught:
        EventQueue(picky, "").send(message(n) for n in range(8))
    assert caught.value.sequence == "3"

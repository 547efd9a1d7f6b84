"""A shop with two customers in every place where something of a shopper can lie, and a worker that can be stopped."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.fulfil.erase import Office
from functions.fulfil.export import Desk
from functions.fulfil.reach import Places
from shared.domain.consent import Decision, Purpose
from shared.domain.events import ANONYMOUS, KNOWN, CustomerRef, Event
from shared.domain.feedback import Feedback
from shared.domain.sentiment import Sentence, Sentiment
from shared.stores import clients
from shared.stores.archive import ArchiveStore, shard_of
from shared.stores.consents import ConsentStore
from shared.stores.events import EventStore, records
from shared.stores.exports import ExportStore
from shared.stores.feedback import FeedbackStore
from shared.stores.jobs import JobStore, Kind, PrivacyJobs, Request
from shared.stores.lease import LeaseStore
from shared.stores.leftovers import PoisonedRecords
from shared.stores.links import LinkStore
from shared.stores.models import POINTER
from shared.stores.rewriting import ArchiveRewriter
from shared.stores.shoppers import ShopperStore
from shared.stores.table import Table, pack
from shared.stores.tombstones import TombstoneStore
from tests.conftest import BUCKET, TABLE

ASKED = datetime(2026, 5, 1, 12, tzinfo=UTC)
"""When the erasure is asked for."""
ANN = CustomerRef(kind=KNOWN, id="ann")
BOB = CustomerRef(kind=KNOWN, id="bob")
PHONE = CustomerRef(kind=ANONYMOUS, id="phone")
LAPTOP = CustomerRef(kind=ANONYMOUS, id="laptop")
PEPPER = "pepper"


class CrashError(Exception):
    """The process ends here."""


def event(customer: CustomerRef, n: int, **changes: Any) -> Event:
    fields = {"customer": customer, "message_id": f"{customer.id}-{n}", "name": "Product Viewed", "items": ("lamp",)}
    return Event.model_validate(fields | {"time": ASKED - timedelta(hours=n)} | changes)


def happened(customer: CustomerRef, anonymous: CustomerRef | None) -> list[tuple[Event, dict[str, Any]]]:
    """A view, an order, a page view, and one event that is too large for serving."""
    items = tuple(f"item-{n:04d}" for n in range(120))
    order = event(customer, 2, name="Order Completed", order_id="o1", anonymous_id=anonymous.id if anonymous else None)
    large, page = event(customer, 3, items=items), event(customer, 4, name="Page Viewed", items=())
    return [(event(customer, 1), {"price": "9.90"}), (order, {}), (large, {"note": "x" * 900}), (page, {})]


def opinion(customer: CustomerRef | None, n: int, **changes: Any) -> Feedback:
    """What somebody said, with a meaning that only a machine can read."""
    named = customer.id if customer else "nobody"
    fields = {"feedback_id": f"{named}-said-{n}", "source": "review", "time": ASKED - timedelta(hours=n), "rating": 4.0}
    fields |= {"text": f"I am {named}.", "customer": customer, "item_id": "lamp", "model_id": "m1"}
    feeling = Sentiment(label="neutral", score=0.1, confidence=0.5)
    more = {"sentiment": feeling, "sentences": (Sentence(0, 5, 0.1, bytes(range(128)) * 3),)}
    return Feedback.model_validate(fields | more | changes)


class World:
    """Ann has a phone, Bob a laptop."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.clock = ASKED + timedelta(seconds=10)
        self.archive = ArchiveStore(clients.s3(), BUCKET)
        self.exports = ExportStore(table, clients.s3(), BUCKET)
        self.shoppers = ShopperStore(table)
        self.tombstones = TombstoneStore(table, lambda: PEPPER)
        self.jobs = JobStore(table)
        url = clients.sqs().create_queue(QueueName="jobs")["QueueUrl"]
        self.requests = PrivacyJobs(table, clients.sqs(), url)
        self._url = url

    def fill(self) -> None:
        for customer, anonymous in ((ANN, PHONE), (BOB, LAPTOP)):
            both = [*happened(customer, anonymous), *happened(anonymous, None)]
            EventStore(self.table).put(both)
            EventStore(self.table).arrival(customer, "untimed", ASKED - timedelta(hours=5))
            LinkStore(self.table).claim(anonymous.id, customer, ASKED - timedelta(hours=2))
            said = Decision(
                purpose=Purpose.ANALYTICS, granted=True, version="1", time=ASKED - timedelta(days=9), source="form"
            )
            ConsentStore(self.table).decide(customer, [said])
            FeedbackStore(self.table).put([opinion(customer, 1), opinion(anonymous, 2)])
            gone = event(customer, 24 * 400, message_id=f"{customer.id}-old")
            self.archive.append([*(each for each, _ in both), gone])
            self.exports.put(f"export-{customer.id}", [customer, anonymous], b"{}", ASKED)
            self.poison(event(customer, 1))
        self.table.put({"pk": POINTER[0], "sk": POINTER[1], "model_id": "m1"})

    def poison(self, of: Event) -> None:
        """A stream record that was set aside."""
        image = pack(records(of, {})[0])
        keys = {name: image[name] for name in ("pk", "sk")}
        body = json.dumps({"eventName": "INSERT", "dynamodb": {"Keys": keys, "NewImage": image}}).encode()
        key = f"poison/{shard_of(of.customer)}/archive/{of.customer.id}-{of.message_id}.json"
        clients.s3().put_object(Bucket=BUCKET, Key=key, Body=body)

    def office(self) -> Office:
        """Everything is made anew, as a new process does."""
        leases = LeaseStore(self.table, clock=self._seconds)
        rewriter = ArchiveRewriter(self.archive, leases, patience_seconds=0)
        poison = PoisonedRecords(clients.s3(), BUCKET)
        places = Places(self.shoppers, rewriter, poison, self.exports, self.tombstones)
        return Office(self.jobs, self.requests, places, lambda: "m1", lambda: self.clock, timedelta(minutes=15))

    def _seconds(self) -> float:
        return self.clock.timestamp()

    def desk(self) -> Desk:
        return Desk(self.jobs, self.shoppers, self.archive, self.exports)

    def message(self, *customers: CustomerRef, key: str = "k1") -> Request:
        """An erasure that was asked for, as the queue delivers it."""
        job_id = self.requests.request_erasure(customers, ASKED, key)
        return Request(job_id=job_id, kind=Kind.ERASURE, customers=customers, at=ASKED)

    def sent(self) -> int:
        """How many messages the queue holds, those that wait among them."""
        names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed"]
        told = clients.sqs().get_queue_attributes(QueueUrl=self._url, AttributeNames=names)["Attributes"]
        return sum(map(int, told.values()))

    def later(self, **time: float) -> None:
        self.clock += timedelta(**time)

    def traces(self, *words: str) -> list[str]:
        """Every record and object in which one of these words stands, in its key or in its content."""
        found = [json.dumps(each) for each in clients.dynamodb().scan(TableName=TABLE)["Items"]]
        return sorted(each for each in [*found, *map(repr, objects().items())] if any(word in each for word in words))


def objects() -> dict[str, str]:
    """Every object of the bucket as text."""
    s3 = clients.s3()
    bodies = {
        each["Key"]: s3.get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read()
        for each in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    }
    return {key: (gzip.decompress(body) if key.endswith(".gz") else body).decode() for key, body in bodies.items()}


@contextmanager
def crashing(after: int) -> Iterator[None]:
    """Let the process end before its next call of any store, once it has made `after` of them."""
    left = iter(range(after))

    def answer(**_: Any) -> None:
        if next(left, None) is None:
            raise CrashError

    events = [client.meta.events for client in (clients.dynamodb(), clients.s3(), clients.sqs())]
    names = ["before-call.dynamodb", "before-call.s3", "before-call.sqs"]
    for each, name in zip(events, names, strict=True):
        each.register_first(name, answer)
    try:
        yield
    finally:
        for each, name in zip(events, names, strict=True):
            each.unregister(name, answer)

"""Every function that nobody waits for, as one piece of work whose outcome is known: what faults are tried on."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from functions.compact import app as compact_app
from functions.meter import app as meter_app
from functions.meter.brake import Brake
from shared.domain.budget import Level
from shared.domain.counting import Series
from shared.domain.events import KNOWN, CustomerRef, Event
from shared.domain.items import Item
from shared.domain.offers import Offer
from shared.domain.value import Lifecycle
from shared.inference.understanding import Analysts
from shared.stores import clients
from shared.stores.archive import ArchiveStore
from shared.stores.budgets import BudgetStore
from shared.stores.counters import CounterStore
from shared.stores.decisions import DecisionStore
from shared.stores.events import EventStore
from shared.stores.feedback import FeedbackStore
from shared.stores.items import ItemStore
from shared.stores.jobs import JobStore, PrivacyJobs, Status
from shared.stores.models import DEMAND, ModelStore
from shared.stores.offers import OfferStore
from shared.stores.opinions import ItemSentimentStore
from shared.stores.queues import EventQueue, Message
from shared.stores.suggestions import SuggestionStore
from shared.stores.table import Table
from shared.stores.themes import ThemeStore
from shared.stores.values import ValueStore
from tests.conftest import BUCKET, Keys
from tests.functions import test_keys
from tests.functions.api import Stream, app
from tests.functions.feedback.fakes import FakeModel
from tests.functions.meter.world import API_ID, OPEN, SCHEDULES, Stage, environment, make_schedules, states
from tests.functions.recommend.conftest import model
from tests.functions.themes import world
from tests.shared.stores.test_decisions import decision
from training import app as training_app
from training.pricing import app as pricing_app
from training.value import app as value_app

NOW = datetime.now(UTC).replace(microsecond=0)
ANN = CustomerRef(kind=KNOWN, id="ann")
BOB = CustomerRef(kind=KNOWN, id="bob")


def event(n: int, customer: CustomerRef = ANN, name: str = "Product Viewed", **fields: Any) -> Event:
    time = NOW - timedelta(minutes=n)
    return Event(customer=customer, message_id=f"m{n}", time=time, name=name, items=("lamp",), **fields)


HAPPENED = [event(1), event(2, BOB), event(3, name="Order Completed", order_id="o1"), event(4, name="Product Reviewed")]


class Work:
    """Something to be done; `run` is one invocation, `outcome` what stands after it, and `expected` what shall."""

    expected: Any

    def __init__(self, table: Table, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
        self.table, self.keys, self.patch = table, keys, monkeypatch
        self.context = SimpleNamespace(
            get_remaining_time_in_millis=lambda: 900_000, function_name="f", memory_limit_in_mb="3008000"
        )
        self.prepare()

    def prepare(self) -> None:
        raise NotImplementedError

    def run(self) -> Any:
        raise NotImplementedError

    def outcome(self) -> Any:
        raise NotImplementedError


class OfStream(Work):
    """A reader of the table's stream."""

    reader = ""

    def prepare(self) -> None:
        stream = Stream(self.reader)
        EventStore(self.table).put((each, {"stars": "5"}) for each in HAPPENED)
        self.records = json.loads(json.dumps(stream.new()))
        self.handler = app(self.reader).handler

    def run(self) -> Any:
        return self.handler({"Records": self.records, "shardId": "s"}, None)

    def spoil(self) -> None:
        """Let nobody be able to read the first view."""
        (first, *_) = [each for each in self.records if each["dynamodb"]["NewImage"]["name"]["S"] == "Product Viewed"]
        first["dynamodb"]["NewImage"]["items"] = {"S": "[not JSON"}


class Archive(OfStream):
    reader = "archive"
    expected = ("m1", "m2", "m3", "m4")

    def outcome(self) -> Any:
        return tuple(sorted(each.message_id for each in ArchiveStore(clients.s3(), BUCKET).read()))


class Project(OfStream):
    """Counters, the queue of reviews, and an offer that Ann was made before she ordered."""

    reader = "project"
    expected = ([7, 1], ["user:ann#m4"], (1, 1))

    def prepare(self) -> None:
        OfferStore(self.table).put(Offer.model_validate(test_keys.OFFER | {"offer_id": "o"}))
        made = decision(time=NOW - timedelta(hours=1), until=NOW + timedelta(days=7))
        DecisionStore(self.table).add(ANN, made, None)
        super().prepare()

    def outcome(self) -> Any:
        offered = DecisionStore(self.table).figures("o")["x"].offered
        counters, today = CounterStore(self.table), {(NOW - timedelta(minutes=n)).date() for n in range(5)}
        counts = [sum(counters.read(series, day).total() for day in today) for series in Series]
        return (
            counts,
            sorted({json.loads(each)["id"] for each in _bodies(app("project").settings().feedback_queue_url)}),
            (offered.customers, offered.converted),
        )


class Reviews(Work):
    """Two messages that tell of reviews, one of somebody whom the table knows nothing of."""

    expected = "event-m4", "event-m5"

    def prepare(self) -> None:
        self.worker = app("reviews")
        analysts = Analysts(lambda _: FakeModel())
        self.patch.setattr(self.worker, "analysts", lambda: analysts)
        url = app("project").settings().feedback_queue_url
        told = [event(4, name="Product Reviewed"), event(5, BOB, name="Product Reviewed")]
        said = {each.message_id: {"review_id": each.message_id, "review_body": "Great lamp."} for each in told}
        EventQueue(clients.sqs(), url).send(
            Message(each.message_id, each, {"properties": said[each.message_id]}) for each in told
        )
        self.messages = _bodies(url)

    def run(self) -> Any:
        app("reviews")
        found = [{"messageId": str(n), "body": body} for n, body in enumerate(self.messages)]
        return self.worker.handler({"Records": found}, self.context)

    def outcome(self) -> Any:
        found = FeedbackStore(self.table).between(NOW - timedelta(days=1), NOW)
        return tuple(sorted(each.feedback_id for each in found))


class OfQueue(Work):
    """A job of privacy's, with all messages that it sends to itself."""

    def prepare(self) -> None:
        EventStore(self.table).put((each, {}) for each in HAPPENED)
        ArchiveStore(clients.s3(), BUCKET).append(HAPPENED)
        self.worker = app("fulfil")
        jobs = PrivacyJobs(self.table, clients.sqs(), self.worker.settings().queue_url)
        self.job_id = self.asked(jobs)
        self.messages = _bodies(self.worker.settings().queue_url)

    def asked(self, jobs: PrivacyJobs) -> str:
        raise NotImplementedError

    def run(self) -> None:
        """A message that failed is delivered again."""
        while self.messages:
            self.worker.handler({"Records": [{"body": self.messages[0]}]}, self.context)
            self.messages = [*self.messages[1:], *_bodies(self.worker.settings().queue_url)]

    def outcome(self) -> Any:
        kept = {each.customer.id for each in ArchiveStore(clients.s3(), BUCKET).read()}
        in_table = [len(EventStore(self.table).recent([each], NOW)) for each in (ANN, BOB)]
        return JobStore(self.table).get(self.job_id).status, kept, in_table


class Export(OfQueue):
    expected = (Status.DONE, {"ann", "bob"}, [3, 1]), 3

    def asked(self, jobs: PrivacyJobs) -> str:
        return jobs.request_export([ANN], NOW, "k")

    def outcome(self) -> Any:
        body = clients.s3().get_object(Bucket=BUCKET, Key=f"exports/{self.job_id}.json")["Body"].read()
        return super().outcome(), len(json.loads(body)["events"])


class Erasure(OfQueue):
    expected = Status.DONE, {"bob"}, [0, 1]

    def asked(self, jobs: PrivacyJobs) -> str:
        return jobs.request_erasure([ANN], NOW + timedelta(seconds=1), "k")


class Compact(Work):
    """Ten objects become one, with all their lines."""

    expected = 1, 10

    def prepare(self) -> None:
        archive = ArchiveStore(clients.s3(), BUCKET)
        for n in range(10):
            archive.append([event(n)])
        later = SimpleNamespace(now=lambda _: datetime.now(UTC) + timedelta(days=3))
        self.patch.setattr(compact_app, "datetime", later)
        compact_app.rewriter.cache_clear()

    def run(self) -> Any:
        return compact_app.handler({}, self.context)

    def outcome(self) -> Any:
        found = clients.s3().list_objects_v2(Bucket=BUCKET, Prefix="events/")["Contents"]
        bodies = [clients.s3().get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read() for each in found]
        return len(found), len({line for body in bodies for line in gzip.decompress(body).splitlines()})


class Training(Work):
    """What it reads and what it publishes; what it computes between the two asks nobody."""

    expected = "m1", sorted(model("m1"))

    def prepare(self) -> None:
        training_app.settings.cache_clear()
        ArchiveStore(clients.s3(), BUCKET).append(HAPPENED)
        self.models = ModelStore(self.table, clients.s3(), BUCKET)
        self.models.publish("m0", model("m0"), "")
        self.models.promote("m0", None)
        self.patch.setattr(training_app, "train", self._train)

    def _train(self, events: Any, items: Any, *_: Any, **__: Any) -> Any:
        assert len(events.rows().time) == len(HAPPENED)
        assert list(items) == []
        card = SimpleNamespace(surfaces={}, drift=None, champion_problem=None, model_dump=lambda **_: {})
        return SimpleNamespace(model_id="m1", files=model("m1"), card=card)

    def run(self) -> Any:
        return training_app.handler({}, self.context)

    def outcome(self) -> Any:
        return self.models.champion(), sorted(self.models.files(self.models.champion() or ""))


class Value(Work):
    """An order of Ann's, who is new; Bob has only looked."""

    expected = 1, Lifecycle.NEW, None, True

    def prepare(self) -> None:
        value_app.settings.cache_clear()
        value_app.table.cache_clear()
        value_app.tombstones.cache_clear()
        ArchiveStore(clients.s3(), BUCKET).append(HAPPENED)

    def run(self) -> Any:
        return value_app.handler({}, self.context)

    def outcome(self) -> Any:
        values = ValueStore(self.table)
        found = values.get(ANN)
        assert found is not None
        return found.orders, found.lifecycle, values.get(BOB), values.summary() is not None


class Pricing(Work):
    """A lamp that is sold below its cost: told to the owner, with a model of demand that says what that changes."""

    expected = Decimal(12), 2

    def prepare(self) -> None:
        for cached in (pricing_app.settings, pricing_app.table, pricing_app.rooms):
            cached.cache_clear()
        costs = {"price": {"amount": "10.00", "currency": "USD"}, "cost": {"amount": "12.00", "currency": "USD"}}
        ItemStore(self.table).put([Item.model_validate({"item_id": "lamp", "title": "Lamp"} | costs)])
        weeks = (event(n * 7 * 24 * 60, name="Order Completed", order_id=f"o{n}") for n in range(1, 13))
        ArchiveStore(clients.s3(), BUCKET).append(list(weeks))

    def run(self) -> Any:
        return pricing_app.handler({}, self.context)

    def outcome(self) -> Any:
        models = ModelStore(self.table, clients.s3(), BUCKET, DEMAND)
        told = SuggestionStore(self.table).get("lamp", NOW)
        return told.suggested.amount, len(models.files(models.champion() or ""))


class Themes(Work):
    """Five customers whose zip broke: an issue that the owner is told of once, and what is said of the coat."""

    expected = ["broken zip"], 1, True

    def prepare(self) -> None:
        topic = clients.sns().create_topic(Name="issues")["TopicArn"]
        self.inbox = clients.sqs().create_queue(QueueName="issues")["QueueUrl"]
        clients.sns().subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:issues")
        self.patch.setenv("TOPIC_ARN", topic)
        self.worker = app("themes")
        said = [*world.shop(a_day=0.4), *world.burst("zip", 5)]
        moved = (each.model_copy(update={"time": each.time + (NOW - world.NOW)}) for each in said)
        FeedbackStore(self.table).put(list(moved))
        self.told: list[str] = []

    def run(self) -> Any:
        return self.worker.handler({}, self.context)

    def outcome(self) -> Any:
        self.told += _bodies(self.inbox)
        found = ThemeStore(self.table).current()
        assert found is not None
        labels = [each.issue.label for each in found.issues if each.issue.status == "open"]
        return labels, len(self.told), ItemSentimentStore(self.table).all()["coat"].score < 0


SHUT = {"ThrottlingRateLimit": 0.0, "ThrottlingBurstLimit": 0}


class Meter(Work):
    """A month that is spent: the API is to be shut and the owner told, once."""

    expected = Level.STOPPED, True, OPEN | SHUT, dict.fromkeys(SCHEDULES, "DISABLED"), 1

    def prepare(self) -> None:
        self.stage = Stage()
        make_schedules()
        topic = clients.sns().create_topic(Name="alarms")["TopicArn"]
        self.inbox = clients.sqs().create_queue(QueueName="inbox")["QueueUrl"]
        clients.sns().subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:inbox")
        for name, value in environment(topic, 1.0).items():
            self.patch.setenv(name, value)
        meter_app.settings.cache_clear()
        self.patch.setattr(meter_app, "Brake", lambda _, *rest, **more: Brake(self.stage, *rest, **more))  # type: ignore[arg-type]
        datum: Any = {"MetricName": "Count", "Value": 10_000_000, "Timestamp": datetime.now(UTC)}
        datum["Dimensions"] = [{"Name": "ApiId", "Value": API_ID}]
        clients.cloudwatch().put_metric_data(Namespace="AWS/ApiGateway", MetricData=[datum])
        self.told: list[str] = []

    def run(self) -> Any:
        return meter_app.handler({}, self.context)

    def outcome(self) -> Any:
        self.told += _bodies(self.inbox)
        standing = BudgetStore(self.table).standing()
        assert standing is not None
        return standing.level, bool(standing.kept.schedules), self.stage.default, states(), len(self.told)


WORKS: dict[str, type[Work]] = {
    "`archive`": Archive,
    "`project`": Project,
    "`reviews`": Reviews,
    "`fulfil`, an export": Export,
    "`fulfil`, an erasure": Erasure,
    "`compact`": Compact,
    "`training`": Training,
    "`themes`": Themes,
    "`value`": Value,
    "`pricing`": Pricing,
    "`meter`": Meter,
}


def _bodies(queue: str) -> list[str]:
    """All that waits in a queue, taken out of it."""
    messages = clients.sqs().receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    for each in messages:
        clients.sqs().delete_message(QueueUrl=queue, ReceiptHandle=each["ReceiptHandle"])
    return [each["Body"] for each in messages]

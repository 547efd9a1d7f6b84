"""The shop that the events of this folder are about, on a local stack: its keys, secrets, items, model and jobs.

`tests/events/FUNCTION/smoke-*.json` and `failure-*.json` are what AWS hands to a function, as `sam local invoke -e`
takes it. Their keys and signatures are made with what stands here, so here and nowhere else they open anything.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from infra.local.emulator import REGION
from infra.local.stack import LocalStack
from infra.template import Template
from shared.domain.events import KNOWN, CustomerRef, Event
from shared.domain.items import Item
from shared.domain.keys import KeyKind, hash_key
from shared.domain.money import Money
from shared.domain.value import CustomerValue, Lifecycle, Likely
from shared.domain.vocabulary import EventName
from shared.stores.archive import ArchiveStore
from shared.stores.events import EventStore
from shared.stores.items import ItemStore
from shared.stores.jobs import Job, JobStore, Kind
from shared.stores.keys import KeyStore
from shared.stores.models import ModelStore
from shared.stores.table import Table
from shared.stores.values import ValueStore
from tests.functions.recommend.artefact import artefact

FOLDER = Path(__file__).parent
TABLE = BUCKET = "regulars-events"
NIGHT = "regulars-night"
"""Table and bucket of another shop, for a training to publish its model in."""
EMPTY, MISSING = "regulars-empty", "regulars-missing"
KEYS = {
    KeyKind.SECRET: "sk_EventsEventsEventsEventsEventsEv2YkDTz",
    KeyKind.PUBLISHABLE: "pk_EventsEventsEventsEventsEventsEv0LagJy",
}
SECRETS = {
    "/regulars-events/key-pepper": "pepper-of-the-events",
    "/regulars-events/customer-token-secret": "token-secret-of-the-events",
    "/regulars-events/shopify-webhook-secret": "shopify-secret-of-the-events",
}
EXPORT_JOB = "0e" * 16
"""An export of the customer `ann` that was asked for."""
OTHERWISE: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("training", "smoke-nightly"): {"TABLE_NAME": NIGHT, "BUCKET_NAME": NIGHT},
    ("training", "failure-no-history"): {"TABLE_NAME": NIGHT, "BUCKET_NAME": EMPTY},
    ("value", "failure-no-bucket"): {"BUCKET_NAME": MISSING},
    ("pricing", "failure-no-bucket"): {"BUCKET_NAME": MISSING},
    ("compact", "failure-no-bucket"): {"BUCKET_NAME": MISSING},
    ("meter", "failure-no-table"): {"TABLE_NAME": MISSING},
    ("themes", "failure-no-table"): {"TABLE_NAME": MISSING},
    ("project", "failure-no-room-for-poison"): {"BUCKET_NAME": MISSING},
}
"""What the function is told otherwise for an event: what it fails by does not stand in every event."""
TASTE = {"lamp": {"bulb": 127, "shade": 60}, "bulb": {"lamp": 90}, "shade": {"lamp": 40}}


class Clients(Protocol):
    """Where AWS is: the local stack, or what stands in for it."""

    def client(self, service: str, /) -> Any: ...


def events(kind: str = "") -> Iterator[tuple[str, str]]:
    """Function and name of each event; of the smoke or of the failure events only where `kind` says so."""
    for path in sorted(FOLDER.glob(f"*/{kind}*.json")):
        yield path.parent.name, path.stem


def event(function: str, name: str) -> Any:
    return json.loads((FOLDER / function / f"{name}.json").read_text())


def furnish(stack: LocalStack) -> dict[str, str]:
    """Make the shop in an empty local stack; the environment of the functions that work on it."""
    for table in (TABLE, NIGHT):
        _make_table(stack.client("dynamodb"), table)
    for bucket in (BUCKET, NIGHT, EMPTY):
        stack.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    for name, value in SECRETS.items():
        stack.client("ssm").put_parameter(Name=name, Value=value, Type="SecureString")
    _fill(Table(stack.client("dynamodb"), TABLE), stack)
    return _access(stack) | settings(stack)


def _make_table(dynamodb: Any, name: str) -> None:
    properties = Template.load().properties("Table")
    keep = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
    dynamodb.create_table(TableName=name, **{key: properties[key] for key in keep})


def _fill(table: Table, stack: LocalStack) -> None:
    for kind, key in KEYS.items():
        hashed = hash_key(key, SECRETS["/regulars-events/key-pepper"])
        KeyStore(table).create(hashed, kind, "events", datetime(2026, 1, 1, tzinfo=UTC))
    price = Money.model_validate({"amount": "12.50", "currency": "EUR"})
    ItemStore(table).put(Item(item_id=item, title=item.title(), category="light", price=price) for item in TASTE)
    models = ModelStore(table, stack.client("s3"), BUCKET)
    models.publish("m1", artefact(list(TASTE), TASTE), "")
    models.promote("m1", None)
    past = list(history())
    EventStore(table).put(((each, {}) for each in past if each.customer.id == "ann"), archived=True)
    for bucket in (BUCKET, NIGHT):
        ArchiveStore(stack.client("s3"), bucket).append(past)
    ValueStore(table).put_many({CustomerRef(kind=KNOWN, id="ann"): _value()})
    JobStore(table).add(Job(job_id=EXPORT_JOB, kind=Kind.EXPORT, requested_at=datetime.now(UTC)))


def _value() -> CustomerValue:
    """Of `ann`, as last night's job left it."""
    now = datetime.now(UTC)
    return CustomerValue(
        lifecycle=Lifecycle.NEW,
        orders=2,
        first_order=now - timedelta(days=9),
        last_order=now - timedelta(days=8),
        expected_orders=Likely(value=1.5, low=0, high=3),
        computed=now,
        model_id="value-1",
    )


def history() -> Iterator[Event]:
    """A hundred days of 30 customers, each with a third of 30 items, and `ann`, who bought a lamp and a bulb."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for n, item in enumerate(("lamp", "bulb")):
        yield _order("ann", n, today - timedelta(days=9 - n), (item,))
    for customer in range(30):
        for number in range(10):
            items = [f"item-{customer % 3}-{(number * step + customer) % 10}" for step in (1, 3)]
            yield _order(f"c{customer}", number, today - timedelta(days=100 - 10 * number), tuple(dict.fromkeys(items)))


def _order(customer: str, number: int, at: datetime, items: tuple[str, ...]) -> Event:
    return Event(
        customer=CustomerRef(kind=KNOWN, id=customer),
        message_id=f"{customer}-{number}",
        time=at,
        name=EventName.ORDER_COMPLETED,
        items=items,
        order_id=f"{customer}-{number}",
    )


def _access(stack: LocalStack) -> dict[str, str]:
    credentials = {"AWS_ACCESS_KEY_ID": "000000000000", "AWS_SECRET_ACCESS_KEY": "local"}
    return credentials | {"AWS_DEFAULT_REGION": REGION, "AWS_REGION": REGION, "AWS_ENDPOINT_URL": stack.url}


def settings(stack: Clients) -> dict[str, str]:
    """Whatever any function of template.yaml is told; a test compares the names."""
    queues = {name: stack.client("sqs").create_queue(QueueName=name)["QueueUrl"] for name in ("jobs", "feedback")}
    return {
        "TABLE_NAME": TABLE,
        "BUCKET_NAME": BUCKET,
        "PEPPER_PARAMETER": "/regulars-events/key-pepper",
        "CUSTOMER_TOKEN_PARAMETER": "/regulars-events/customer-token-secret",
        "SHOPIFY_SECRET_PARAMETER": "/regulars-events/shopify-webhook-secret",
        "WOOCOMMERCE_SECRET_PARAMETER": "/regulars-events/woocommerce-webhook-secret",
        "SHOP_CURRENCY": "EUR",
        "SHOP_URL": "https://shop.example",
        "OFFER_DISCLOSURE": "Your personal data chose this offer.",
        "CONSENT_UNASKED": "granted",
        "CONSENT_WITHOUT_ANALYTICS": "strip",
        "QUEUE_URL": queues["jobs"],
        "FEEDBACK_QUEUE_URL": queues["feedback"],
        "SWEEP_DELAY_SECONDS": "0",
        "QUOTE_MINUTES": "30",
        "POWERTOOLS_METRICS_NAMESPACE": "Regulars/events",
        "API_ID": "api",
        "TOPIC_ARN": stack.client("sns").create_topic(Name="alarms")["TopicArn"],
        "MONTHLY_BUDGET": "0",
        "FUNCTIONS": json.dumps({"ingest": ["regulars-ingest", 512, "arm64"]}),
        "QUEUES": json.dumps(["jobs"]),
        "SCHEDULES": json.dumps(["regulars-events-training"]),
        "TRAINING_STATE": "ENABLED",
        "LOGS": "/regulars-events",
    }

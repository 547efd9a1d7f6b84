"""Shared fixtures: the template's own table on moto, and no way to a real AWS account."""

import importlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
import pytest
from hypothesis import HealthCheck, settings
from moto import mock_aws
from xdist.scheduler import LoadScopeScheduling

from infra.template import Template
from shared.domain.keys import KeyKind, hash_key, new_key
from shared.stores import clients
from shared.stores.deadline import DEADLINE
from shared.stores.keys import KeyStore
from shared.stores.secrets import SecretStore
from shared.stores.table import Table
from tests.grants import WATCH, watch
from tests.mending import mend_moto

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

mend_moto()
watch()

# A busy machine is slow, and that is no failure.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

DEPLOYMENT, FAULTS = "tests/e2e/", "tests/functions/test_faults.py"
LONGEST = (DEPLOYMENT, "tests/functions/fulfil/test_erase.py", "tests/contract/test_schemathesis.py")
MOST_PROCESSES = 4

TABLE = "regulars-test"
BUCKET = "regulars-test"


class Turns(LoadScopeScheduling):  # type: ignore[misc]
    """What one process tests where several do: a file, a row of the table of faults, all that share the deployment."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file == FAULTS:
            return nodeid.rpartition("-")[0] or file
        return DEPLOYMENT if file.startswith(DEPLOYMENT) else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Turns:
    """Groups of its own marks xdist 3.8 cannot tell with pytest 9."""
    return Turns(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores, since the process with the deployment waits for it half of the time."""
    return min(MOST_PROCESSES, (os.process_cpu_count() or 1) + 1)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """First what lasts longest, so that no process is left alone with it."""
    places = {prefix: place for place, prefix in enumerate(LONGEST)}

    def place(item: pytest.Item) -> int:
        return next((places[prefix] for prefix in LONGEST if item.nodeid.startswith(prefix)), len(LONGEST))

    items.sort(key=place)


class Keys(NamedTuple):
    """The keys of the test's shop."""

    secret: str
    publishable: str
    token_secret: str


@pytest.fixture(autouse=True)
def _no_real_account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Regulars/regulars-test")


@pytest.fixture(autouse=True)
def _nothing_is_asked_for_that_is_not_granted() -> Iterator[None]:
    WATCH.refused.clear()
    yield
    assert WATCH.refused == set(), "AWS would refuse these: template.yaml does not grant them to the function"


@pytest.fixture
def table() -> Iterator[Table]:
    """moto, with the table and the bucket of template.yaml."""
    with new_account() as table:
        yield table


@contextmanager
def new_account() -> Iterator[Table]:
    """An account with an empty table and an empty bucket, and clients that know no other."""
    with mock_aws():
        _forget_clients()
        boto3.DEFAULT_SESSION = _session()
        make_table(boto3.client("dynamodb"))
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield Table(clients.dynamodb(), TABLE)
    _forget_clients()


def make_table(client: "DynamoDBClient") -> None:
    """The table of template.yaml, without its stream."""
    properties: dict[str, Any] = Template.load().properties("Table")
    keep = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
    client.create_table(TableName=TABLE, **{name: properties[name] for name in keep})


@cache
def _session() -> boto3.Session:
    """One for all tests, since a new one reads the descriptions of the services anew; moto sets it back."""
    return boto3.Session()


def _forget_clients() -> None:
    DEADLINE.within(float("inf"))
    made = (clients.dynamodb, clients.s3, clients.quick_s3, clients.sqs, clients.ssm)
    metered = (clients.cloudwatch, clients.apigateway, clients.scheduler, clients.sns)
    for client in (*made, *metered):
        client.cache_clear()


@pytest.fixture
def keys(table: Table, monkeypatch: pytest.MonkeyPatch) -> Keys:
    """A secret and a publishable key, and the secret of the customer tokens."""
    return issue_keys(table, monkeypatch.setenv)


def issue_keys(table: Table, setenv: Callable[[str, str], None]) -> Keys:
    """New keys in the table, and the functions' environment."""
    environment = {
        "TABLE_NAME": TABLE,
        "BUCKET_NAME": BUCKET,
        "PEPPER_PARAMETER": "/regulars-test/key-pepper",
        "CUSTOMER_TOKEN_PARAMETER": "/regulars-test/customer-token-secret",
        "SHOPIFY_SECRET_PARAMETER": "/regulars-test/shopify-webhook-secret",
        "WOOCOMMERCE_SECRET_PARAMETER": "/regulars-test/woocommerce-webhook-secret",
        "SHOP_CURRENCY": "EUR",
        "SHOP_URL": "https://shop.example",
        "QUEUE_URL": clients.sqs().create_queue(QueueName="privacy-jobs")["QueueUrl"],
        "SWEEP_DELAY_SECONDS": "0",
        "QUOTE_MINUTES": "30",
        "FEEDBACK_QUEUE_URL": clients.sqs().create_queue(QueueName="feedback")["QueueUrl"],
        "OFFER_DISCLOSURE": "Your personal data chose this offer.",
        "CONSENT_UNASKED": "granted",
        "CONSENT_WITHOUT_ANALYTICS": "strip",
        "POWERTOOLS_METRICS_NAMESPACE": "Regulars/regulars-test",
    }
    for name, value in environment.items():
        setenv(name, value)
    secrets = SecretStore(clients.ssm())
    pepper = secrets.ensure(environment["PEPPER_PARAMETER"])
    made = {}
    for kind in KeyKind:
        made[kind] = new_key(kind)
        KeyStore(table).create(hash_key(made[kind], pepper), kind, "test", datetime(2026, 1, 1, tzinfo=UTC))
    token_secret = secrets.ensure(environment["CUSTOMER_TOKEN_PARAMETER"])
    return Keys(made[KeyKind.SECRET], made[KeyKind.PUBLISHABLE], token_secret)


def fresh(name: str) -> Any:
    """A function's app module, imported anew, so that nothing is remembered from another test."""
    return importlib.reload(importlib.import_module(name))

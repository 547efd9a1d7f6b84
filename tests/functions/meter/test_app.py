"""The deployed meter: CloudWatch's figures become dollars, a message, a shut stage, and a word for the command line."""

import importlib
import json
import os
import threading
from datetime import UTC, datetime
from time import sleep
from typing import Any

import pytest

from functions.meter.brake import Brake
from functions.meter.prices import price_list
from infra.template import Template
from shared.domain.budget import SHARES, Level
from shared.stores import clients
from shared.stores.budgets import BudgetStore
from shared.stores.table import Table
from tests.conftest import TABLE
from tests.functions.meter.world import API_ID, OPEN, Stage, environment, make_schedules, states

MILLION = 1e6
DIMENSIONS = {"AWS/Lambda": "FunctionName", "AWS/Logs": "LogGroupName", "AWS/SQS": "QueueName"}
DIMENSIONS |= {"AWS/ApiGateway": "ApiId", "AWS/DynamoDB": "TableName"}


class Context:
    """As Lambda gives it."""

    function_name = "regulars-meter"
    memory_limit_in_mb = "256"


class Account:
    """The deployed meter in an account whose usage the test makes up."""

    def __init__(self, table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
        self.store = BudgetStore(table)
        self.stage = Stage()
        make_schedules()
        self.topic = clients.sns().create_topic(Name="alarms")["TopicArn"]
        self.inbox = clients.sqs().create_queue(QueueName="inbox")["QueueUrl"]
        clients.sns().subscribe(
            TopicArn=self.topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:inbox"
        )
        self.app = importlib.import_module("functions.meter.app")
        self.app.settings.cache_clear()
        # moto does not know how to update a stage.
        monkeypatch.setattr(self.app, "Brake", lambda _, *rest, **more: Brake(self.stage, *rest, **more))  # type: ignore[arg-type]
        self._setenv = monkeypatch.setenv
        self.budget(100.0)

    def budget(self, dollars: float) -> None:
        for name, value in environment(self.topic, dollars).items():
            self._setenv(name, value)
        self.app.settings.cache_clear()

    def used(self, namespace: str, name: str, of: str, value: float, **more: str) -> None:
        dimensions = {DIMENSIONS[namespace]: of, **more}
        datum: Any = {"MetricName": name, "Value": value, "Timestamp": datetime.now(UTC)}
        datum["Dimensions"] = [{"Name": key, "Value": each} for key, each in dimensions.items()]
        clients.cloudwatch().put_metric_data(Namespace=namespace, MetricData=[datum])

    def run(self) -> Any:
        return self.app.handler({}, Context())

    def mail(self) -> list[Any]:
        found = clients.sqs().receive_message(QueueUrl=self.inbox, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in found]


@pytest.fixture
def account(table: Table, monkeypatch: pytest.MonkeyPatch) -> Account:
    return Account(table, monkeypatch)


@pytest.mark.parametrize(
    ("namespace", "name", "of", "line"),
    [
        ("AWS/ApiGateway", "Count", API_ID, "http_api_request"),
        ("AWS/DynamoDB", "ConsumedWriteCapacityUnits", TABLE, "dynamodb_write_unit"),
        ("AWS/DynamoDB", "ConsumedReadCapacityUnits", TABLE, "dynamodb_read_unit"),
        ("AWS/SQS", "NumberOfEmptyReceives", "privacy-jobs", "sqs_request"),
    ],
)
def test_each_figure_is_charged(account: Account, namespace: str, name: str, of: str, line: str) -> None:
    account.used(namespace, name, of, MILLION)
    assert account.run()["spent"] == pytest.approx(price_list().unit(line) * MILLION)


def test_the_units_of_the_indexes_are_asked_for(account: Account) -> None:
    """The table's own figures leave them out."""
    asked = questions()
    account.run()
    places = {tuple(each["Value"] for each in q["Dimensions"]) for q in asked if q["Namespace"] == "AWS/DynamoDB"}
    indexes = Template.load().properties("Table")["GlobalSecondaryIndexes"]
    assert places == {(TABLE,), *((TABLE, index["IndexName"]) for index in indexes)}


def questions() -> list[Any]:
    """What CloudWatch is asked from now on."""
    asked: list[Any] = []
    events = clients.cloudwatch().meta.events
    events.register("provide-client-params.cloudwatch.GetMetricStatistics", lambda params, **_: asked.append(params))
    return asked


def test_a_function_is_charged_by_calls_gigabyte_seconds_and_logs(account: Account) -> None:
    account.used("AWS/Lambda", "Invocations", "regulars-recommend", MILLION)
    account.used("AWS/Lambda", "Duration", "regulars-recommend", 40 * MILLION)
    account.used("AWS/Logs", "IncomingBytes", "/regulars/recommend", 1e9)
    prices = price_list()
    seconds = 40_000 * prices.unit("lambda_gb_second_x86_64")
    assert account.run()["spent"] == pytest.approx(0.20 + seconds + prices.unit("logs_ingested_gb"), rel=1e-4)


def test_the_meter_counts_itself(account: Account) -> None:
    account.used("AWS/Lambda", "Invocations", Context.function_name, MILLION)
    account.used("AWS/Lambda", "Duration", Context.function_name, 1000.0)
    standing = account.run()
    line = "arm64" if os.uname().machine == "aarch64" else "x86_64"
    assert set(standing["dearest"]) == {"meter: lambda_request", f"meter: lambda_gb_second_{line}"}


def test_objects_of_the_archive_are_charged_by_the_most_that_there_can_be(account: Account) -> None:
    """Eight for a delivery, one for each shard of a day; and no more than was written to the table."""
    account.used("AWS/Lambda", "Invocations", "regulars-archive", 1000.0)
    account.used("AWS/DynamoDB", "ConsumedWriteCapacityUnits", TABLE, 2100.0)
    assert account.run()["dearest"]["archive: s3_put"] == pytest.approx(2100 * price_list().unit("s3_put"))
    account.used("AWS/DynamoDB", "ConsumedWriteCapacityUnits", TABLE, MILLION)
    assert account.run()["dearest"]["archive: s3_put"] == pytest.approx(8 * 1000 * price_list().unit("s3_put"))


def test_what_another_deployment_uses_is_not_ours(account: Account) -> None:
    account.used("AWS/Lambda", "Invocations", "another-ingest", MILLION)
    account.used("AWS/ApiGateway", "Count", "api2", MILLION)
    assert account.run()["spent"] == 0


def test_a_spent_budget_stops_the_stage_and_tells_why(account: Account) -> None:
    account.used("AWS/ApiGateway", "Count", API_ID, 100 * MILLION)
    account.used("AWS/DynamoDB", "ConsumedReadCapacityUnits", TABLE, 200 * MILLION)
    standing = account.run()
    assert standing["spent"] == pytest.approx(125.0)
    assert standing["level"] == account.store.level() == Level.STOPPED
    assert account.stage.default["ThrottlingRateLimit"] == 0
    assert set(states().values()) == {"DISABLED"}
    (mail,) = account.mail()
    assert mail["Subject"] == "Regulars: 125% of the month's budget is used"
    assert "$125.00 of this month's $100.00" in mail["Message"]
    assert "api: http_api_request: $100.00" in mail["Message"]


def test_without_a_budget_cloudwatch_is_not_asked(account: Account) -> None:
    account.budget(0.0)
    account.used("AWS/ApiGateway", "Count", API_ID, 100 * MILLION)
    standing = account.run()
    assert (standing["spent"], standing["level"]) == (0, Level.NORMAL)
    assert account.mail() == []


def test_the_budget_is_of_the_months_own_usage(account: Account) -> None:
    """What was used before the month began is not asked for."""
    asked = questions()
    account.run()
    now = datetime.now(UTC)
    sums = [each for each in asked if each["Statistics"] == ["Sum"]]
    assert {each["StartTime"] for each in sums} == {now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)}
    assert {each["Period"] for each in asked} == {86_400}
    # Five-minute runs ask for so many; a million a month are free.
    assert len(asked) * 12 * 24 * 31 < 500_000


def test_the_shares_are_in_order() -> None:
    assert list(SHARES) == list(Level)[1:]
    assert list(SHARES.values()) == sorted(SHARES.values()) == [0.8, 1.0, 1.2]


def test_two_runs_at_once_lose_nothing_of_what_is_to_be_put_back(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One has measured while the other stops all: it must not note that nothing was stopped."""
    account.budget(0.01)
    account.used("AWS/ApiGateway", "Count", API_ID, MILLION)
    stopped, bill = threading.Event(), account.app.bill
    update, others = account.stage.update_stage, list[threading.Thread]()

    def updating(**changes: Any) -> None:
        update(**changes)
        stopped.set()

    def billing(*given: Any) -> Any:
        found = bill(*given)
        if not others:
            others.append(threading.Thread(target=account.run))
            others[0].start()
            sleep(1)
        else:
            stopped.wait(10)
        return found

    monkeypatch.setattr(account.stage, "update_stage", updating)
    monkeypatch.setattr(account.app, "bill", billing)
    account.run()
    others[0].join(30)
    standing = account.store.standing()
    assert standing is not None
    assert standing.kept.throttles
    account.budget(1_000.0)
    account.run()
    assert account.stage.default == OPEN

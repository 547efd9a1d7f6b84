"""The meter is told of everything that there is to meter and to stop, as the template has it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from functions.meter.prices import price_list
from functions.meter.usage import ARCHIVE_SHARDS, INDEXES, SQS_REQUESTS
from infra.cost.units import figures
from infra.template import Template
from shared.stores.archive import SHARDS

ROOT = Path(__file__).parents[2]
TEMPLATE = Template.load()
VARIABLES: dict[str, Any] = TEMPLATE.properties("MeterFunction")["Environment"]["Variables"]


def substituted(variable: str) -> str:
    """What CloudFormation makes of it, as far as JSON goes."""
    text: str = VARIABLES[variable]["Fn::Sub"]
    return text


def test_every_function_is_metered_as_it_is_built() -> None:
    """The meter counts itself, under the name that Lambda tells it."""
    told = json.loads(substituted("FUNCTIONS"))
    there = {
        name: [f"${{{name.title()}Function}}", properties["MemorySize"], architecture(properties)]
        for name, properties in TEMPLATE.functions().items()
        if name != "meter"
    }
    assert told == there


def architecture(properties: dict[str, Any]) -> str:
    (one,) = properties["Architectures"]
    return one if isinstance(one, str) else f"${{{one['Ref']}}}"


def schedules() -> set[str]:
    """The names of all that runs by itself, but for the meter: functions, and what else has a schedule."""
    of_functions = {
        event["Properties"]["Name"]["Fn::Sub"]
        for name, properties in TEMPLATE.functions().items()
        for event in properties.get("Events", {}).values()
        if event["Type"] == "ScheduleV2" and name != "meter"
    }
    return of_functions | {each["Name"]["Fn::Sub"] for each in TEMPLATE.of_type("AWS::Scheduler::Schedule").values()}


def test_every_schedule_but_the_meters_own_is_stopped() -> None:
    """Of the two that train, the one that does: the other is off, and has to stay so when all is put back."""
    condition, as_job, as_function = VARIABLES["SCHEDULES"]["Fn::If"]
    assert condition == TEMPLATE.document["Resources"]["TrainingNight"]["Condition"]
    told = {name: set(json.loads(each["Fn::Sub"])) for name, each in (("job", as_job), ("function", as_function))}
    assert told["job"] ^ told["function"] == {"${AWS::StackName}-training", "${AWS::StackName}-training-job"}
    assert told["job"] | told["function"] == schedules()


def test_the_meter_may_stop_every_schedule_and_hand_its_role_on() -> None:
    (policy,) = TEMPLATE.properties("MeterFunction")["Policies"]
    (stops,) = (each for each in policy["Statement"] if "scheduler:UpdateSchedule" in each["Action"])
    assert {each["Fn::Sub"].rpartition("/")[2] for each in stops["Resource"]} == schedules()
    (hands_on,) = (each for each in policy["Statement"] if each["Action"] == "iam:PassRole")
    roles = set(re.findall(r"'Fn::GetAtt': '(\w+)\.Arn'", str(hands_on["Resource"])))
    assert roles == {
        "CompactFunctionNightlyRole",
        "ThemesFunctionNightlyRole",
        "TrainingFunctionNightlyRole",
        "TrainingNightRole",
        "ValueFunctionNightlyRole",
        "PricingFunctionNightlyRole",
    }


def test_every_queue_that_is_worked_on_is_metered() -> None:
    queues = {
        name
        for name, resource in TEMPLATE.document["Resources"].items()
        if resource["Type"] == "AWS::SQS::Queue" and "RedrivePolicy" in resource["Properties"]
    }
    assert set(json.loads(substituted("QUEUES"))) == {f"${{{name}.QueueName}}" for name in queues}


def test_what_the_meter_asks_in_a_month_is_said() -> None:
    """With every function in use: three figures of each, four of a queue, two of API, table and index; and a size."""
    functions, queues = len(TEMPLATE.functions()), len(json.loads(substituted("QUEUES")))
    asked = 3 * functions + len(SQS_REQUESTS) * queues + 2 + 2 * (1 + len(INDEXES)) + 1
    assert figures()["assumed"]["figures_asked_for_by_the_meter"]["value"] == asked
    (said,) = re.findall(r"asks CloudWatch up to ([\d,]+) times a month", (ROOT / "README.md").read_text())
    assert int(said.replace(",", "")) == pytest.approx(asked * 12 * 24 * 31, rel=0.01)


def test_the_table_has_no_other_index_and_the_archive_no_more_shards() -> None:
    indexes = TEMPLATE.properties("Table")["GlobalSecondaryIndexes"]
    assert tuple(index["IndexName"] for index in indexes) == INDEXES
    assert ARCHIVE_SHARDS == SHARDS


def test_the_stage_has_a_throttle_to_put_back() -> None:
    limits = TEMPLATE.properties("Api")["DefaultRouteSettings"]
    assert limits["ThrottlingRateLimit"] > 0
    assert limits["ThrottlingBurstLimit"] > 0


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_both_architectures_have_a_price(architecture: str) -> None:
    assert price_list().unit(f"lambda_gb_second_{architecture}") > 0


METERED = {
    "AWS::DynamoDB::Table",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
    "AWS::Serverless::Function",
    "AWS::Serverless::HttpApi",
}
LEFT_OUT = {
    "AWS::Batch::JobDefinition": "training as a job",
    "AWS::CloudWatch::Alarm": "alarms",
    "AWS::CloudWatch::Dashboard": "the dashboard",
    "AWS::SNS::Topic": "e-mails",
}
"""What is charged and not metered, in the README's words."""
FREE = {
    "AWS::ApiGatewayV2::ApiMapping",
    "AWS::ApiGatewayV2::DomainName",
    "AWS::Batch::ComputeEnvironment",
    "AWS::Batch::JobQueue",
    "AWS::Budgets::Budget",
    "AWS::EC2::SecurityGroup",
    "AWS::Events::Rule",
    "AWS::IAM::Role",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::Scheduler::Schedule",
}
"""Charged by what they start, or not at all. Of schedules, an account has 14 million starts a month for nothing."""


def test_every_type_of_resource_is_metered_or_free_or_said_to_be_left_out() -> None:
    types = {resource["Type"] for resource in TEMPLATE.document["Resources"].values()}
    assert types == METERED | LEFT_OUT.keys() | FREE
    (said,) = re.findall(r"It is no exact cap: (.*?)\. From", (ROOT / "README.md").read_text(), re.DOTALL)
    assert [words for words in LEFT_OUT.values() if words not in said] == []


def test_a_deployment_that_is_over_has_the_meter_look_again() -> None:
    """CloudFormation sets throttles and schedules as the template has them; a stop must not end by that."""
    events = TEMPLATE.properties("MeterFunction")["Events"].values()
    (pattern,) = (event["Properties"]["Pattern"] for event in events if event["Type"] == "EventBridgeRule")
    assert (pattern["source"], pattern["detail-type"]) == (
        ["aws.cloudformation"],
        ["CloudFormation Stack Status Change"],
    )
    assert pattern["detail"]["stack-id"] == [{"Ref": "AWS::StackId"}]
    assert set(pattern["detail"]["status-details"]["status"]) == {"UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}

"""The rules of the house for templates. Each looks at one template and says, in words, what breaks it."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from infra.template import Template

ROOT = Path(__file__).parents[2]
SCHEDULED = ("Schedule", "ScheduleV2")
ASYNCHRONOUS = {*SCHEDULED, "CloudWatchEvent", "EventBridgeRule", "S3", "SNS"}
STREAMS = {"DynamoDB", "Kinesis"}
KNOWS_NO_RESOURCE = {
    "batch:DescribeComputeEnvironments",
    "batch:DescribeJobDefinitions",
    "batch:DescribeJobQueues",
    "cloudwatch:GetMetricData",
    "cloudwatch:GetMetricStatistics",
    "cloudwatch:PutMetricData",
    "ec2:DescribeSecurityGroups",
    "ecr:GetAuthorizationToken",
    "xray:GetSamplingRules",
    "xray:GetSamplingStatisticSummaries",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
"""Actions that AWS lets nobody narrow to a resource (its Service Authorization Reference)."""
NAMES = (
    "LogGroupName",
    "DashboardName",
    "AlarmName",
    "QueueName",
    "TableName",
    "BucketName",
    "ComputeEnvironmentName",
    "JobQueueName",
    "JobDefinitionName",
)
IN_TRAINING = {"training": "training", "value": "training/value", "pricing": "training/pricing"}
"""Functions whose code does not lie in `functions/`, and where it does."""
READ_BY_POWERTOOLS = {"POWERTOOLS_METRICS_NAMESPACE"}

Rule = Callable[[Template], Iterator[str]]


def has_a_log_group_of_its_own(template: Template) -> Iterator[str]:
    groups = template.of_type("AWS::Logs::LogGroup")
    taken: set[str] = set()
    for name, properties in template.functions().items():
        group = properties.get("LoggingConfig", {}).get("LogGroup", {}).get("Ref")
        if group not in groups:
            yield f"{name} has no log group of this template"
        elif "RetentionInDays" not in groups[group]:
            yield f"{name} keeps its log for ever"
        elif group in taken:
            yield f"{name} shares its log group"
        taken.add(group)


def has_a_time_out_and_a_memory_size(template: Template) -> Iterator[str]:
    shared = template.document.get("Globals", {}).get("Function", {})
    for name, properties in template.functions().items():
        for setting in ("Timeout", "MemorySize"):
            if not isinstance(properties.get(setting, shared.get(setting)), int):
                yield f"{name} has no {setting}"


def has_a_place_for_what_failed(template: Template) -> Iterator[str]:
    """Nobody waits for what is asynchronous, so it may not get lost in silence."""
    for name, properties in template.functions().items():
        events = list(properties.get("Events", {}).values())
        if ASYNCHRONOUS & {event["Type"] for event in events} and not _failures(properties.get("EventInvokeConfig")):
            yield f"{name} is invoked asynchronously and has no failure destination"
        for event in events:
            yield from (f"{name} {lack}" for lack in _lacks(event["Type"], event["Properties"], template))


def _lacks(kind: str, event: dict[str, Any], template: Template) -> Iterator[str]:
    if kind in SCHEDULED and not event.get("DeadLetterConfig"):
        yield "has a schedule without a queue for what it could not deliver"
    if kind in STREAMS and not _failures(event):
        yield "reads a stream and has no failure destination"
    if kind == "SQS":
        queue = event["Queue"]["Fn::GetAtt"].split(".")[0]
        if "RedrivePolicy" not in template.properties(queue):
            yield f"reads {queue}, which has no dead-letter queue"


def _failures(config: dict[str, Any] | None) -> Any:
    return (config or {}).get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")


def may_not_do_everything(template: Template) -> Iterator[str]:
    for where, statement in allowed(template):
        if "NotAction" in statement:
            yield f"{where} is allowed all but a few actions"
        yield from (f"{where} is allowed {action}" for action in actions_of(statement) if "*" in action)


def may_not_do_it_to_everything(template: Template) -> Iterator[str]:
    for where, statement in allowed(template):
        actions = set(actions_of(statement))
        if "*" in _list(statement.get("Resource", [])) and not (actions and actions <= KNOWS_NO_RESOURCE):
            yield f"{where} is allowed {', '.join(sorted(actions))} on everything"


def allowed(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    """Where each statement stands that allows something."""
    for where, policy in _policies(template):
        for statement in policy["Statement"]:
            if statement["Effect"] == "Allow":
                yield where, statement


def _policies(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, properties in template.functions().items():
        yield from ((name, policy) for policy in properties.get("Policies", []))
    for name, properties in template.of_type("AWS::IAM::Role").items():
        yield from ((name, policy["PolicyDocument"]) for policy in properties.get("Policies", []))
    for name, properties in template.of_type("AWS::IAM::ManagedPolicy").items():
        yield name, properties["PolicyDocument"]


def actions_of(statement: dict[str, Any]) -> list[str]:
    return _list(statement.get("Action", []))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def uses_every_variable(template: Template) -> Iterator[str]:
    """A variable is a field of the function's settings (test_template.py); here, that the code looks at the field."""
    for name in template.functions():
        read, endings = _looked_at(name)
        for each in sorted(template.environment(name) - read):
            if not each.endswith(endings):
                yield f"{name} never looks at {each}"
    shared = template.document.get("Globals", {}).get("Function", {}).get("Environment", {}).get("Variables", {})
    yield from (f"nobody reads {each}" for each in shared.keys() - READ_BY_POWERTOOLS)


def _looked_at(function: str) -> tuple[set[str], tuple[str, ...]]:
    """The attributes that the function's code reads, and the ends of those whose names it puts together; in capitals.

    `consent` is what the settings make of two variables.
    """
    folder = ROOT / IN_TRAINING.get(function, f"functions/{function}")
    nodes = [node for path in folder.glob("*.py") for node in ast.walk(ast.parse(path.read_text()))]
    read = {node.attr.upper() for node in nodes if isinstance(node, ast.Attribute)}
    consent = {"CONSENT_UNASKED", "CONSENT_WITHOUT_ANALYTICS"} if "CONSENT" in read else set()
    texts = [node.values[-1] for node in nodes if isinstance(node, ast.JoinedStr) and node.values]
    ends = {each.value.upper() for each in texts if isinstance(each, ast.Constant) and isinstance(each.value, str)}
    return read | consent, tuple(end for end in ends if end.startswith("_"))


def can_stand_twice_in_an_account(template: Template) -> Iterator[str]:
    """What is named by hand is named by its stack; SAM names a schedule by its logical id, where it has no name."""
    for name, properties in template.functions().items():
        for event in properties.get("Events", {}).values():
            if event["Type"] == "ScheduleV2" and not _by_stack(event["Properties"].get("Name")):
                yield f"the schedule of {name} has the same name in every stack"
    for logical_id, resource in template.document["Resources"].items():
        for key in NAMES:
            named = resource.get("Properties", {}).get(key)
            if named is not None and not _by_stack(named):
                yield f"{logical_id} has the same {key} in every stack"


def _by_stack(name: Any) -> bool:
    return "AWS::StackName" in str(name)


def keeps_what_it_stores_to_itself(template: Template) -> Iterator[str]:
    """Encrypted at rest and on the way, private, and restorable."""
    for name, properties in template.of_type("AWS::S3::Bucket").items():
        blocked = properties.get("PublicAccessBlockConfiguration", {})
        if len(blocked) != 4 or not all(blocked.values()):
            yield f"{name} may become public"
        if "BucketEncryption" not in properties:
            yield f"{name} is not encrypted"
        if not _tls_only(name, template):
            yield f"{name} answers without TLS"
    for name, properties in template.of_type("AWS::SQS::Queue").items():
        if not properties.get("SqsManagedSseEnabled"):
            yield f"{name} is not encrypted"
    for name, properties in template.of_type("AWS::DynamoDB::Table").items():
        if not properties.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled"):
            yield f"{name} cannot be restored"


def _tls_only(bucket: str, template: Template) -> bool:
    return any(
        statement["Effect"] == "Deny"
        and statement["Action"] == "s3:*"
        and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
        for policy in template.of_type("AWS::S3::BucketPolicy").values()
        if policy["Bucket"] == {"Ref": bucket}
        for statement in policy["PolicyDocument"]["Statement"]
    )


RULES: tuple[Rule, ...] = (
    has_a_log_group_of_its_own,
    has_a_time_out_and_a_memory_size,
    has_a_place_for_what_failed,
    may_not_do_everything,
    may_not_do_it_to_everything,
    uses_every_variable,
    can_stand_twice_in_an_account,
    keeps_what_it_stores_to_itself,
)

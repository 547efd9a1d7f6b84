"""The templates keep the rules of the house, and each rule speaks up for a template that does not."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.shared import constants

from infra.template import PATH, Template
from tests.house import rules
from tests.house.rules import RULES, Rule

ROOT = Path(__file__).parents[2]
TEMPLATES = [PATH, *sorted((ROOT / "infra").glob("*.yaml"))]
Resources = dict[str, Any]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_is_kept(rule: Rule, path: Path) -> None:
    assert list(rule(Template.load(path))) == []


def broken(breaks: Callable[[Resources], None]) -> Template:
    """The template with something wrong in its resources."""
    document = deepcopy(Template.load().document)
    breaks(document["Resources"])
    return Template(document)


def properties(resources: Resources, logical_id: str) -> dict[str, Any]:
    found: dict[str, Any] = resources[logical_id]["Properties"]
    return found


def event(resources: Resources, function: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = properties(resources, function)["Events"][name]["Properties"]
    return found


def statement(resources: Resources, function: str) -> dict[str, Any]:
    found: dict[str, Any] = properties(resources, function)["Policies"][0]["Statement"][0]
    return found


Case = tuple[Rule, Callable[[Resources], object], str]
CASES: list[Case] = [
    (
        rules.has_a_log_group_of_its_own,
        lambda it: properties(it, "IngestFunction").pop("LoggingConfig"),
        "ingest has no log group of this template",
    ),
    (
        rules.has_a_log_group_of_its_own,
        lambda it: properties(it, "IngestLogs").pop("RetentionInDays"),
        "ingest keeps its log for ever",
    ),
    (
        rules.has_a_log_group_of_its_own,
        lambda it: properties(it, "PrivacyFunction").update(LoggingConfig={"LogGroup": {"Ref": "FulfilLogs"}}),
        "fulfil shares its log group",
    ),
    (
        rules.has_a_time_out_and_a_memory_size,
        lambda it: properties(it, "IngestFunction").pop("MemorySize"),
        "ingest has no MemorySize",
    ),
    (
        rules.has_a_place_for_what_failed,
        lambda it: properties(it, "TrainingFunction").pop("EventInvokeConfig"),
        "training is invoked asynchronously and has no failure destination",
    ),
    (
        rules.has_a_place_for_what_failed,
        lambda it: event(it, "CompactFunction", "Nightly").pop("DeadLetterConfig"),
        "compact has a schedule without a queue for what it could not deliver",
    ),
    (
        rules.has_a_place_for_what_failed,
        lambda it: event(it, "ArchiveFunction", "Stream").pop("DestinationConfig"),
        "archive reads a stream and has no failure destination",
    ),
    (
        rules.has_a_place_for_what_failed,
        lambda it: properties(it, "PrivacyJobs").pop("RedrivePolicy"),
        "fulfil reads PrivacyJobs, which has no dead-letter queue",
    ),
    (
        rules.may_not_do_everything,
        lambda it: statement(it, "IngestFunction").update(Action=["dynamodb:*"]),
        "ingest is allowed dynamodb:*",
    ),
    (
        rules.may_not_do_everything,
        lambda it: statement(it, "IngestFunction").update(NotAction="s3:PutObject"),
        "ingest is allowed all but a few actions",
    ),
    (
        rules.may_not_do_it_to_everything,
        lambda it: statement(it, "IngestFunction").update(Action="sqs:SendMessage", Resource="*"),
        "ingest is allowed sqs:SendMessage on everything",
    ),
    (
        rules.uses_every_variable,
        lambda it: properties(it, "IngestFunction")["Environment"]["Variables"].update(FORGOTTEN="1"),
        "ingest never looks at FORGOTTEN",
    ),
    (
        rules.can_stand_twice_in_an_account,
        lambda it: event(it, "TrainingFunction", "Nightly").pop("Name"),
        "the schedule of training has the same name in every stack",
    ),
    (
        rules.can_stand_twice_in_an_account,
        lambda it: properties(it, "Dashboard").update(DashboardName="regulars"),
        "Dashboard has the same DashboardName in every stack",
    ),
    (
        rules.keeps_what_it_stores_to_itself,
        lambda it: it.pop("BucketPolicy"),
        "Bucket answers without TLS",
    ),
    (
        rules.keeps_what_it_stores_to_itself,
        lambda it: properties(it, "Bucket")["PublicAccessBlockConfiguration"].update(BlockPublicAcls=False),
        "Bucket may become public",
    ),
    (
        rules.keeps_what_it_stores_to_itself,
        lambda it: properties(it, "NightlyFailures").pop("SqsManagedSseEnabled"),
        "NightlyFailures is not encrypted",
    ),
    (
        rules.keeps_what_it_stores_to_itself,
        lambda it: properties(it, "Table").pop("PointInTimeRecoverySpecification"),
        "Table cannot be restored",
    ),
]


@pytest.mark.parametrize(("rule", "breaks", "complaint"), CASES, ids=[complaint for _, _, complaint in CASES])
def test_the_rule_speaks_up(rule: Rule, breaks: Callable[[Resources], None], complaint: str) -> None:
    assert list(rule(broken(breaks))) == [complaint]


def test_every_rule_was_seen_to_speak_up() -> None:
    assert {rule for rule, _, _ in CASES} == set(RULES)


def test_a_time_out_may_be_the_one_of_all() -> None:
    document = deepcopy(Template.load().document)
    del document["Globals"]["Function"]["Timeout"]
    without = sorted(rules.has_a_time_out_and_a_memory_size(Template(document)))
    assert without == [f"{name} has no Timeout" for name in ("customers", "privacy", "quotes", "recommend")]


def test_a_variable_for_all_is_one_that_powertools_reads() -> None:
    document = deepcopy(Template.load().document)
    document["Globals"]["Function"]["Environment"]["Variables"]["STAGE"] = "prod"
    assert list(rules.uses_every_variable(Template(document))) == ["nobody reads STAGE"]
    assert {constants.METRICS_NAMESPACE_ENV} == rules.READ_BY_POWERTOOLS

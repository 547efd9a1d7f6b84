"""What the template leaves to the owner, what it does by default, and what it tells when it is deployed."""

import json
import re
from typing import Any

import pytest

from infra.cli.deployment import STREAM_FUNCTIONS, access_of
from infra.template import Template

TEMPLATE = Template.load()
DOCUMENT: dict[str, Any] = TEMPLATE.document
OUTPUTS: dict[str, Any] = DOCUMENT["Outputs"]


def mentioned(part: object) -> set[str]:
    """All names that a part of the template refers to: by `Ref`, by a condition, within a text, or in an attribute."""
    text = json.dumps(part, default=str)
    plain = re.findall(r'"(?:Ref|Condition)": "([\w:]+)"', text) + re.findall(r'"Fn::If": \["(\w+)"', text)
    return {*plain, *re.findall(r"\$\{(\w+)", text), *re.findall(r'"Fn::GetAtt": "(\w+)\.', text)}


USED = mentioned([DOCUMENT[part] for part in ("Resources", "Outputs", "Conditions", "Globals", "Rules")])


@pytest.mark.parametrize("parameter", sorted(DOCUMENT["Parameters"]))
def test_every_parameter_is_explained_has_a_default_and_changes_something(parameter: str) -> None:
    declared = DOCUMENT["Parameters"][parameter]
    assert "Default" in declared, "else nobody could deploy without an answer"
    assert len(declared["Description"]) > 8
    assert parameter in USED


def test_every_condition_decides_something() -> None:
    assert set(DOCUMENT["Conditions"]) <= USED


def test_a_name_that_nothing_refers_to_is_noticed() -> None:
    assert mentioned({"a": {"Ref": "One"}, "b": {"Fn::Sub": "${Two}-x"}}) == {"One", "Two"}
    assert "NoSuchParameter" not in USED


def test_nothing_is_traced_unless_somebody_asks_for_it() -> None:
    tracing = DOCUMENT["Parameters"]["Tracing"]
    assert (tracing["Default"], tracing["AllowedValues"]) == ("Disabled", ["Disabled", "Active"])
    assert DOCUMENT["Globals"]["Function"]["Tracing"] == {"Ref": "Tracing"}
    assert [name for name, each in TEMPLATE.functions().items() if "Tracing" in each] == []


def test_a_domain_of_ones_own_takes_modern_tls_only_and_closes_the_other_way_in() -> None:
    assert DOCUMENT["Parameters"]["DomainName"]["Default"] == ""
    (configuration,) = TEMPLATE.properties("Domain")["DomainNameConfigurations"]
    assert configuration["SecurityPolicy"] == "TLS_1_2"
    assert TEMPLATE.properties("Api")["DisableExecuteApiEndpoint"] == {"Fn::If": ["HasDomain", True, False]}
    assert OUTPUTS["ApiUrl"]["Value"]["Fn::If"][0] == "HasDomain"
    for name in ("Domain", "DomainMapping"):
        assert DOCUMENT["Resources"][name]["Condition"] == "HasDomain"
    (assertion,) = DOCUMENT["Rules"]["NameAndCertificate"]["Assertions"]
    assert "CertificateArn" in mentioned(assertion)


def test_exports_go_after_a_week_and_what_was_never_finished_after_a_day() -> None:
    rules = {rule["Id"]: rule for rule in TEMPLATE.properties("Bucket")["LifecycleConfiguration"]["Rules"]}
    assert all(rule["Status"] == "Enabled" for rule in rules.values())
    assert (rules["Exports"]["Prefix"], rules["Exports"]["ExpirationInDays"]) == ("exports/", 7)
    assert rules["HalfUploads"]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}


def test_data_outlives_the_stack() -> None:
    for kind in ("AWS::DynamoDB::Table", "AWS::S3::Bucket"):
        for name in TEMPLATE.of_type(kind):
            kept = {DOCUMENT["Resources"][name][policy] for policy in ("DeletionPolicy", "UpdateReplacePolicy")}
            assert kept == {"Retain"}


def test_outputs_are_of_what_there_is_and_the_command_line_finds_all_that_it_looks_for() -> None:
    assert mentioned(OUTPUTS) - {"AWS"} <= {*DOCUMENT["Resources"], *DOCUMENT["Parameters"], *DOCUMENT["Conditions"]}
    access = access_of("regulars", {name: f"the {name}" for name in OUTPUTS}, None)
    told = access.model_dump(exclude={"endpoint_url", "region", "secret_key"})
    assert all(told.values())
    assert access.stream_functions.keys() == STREAM_FUNCTIONS.keys()

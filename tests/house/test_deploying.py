"""Who may deploy what: the roles for GitHub, the workflows and the stages of samconfig.toml, where they must agree."""

import re
import subprocess
import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.template import Template
from tests.house.rules import actions_of, allowed

ROOT = Path(__file__).parents[2]
TEMPLATE = Template.load()
ROLES = Template.load(ROOT / "infra/github-oidc.yaml")
SAMCONFIG: dict[str, Any] = tomllib.loads((ROOT / "samconfig.toml").read_text())
TABLES = {stage: tables for stage, tables in SAMCONFIG.items() if isinstance(tables, dict)}
STAGES = {stage: tables["deploy"]["parameters"] for stage, tables in TABLES.items() if "deploy" in tables}
WORKFLOWS: dict[str, Any] = {
    path.stem: yaml.load(path.read_text(), yaml.BaseLoader)  # noqa: S506 - all as text, and `on` is no boolean
    for path in (ROOT / ".github/workflows").glob("*.yml")
}
MAKING = {
    "AWS::ApiGatewayV2::ApiMapping": "apigateway:POST",
    "AWS::ApiGatewayV2::DomainName": "apigateway:POST",
    "AWS::Batch::ComputeEnvironment": "batch:CreateComputeEnvironment",
    "AWS::Batch::JobDefinition": "batch:RegisterJobDefinition",
    "AWS::Batch::JobQueue": "batch:CreateJobQueue",
    "AWS::Budgets::Budget": "budgets:ModifyBudget",
    "AWS::CloudWatch::Alarm": "cloudwatch:PutMetricAlarm",
    "AWS::CloudWatch::Dashboard": "cloudwatch:PutDashboard",
    "AWS::DynamoDB::Table": "dynamodb:CreateTable",
    "AWS::EC2::SecurityGroup": "ec2:CreateSecurityGroup",
    "AWS::Events::Rule": "events:PutRule",
    "AWS::IAM::Role": "iam:CreateRole",
    "AWS::Logs::LogGroup": "logs:CreateLogGroup",
    "AWS::S3::Bucket": "s3:CreateBucket",
    "AWS::S3::BucketPolicy": "s3:PutBucketPolicy",
    "AWS::SNS::Subscription": "sns:Subscribe",
    "AWS::SNS::Topic": "sns:CreateTopic",
    "AWS::SNS::TopicPolicy": "sns:SetTopicAttributes",
    "AWS::SQS::Queue": "sqs:CreateQueue",
    "AWS::Scheduler::Schedule": "scheduler:CreateSchedule",
    "AWS::Serverless::Function": "lambda:CreateFunction",
    "AWS::Serverless::HttpApi": "apigateway:POST",
}
"""What CloudFormation calls to make a resource of each type; all types of the template must be here."""


def granted(roles: Template, *names: str) -> set[str]:
    return {action for where, statement in allowed(roles) if where in names for action in actions_of(statement)}


def makers(roles: Template) -> list[str]:
    return [each["Ref"] for each in roles.properties("CloudFormationRole")["ManagedPolicyArns"]]


def out_of_bounds(template: Template) -> set[str]:
    """The actions that a function is allowed by the template and denied by the boundary."""
    wanted = {action for _, statement in allowed(template) for action in actions_of(statement)}
    return wanted - granted(ROLES, "Boundary")


def not_made(template: Template) -> set[str]:
    """The types of resources that CloudFormation could not make when GitHub deploys."""
    types = {resource["Type"] for resource in template.document["Resources"].values()}
    making = granted(ROLES, *makers(ROLES))
    return {each for each in types if MAKING.get(each) not in making}


def test_no_function_needs_more_than_the_boundary_allows() -> None:
    assert out_of_bounds(TEMPLATE) == set()


def test_a_function_that_wants_more_is_noticed() -> None:
    document = deepcopy(TEMPLATE.document)
    document["Resources"]["IngestFunction"]["Properties"]["Policies"][0]["Statement"][0]["Action"] = ["iam:CreateUser"]
    assert out_of_bounds(Template(document)) == {"iam:CreateUser"}


def test_cloudformation_may_make_all_that_the_template_has() -> None:
    assert not_made(TEMPLATE) == set()


def test_a_new_type_of_resource_is_noticed() -> None:
    resources = {"Key": {"Type": "AWS::KMS::Key", "Properties": {}}}
    assert not_made(Template({"Resources": resources})) == {"AWS::KMS::Key"}


def test_every_role_of_the_template_stays_within_the_boundary_where_there_is_one() -> None:
    roles = TEMPLATE.of_type("AWS::IAM::Role")
    shared = TEMPLATE.document["Globals"]["Function"]["PermissionsBoundary"]
    assert roles
    assert {name for name, each in roles.items() if each.get("PermissionsBoundary") != shared} == set()


def test_github_has_no_way_to_the_data_and_makes_nothing_itself() -> None:
    services = {action.partition(":")[0] for action in granted(ROLES, "DeployRole")}
    assert services == {"cloudformation", "iam", "s3"}
    for _, statement in allowed(ROLES):
        if "iam:PassRole" in actions_of(statement):
            assert "iam:PassedToService" in statement["Condition"]["StringEquals"]


def test_only_one_environment_of_one_repository_is_believed() -> None:
    (trust,) = ROLES.properties("DeployRole")["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": {"Fn::Sub": "repo:${Repository}:environment:${Environment}"},
        }
    }


def test_a_deployment_makes_no_role_beyond_the_boundary_and_leaves_its_own_alone() -> None:
    statements = ROLES.properties("MakesRoles")["PolicyDocument"]["Statement"]
    bounded = {"iam:PermissionsBoundary": {"Ref": "Boundary"}}
    for action in ("iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy", "iam:AttachRolePolicy"):
        (making,) = (each for each in statements if action in each["Action"] and each["Effect"] == "Allow")
        assert making["Condition"]["StringEquals"] == bounded
    assert "iam:DeleteRolePermissionsBoundary" not in granted(ROLES, *makers(ROLES))
    assert not {each for each in granted(ROLES, *makers(ROLES)) if re.match(r"iam:.*Policy(Version)?$", each)} - {
        "iam:AttachRolePolicy",
        "iam:DeleteRolePolicy",
        "iam:DetachRolePolicy",
        "iam:GetRolePolicy",
        "iam:PutRolePolicy",
        "iam:UpdateAssumeRolePolicy",
    }
    (own,) = (each for each in statements if each["Effect"] == "Deny")
    assert {"iam:PassRole", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"} <= set(own["Action"])


def test_a_deployment_cannot_delete_what_the_shop_owns() -> None:
    assert not {"dynamodb:DeleteTable", "s3:DeleteBucket", "s3:DeleteObject"} & granted(ROLES, *makers(ROLES))


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_sets_parameters_that_there_are_and_says_whose_it_is(stage: str) -> None:
    parameters = dict(each.split("=", 1) for each in STAGES[stage]["parameter_overrides"])
    declared = TEMPLATE.document["Parameters"]
    assert parameters.keys() <= declared.keys()
    for name, value in parameters.items():
        assert value in map(str, declared[name].get("AllowedValues", [value]))
    assert STAGES[stage]["tags"] == ["application=regulars", f"stage={stage}"]


def test_no_stage_is_within_what_another_stages_pipeline_may_touch() -> None:
    """Which is said by `STACK-*`."""
    stacks = [each["stack_name"] for each in STAGES.values()]
    assert not [(one, two) for one in stacks for two in stacks if one.startswith(f"{two}-")]


def test_a_deployment_with_tracing_is_not_cut_off_by_the_boundary() -> None:
    """AWS's own policy for traces, which SAM attaches, is not among those that are compared by their text."""
    assert {"xray:PutTraceSegments", "xray:PutTelemetryRecords", "kms:Decrypt"} <= granted(ROLES, "Boundary")


def test_stages_are_stacks_of_their_own() -> None:
    assert set(STAGES) == {"dev", "prod"}
    assert len({stage["stack_name"] for stage in STAGES.values()}) == len(STAGES)
    assert WORKFLOWS["deploy"]["on"]["workflow_dispatch"]["inputs"]["stage"]["options"] == sorted(STAGES)


def steps() -> list[dict[str, Any]]:
    return [step for flow in WORKFLOWS.values() for job in flow["jobs"].values() for step in job.get("steps", [])]


def test_workflows_run_targets_that_there_are() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    run = [found for step in steps() for found in re.findall(r"\bmake ([a-z-]+)", step.get("run", ""))]
    assert {"build", "serve", "deploy"} <= set(run) <= targets


def test_actions_are_pinned_by_commit_and_say_which_version_that_is() -> None:
    """A tag can be moved to another commit by whoever takes over the action."""
    for path in (ROOT / ".github/workflows").glob("*.yml"):
        for used in re.findall(r"uses: (.*)$", path.read_text(), re.MULTILINE):
            assert re.fullmatch(r"\./\S+|[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", used), used


def test_vulnerabilities_fail_the_workflow_even_where_ci_elsewhere_is_tolerant() -> None:
    run = [step["run"] for step in steps() if "run" in step]
    assert "make audit" in run
    assert "make audit" in (ROOT / ".ci/run").read_text()


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
@pytest.mark.parametrize("stage", sorted(STAGES))
def test_a_deployment_says_what_it_was_built_for_and_keeps_its_stages_parameters(stage: str, architecture: str) -> None:
    """What a deployment does not say keeps its last value: artefacts for one processor would run on the other."""
    settings = [f"STAGE={stage}", f"LIGHT_ARCHITECTURE={architecture}", "SAM=echo"]
    make = ["make", "--no-print-directory", "-o", "build", "deploy", *settings]
    told = subprocess.run(make, cwd=ROOT, capture_output=True, check=True)
    overrides = told.stdout.decode().partition("--parameter-overrides ")[2].split()
    assert overrides == [*STAGES[stage]["parameter_overrides"], f"LightArchitecture={architecture}"]


def test_a_deployment_keeps_the_bills_of_what_it_deployed() -> None:
    done = [step.get("run", step.get("uses", "")) for step in WORKFLOWS["deploy"]["jobs"]["deploy"]["steps"]]
    deployed = next(n for n, each in enumerate(done) if each.startswith("make deploy"))
    assert done[deployed + 1] == "make sbom"
    assert done[deployed + 2].startswith("actions/upload-artifact@")


def test_only_the_deployment_gets_a_token_and_only_from_its_environment() -> None:
    for flow in WORKFLOWS.values():
        assert flow["permissions"] == {"contents": "read"}
    jobs = {(name, job): content for name, flow in WORKFLOWS.items() for job, content in flow["jobs"].items()}
    assert [key for key, job in jobs.items() if "id-token" in job.get("permissions", {})] == [("deploy", "deploy")]
    assert jobs["deploy", "deploy"]["environment"]
    assert jobs["deploy", "deploy"]["needs"] == "test"


def test_what_the_deployment_is_told_are_outputs_of_the_roles() -> None:
    text = (ROOT / ".github/workflows/deploy.yml").read_text()
    told = set(re.findall(r"vars\.(\w+)", text)) - {"AWS_REGION"}
    described = " ".join(each["Description"] for each in ROLES.document["Outputs"].values())
    assert told
    assert all(each in described for each in told)

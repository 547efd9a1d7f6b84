"""Every alarm has its section in the runbook, every section its alarm, and what it tells to type exists."""

import re
import shlex
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from infra.template import Template
from tests.house.test_readme import check_command

TEXT = (Path(__file__).parents[2] / "infra/runbook.md").read_text()
TEMPLATE = Template.load()
ALARMS = sorted(TEMPLATE.of_type("AWS::CloudWatch::Alarm"))
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))
COMMANDS = [
    line
    for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
    for line in block.strip().splitlines()
    if not line.startswith(("export ", "output()"))
]
BEYOND_THE_API = {("logs", "tail"): {"since", "filter-pattern"}, ("s3", "ls"): {"recursive", "summarize"}}
"""Commands of the AWS CLI's own making, with those of their options that are used here."""
OF_THE_CLI = {"query", "output"}


@pytest.mark.parametrize("alarm", ALARMS)
def test_every_alarm_has_one_section(alarm: str) -> None:
    assert len([name for name in SECTIONS if alarm.endswith(name)]) == 1


@pytest.mark.parametrize("section", sorted(SECTIONS))
def test_every_section_has_an_alarm_and_says_all_that_it_should(section: str) -> None:
    assert [alarm for alarm in ALARMS if alarm.endswith(section)]
    assert re.findall(r"^\*\*(\w+)\.\*\*", SECTIONS[section], re.MULTILINE) == ["Means", "Look", "Do"]
    assert "```sh" in SECTIONS[section]


def test_what_is_looked_up_in_the_stacks_outputs_is_there() -> None:
    named = set(re.findall(r"\$\(output (\w+)\)", TEXT))
    assert named
    assert named <= set(TEMPLATE.document["Outputs"])


def test_logs_are_where_the_template_puts_them() -> None:
    groups = {each["LogGroupName"]["Fn::Sub"] for each in TEMPLATE.of_type("AWS::Logs::LogGroup").values()}
    named = set(re.findall(r"/\$STACK/(\w+)", TEXT)) - {"FUNCTION"}
    assert {f"/${{AWS::StackName}}/{each}" for each in named} <= groups


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_exists(line: str) -> None:
    plain = re.sub(r"\$\([^)]*\)|\$\w+", "x", line)
    program, *arguments = shlex.split(plain)
    if program == "aws":
        _check_aws(arguments)
    else:
        check_command(plain)


def _check_aws(arguments: list[str]) -> None:
    service, command, *rest = arguments
    options = {each.removeprefix("--") for each in rest if each.startswith("--")} - OF_THE_CLI
    known = BEYOND_THE_API.get((service, command)) or _options(service, command)
    assert options <= known


def _options(service: str, command: str) -> set[str]:
    model: Any = botocore.session.get_session().get_service_model(service)
    (operation,) = (name for name in model.operation_names if xform_name(name, "-") == command)
    return {xform_name(member, "-") for member in model.operation_model(operation).input_shape.members}

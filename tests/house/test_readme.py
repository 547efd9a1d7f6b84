"""What the README says is true: its commands exist, its table is the template's."""

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from infra.cli.app import app
from infra.template import Template

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.strip().splitlines()]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
TEMPLATE = Template.load()


def test_a_command_stands_on_the_first_screen() -> None:
    assert "```sh\nmake demo" in "\n".join(README.splitlines()[:20])


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_exists(line: str) -> None:
    check_command(line)


def check_command(line: str) -> None:
    program, *arguments = shlex.split(line)
    if program == "make":
        assert arguments[0] in TARGETS
    else:
        assert program == ".venv/bin/regulars"
        command = get_command(app)
        while arguments and arguments[0] in getattr(command, "commands", {}):
            command = command.commands[arguments.pop(0)]  # type: ignore[attr-defined]
        command.make_context(line, arguments, resilient_parsing=False)


def test_the_table_is_the_templates() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| .*? \| (\d+) \|$", README, re.MULTILINE)
    assert {name for name, _, _ in rows} == set(TEMPLATE.functions())
    for name, triggers, memory in rows:
        assert int(memory) == TEMPLATE.functions()[name]["MemorySize"]
        routes = {f"{route.method} {route.path}".strip() for route in TEMPLATE.routes(name)}
        assert routes == (set(re.findall(r"`([^`]+)`", triggers)) if routes else set())


def test_the_readme_names_no_file_that_is_not_there() -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)\)", README)
    assert [link for link in links if not (ROOT / link).exists()] == []

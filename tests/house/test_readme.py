"""What the README says is true: its commands exist, its table is the template's."""

import re
import shlex
import subprocess
import sys
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
SOURCES = [path for folder in ("functions", "infra", "shared", "training") for path in (ROOT / folder).rglob("*.*")]
MENTIONED = {
    words.strip()
    for path in [ROOT / "README.md", *(path for path in SOURCES if path.suffix in {".py", ".md", ".yaml"})]
    for words in re.findall(r"`regulars((?: [a-z][a-z-]+)+)", path.read_text())
}
"""The words of each command that a text names, from its first on."""


def test_a_command_stands_on_the_first_screen() -> None:
    assert "```sh\nmake demo" in "\n".join(README.splitlines()[:20])


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_exists(line: str) -> None:
    check_command(line)


def test_the_command_line_alone_has_all_commands_that_there_are() -> None:
    """What only some other module's import adds is there in tests, which import all, and for nobody else."""
    code = f"from {__name__} import commands; print(*commands(), sep='\\n')"
    alone = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert alone.stdout.splitlines() == commands()
    assert {"feedback themes", "feedback issues", "feedback analyse", "rules put"} <= set(commands())


@pytest.mark.parametrize("words", sorted(MENTIONED))
def test_every_command_that_is_mentioned_exists(words: str) -> None:
    assert any(f"{words} ".startswith(f"{command} ") or command.startswith(f"{words} ") for command in commands())


def commands() -> list[str]:
    """All commands of the command line, by their words."""
    found, groups = list[str](), [("", get_command(app))]
    while groups:
        words, group = groups.pop()
        for name, each in getattr(group, "commands", {}).items():
            path = f"{words} {name}".strip()
            if hasattr(each, "commands"):
                groups.append((path, each))
            else:
                found.append(path)
    return sorted(found)


def check_command(line: str) -> None:
    program, *arguments = shlex.split(line)
    if program == "make":
        assert arguments[0] in TARGETS
    else:
        assert program == ".venv/bin/regulars"
        command = get_command(app)
        while commands := getattr(command, "commands", {}):
            assert arguments[0] in commands
            command = commands[arguments.pop(0)]
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

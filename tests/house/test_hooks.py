"""What git is made to look at before a commit: with the locked tools, and with teeth."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pre_commit.clientlib import load_config

from shared.domain.keys import KeyKind, new_key

ROOT = Path(__file__).parents[2]
(REPO,) = load_config(str(ROOT / ".pre-commit-config.yaml"))["repos"]
HOOKS: dict[str, dict[str, Any]] = {hook["id"]: hook for hook in REPO["hooks"]}
PRIVATE_KEY = "-----BEGIN " + "RSA PRIVATE KEY-----\n"
MERGED = "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n"


def test_every_hook_is_a_tool_that_is_locked() -> None:
    assert REPO["repo"] == "local"
    for hook in HOOKS.values():
        if hook["language"] == "system":
            assert hook["entry"].startswith((".venv/bin/", ".tools/uv "))
            assert (ROOT / hook["entry"].split()[0]).exists()


def test_they_look_at_style_types_what_is_generated_size_and_secrets() -> None:
    assert {"ruff", "format", "mypy", "lock", "openapi", "picture", "large", "private-keys"} <= HOOKS.keys()
    for generated in ("openapi", "picture"):
        assert re.search(HOOKS[generated]["files"], "template.yaml")


@pytest.mark.parametrize(("hook", "content"), [("private-keys", PRIVATE_KEY), ("conflicts", MERGED)])
def test_they_stop_what_must_not_be_committed(hook: str, content: str, tmp_path: Path) -> None:
    for name, text, status in (("bad.txt", content, 1), ("good.txt", "a word\n", 0)):
        (tmp_path / name).write_text(text)
        assert run(hook, tmp_path / name, "--assume-in-merge" if hook == "conflicts" else "") == status


def run(hook: str, path: Path, option: str = "") -> int:
    command = [*HOOKS[hook]["entry"].split(), *([option] if option else []), str(path)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode


def test_they_know_a_secret_key_from_a_publishable_one() -> None:
    pattern = HOOKS["secret-keys"]["entry"]
    assert re.search(pattern, f'"{new_key(KeyKind.SECRET)}"')
    assert not re.search(pattern, new_key(KeyKind.PUBLISHABLE))
    assert re.search(pattern, "AKIA" + "ABCDEFGHIJKLMNOP")

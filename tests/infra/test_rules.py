"""`regulars rules`: rules defined from files, tried first, and brought back as they were."""

import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from infra.cli import app as cli
from infra.cli import rules, show
from shared.domain.items import Item
from shared.stores.items import ItemStore
from shared.stores.table import Table
from tests.conftest import Keys
from tests.infra.shop import InProcess

SUMMER: dict[str, Any] = {
    "name": "Summer",
    "filter": "tag = 'summer'",
    "surfaces": ["trending", "popular"],
    "ends": "2099-08-31T22:00:00Z",
    "effect": {"kind": "boost", "factor": 1.5},
}


@pytest.fixture
def run(table: Table, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> Any:
    ItemStore(table).put([Item.model_validate({"item_id": each, "title": each}) for each in ("fan", "lamp")])
    deployment = InProcess(keys)
    monkeypatch.setattr(rules, "find", lambda *_: deployment)
    monkeypatch.setattr(show, "console", Console(width=160))
    return lambda *arguments: CliRunner().invoke(cli.app, ["rules", *map(str, arguments)])


def said(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads("\n".join(line for line in result.stdout.splitlines() if '"_aws"' not in line))


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def written(**changes: Any) -> Path:
        (path := tmp_path / "rule.json").write_text(json.dumps(SUMMER | changes))
        return path

    return written


def test_a_rule_is_put_listed_changed_restored_and_deleted(run: Any, write: Any) -> None:
    assert said(run("put", "sale/1", write(), "--json")) == {"rule_id": "sale/1", "version": "1"}
    told = run("list").stdout
    for words in ("sale/1", "Summer", "boost factor=1.5", "tag = 'summer'", "trending, popular", "2099-08-31 22:00"):
        assert words in told
    assert said(run("put", "sale/1", write(name="Winter", enabled=False), "--json"))["version"] == "2"
    (was,) = said(run("versions", "sale/1", "--json"))
    assert (was["rule"]["version"], was["rule"]["name"]) == (1, "Summer")
    assert "Summer" in run("versions", "sale/1").stdout
    assert said(run("restore", "sale/1", "1", "--json"))["version"] == "3"
    assert said(run("list", "--json"))[0]["name"] == "Summer"
    assert said(run("delete", "sale/1", "--json")) == {"rule_id": "sale/1"}
    assert said(run("list", "--json")) == []
    assert said(run("restore", "sale/1", "2", "--json"))["version"] == "5"
    (rule,) = said(run("list", "--json"))
    assert (rule["name"], rule["enabled"]) == ("Winter", False)
    assert " off " in run("list").stdout


def test_what_is_not_kept_is_not_restored(run: Any, write: Any) -> None:
    run("put", "sale", write())
    assert "it was never changed" in str(run("restore", "sale", "1").exception)
    run("put", "sale", write(name="Winter"))
    assert "there are 1." in str(run("restore", "sale", "7").exception)
    assert said(run("list", "--json"))[0]["version"] == 2
    assert "404" in str(run("versions", "nothing").exception)


def test_a_preview_says_what_comes_in_and_changes_nothing(run: Any, write: Any) -> None:
    pin = write(filter=None, effect={"kind": "pin", "item_ids": ["lamp"]}, surfaces=[])
    told = run("preview", "sale", pin, "--customer", "ann", "--customer", "bob").stdout
    assert "2 of 2 lists change" in told
    assert all(words in told for words in ("for-you", "ann", "bob", "lamp"))
    assert [each["surface"] for each in said(run("preview", "sale", pin, "--json"))["lists"]] == ["trending", "popular"]
    assert said(run("list", "--json")) == []


def test_words_in_brackets_are_words(run: Any, write: Any) -> None:
    run("put", "[x]", write(name="Half off [/today] [red]only"))
    told = run("list")
    assert (told.exit_code, "[/today]" in told.stdout, "[x]" in told.stdout) == (0, True, True)


def test_what_cannot_be_is_said_in_words(run: Any, write: Any, tmp_path: Path) -> None:
    (bad := tmp_path / "bad.json").write_text("{")
    assert "no JSON that can be read" in str(run("put", "a", bad).exception)
    bad.write_text("[]")
    assert "no JSON object" in str(run("preview", "a", bad).exception)
    assert "effect.boost.factor" in str(run("put", "a", write(effect={"kind": "boost", "factor": 1})).exception)

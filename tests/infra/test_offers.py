"""`regulars offers`: offers defined from files, tried on a customer, and what they have brought."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from infra.cli import app as cli
from infra.cli import offers
from shared.stores.table import Table
from tests.conftest import Keys
from tests.infra.shop import InProcess

FIVE: dict[str, Any] = {
    "name": "Come back",
    "text": "5 euros off",
    "discount": {"kind": "amount", "amount": {"amount": "5", "currency": "EUR"}},
    "budget": {"amount": "100", "currency": "EUR"},
}


@pytest.fixture
def run(table: Table, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> Any:
    assert table
    deployment = InProcess(keys)
    monkeypatch.setattr(offers, "find", lambda *_: deployment)
    return lambda *arguments: CliRunner().invoke(cli.app, ["offers", *map(str, arguments)])


def said(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads("\n".join(line for line in result.stdout.splitlines() if '"_aws"' not in line))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (path := tmp_path / "back.json").write_text(json.dumps(FIVE))
    return path


def test_an_offer_is_put_listed_tried_and_deleted(run: Any, file: Path) -> None:
    assert said(run("put", "back/1", file, "--json")) == {"offer_id": "back/1", "version": "1"}
    (listed,) = said(run("list", "--json"))
    assert listed["offer_id"] == "back/1"
    told = run("list").stdout
    assert "5 EUR" in told
    assert "who it pays with" in told
    asked = said(run("ask", "home", "--customer", "ann", "--json"))
    assert asked["considered"][0]["offer_id"] == "back/1"
    results = run("results", "back/1").stdout
    assert "too few to tell" in results
    assert "0.00 EUR spent" in results
    assert said(run("delete", "back/1", "--json")) == {"offer_id": "back/1"}
    assert said(run("list", "--json")) == []


def test_words_in_brackets_are_words(run: Any, tmp_path: Path) -> None:
    (file := tmp_path / "odd.json").write_text(json.dumps(FIVE | {"text": "5 off [/today] [red]only"}))
    run("put", "[x]", file)
    told = run("list")
    assert (told.exit_code, "[/today]" in told.stdout, "[x]" in told.stdout) == (0, True, True)


def test_what_cannot_be_is_said_in_words(run: Any, tmp_path: Path) -> None:
    (bad := tmp_path / "bad.json").write_text("{")
    assert "no JSON that can be read" in str(run("put", "a", bad).exception)
    (dear := tmp_path / "dear.json").write_text(json.dumps(FIVE | {"discount": {"kind": "percent", "percent": "-5"}}))
    assert "greater than 0" in str(run("put", "a", dear).exception)
    assert "404" in str(run("results", "nothing").exception)


def test_a_cart_names_items_and_how_many() -> None:
    assert [offers._line(each) for each in ("lamp:2", "sku:a", "lamp")] == [
        {"item_id": "lamp", "quantity": 2},
        {"item_id": "sku:a"},
        {"item_id": "lamp"},
    ]

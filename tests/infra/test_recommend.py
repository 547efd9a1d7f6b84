"""`regulars recommend`: the API's answer to what the options say."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from infra.cli import app as cli
from shared.domain.items import Item
from shared.stores.items import ItemStore
from shared.stores.table import Table
from tests.conftest import Keys
from tests.infra.shop import InProcess


@pytest.fixture
def run(table: Table, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> Any:
    ItemStore(table).put([Item(item_id="lamp", title="Lamp", category="Lights"), Item(item_id="tea", title="Tea")])
    deployment = InProcess(keys)
    monkeypatch.setattr(cli, "find", lambda *_: deployment)
    return lambda *arguments: CliRunner().invoke(cli.app, ["recommend", *arguments, "--json"])


def said(result: Any) -> Any:
    """What the command printed; the function, which runs in this process, prints lines of metrics besides."""
    return json.loads("\n".join(line for line in result.stdout.splitlines() if '"_aws"' not in line))


def test_popular_takes_a_window_and_a_category(run: Any) -> None:
    reply = said(run("popular", "--days", "30", "--category", "Lights"))
    assert reply["surface"] == "popular"
    assert [each["item"]["item_id"] for each in reply["items"]] == ["lamp"]
    assert len(said(run("popular"))["items"]) == 2


def test_what_the_api_refuses_is_its_own_words(run: Any) -> None:
    refused = run("trending", "--days", "7")
    assert refused.exit_code == 1
    assert "window_days" in str(refused.exception)

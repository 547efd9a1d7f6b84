"""`regulars budget`: what is wished for is noted, and the deployed meter carries it out at once."""

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from typer.testing import CliRunner

from functions.meter.brake import Brake
from functions.meter.meter import meter
from functions.meter.prices import Charge
from infra.cli import app as cli
from infra.cli import budget
from infra.cli.budget import NotMeteredError
from infra.cli.deployment import Access
from shared.domain.budget import Level
from shared.stores import clients
from shared.stores.budgets import BudgetStore
from shared.stores.table import Table
from tests.functions.meter.world import SCHEDULES, Stage, make_schedules, states

NAME = "regulars-meter"


class Deployed:
    """What the commands use of a deployment, whose meter has found 12 dollars of the template's 10 spent."""

    def __init__(self, table: Table) -> None:
        self.access = Access(
            stack="s", api_url="", table_name="", bucket_name="", training_function="", meter_function=NAME
        )
        self.budgets = BudgetStore(table)
        self.stage = Stage()
        self.broken = False
        make_schedules()

    @property
    def functions(self) -> Any:
        return self

    def invoke(self, FunctionName: str, **_: Any) -> dict[str, Any]:  # noqa: N803 - as boto3 has it
        assert FunctionName == NAME
        if self.broken:
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(b'{"errorMessage": "no right"}')}
        return {"Payload": io.BytesIO(json.dumps(self.meter()).encode())}

    def meter(self) -> Any:
        brake = Brake(self.stage, clients.scheduler(), "api1", SCHEDULES)  # type: ignore[arg-type]
        charges = [Charge("api", "http_api_request", 1.0, 12.0)]
        standing = meter(self.budgets, lambda: charges, brake, lambda _: None, 10.0, datetime.now(UTC))
        return standing.model_dump(mode="json")


@pytest.fixture
def deployed(table: Table, monkeypatch: pytest.MonkeyPatch) -> Deployed:
    found = Deployed(table)
    monkeypatch.setattr(budget, "find", lambda *_: found)
    return found


def run(*arguments: str) -> Any:
    result = CliRunner().invoke(cli.app, ["budget", *arguments, "--json"])
    if result.exception:
        raise result.exception
    return json.loads(result.stdout)


def is_open(deployed: Deployed) -> bool:
    return bool(deployed.stage.default["ThrottlingRateLimit"]) and set(states().values()) == {"ENABLED"}


def test_show_is_what_the_meter_saw_last(deployed: Deployed) -> None:
    with pytest.raises(NotMeteredError, match="no budget"):
        run("show")
    deployed.meter()
    assert run("show")["level"] == Level.STOPPED


def test_lift_opens_what_was_shut_for_this_month_only(deployed: Deployed) -> None:
    deployed.meter()
    assert not is_open(deployed)
    shown = run("lift")
    assert (shown["level"], shown["lifted"]) == (Level.WARNED, True)
    assert is_open(deployed)
    assert deployed.budgets.wish().lifted == f"{datetime.now(UTC):%Y-%m}"


def test_set_holds_at_once_whatever_the_template_says_until_it_is_taken_back(deployed: Deployed) -> None:
    deployed.meter()
    assert run("set", "40")["level"] == Level.NORMAL
    assert is_open(deployed)
    assert deployed.meter()["budget"] == 40.0
    assert run("set", "0")["level"] == Level.NORMAL
    assert run("set")["level"] == Level.STOPPED
    assert not is_open(deployed)


def test_set_does_not_end_a_lift(deployed: Deployed) -> None:
    run("lift")
    assert run("set", "11")["level"] == Level.WARNED
    assert is_open(deployed)


def test_a_meter_that_fails_is_said_and_the_wish_is_kept(deployed: Deployed) -> None:
    deployed.meter()
    deployed.broken = True
    with pytest.raises(NotMeteredError, match="no right"):
        run("lift")
    deployed.broken = False
    assert deployed.meter()["level"] == Level.WARNED


def test_people_read_sentences(deployed: Deployed) -> None:
    deployed.meter()
    said = CliRunner().invoke(cli.app, ["budget", "show"]).stdout
    assert "about $12.00 of $10.00, 120%" in " ".join(said.split())
    assert "429" in said

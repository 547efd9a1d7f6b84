"""`regulars prices experiments`: started, listed, told of and stopped."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from infra.cli import experiments
from shared.domain.experiment_results import ArmResult, Effect, ExperimentResults, Measured, Named
from shared.stores.experiments import ExperimentStore
from shared.stores.table import Table
from tests.conftest import Keys
from tests.functions.prices.ledgers import priced
from tests.infra.shop import InProcess
from tests.infra.test_prices import Shop, shop  # noqa: F401 - the fixture

NAME = ("experiments", "start", "spring", "--category", "light", "--arm", "-2", "--arm", "0", "--arm", "2")


@pytest.fixture
def here(shop: Shop, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> Shop:  # noqa: F811 - the fixture
    deployment = InProcess(keys)
    monkeypatch.setattr(experiments, "find", lambda *_: deployment)
    return shop


def measured(value: float, **more: Any) -> Measured:
    return Measured(per_day=value, **more)


def test_an_experiment_is_started_listed_and_stopped(here: Shop) -> None:
    assert here.told("experiments", "list") == []
    day_before = datetime.now(UTC).date()
    made = here.told(*NAME, "--weeks", "3")
    start, end = date.fromisoformat(made["start"]), date.fromisoformat(made["end"])
    assert day_before < start <= datetime.now(UTC).date() + timedelta(days=1)
    assert end - start == timedelta(weeks=3)
    assert "spring" in here.shown("experiments", "list")
    assert "No night has looked at it yet." in here.shown("experiments", "results", "spring")
    assert "its prices are what they were" in here.shown("experiments", "stop", "spring")
    assert here.told("experiments", "results", "spring")["phase"] == "stopped"
    assert here.run(*NAME).exit_code != 0


def test_results_are_told_with_their_intervals_and_who_is_left_out(here: Shop, table: Table) -> None:
    priced(table, (60, "10.00"), category="light")
    here.told(*NAME)
    store = ExperimentStore(table)
    effect = Effect(value=0.12, low=0.05, high=0.19, percent=20.0)
    arm = ArmResult(percent=-2, items=1, item_days=12, units_sold=8, units=measured(0.7, effect=effect, seen="higher"))
    control = ArmResult(percent=0, items=1, item_days=12, units_sold=7, units=measured(0.58))
    told = ExperimentResults(
        experiment_id="spring",
        phase="running",
        taking_part=1,
        over={"edited": 1},
        left_out=(Named(item_id="vase", why="It is out of stock."),),
        arms=(arm, control),
    )
    store.put_results(store.get("spring"), told)
    shown = here.shown("experiments", "results", "spring")
    for text in ("-2%", "+0.120 (+0.050 to +0.190)", "higher", "control", "1 edited", "vase is left out"):
        assert text in shown

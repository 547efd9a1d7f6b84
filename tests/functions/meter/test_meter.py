"""The meter's run: what it prices, at which point it switches off what, and that it can break off anywhere."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from functions.meter.brake import Brake
from functions.meter.meter import meter
from functions.meter.prices import Charge
from shared.domain.budget import Kept, Level, Standing, Throttle, Wish
from shared.stores import clients
from shared.stores.budgets import BudgetStore
from shared.stores.table import Table
from tests.functions.meter.world import API_ID, OPEN, SCHEDULES, Stage, make_schedules, states

NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
BUDGET = 10.0
SHUT = {"ThrottlingRateLimit": 0.0, "ThrottlingBurstLimit": 0, "DetailedMetricsEnabled": True}
ALL_ON = dict.fromkeys(SCHEDULES, "ENABLED")
ALL_OFF = dict.fromkeys(SCHEDULES, "DISABLED")


class World:
    """A stage, schedules, the owner's mailbox, and a meter that is told what was spent."""

    def __init__(self, table: Table) -> None:
        self.store = BudgetStore(table)
        self.stage = Stage()
        self.told: list[Standing] = []
        make_schedules()
        self.brake = Brake(self.stage, clients.scheduler(), API_ID, SCHEDULES)  # type: ignore[arg-type]

    def run(
        self, spent: float, now: datetime = NOW, brake: Any = None, tell: Callable[[Standing], None] | None = None
    ) -> Standing:
        charges = [Charge("api", "http_api_request", 1.0, spent * 0.75), Charge("table", "x", 1.0, spent * 0.25)]
        return meter(self.store, lambda: charges, brake or self.brake, tell or self.told.append, BUDGET, now)

    @property
    def is_stopped(self) -> bool:
        return (self.stage.default, states()) == (SHUT, ALL_OFF)

    @property
    def is_running(self) -> bool:
        return (self.stage.default, states()) == (OPEN, ALL_ON)


@pytest.fixture
def world(table: Table) -> World:
    return World(table)


@pytest.mark.parametrize(
    ("spent", "level", "told", "stopped"),
    [
        (7.99, Level.NORMAL, [], False),
        (8.0, Level.WARNED, [Level.WARNED], False),
        (10.0, Level.REDUCED, [Level.REDUCED], False),
        (12.0, Level.STOPPED, [Level.STOPPED], True),
    ],
)
def test_each_share_of_the_budget_switches_off_more(
    world: World, spent: float, level: Level, told: list[Level], stopped: bool
) -> None:
    assert world.run(spent).level is level is world.store.level()
    assert [each.level for each in world.told] == told
    assert (world.is_stopped, world.is_running) == (stopped, not stopped)


def test_the_owner_is_told_once_of_each_level(world: World) -> None:
    for spent in (8.0, 8.1, 10.0, 10.1, 12.0, 13.0):
        world.run(spent)
    assert [each.level for each in world.told] == [Level.WARNED, Level.REDUCED, Level.STOPPED]
    assert world.told[-1].dearest == {"api: http_api_request": 9.0, "table: x": 3.0}


def test_a_stop_is_kept_up_and_changes_nothing_twice(world: World) -> None:
    for _ in range(3):
        world.run(12.0)
    assert world.is_stopped
    assert len(world.stage.updates) == 1


def test_what_a_deployment_opens_again_is_shut_again_by_the_next_run(world: World) -> None:
    world.run(12.0)
    world.stage.default = OPEN | {"ThrottlingRateLimit": 50.0}
    world.stage.routes = {"POST /v1/batch": {"ThrottlingRateLimit": 20.0, "ThrottlingBurstLimit": 40}}
    world.run(12.1)
    assert world.is_stopped
    assert world.stage.routes == {"POST /v1/batch": {"ThrottlingRateLimit": 0.0, "ThrottlingBurstLimit": 0}}
    world.store.heed(Wish(lifted="2026-11"))
    world.run(12.2)
    assert world.stage.default == OPEN | {"ThrottlingRateLimit": 50.0}, "as the latest deployment has it"
    assert world.stage.routes["POST /v1/batch"] == {"ThrottlingRateLimit": 20.0, "ThrottlingBurstLimit": 40}
    assert states() == ALL_ON


def test_a_deployment_after_the_lift_is_not_undone(world: World) -> None:
    world.run(12.0)
    world.stage.default = OPEN | {"ThrottlingRateLimit": 50.0}
    world.store.heed(Wish(lifted="2026-11"))
    world.run(12.0)
    assert world.stage.default["ThrottlingRateLimit"] == 50.0


@pytest.mark.parametrize("wish", [Wish(lifted="2026-11"), Wish(budget=20.0), Wish(budget=0.0)])
def test_lifting_it_or_setting_another_puts_everything_back(world: World, wish: Wish) -> None:
    world.run(12.5)
    assert world.is_stopped
    world.store.heed(wish)
    standing = world.run(12.5)
    assert world.is_running
    assert not standing.level.saves
    assert standing.kept == Kept()


def test_the_next_month_puts_everything_back(world: World) -> None:
    world.run(12.0)
    standing = world.run(0.01, datetime(2026, 12, 1, 0, 3, tzinfo=UTC))
    assert (standing.level, standing.told) == (Level.NORMAL, Level.NORMAL)
    assert world.is_running


def test_a_clock_that_jumps_into_the_next_month_and_back_is_made_good_by_the_next_run(world: World) -> None:
    """Until then the API is open, and the owner is told once more."""
    world.run(12.0)
    world.run(0.0, datetime(2026, 12, 1, 0, 3, tzinfo=UTC))
    assert world.is_running
    assert world.run(12.0).told is Level.STOPPED
    assert world.is_stopped
    assert [standing.level for standing in world.told] == [Level.STOPPED, Level.STOPPED]


def test_a_lift_ends_with_its_month(world: World) -> None:
    world.store.heed(Wish(lifted="2026-11"))
    assert world.run(12.0).level is Level.WARNED
    assert world.run(12.0, NOW + timedelta(days=20)).level is Level.STOPPED


def test_a_schedule_that_was_off_before_stays_off(world: World) -> None:
    schedule: Any = clients.scheduler().get_schedule(Name="regulars-training")
    keep = ("Name", "ScheduleExpression", "FlexibleTimeWindow", "Target")
    clients.scheduler().update_schedule(**{key: schedule[key] for key in keep}, State="DISABLED")
    world.run(12.0)
    world.run(0.0, NOW + timedelta(days=20))
    assert states() == {"regulars-training": "DISABLED", "regulars-compaction": "ENABLED"}


def test_a_schedule_is_switched_without_changing_anything_else(world: World) -> None:
    """An update replaces the whole."""
    before: Any = clients.scheduler().get_schedule(Name="regulars-training")
    world.run(12.0)
    after: Any = clients.scheduler().get_schedule(Name="regulars-training")
    changes = {"State", "LastModificationDate", "ResponseMetadata"}
    assert {k: v for k, v in before.items() if k not in changes} == {k: v for k, v in after.items() if k not in changes}


def test_without_a_budget_nothing_is_read_and_nothing_written(table: Table) -> None:
    world = World(table)

    def bill() -> list[Charge]:
        raise AssertionError("the bill was asked for")

    assert meter(world.store, bill, world.brake, world.told.append, 0.0, NOW).level is Level.NORMAL
    assert world.store.standing() is None
    assert world.is_running


class BrokenError(Exception):
    """What the test breaks off by."""


class BreaksOff:
    """A brake, or a stage, that ends the run before one of its calls."""

    def __init__(self, inner: Any, call: str) -> None:
        self._inner = inner
        self._call = call

    def __getattr__(self, name: str) -> Any:
        if name == self._call:
            raise BrokenError
        return getattr(self._inner, name)


@pytest.mark.parametrize("call", ["running", "stop"])
def test_a_stop_that_breaks_off_is_made_good_by_the_next_run(world: World, call: str) -> None:
    with pytest.raises(BrokenError):
        world.run(12.0, brake=BreaksOff(world.brake, call))
    assert world.store.level() is Level.STOPPED, "recommend and training hold back already"
    world.run(12.0)
    assert world.is_stopped
    assert [each.level for each in world.told] == [Level.STOPPED]
    world.run(0.0, NOW + timedelta(days=20))
    assert world.is_running


@pytest.mark.parametrize("call", ["get_schedule", "update_schedule"])
def test_a_stop_that_breaks_off_between_stage_and_schedules_forgets_nothing(world: World, call: str) -> None:
    scheduler: Any = clients.scheduler()
    broken = Brake(world.stage, BreaksOff(scheduler, call), API_ID, SCHEDULES)  # type: ignore[arg-type]
    with pytest.raises(BrokenError):
        world.run(12.0, brake=broken)
    world.run(12.0)
    assert world.is_stopped
    world.run(0.0, NOW + timedelta(days=20))
    assert world.is_running


def test_a_release_that_breaks_off_is_made_good_by_the_next_run(world: World) -> None:
    world.run(12.0)
    world.store.heed(Wish(lifted="2026-11"))
    broken = Brake(world.stage, BreaksOff(clients.scheduler(), "update_schedule"), API_ID, SCHEDULES)  # type: ignore[arg-type]
    with pytest.raises(BrokenError):
        world.run(12.0, brake=broken)
    world.run(12.0)
    assert world.is_running


def test_a_message_that_could_not_be_sent_is_sent_by_the_next_run(world: World) -> None:
    def tell(_: Standing) -> None:
        raise BrokenError

    with pytest.raises(BrokenError):
        world.run(12.0, tell=tell)
    assert world.is_stopped, "what costs money comes first"
    world.run(12.0)
    assert [each.level for each in world.told] == [Level.STOPPED]


def test_the_gateway_takes_the_calls_as_they_are() -> None:
    """botocore compares them with the service's own description; that 0 means nobody only AWS can show."""
    gateway = boto3.client("apigatewayv2", region_name="us-east-1")
    scheduler = boto3.client("scheduler", region_name="us-east-1")
    stage = {"StageName": "$default", "DefaultRouteSettings": OPEN}
    asked = {"ApiId": API_ID, "StageName": "$default"}
    with Stubber(gateway) as stub:
        stub.add_response("get_stage", stage, asked)
        stub.add_response("get_stage", stage, asked)
        stub.add_response("update_stage", {}, asked | {"DefaultRouteSettings": SHUT})
        brake = Brake(gateway, scheduler, API_ID, [])
        running = brake.running()
        assert running == Kept(throttles={"": Throttle(100.0, 200)})
        brake.stop(running)
        stub.assert_no_pending_responses()


def test_a_standing_says_no_more_than_it_must(world: World) -> None:
    """What is kept survives the table."""
    world.run(12.0)
    stored = world.store.standing()
    assert stored
    assert json.loads(stored.model_dump_json())["kept"]["throttles"] == {"": [100.0, 200]}
    assert stored.kept.schedules == frozenset(SCHEDULES)


def test_schedules_that_a_deployment_has_switched_off_meanwhile_stay_off(world: World) -> None:
    world.run(13.0)
    off = Brake(world.stage, clients.scheduler(), API_ID, SCHEDULES, are_on=False)  # type: ignore[arg-type]
    world.run(1.0, NOW + timedelta(days=30), brake=off)
    assert (world.stage.default, states()) == (OPEN, ALL_OFF)
    assert world.run(1.0, NOW + timedelta(days=30)).kept == Kept()

"""The deployed meter, as the command line calls it: it shuts the stage, holds training back, and opens again."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from rich.console import Console

from functions.meter.brake import ACCOUNTS, STAGE
from infra.cli import budget
from infra.cli.deployment import Deployment
from infra.cli.train import train
from infra.template import Template
from shared.domain.budget import NOT_TRAINED, Kept, Level, Wish
from tests.e2e.conftest import Running

pytestmark = pytest.mark.local


@pytest.fixture
def deployment(running: Running) -> Iterator[Deployment]:
    """With a million calls of the API this month; in the end without a budget, as the other tests have it."""
    # The emulator does not take the throttle from the template, so it is set as AWS has it.
    limit(running, Template.load().properties("Api")["DefaultRouteSettings"])
    running.stack.client("cloudwatch").put_metric_data(
        Namespace="AWS/ApiGateway",
        MetricData=[
            {
                "MetricName": "Count",
                "Dimensions": [{"Name": "ApiId", "Value": running.api_id}],
                "Timestamp": datetime.now(UTC),
                "Value": 1_000_000.0,
            }
        ],
    )
    yield running.deployment
    running.deployment.budgets.heed(Wish())
    budget.metered(running.deployment)
    limit(running, {"ThrottlingRateLimit": ACCOUNTS.rate, "ThrottlingBurstLimit": ACCOUNTS.burst})


def limit(running: Running, settings: dict[str, float]) -> None:
    running.stack.client("apigatewayv2").update_stage(
        ApiId=running.api_id, StageName=STAGE, DefaultRouteSettings=settings
    )


def limits(running: Running) -> tuple[float, int]:
    stage = running.stack.client("apigatewayv2").get_stage(ApiId=running.api_id, StageName=STAGE)
    settings = stage["DefaultRouteSettings"]
    return settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]


def test_a_spent_budget_stops_the_deployment_and_a_lift_puts_it_back(running: Running, deployment: Deployment) -> None:
    before = limits(running)
    assert before[0] > 0
    stopped = budget.set_to(deployment, 0.5)
    assert stopped.level is Level.STOPPED
    assert stopped.spent >= 1.0
    assert limits(running) == (0, 0)
    assert train(deployment, Console(quiet=True)).reason == NOT_TRAINED
    assert budget.standing(deployment).kept.throttles[""] == before
    lifted = budget.lift(deployment)
    assert (lifted.level, lifted.kept) == (Level.WARNED, Kept())
    assert limits(running) == before


def test_a_budget_that_lasts_changes_nothing(running: Running, deployment: Deployment) -> None:
    before = limits(running)
    assert budget.set_to(deployment, 1000.0).level is Level.NORMAL
    assert limits(running) == before

"""The commands about the budget: how the month stands, and what the owner wishes. The meter itself carries it out."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from infra.cli import show
from infra.cli.deployment import Deployment
from infra.cli.options import AsJson, Local, Stack, find
from shared.domain.budget import Standing, month_of

app = typer.Typer(no_args_is_help=True, help="The monthly budget, and what it switches off.")


class NotMeteredError(Exception):
    """The meter is not there, or failed; the message has its words."""


@app.command("show")
def show_budget(local: Local = False, stack: Stack = "regulars", as_json: AsJson = False) -> None:
    """What the month has cost so far, by list prices and minutes late, and what the budget lets run."""
    show.budget(standing(find(local, stack)), as_json)


@app.command("set")
def set_budget(
    amount: Annotated[
        float | None, typer.Argument(min=0, help="Dollars a month, 0 for no cap. Without it, the template's again.")
    ] = None,
    local: Local = False,
    stack: Stack = "regulars",
    as_json: AsJson = False,
) -> None:
    """Set another budget than the template's. It holds at once, and deployments leave it as it is."""
    show.budget(set_to(find(local, stack), amount), as_json)


@app.command("lift")
def lift_budget(local: Local = False, stack: Stack = "regulars", as_json: AsJson = False) -> None:
    """Let everything run until the month ends, and open what was shut."""
    show.budget(lift(find(local, stack)), as_json)


def standing(deployment: Deployment) -> Standing:
    """How the month stands, as the meter saw it last. Raises `NotMeteredError` before it ever did."""
    found = deployment.budgets.standing()
    if found is None:
        raise NotMeteredError(
            "There is no budget: `regulars budget set AMOUNT` sets one, or the template's parameter MonthlyBudget."
        )
    return found


def set_to(deployment: Deployment, amount: float | None) -> Standing:
    """Another budget than the template's, or that again (None); 0 is no cap. How the month stands with it."""
    wish = deployment.budgets.wish()
    deployment.budgets.heed(wish.model_copy(update={"budget": amount}))
    return metered(deployment)


def lift(deployment: Deployment) -> Standing:
    """Let everything run until the month ends, whatever it costs."""
    wish = deployment.budgets.wish()
    deployment.budgets.heed(wish.model_copy(update={"lifted": month_of(datetime.now(UTC))}))
    return metered(deployment)


def metered(deployment: Deployment) -> Standing:
    """Run the meter now. Raises `NotMeteredError`: what was wished for comes with its next run, in five minutes."""
    name = deployment.access.meter_function
    if not name:
        raise NotMeteredError("This deployment has no meter yet: deploy this version first.")
    reply = deployment.functions.invoke(FunctionName=name, InvocationType="RequestResponse", Payload=b"{}")
    payload = json.loads(reply["Payload"].read())
    if reply.get("FunctionError"):
        words = payload.get("errorMessage", payload)
        raise NotMeteredError(f"The meter failed: {words}. What you wished for is noted, and its next run tries again.")
    return Standing.model_validate(payload)

"""The meter function, every five minutes: what the month has cost so far, and what the budget makes of it."""

import os
from datetime import UTC, datetime
from functools import cache
from typing import Any

from functions.meter.brake import Brake
from functions.meter.meter import message, meter
from functions.meter.prices import Charge, price_list
from functions.meter.settings import Metered, MeterSettings
from functions.meter.usage import Deployed, Metrics, usage
from shared.domain.budget import Standing
from shared.stores import clients
from shared.stores.budgets import BudgetStore
from shared.stores.lease import LeaseStore
from shared.stores.table import Table
from shared.telemetry.log import logger, observed

ITSELF = "meter"
PATIENCE_SECONDS = 30.0
"""Within which another run ends: a schedule, a deployment and the owner's command may each start one."""
ARCHITECTURES = {"aarch64": "arm64", "x86_64": "x86_64"}


@cache
def settings() -> MeterSettings:
    return MeterSettings.read(os.environ)


@observed(ITSELF)
def handler(_event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Meter once. Replies with how the budget stands, for the command line, which calls it after a change."""
    table = Table(clients.dynamodb(), settings().table_name)
    schedules, are_on = settings().schedules, settings().training_state == "ENABLED"
    brake = Brake(clients.apigateway(), clients.scheduler(), settings().api_id, schedules, are_on=are_on)
    # Two at once: one would note that nothing was stopped, over what the other had noted, and it would stay stopped.
    with LeaseStore(table).hold(ITSELF, PATIENCE_SECONDS):
        now = datetime.now(UTC)
        standing = meter(BudgetStore(table), lambda: bill(context, now), brake, tell, settings().monthly_budget, now)
    logger.info("metered", extra=standing.model_dump(mode="json"))
    return standing.model_dump(mode="json")


def bill(context: Any, now: datetime) -> list[Charge]:
    """The month so far by the list prices of the region, nothing taken off as free."""
    cloudwatch = clients.cloudwatch()
    itself = Metered(context.function_name, int(context.memory_limit_in_mb), ARCHITECTURES[os.uname().machine])
    deployed = Deployed(
        functions=settings().functions | {ITSELF: itself},
        logs=settings().logs,
        api_id=settings().api_id,
        table=settings().table_name,
        bucket=settings().bucket_name,
        queues=settings().queues,
    )
    used = usage(Metrics(cloudwatch, now), clients.dynamodb(), deployed)
    return price_list().bill(used, cloudwatch.meta.region_name)


def tell(standing: Standing) -> None:
    """Tell the owner, by the topic that alarms go to."""
    share = standing.spent / standing.budget
    clients.sns().publish(
        TopicArn=settings().topic_arn,
        Subject=f"Regulars: {share:.0%} of the month's budget is used",
        Message=message(standing),
    )

"""The value function, nightly or invoked: the orders of the archive -> what each customer is worth."""

import os
from datetime import UTC, datetime
from functools import cache
from typing import Any

from shared.domain.budget import NOT_VALUED
from shared.stores import clients
from shared.stores.archive import ArchiveStore
from shared.stores.budgets import BudgetStore
from shared.stores.secrets import SecretStore
from shared.stores.table import Table
from shared.stores.tombstones import TombstoneStore
from shared.stores.values import ValueStore
from shared.telemetry.log import logger, observed
from training.archived import Archived
from training.errors import NIGHT
from training.limits import within
from training.sales import purchases
from training.value.run import Rooms, run
from training.value.settings import ValueSettings


@cache
def settings() -> ValueSettings:
    return ValueSettings.read(os.environ)


@cache
def table() -> Table:
    return Table(clients.dynamodb(), settings().table_name)


@cache
def tombstones() -> TombstoneStore:
    secrets = SecretStore(clients.ssm())
    return TombstoneStore(table(), lambda: secrets.get(settings().pepper_parameter))


@observed("value")
def handler(_event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Run once, if the month's budget lets it. Raises `OutOfRoom` where the function's limits are too narrow."""
    if BudgetStore(table()).level().saves:
        logger.warning("customers are not valued", extra={"reason": NOT_VALUED})
        return {"model_id": None, "reason": NOT_VALUED}
    now = datetime.now(UTC)
    archive = ArchiveStore(clients.s3(), settings().bucket_name)
    archived, rooms = Archived(archive, now, tombstones().all()), Rooms(ValueStore(table()), tombstones().erased)
    memory = float(context.memory_limit_in_mb)
    with within(lambda: context.get_remaining_time_in_millis() / 1000, memory, NIGHT):
        done = run(purchases(archived), rooms, now)
    logger.info("customers are valued", extra=done)
    return done

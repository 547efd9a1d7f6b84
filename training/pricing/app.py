"""The pricing function, nightly or invoked: experiments take their turn; sales -> what each item's demand answers to
prices -> suggested prices; sales -> what experiments have shown.
"""

import os
from datetime import UTC, datetime
from functools import cache
from typing import Any

from shared.domain.budget import NOT_PRICED
from shared.stores import clients
from shared.stores.archive import ArchiveStore
from shared.stores.budgets import BudgetStore
from shared.stores.competitors import CompetitorStore
from shared.stores.experimenting import Experimenting
from shared.stores.experiments import ExperimentStore
from shared.stores.items import ItemStore
from shared.stores.ledger import LedgerStore
from shared.stores.models import DEMAND, ModelStore
from shared.stores.price_limits import PriceLimitsStore
from shared.stores.repricing import Repricing
from shared.stores.secrets import SecretStore
from shared.stores.suggestions import SuggestionStore
from shared.stores.table import Table
from shared.stores.tombstones import TombstoneStore
from shared.telemetry.log import logger, observed
from training.archived import Archived
from training.errors import NIGHT
from training.limits import within
from training.pricing.experiments import judge
from training.pricing.run import Rooms, run
from training.pricing.settings import PricingSettings
from training.sales import read_orders, weekly


@cache
def settings() -> PricingSettings:
    return PricingSettings.read(os.environ)


@cache
def table() -> Table:
    return Table(clients.dynamodb(), settings().table_name)


@cache
def rooms() -> Rooms:
    return Rooms(
        items=ItemStore(table()),
        limits=PriceLimitsStore(table()),
        competitors=CompetitorStore(table()),
        ledger=LedgerStore(table()),
        suggestions=SuggestionStore(table()),
        models=ModelStore(table(), clients.s3(), settings().bucket_name, DEMAND),
        repricing=Repricing(table()),
    )


@observed("pricing")
def handler(_event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Run once: suggestions if the month's budget lets it; experiments in any case, lest a price stays.

    Raises `OutOfRoom` where the function's limits are too narrow.
    """
    now = datetime.now(UTC)
    tested = Experimenting(table()).night(ItemStore(table()).all, now)
    if BudgetStore(table()).level().saves:
        logger.warning("no prices are suggested", extra={"reason": NOT_PRICED})
        return {"model_id": None, "reason": NOT_PRICED}
    secrets = SecretStore(clients.ssm())
    erased = TombstoneStore(table(), lambda: secrets.get(settings().pepper_parameter)).all()
    archive = ArchiveStore(clients.s3(), settings().bucket_name)
    memory = float(context.memory_limit_in_mb)
    with within(lambda: context.get_remaining_time_in_millis() / 1000, memory, NIGHT):
        orders = read_orders(Archived(archive, now, erased))
        judged = judge(ExperimentStore(table()), orders, tested, now)
        sales = weekly(orders)
        del orders  # Of ten million lines it is hundreds of megabytes.
        done = run(sales, rooms(), now, tested.busy) | {"experiments": judged, "in_experiments": len(tested.busy)}
    logger.info("prices are looked at", extra=done)
    return done

"""The themes function, nightly or invoked: what customers speak of, and telling of what has just begun to go wrong."""

import os
from datetime import UTC, datetime
from functools import cache
from typing import Any

from functions.themes.run import LEASE_SECONDS, Rooms, run
from functions.themes.settings import ThemesSettings
from shared.domain.budget import NOT_ANALYSED
from shared.stores import clients
from shared.stores.budgets import BudgetStore
from shared.stores.feedback import FeedbackStore
from shared.stores.lease import LeaseStore
from shared.stores.opinions import ItemSentimentStore
from shared.stores.table import Table
from shared.stores.themes import ThemeStore
from shared.telemetry.log import logger, observed


@cache
def settings() -> ThemesSettings:
    return ThemesSettings.read(os.environ)


@cache
def table() -> Table:
    return Table(clients.dynamodb(), settings().table_name)


@cache
def rooms() -> Rooms:
    leases = LeaseStore(table(), LEASE_SECONDS)
    return Rooms(FeedbackStore(table()), ThemeStore(table()), ItemSentimentStore(table()), leases)


def publish(subject: str, message: str) -> None:
    """To whoever has subscribed to the topic of issues."""
    clients.sns().publish(TopicArn=settings().topic_arn, Subject=subject, Message=message)


@observed("themes")
def handler(_event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Run once, if the month's budget lets it."""
    if BudgetStore(table()).level().saves:
        logger.warning("feedback is not analysed", extra={"reason": NOT_ANALYSED})
        return {"run_id": None, "reason": NOT_ANALYSED}
    done = run(rooms(), publish, datetime.now(UTC))
    logger.info("feedback is analysed", extra=done)
    return done

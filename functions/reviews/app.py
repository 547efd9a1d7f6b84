"""The reviews function: the queue of events that tell of a review -> feedback."""

import os
from datetime import UTC, datetime
from functools import cache
from typing import Any

from functions.reviews.reviews import work
from functions.reviews.settings import ReviewsSettings
from shared.inference.understanding import Analyst, Analysts, load
from shared.stores import clients
from shared.stores.feedback import FeedbackStore
from shared.stores.feedback_intake import FeedbackIntake
from shared.stores.feedback_settings import FeedbackSettingsStore
from shared.stores.intake import Intake
from shared.stores.models import SENTIMENT, ModelStore
from shared.stores.secrets import SecretStore
from shared.stores.table import Table
from shared.telemetry.log import logger, observed


def now() -> datetime:
    return datetime.now(UTC)


@cache
def settings() -> ReviewsSettings:
    return ReviewsSettings.read(os.environ)


@cache
def table() -> Table:
    return Table(clients.dynamodb(), settings().table_name)


@cache
def secrets() -> SecretStore:
    return SecretStore(clients.ssm())


@cache
def analysts() -> Analysts:
    models = ModelStore(table(), clients.quick_s3(), settings().bucket_name, SENTIMENT)
    return Analysts(lambda present: load(models, present))


def analyst() -> Analyst:
    return analysts().of(FeedbackSettingsStore(table()).get().settings)


def intake() -> FeedbackIntake:
    gate = Intake.on(table(), lambda: secrets().get(settings().pepper_parameter), settings().consent)
    return FeedbackIntake(FeedbackStore(table()), gate, lambda said: analyst().understand(said))


@observed("reviews")
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Work through some messages. Those named in the reply come again, all of them where a store or the model is away;
    what has failed for ten hours lies in the queue of failures."""
    worked = work([(each["messageId"], each["body"]) for each in event["Records"]], intake(), now())
    logger.info("reviews", extra={"told": dict(worked.told), "failed": len(worked.failed)})
    return {"batchItemFailures": [{"itemIdentifier": message} for message in worked.failed]}

"""The training function, nightly or invoked: archive and catalogue -> a model, gated, verified, published."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from shared.domain.budget import NOT_TRAINED
from shared.inference.card import Card
from shared.stores import clients
from shared.stores.archive import ArchiveStore
from shared.stores.budgets import BudgetStore
from shared.stores.items import ItemStore
from shared.stores.models import ModelStore
from shared.stores.secrets import SecretStore
from shared.stores.table import Table
from shared.stores.tombstones import TombstoneStore
from shared.telemetry.log import logger, observed
from shared.telemetry.metrics import Metric, tell
from training.archived import Archived
from training.errors import NotEnoughData
from training.limits import within
from training.publish import champion_card, publish
from training.settings import TrainingSettings
from training.train import train


@cache
def settings() -> TrainingSettings:
    return TrainingSettings.read(os.environ)


def count_completed() -> None:
    """One more training that came to its end, for the alarm that rings when there is none for 36 hours."""
    tell(Metric("TrainingsCompleted", MetricUnit.Count, 1))


@observed("training")
def handler(_event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Train and publish within the function's limits. Raises `OutOfRoom` where they are too narrow."""
    limits = within(lambda: context.get_remaining_time_in_millis() / 1000, float(context.memory_limit_in_mb))
    return run(logger.info, limits)


def run(report: Callable[[str], None], limits: AbstractContextManager[None] | None = None) -> dict[str, Any]:
    """Train within limits and publish, anywhere; the `model_id` and its card, or the reason why there is no model."""
    now = datetime.now(UTC)
    table = Table(clients.dynamodb(), settings().table_name)
    if BudgetStore(table).level().saves:
        return _none(NOT_TRAINED)
    models = ModelStore(table, clients.s3(), settings().bucket_name)
    archive = ArchiveStore(clients.s3(), settings().bucket_name)
    secrets = SecretStore(clients.ssm())
    erased = TombstoneStore(table, lambda: secrets.get(settings().pepper_parameter)).all()
    champion = models.champion()
    card, problem = champion_card(models, champion)
    try:
        with limits or nullcontext():
            artefact = train(
                Archived(archive, now, erased),
                ItemStore(table).all(),
                card,
                report,
                created=now,
                champion_problem=problem,
            )
    except NotEnoughData as error:
        count_completed()
        return _none(str(error))
    kept = publish(artefact, models, over=champion)
    count_completed()
    _warn(artefact.card, kept)
    return {"model_id": artefact.model_id, "card": artefact.card.model_dump(mode="json"), "not_promoted": kept}


def _none(reason: str) -> dict[str, Any]:
    logger.warning("no model", extra={"reason": reason})
    return {"model_id": None, "reason": reason}


def _warn(card: Card, kept: str | None) -> None:
    """What the owner should look at, beside what was said on the way."""
    for measure in card.drift.found if card.drift else ():
        logger.warning(f"drift of {measure.name}: {measure.text}", extra={"drift": measure.model_dump()})
    for sentence in (card.champion_problem, kept):
        if sentence:
            logger.warning(sentence)

"""The training function, nightly or invoked: archive and catalogue -> a model, gated, verified, published."""

import os
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from shared.domain.budget import NOT_TRAINED
from shared.domain.retention import is_expired
from shared.stores import clients
from shared.stores.archive import ArchiveStore
from shared.stores.budgets import BudgetStore
from shared.stores.erased import without_erased
from shared.stores.items import ItemStore
from shared.stores.models import ModelStore
from shared.stores.secrets import SecretStore
from shared.stores.table import Table
from shared.stores.tombstones import TombstoneStore
from training.errors import NotEnoughData
from training.publish import champion_card, publish
from training.settings import TrainingSettings
from training.train import train

logger = Logger()


@cache
def settings() -> TrainingSettings:
    return TrainingSettings.read(os.environ)


def handler(_event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Train and publish. Replies with the `model_id` and its card, or with the reason why there is no model."""
    now = datetime.now(UTC)
    table = Table(clients.dynamodb(), settings().table_name)
    if BudgetStore(table).level().saves:
        return _none(NOT_TRAINED)
    models = ModelStore(table, clients.s3(), settings().bucket_name)
    archive = ArchiveStore(clients.s3(), settings().bucket_name)
    secrets = SecretStore(clients.ssm())
    erased = TombstoneStore(table, lambda: secrets.get(settings().pepper_parameter)).erased
    champion = models.champion()
    try:
        artefact = train(
            (event for event in without_erased(archive.read(), erased) if not is_expired(event, now)),
            ItemStore(table).all(),
            champion_card(models, champion),
            logger.info,
            created=now,
        )
    except NotEnoughData as error:
        return _none(str(error))
    publish(artefact, models, over=champion)
    return {"model_id": artefact.model_id, "card": artefact.card.model_dump(mode="json")}


def _none(reason: str) -> dict[str, Any]:
    logger.warning("no model", extra={"reason": reason})
    return {"model_id": None, "reason": reason}

"""The training function, nightly or invoked: archive and catalogue -> a model, gated, verified, published."""

import os
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from shared.domain.retention import is_expired
from shared.inference.card import Card
from shared.stores import clients
from shared.stores.archive import ArchiveStore
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
    models = ModelStore(table, clients.s3(), settings().bucket_name)
    archive = ArchiveStore(clients.s3(), settings().bucket_name)
    secrets = SecretStore(clients.ssm())
    erased = TombstoneStore(table, lambda: secrets.get(settings().pepper_parameter)).erased
    champion = models.champion()
    card, problem = champion_card(models, champion)
    try:
        artefact = train(
            (event for event in without_erased(archive.read(), erased) if not is_expired(event, now)),
            ItemStore(table).all(),
            card,
            logger.info,
            created=now,
            champion_problem=problem,
        )
    except NotEnoughData as error:
        logger.warning("no model", extra={"reason": str(error)})
        return {"model_id": None, "reason": str(error)}
    kept = publish(artefact, models, over=champion)
    _warn(artefact.card, kept)
    return {"model_id": artefact.model_id, "card": artefact.card.model_dump(mode="json"), "not_promoted": kept}


def _warn(card: Card, kept: str | None) -> None:
    """What the owner should look at, beside what was said on the way."""
    for measure in card.drift.found if card.drift else ():
        logger.warning(f"drift of {measure.name}: {measure.text}", extra={"drift": measure.model_dump()})
    for sentence in (card.champion_problem, kept):
        if sentence:
            logger.warning(sentence)

"""From an artefact to the champion: immutable objects first, then the pointer, by a conditional write."""

from shared.domain.errors import NotFoundError
from shared.inference.card import CARD, Card
from shared.stores.models import ModelStore
from training.train import Artefact


def champion_card(models: ModelStore, model_id: str | None) -> Card | None:
    """The card of the model that serves now. None before the first, or where its objects are gone."""
    if model_id is None:
        return None
    try:
        return Card.model_validate_json(models.file(model_id, CARD))
    except NotFoundError:
        return None


def publish(artefact: Artefact, models: ModelStore, over: str | None) -> None:
    """Publish and promote; raises `ConflictError` if another training promoted its model meanwhile."""
    models.publish(artefact.model_id, artefact.files, _summary(artefact.card))
    models.promote(artefact.model_id, over)


def _summary(card: Card) -> str:
    return ", ".join(f"{surface}: {decision.serve}" for surface, decision in sorted(card.surfaces.items()))
